//! Files of the X server in the overlay: sections that do not end, and names of sections that it does not know. Knows nothing of
//! the options of drivers.

use super::texts::{at_word, finding, lines};
use crate::diagnostic::Diagnostic;
use crate::rules::found::near;

const SECTIONS: &[&str] = &[
    "Files",
    "ServerFlags",
    "Module",
    "Extensions",
    "InputDevice",
    "InputClass",
    "OutputClass",
    "Device",
    "VideoAdaptor",
    "Monitor",
    "Modes",
    "Screen",
    "ServerLayout",
    "DRI",
    "Vendor",
];

/// Words that lines begin with.
const WORDS: &[&str] = &[
    "Section",
    "EndSection",
    "SubSection",
    "EndSubSection",
    "Identifier",
    "Driver",
    "Option",
    "MatchIsKeyboard",
    "MatchIsPointer",
    "MatchIsTouchpad",
    "MatchIsTouchscreen",
    "MatchIsTablet",
    "MatchIsJoystick",
    "MatchProduct",
    "MatchVendor",
    "MatchDevicePath",
    "MatchDriver",
    "MatchUSBID",
    "MatchOS",
    "MatchTag",
    "Monitor",
    "Device",
    "Screen",
    "InputDevice",
    "DefaultDepth",
    "Depth",
    "Modes",
    "Modeline",
    "HorizSync",
    "VertRefresh",
    "BusID",
    "VideoRam",
    "Viewport",
    "Virtual",
    "VendorName",
    "ModelName",
    "BoardName",
    "DisplaySize",
    "Load",
    "Disable",
    "ModulePath",
    "FontPath",
    "DPMS",
    "Inactive",
];

const THEN: &str = "the build goes through, and the X server does not start in the running system";

/// What is wrong with a file.
pub(super) fn judge(text: &str) -> Option<Diagnostic> {
    let mut open: Option<(usize, &str)> = None;
    for (at, line) in lines(text) {
        let first = line.split([' ', '\t', '"']).next().unwrap_or("");
        let known = WORDS.iter().find(|w| w.eq_ignore_ascii_case(first));
        let Some(known) = known else {
            let Some(meant) = near(first, WORDS.iter().copied().filter(|w| w.len() > 4)) else {
                continue;
            };
            let message = format!("the X server knows no `{first}`");
            return finding(at, first, message, format!("did you mean `{meant}`?"), THEN);
        };
        match *known {
            "Section" => {
                if let Some((at, line)) = open {
                    return unended(at, line);
                }
                open = Some((at, line));
                let name = line.split('"').nth(1).unwrap_or("");
                if !SECTIONS.iter().any(|s| s.eq_ignore_ascii_case(name))
                    && let Some(meant) = near(name, SECTIONS.iter().copied())
                {
                    let message = format!("the X server knows no section `{name}`");
                    return at_word(at, line, name, message, format!("did you mean `{meant}`?"), THEN);
                }
            }
            "EndSection" => open = None,
            _ => {}
        }
    }
    open.and_then(|(at, line)| unended(at, line))
}

fn unended(at: usize, line: &str) -> Option<Diagnostic> {
    let message = "a section of the X server does not end".to_owned();
    finding(
        at,
        line,
        message,
        "`EndSection` is missing behind it".to_owned(),
        THEN,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_known_and_end() {
        for (text, told) in [
            (
                "Section \"InputClass\"\n Identifier \"a\"\n Option \"b\" \"c\"\nEndSection\n",
                false,
            ),
            ("Section \"InputClas\"\n Identifier \"a\"\nEndSection\n", true),
            ("Section \"InputClass\"\n Identifier \"a\"\nEndSections\n", true),
            ("Section \"InputClass\"\n Identifier \"a\"\n", true),
            ("section \"monitor\"\n Identifer \"a\"\nendsection\n", true),
        ] {
            assert_eq!(judge(text).is_some(), told, "{text}");
        }
    }
}
