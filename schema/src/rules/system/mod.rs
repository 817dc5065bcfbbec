//! Settings of the system and of the machine it runs in: time zone, keyboard, language, the form of the version,
//! ranges. The tables are lists of public names (time zones, keyboard maps of kbd and X, locales of glibc).

pub(super) mod certificates;

use crate::description::model::{Element, Image};
use crate::rules::filled::filled;
use crate::rules::found::{Found, Text, near};
use crate::rules::scope::Scope;

static TIMEZONES: &str = include_str!("../tables/timezones.txt");
static KEYMAPS: &str = include_str!("../tables/keymaps.txt");
static LOCALES: &str = include_str!("../tables/locales.txt");

/// Judges what does not depend on a view.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    for preferences in &image.preferences {
        for setting in &preferences.element.children {
            match setting.name.as_str() {
                "timezone" => timezone(setting, found),
                "keytable" => keytable(setting, found),
                "locale" => locale(setting, found),
                "version" => version(setting, found),
                "release-version" => {
                    version(setting, found);
                    release(setting, found);
                }
                _ => {}
            }
        }
    }
}

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    machine(scope, found);
}

/// True for the code of a language that some locale is of.
pub(in crate::rules) fn is_language(code: &str) -> bool {
    let own = |line: &str| line.strip_prefix(code).is_some_and(|rest| rest.starts_with('_'));
    (2..4).contains(&code.len()) && LOCALES.lines().any(own)
}

/// True where the table has the name on a line of its own. Its lines are sorted by their bytes.
fn has(table: &str, name: &str) -> bool {
    let mut rest = table;
    while !rest.is_empty() {
        // The line that holds the middle byte; all names are ASCII.
        let bytes = rest.as_bytes();
        let (before, after) = bytes.split_at(bytes.len() / 2);
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let length = after
            .iter()
            .position(|b| *b == b'\n')
            .map_or(after.len(), |at| at);
        let end = before.len() + length;
        let Some(line) = rest.get(start..end) else {
            return false;
        };
        rest = match line.cmp(name) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => rest.get(end + 1..).unwrap_or(""),
            std::cmp::Ordering::Greater => rest.get(..start).unwrap_or(""),
        };
    }
    false
}

/// A setting without a value: `systemd-firstboot` refuses that, and the build with it.
fn empty(code: &str, setting: &Element, such: &str, found: &mut Found<'_>) {
    let message = format!("`<{}>` is empty", setting.name);
    if let Some(told) = found.add(code, setting, message, such.to_owned()) {
        told.help = Some("the build would stop in prepare, where the setting is made".into());
    }
}

/// Cities by names that the table does not have: in their own language, or in the zone of another.
const CITIES: &[(&str, &str)] = &[
    ("Bangalore", "Asia/Kolkata"),
    ("Barcelona", "Europe/Madrid"),
    ("Beijing", "Asia/Shanghai"),
    ("Boston", "America/New_York"),
    ("Bruxelles", "Europe/Brussels"),
    ("Delhi", "Asia/Kolkata"),
    ("Frankfurt", "Europe/Berlin"),
    ("Geneva", "Europe/Zurich"),
    ("Hamburg", "Europe/Berlin"),
    ("Kopenhagen", "Europe/Copenhagen"),
    ("Lisboa", "Europe/Lisbon"),
    ("Miami", "America/New_York"),
    ("Milan", "Europe/Rome"),
    ("Milano", "Europe/Rome"),
    ("Moskau", "Europe/Moscow"),
    ("Mumbai", "Asia/Kolkata"),
    ("Munich", "Europe/Berlin"),
    ("Nuernberg", "Europe/Berlin"),
    ("Nuremberg", "Europe/Berlin"),
    ("Praha", "Europe/Prague"),
    ("San_Francisco", "America/Los_Angeles"),
    ("Seattle", "America/Los_Angeles"),
    ("Warszawa", "Europe/Warsaw"),
    ("Washington", "America/New_York"),
    ("Wien", "Europe/Vienna"),
    ("Zuerich", "Europe/Zurich"),
];

