//! Where the running system gets its packages from, as files of the overlay say it: sources of apt in both of their forms,
//! addresses in `.repo` files. Asks no server.

use super::texts::{at_word, finding, lines};
use crate::diagnostic::Diagnostic;
use crate::rules::files::Here;
use crate::rules::filled::filled;
use crate::rules::found::{offset, one_keystroke};
use crate::rules::packages::misspelt::exchanged;
use crate::rules::repositories::suite_releases::release as bare;
use crate::rules::repositories::{releases, suites};

/// What becomes of a source that leads nowhere.
const NOTHING: &str = "the build goes through, and apt finds nothing there in the running system";

/// A setting of apt's that does not end.
pub(super) fn unfinished(text: &str) -> Option<Diagnostic> {
    let own = text.contains("/*") || text.contains("<<");
    lines(text).filter(|_| !own).find_map(|(at, line)| {
        let quotes = line.matches('"').count();
        if quotes % 2 == 1 && line.ends_with(';') && line.contains("::") && !line.starts_with("//") {
            let (_, value) = line.split_once('"')?;
            let message = "a quote of apt's setting is not closed".to_owned();
            let then = "the build goes through, and apt refuses to do anything in the running system";
            return finding(
                at + offset(value, line) - 1,
                line.get(offset(value, line) - 1..)?,
                message,
                "`\"` is expected before the semicolon".to_owned(),
                then,
            );
        }
        let quoted = line.ends_with('"') && line.contains("::") && line.matches('"').count() == 2;
        if !quoted || line.starts_with("//") {
            return None;
        }
        let message = "a setting of apt's ends with a semicolon".to_owned();
        finding(
            at,
            line,
            message,
            "`;` is expected after it".to_owned(),
            "the build goes through, and apt refuses to do anything in the running system",
        )
    })
}

/// A line of apt's sources: another release than that of the image, components that there are not.
pub(super) fn lines_of(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    lines(text).find_map(|(at, line)| {
        let kind = line.split_whitespace().next()?;
        let close = |k: &&str| *k != kind && (one_keystroke(k, kind) || exchanged(k, kind));
        let meant = ["deb", "deb-src"].into_iter().find(close);
        if let Some(meant) = meant.filter(|_| line.contains("://") && !matches!(kind, "deb" | "deb-src")) {
            let message = format!("apt knows no source of the type `{kind}`");
            let then = "the build goes through, and apt refuses to do anything in the running system";
            return finding(at, kind, message, format!("did you mean `{meant}`?"), then);
        }
        let rest = line
            .strip_prefix("deb-src")
            .or_else(|| line.strip_prefix("deb"))?;
        let rest = match rest.trim_start().strip_prefix('[') {
            Some(options) => options.split_once(']')?.1,
            None => rest,
        };
        let mut words = rest.split_whitespace().take_while(|w| !w.starts_with('#'));
        let (address, suite) = (words.next()?, words.next()?);
        let components: Vec<&str> = words.collect();
        let (word, message, label, then) = wrong(here, address, &[suite], &components)?;
        at_word(at, line, word, message, label, then)
    })
}

/// The keys of sources of apt in stanzas.
const KEYS: &[&str] = &[
    "Types",
    "URIs",
    "Suites",
    "Components",
    "Signed-By",
    "Architectures",
    "Enabled",
    "Trusted",
    "Languages",
    "Targets",
    "PDiffs",
    "By-Hash",
    "Allow-Insecure",
    "Allow-Weak",
    "Allow-Downgrade-To-Insecure",
    "Check-Valid-Until",
    "Valid-Until-Min",
    "Valid-Until-Max",
    "Check-Date",
    "Date-Max-Future",
    "InRelease-Path",
    "Snapshot",
    "Include",
    "Exclude",
    "Description",
];

/// Sources of apt in stanzas of keys and values.
pub(super) fn stanzas(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    let refused = "the build goes through, and apt refuses the file in the running system";
    let key = lines(text).find_map(|(at, line)| {
        let (key, _) = line.split_once(':')?;
        let known = KEYS.iter().any(|k| k.eq_ignore_ascii_case(key));
        let close = |k: &&str| one_keystroke(&k.to_ascii_lowercase(), &key.to_ascii_lowercase());
        let meant = KEYS.iter().copied().find(close).filter(|_| !known)?;
        let message = format!("apt knows no key `{key}` of a source");
        finding(at, key, message, format!("did you mean `{meant}`?"), refused)
    });
    key.or_else(|| {
        let mut start = 0;
        text.split_inclusive("\n\n").find_map(|stanza| {
            let from = start;
            start += stanza.len();
            stanza_of(here, stanza).map(|mut one| {
                one.span = crate::text::Span::new(one.span.start + from as u32, one.span.end + from as u32);
                one
            })
        })
    })
}

