//! The helpers of KIWI that a script calls: those that there are not, that end the script, or that are never read in.

use super::{Run, Script};
use crate::rules::found::near;
use crate::text::Span;

impl Script<'_> {
    /// Calls that are slips of a function of the script which nothing else calls.
    pub(in crate::rules) fn functions(&mut self) {
        let text = self.text;
        let lines = self.commands();
        let all = || lines.iter().copied().filter(|(_, l)| !l.starts_with('#'));
        let first = |line: &'_ str| line.split([' ', '\t', ';', '(']).next().unwrap_or("").len();
        // What stands behind these is a call too.
        let call_of = |at: usize, line: &'_ str| -> (usize, usize) {
            let mut rest = line;
            while let Some(tail) = ["if ", "elif ", "while ", "until ", "! "]
                .iter()
                .find_map(|w| rest.strip_prefix(w))
            {
                rest = tail.trim_start();
            }
            let from = line.len() - rest.len();
            (at + from, first(rest))
        };
        let defined = |line: &str| {
            let bare = line.strip_prefix("function ").unwrap_or(line).trim_start();
            let name = bare.get(..first(bare))?;
            let rest = bare.get(name.len()..)?.trim_start();
            let opens = rest.starts_with("()") || bare.len() < line.len();
            (opens && name.len() > 2).then(|| name.to_owned())
        };
        for name in all().filter_map(|(_, l)| defined(l)) {
            // One that is called elsewhere has a slip in a longer name alone.
            let often = super::text::spoken(text, &name) > 1 && name.len() < 8;
            let exchanged = |word: &str| {
                crate::rules::found::same_letters(&name, word)
                    && crate::rules::found::one_keystroke(&name, word)
            };
            let slip = |word: &str| match name.len() < 5 || often {
                true => word != name && exchanged(word) && !SHORT_COMMANDS.contains(&word),
                false => {
                    word != name
                        && (word.eq_ignore_ascii_case(&name)
                            || crate::rules::found::one_keystroke(&name, word))
                }
            };
            let call = all().find_map(|(at, l)| {
                let (from, length) = call_of(at, l);
                Some((from, text.get(from..from + length)?)).filter(|(_, w)| slip(w))
            });
            if let Some((at, word)) = call.filter(|(_, w)| !defines(text, w)) {
                let span = Span::new(at as u32, (at + word.len()) as u32);
                let message = format!("the script has a function `{name}`, and none `{word}`");
                let label = format!("did you mean `{name}`?");
                let told = self.add("unknown-helper", span, message, &label);
                if let Some(one) = told {
                    one.help = Some(
                        "the command is not found: what it is to do is left out, or the build stops".into(),
                    );
                }
            }
        }
    }

    /// Calls of KIWI's helpers that stop the script, or that do not exist.
    pub(in crate::rules) fn helpers(&mut self) {
        self.functions();
        let text = self.text;
        if self.run == Run::Host {
            return;
        }
        // What reads the variables alone reads no helper.
        let reads = |l: &str| {
            let l = l.trim_start();
            let file = l.contains(".kconfig") || l.contains("functions.sh");
            // Files of the running system, or of the author's own, have none of KIWI's.
            let other = ["/etc/", "/opt/", "/usr/share/", "/usr/local/"];
            let word = l.split_whitespace().find(|w| w.starts_with('/'));
            let own = word.is_some_and(|w| {
                let lib = ["kiwi", "func", "lib", "common", "helper", "image", "$", "*"];
                other.iter().any(|o| w.starts_with(o))
                    && !lib
                        .iter()
                        .any(|p| w.trim_start_matches("/usr/local/lib").contains(p))
            });
            file || !own
                && (l.contains("source ") || l.contains(". /") || l.starts_with(". "))
                && !l.contains(".profile")
        };
        // A slip in the name of the file is told there.
        let slip = |l: &str| l.contains("/.k") || l.contains("/.K");
        let sourced = text.lines().any(reads) || text.lines().any(slip);
        for &(at, line) in self.commands().iter() {
            let word = line.split([' ', '\t', ';']).next().unwrap_or("");
            if !sourced && HELPERS.contains(&word) && !defines(text, word) {
                let span = Span::new(at as u32, (at + word.len()) as u32);
                let message = format!("the script calls KIWI's helper `{word}`, and never reads `/.kconfig`");
                self.add("unknown-helper", span, message, "add `. /.kconfig` before it");
                return;
            }
        }
        if !sourced {
            return;
        }
        // Another file may have functions of its own.
        let others = reads_others(text);
        for &(at, line) in self.commands().iter() {
            let word = line.split([' ', '\t', ';']).next().unwrap_or("");
            let span = Span::new(at as u32, (at + word.len()) as u32);
            if OBSOLETE.contains(&word) {
                let message =
                    format!("KIWI's helper `{word}` has become one that ends the script with status 1");
                self.add("obsolete-helper", span, message, "take it out");
                continue;
            }
            let like = ["base", "suse", "debian", "rhel"].iter().any(|h| {
                let rest = word.strip_prefix(h);
                rest.is_some_and(|r| r.starts_with(|c: char| c.is_ascii_uppercase()))
            });
            let plain = word.bytes().all(|b| b.is_ascii_alphabetic());
            if !like || !plain || HELPERS.contains(&word) || defines(text, word) {
                continue;
            }
            let message = format!("there is no helper `{word}`");
            if let Some(near) = near(word, HELPERS.iter().copied()) {
                let label = format!("did you mean `{near}`?");
                self.add("unknown-helper", span, message, &label);
            } else if !others {
                self.add("unknown-helper", span, message, "KIWI has none of this name");
            }
        }
    }
}