fn timezone(setting: &Element, found: &mut Found<'_>) {
    let name = setting.text.as_str();
    if filled(name) || has(TIMEZONES, name) {
        return;
    }
    if name.is_empty() {
        empty("unknown-timezone", setting, "such as `UTC`", found);
        return;
    }
    // The tables of systems have these folders too.
    if let Some(rest) = name
        .strip_prefix("posix/")
        .or_else(|| name.strip_prefix("right/"))
    {
        if has(TIMEZONES, rest) {
            return;
        }
    }
    let message = format!("there is no time zone `{name}`");
    let same = TIMEZONES.lines().find(|zone| zone.eq_ignore_ascii_case(name));
    // A city without its area, where there is one such.
    let city = || {
        let mut all = TIMEZONES.lines().filter(|zone| {
            zone.rsplit_once('/')
                .is_some_and(|(area, city)| area != "Etc" && city.eq_ignore_ascii_case(name))
        });
        all.next().filter(|_| all.next().is_none())
    };
    let other = name.rsplit('/').next().unwrap_or(name);
    let other = CITIES
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(other))
        .map(|(_, zone)| *zone);
    let meant = same
        .or(other)
        .or_else(|| near(name, TIMEZONES.lines()))
        .or_else(city);
    found.instead(
        "unknown-timezone",
        &Text(setting),
        message,
        meant,
        same.is_some(),
        "an area and a city, such as `Europe/Berlin`, or `UTC`",
    );
}

/// The time zone that is meant by one whose name is a slip of the pen.
pub(in crate::rules) fn zone_slip(name: &str) -> Option<&'static str> {
    if name.is_empty() || has(TIMEZONES, name) {
        return None;
    }
    let same = TIMEZONES.lines().find(|zone| zone.eq_ignore_ascii_case(name));
    same.or_else(|| near(name, TIMEZONES.lines()))
}

/// The locale that is meant by one whose name is a slip of the pen: a language and a country, with an encoding.
pub(in crate::rules) fn locale_slip(name: &str) -> Option<String> {
    let (bare, encoding) = name
        .split_once('.')
        .map_or((name, None), |(bare, e)| (bare, Some(e)));
    let known = encoding.is_none_or(|e| {
        let plain: String = e.chars().filter(char::is_ascii_alphanumeric).collect();
        plain.eq_ignore_ascii_case("utf8") || plain.to_ascii_lowercase().starts_with("iso") || plain.len() > 6
    });
    if matches!(bare, "C" | "POSIX") || bare.contains('@') {
        return (!known).then(|| format!("{bare}.UTF-8"));
    }
    let right = if has(LOCALES, bare) {
        bare
    } else {
        near(bare, LOCALES.lines())?
    };
    (right != bare || !known).then(|| format!("{right}{}", encoding.map_or("", |_| ".UTF-8")))
}

/// There is such a locale.
pub(in crate::rules) fn is_locale(name: &str) -> bool {
    has(LOCALES, name)
}

/// A language and a country that no system has a locale for, whatever the encoding.
pub(in crate::rules) fn is_no_locale(name: &str) -> bool {
    let bare = name.split('.').next().unwrap_or(name);
    let shaped = bare.split_once('_').is_some_and(|(language, country)| {
        matches!(language.len(), 2 | 3)
            && language.bytes().all(|b| b.is_ascii_lowercase())
            && country.len() == 2
            && country.bytes().all(|b| b.is_ascii_uppercase())
    });
    shaped && !is_locale(bare)
}

/// The map of the console that is meant by one whose name is a slip of the pen.
pub(in crate::rules) fn keymap_slip(name: &str) -> Option<&'static str> {
    let language = LANGUAGES.iter().find(|(word, _)| word.eq_ignore_ascii_case(name));
    if let Some((_, map)) = language {
        return Some(map);
    }
    let known = name.is_empty() || has(KEYMAPS, name);
    near(name, KEYMAPS.lines()).filter(|_| !known && name.len() > 2)
}

/// Nothing is meant by a name that no map of the console has, though it looks like one.
pub(in crate::rules) fn unknown_keymap(name: &str) -> Option<&'static str> {
    let stem = name.trim_end_matches(".gz").trim_end_matches(".map");
    (!has(KEYMAPS, stem) && !name.contains(['/', ' ', '$'])).then_some("")
}

/// What languages are called, and the keyboard map that is meant by it.
const LANGUAGES: &[(&str, &str)] = &[
    ("cz_CZ", "cz"),
    ("de_DE", "de"),
    ("deutsch", "de"),
    ("en", "us"),
    ("en_GB", "uk"),
    ("en_UK", "uk"),
    ("en_US", "us"),
    ("en-us", "us"),
    ("english", "us"),
    ("es_ES", "es"),
    ("fr_FR", "fr"),
    ("french", "fr"),
    ("german", "de"),
    ("italian", "it"),
    ("it_IT", "it"),
    ("ja", "jp106"),
    ("japanese", "jp106"),
    ("polish", "pl"),
    ("portuguese", "pt-latin1"),
    ("pt_BR", "br-abnt2"),
    ("qwerty", "us"),
    ("qwertz", "de"),
    ("azerty", "fr"),
    ("russian", "ru"),
    ("spanish", "es"),
    ("swedish", "sv-latin1"),
    ("usa", "us"),
];