fn stanza_of(here: &Here<'_>, stanza: &str) -> Option<Diagnostic> {
    let value = |key: &str| {
        lines(stanza).find_map(|(_, line)| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(key).then_some(value.trim())
        })
    };
    let off = |v: &str| v.eq_ignore_ascii_case("no");
    if value("Enabled").is_some_and(off) {
        return None;
    }
    let all = |key| value(key).unwrap_or("").split_whitespace().collect::<Vec<&str>>();
    let told =
        |word: &str, message, label, then: &str| finding(offset(word, stanza), word, message, label, then);
    let kinds = ["deb", "deb-src"];
    if let Some(odd) = all("Types")
        .into_iter()
        .find(|t| !kinds.contains(t) && !filled(t))
    {
        let message = format!("apt knows no source of the type `{odd}`");
        return told(odd, message, "`deb` or `deb-src`".to_owned(), NOTHING);
    }
    let addresses = all("URIs");
    let (word, message, label, then) = wrong(here, addresses.first()?, &all("Suites"), &all("Components"))?;
    told(word, message, label, then)
}

type Wrong<'t> = (&'t str, String, String, &'static str);

/// A suite of another release than the image, or a component that the archive does not have.
fn wrong<'t>(here: &Here<'_>, address: &str, named: &[&'t str], components: &[&'t str]) -> Option<Wrong<'t>> {
    let (archive, _) = suites::archive(address)?;
    let repositories = here.image.repositories.iter();
    let own: Vec<&str> = repositories
        .filter_map(|r| suites::codename(bare(r.element.attrs.get("distribution")?.trim()).0))
        .collect();
    let own = own
        .first()
        .copied()
        .filter(|first| own.iter().all(|r| r == first));
    for suite in named {
        let release = suites::codename(bare(suite).0);
        if let (Some(release), Some(own)) = (release, own)
            && release != own
            && archive.suites.contains(&own)
        {
            let message = format!("`{suite}` is of another release than the image, which is `{own}`");
            let label = format!("did you mean `{}`?", suite.replacen(release, own, 1));
            let then = "the build goes through, and packages of two releases meet in the running system";
            return Some((suite, message, label, then));
        }
    }
    for suite in named {
        let end = suite
            .find('-')
            .map(|at| suite.split_at(at))
            .filter(|(name, _)| archive.suites.contains(name));
        if let Some((name, meant)) = end.and_then(|(name, rest)| Some((name, suites::ended(archive, rest)?)))
        {
            let message = format!("{} has no suite `{suite}`", archive.name);
            return Some((suite, message, format!("did you mean `{name}{meant}`?"), NOTHING));
        }
    }
    let mut odd = components
        .iter()
        .filter(|w| !filled(w) && !archive.has_component(w));
    let odd = odd.next()?;
    let meant = archive.near_component(odd)?;
    let message = format!("{} has no component `{odd}`", archive.name);
    Some((odd, message, format!("did you mean `{meant}`?"), NOTHING))
}

/// An address in a `.repo` file that is of another release than the image.
pub(super) fn release(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    lines(text).find_map(|(at, line)| {
        let (key, value) = line.split_once('=')?;
        let address =
            Some(value.trim()).filter(|_| matches!(key.trim(), "baseurl" | "metalink" | "mirrorlist"))?;
        let (word, message, label) = of_other_release(here, address)?;
        let then = "the build goes through, and packages of two releases meet in the running system";
        at_word(at, line, word, message, label, then)
    })
}

/// The release that an address names, where all repositories of the description are of another: with what is said of it.
pub(in crate::rules) fn of_other_release<'t>(
    here: &Here<'_>,
    address: &'t str,
) -> Option<(&'t str, String, String)> {
    let (name, release) = releases::of(address)?;
    let all = here.image.repositories.iter();
    let mut all = all.filter_map(|r| releases::of(r.source.value.trim())).peekable();
    let other = all.peek().map(|(_, r)| *r).filter(|other| *other != release)?;
    if !all.all(|(n, r)| n == name && r == other) {
        return None;
    }
    let message = format!("this is {name} {release}, and the image is {name} {other}");
    Some((release, message, format!("did you mean `{other}`?")))
}