/// The script reads files beside KIWI's, which may have functions and variables of their own.
pub(in crate::rules) fn reads_others(text: &str) -> bool {
    text.lines().any(|l| {
        let reads = l.contains("functions.sh") || l.split_whitespace().any(|w| matches!(w, "." | "source"));
        reads && !l.contains("/.kconfig") && !l.contains("/.profile")
    })
}

/// The script defines a function of that name.
pub(in crate::rules) fn defines(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("function ").unwrap_or(line).trim_start();
        line.strip_prefix(name)
            .is_some_and(|rest| rest.trim_start().starts_with(['(', '{']))
    })
}

/// Commands with the letters of others.
const SHORT_COMMANDS: &[&str] = &[
    "dc", "cd", "ps", "sp", "su", "us", "tr", "rt", "set", "env", "tac", "cat", "nl", "ln", "diff", "left",
];

/// Helpers that end the script that calls them.
const OBSOLETE: &[&str] = &[
    "Rpm",
    "baseCleanMount",
    "baseCleanup",
    "baseGetPackagesForDeletion",
    "baseGetProfilesUsed",
    "baseMount",
    "baseSetupUserPermissions",
    "baseStripDocs",
    "baseStripInfos",
    "baseStripMans",
    "debianStripInitrd",
    "debianStripKernel",
    "rhelSplashToGrub",
    "rhelStripInitrd",
    "rhelStripKernel",
    "suseActivateDefaultServices",
    "suseCleanup",
    "suseConfig",
    "suseRemoveYaST",
    "suseSetupProductInformation",
];

/// The helpers of `/.kconfig`.
const HELPERS: &[&str] = &[
    "baseCleanMount",
    "baseCleanTmp",
    "baseCleanup",
    "baseCreateCommonKernelFile",
    "baseCreateKernelTree",
    "baseDisableCtrlAltDel",
    "baseFixupKernelModuleDependencies",
    "baseGetPackagesForDeletion",
    "baseGetProfilesUsed",
    "baseInsertService",
    "baseKernelDriverMatches",
    "baseMount",
    "baseQuoteFile",
    "baseRemoveService",
    "baseService",
    "baseSetRunlevel",
    "baseSetupBoot",
    "baseSetupBuildDay",
    "baseSetupBusyBox",
    "baseSetupInPlaceGITRepository",
    "baseSetupInPlaceSVNRepository",
    "baseSetupOEMPartition",
    "baseSetupPlainTextGITRepository",
    "baseSetupUserPermissions",
    "baseStripAndKeep",
    "baseStripDocs",
    "baseStripFirmware",
    "baseStripInfos",
    "baseStripInitrd",
    "baseStripKernel",
    "baseStripKernelModules",
    "baseStripLocales",
    "baseStripMans",
    "baseStripModules",
    "baseStripPackager",
    "baseStripRPM",
    "baseStripTools",
    "baseStripTranslations",
    "baseStripUnusedLibs",
    "baseSyncKernelTree",
    "baseSystemctlCall",
    "baseSystemdCall",
    "baseSystemdServiceInstalled",
    "baseSysVServiceInstalled",
    "baseUpdateModuleDependencies",
    "baseUpdateSysConfig",
    "baseVagrantSetup",
    "debianStripDocs",
    "debianStripInitrd",
    "debianStripKernel",
    "rhelImportBuildKey",
    "rhelSplashToGrub",
    "rhelStripInitrd",
    "rhelStripKernel",
    "suseActivateDefaultServices",
    "suseActivateServices",
    "suseCleanup",
    "suseCloneRunlevel",
    "suseConfig",
    "suseGFXBoot",
    "suseImportBuildKey",
    "suseInsertService",
    "suseRemovePackagesMarkedForDeletion",
    "suseRemoveService",
    "suseRemoveYaST",
    "suseService",
    "suseSetupProduct",
    "suseSetupProductInformation",
    "suseStripFirmware",
    "suseStripInitrd",
    "suseStripKernel",
    "suseStripPackager",
];