fn keytable(setting: &Element, found: &mut Found<'_>) {
    let name = setting.text.as_str();
    let stem = name.strip_suffix(".gz").unwrap_or(name);
    let stem = stem
        .strip_suffix(".map")
        .or_else(|| stem.strip_suffix(".kmap"))
        .unwrap_or(stem);
    // Lists of keyboards have a few of these; no map of the console is called so.
    let language = LANGUAGES.iter().find(|(word, _)| word.eq_ignore_ascii_case(stem));
    if filled(name) || language.is_none() && has(KEYMAPS, stem) {
        return;
    }
    if name.is_empty() {
        empty("unknown-keymap", setting, "such as `us`", found);
        return;
    }
    let message = format!("no keyboard map is known as `{name}`");
    if let Some((_, map)) = language {
        found.instead("unknown-keymap", &Text(setting), message, Some(map), false, "");
        return;
    }
    let same = KEYMAPS.lines().find(|map| map.eq_ignore_ascii_case(stem));
    let meant = same.or_else(|| near(stem, KEYMAPS.lines()).filter(|_| stem.len() > 2));
    let otherwise = "a map of the console, such as `us` or `de-latin1-nodeadkeys`";
    found.instead("unknown-keymap", &Text(setting), message, meant, false, otherwise);
}

fn locale(setting: &Element, found: &mut Found<'_>) {
    for name in setting.text.split(',').map(str::trim) {
        let shaped = |n: &str| {
            n.split_once('_').is_some_and(|(language, country)| {
                matches!(language.len(), 2 | 3)
                    && language.bytes().all(|b| b.is_ascii_lowercase())
                    && country.len() == 2
                    && country.bytes().all(|b| b.is_ascii_uppercase())
            })
        };
        // Any other form is the grammar's to refuse.
        if !shaped(name) || has(LOCALES, name) {
            continue;
        }
        let message = format!("no system has a locale `{name}`");
        let meant = match name {
            "en_UK" => Some("en_GB"),
            _ => near(name, LOCALES.lines()),
        };
        let meant = meant.filter(|_| setting.text == name);
        let otherwise = "a language and a country, such as `en_US` or `de_DE`";
        found.instead("unknown-locale", &Text(setting), message, meant, false, otherwise);
        return;
    }
}

fn version(setting: &Element, found: &mut Found<'_>) {
    let text = setting.text.as_str();
    if text.contains(['/', '\\']) || text.contains(char::is_whitespace) {
        let message = format!("the version `{text}` cannot stand in a file's name");
        found.add("image-version", &Text(setting), message, "such as `1.0.0`");
    }
}

/// A release with the letters that packages and tags put before its number, which addresses do not have.
fn release(setting: &Element, found: &mut Found<'_>) {
    let text = setting.text.as_str();
    let number = ["fc", "f", "F", "el", "rhel", "v"]
        .iter()
        .find_map(|p| text.strip_prefix(p));
    let number = number.filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    if let Some(number) = number {
        let message = format!("addresses call the release `{number}`, and never `{text}`");
        found.instead(
            "repository-release",
            &Text(setting),
            message,
            Some(number),
            false,
            "",
        );
    }
}

/// The least above the most.
fn machine(scope: &Scope<'_>, found: &mut Found<'_>) {
    let Some(machine) = scope.kind().child("machine") else {
        return;
    };
    for (least, most, own) in [
        ("min_memory", "max_memory", "memory"),
        ("min_cpu", "max_cpu", "ncpus"),
    ] {
        let number = |name| machine.attrs.number(name);
        let pairs = [(least, most), (least, own), (own, most)];
        for (low, high) in pairs {
            let (Some(a), Some(b)) = (number(low), number(high)) else {
                continue;
            };
            if let (true, Some(at), Some(other)) = (a > b, machine.attrs.at(low), machine.attrs.at(high)) {
                let message = format!("`{low}` is {a}, more than `{high}`, which is {b}");
                found.pair(
                    "machine-range",
                    at,
                    message,
                    format!("at most {b}"),
                    other,
                    "given here",
                );
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_lists_of_names() {
        for (table, known, least) in [
            (
                TIMEZONES,
                ["Europe/Berlin", "UTC", "America/Argentina/Ushuaia"],
                500,
            ),
            (KEYMAPS, ["us", "de-latin1-nodeadkeys", "fr-bepo"], 500),
            (LOCALES, ["en_US", "de_DE", "zh_TW"], 250),
        ] {
            assert!(known.iter().all(|name| has(table, name)));
            assert!(table.lines().count() > least);
            assert!(table.lines().all(|name| has(table, name)), "not sorted");
            assert!(!has(table, "") && !has(table, "zz_ZZ") && !has(table, "0") && !has(table, "America/"));
            assert!(
                table
                    .lines()
                    .all(|l| !l.is_empty() && !l.contains(char::is_whitespace))
            );
        }
    }
}
