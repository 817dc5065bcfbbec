//! Accounts: what `useradd` refuses or what would lock their owner out. Judges the users of one view; knows no
//! system's own accounts beyond the lowest numbers, and leaves passwords to `users::passwords`.

pub(super) mod file_targets;
pub(super) mod groups;
pub(super) mod passwords;
pub(super) mod profile_accounts;
pub(super) mod shells;
pub(super) mod system_accounts;
pub(super) mod unknown_accounts;

use rustc_hash::FxHashMap;

use crate::description::model::{At, Element, Image, Preferences, Users};
use crate::rules::found::{Found, before, same_letters};
use crate::rules::scope::Scope;

/// Judges what does not depend on a view.
pub(in crate::rules) fn image(image: &Image, found: &mut Found<'_>) {
    let mut names: FxHashMap<Option<&str>, usize> = FxHashMap::default();
    for user in image.accounts() {
        *names.entry(user.attrs.get("name")).or_default() += 1;
    }
    for (section, user) in image
        .users
        .iter()
        .flat_map(|s| s.users.iter().map(move |u| (s, u)))
    {
        name(user, found);
        passwords::judge(user, &|| open(image, section), found);
        // Of one that stands twice that is told.
        let once = names.get(&user.attrs.get("name")) == Some(&1);
        home(user, once, found);
        id(user, found);
    }
    for section in &image.users {
        again(&section.users, found);
    }
    together(image, found);
}

/// Numbers of accounts that every build has, given again to another one in a section for a profile.
fn together(image: &Image, found: &mut Found<'_>) {
    let always = |s: &&Users| s.filter.profiles.is_empty() && s.filter.arches.is_empty();
    let mut first: FxHashMap<&str, (&Element, &At)> = FxHashMap::default();
    for user in image.users.iter().filter(always).flat_map(|s| &s.users) {
        if let Some(id) = user.attrs.at("id") {
            first.entry(id.value.trim()).or_insert((user, id));
        }
    }
    let others = image.users.iter().filter(|s| !s.filter.profiles.is_empty());
    for user in others.flat_map(|s| &s.users) {
        let Some(id) = user.attrs.at("id") else { continue };
        let Some((other, place)) = first.get(id.value.trim()) else {
            continue;
        };
        if other.attrs.get("name") != user.attrs.get("name") && user.attrs.get("name") != Some("root") {
            let message = format!("two accounts have the number {}", id.value.trim());
            // Of the two the one that stands further down, as in a view.
            let (first, again) = match place.file == id.file && place.span.start > id.span.start {
                true => (id, *place),
                false => (*place, id),
            };
            found.pair("duplicate-id", again, message, "taken", first, "given first here");
        }
    }
}

/// The accounts of this section are in containers and on live media alone: nobody logs in to the former, and the latter
/// are there for anyone.
fn open(image: &Image, section: &Users) -> bool {
    let own = &section.filter.profiles;
    let meet = |p: &&Preferences| {
        let other = &p.filter.profiles;
        let same = |name: &At| own.iter().any(|o| o.value == name.value);
        own.is_empty() || other.is_empty() || other.iter().any(same)
    };
    let mut types = image
        .preferences
        .iter()
        .filter(meet)
        .flat_map(|p| &p.types)
        .peekable();
    let kinds = ["docker", "oci", "iso"];
    types.peek().is_some() && types.all(|t| kinds.contains(&t.image.value.trim()))
}

/// An account that stands twice in one section. In another section it may be given more groups.
fn again(users: &[Element], found: &mut Found<'_>) {
    let mut names: FxHashMap<&str, &Element> = FxHashMap::default();
    for user in users {
        let Some(at) = user.attrs.at("name") else { continue };
        let first = before(&mut names, at.value.trim(), user);
        // Two values of one setting are told of by themselves.
        let first = first.filter(|first| differs(first, user).is_none());
        if let Some(first) = first.and_then(|first| first.attrs.at("name")) {
            let message = format!("the account `{}` stands twice", at.value.trim());
            found.pair("duplicate-user", at, message, "again", first, "first given here");
        }
    }
}

/// The first setting of which two accounts of one name have other values.
fn differs(first: &Element, user: &Element) -> Option<&'static str> {
    let both = |key: &&str| {
        let (a, b) = (first.attrs.get(key), user.attrs.get(key));
        a.is_some() && b.is_some() && a != b
    };
    ["password", "id", "home", "shell"].into_iter().find(both)
}

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    let users = scope.view.users();
    clashes(&users, found);
    groups::groups(&users, found);
}

/// A name and a home in each other's place.
fn exchanged(user: &Element, name: &At, found: &mut Found<'_>) -> bool {
    let Some(home) = user.attrs.at("home") else {
        return false;
    };
    let (own, other) = (name.value.trim(), home.value.trim());
    if !own.starts_with('/') || other.is_empty() || other.contains('/') {
        return false;
    }
    let message = "the name and the home of the account stand in each other's place".to_owned();
    let fixes = [found.replace(name, other, false), found.replace(home, own, false)];
    let edits = fixes.into_iter().flatten().flat_map(|f| f.edits).collect();
    if let Some(told) = found.pair(
        "user-name",
        name,
        message,
        "this is a path",
        home,
        "and this a name",
    ) {
        told.fixes.push(crate::diagnostic::Fix {
            title: "exchange the two".into(),
            edits,
            safe: false,
        });
    }
    true
}

fn name(user: &Element, found: &mut Found<'_>) {
    let Some(at) = user.attrs.at("name") else { return };
    let name = at.value.trim();
    if exchanged(user, at, found) {
        return;
    }
    let wrong = name
        .contains(|c: char| c.is_whitespace() || c.is_control() || ":/,\\@!#%&*()=+?<>|\"'`;".contains(c))
        || name.starts_with('-')
        || name.len() > 32
        || !name.is_empty() && name.chars().all(|c| c.is_ascii_digit());
    if wrong || name.is_empty() {
        let message = format!("`{name}` is no name for an account");
        found.add(
            "user-name",
            at,
            message,
            "at most 32 letters, digits, `-`, `_` and `.`, a letter first",
        );
    }
    if name != "root" && name.eq_ignore_ascii_case("root") {
        let message = format!("`{name}` is another account than `root`");
        found.instead("user-name", at, message, Some("root"), false, "");
    }
    if let Some(at) = user
        .attrs
        .at("realname")
        .filter(|r| r.value.contains([':', '\n']))
    {
        let message = "a real name cannot hold a colon".to_owned();
        found.add(
            "user-name",
            at,
            message,
            "a colon ends the field in `/etc/passwd`",
        );
    }
}

/// A path that has to begin at the root, with the repair where it does not.
pub(in crate::rules) fn absolute(code: &str, at: &At, what: &str, new: &str, found: &mut Found<'_>) {
    let message = format!("the {what} `{}` is no path from the root", at.value.trim());
    found.instead(code, at, message, Some(new), true, "");
}

/// The home that is meant by one with a slip of the pen in the account's name. A number more is a name of its own.
fn misspelt(home: &str, name: &str) -> Option<String> {
    const FOLDERS: &[&str] = &["/home/", "/var/lib/", "/srv/", "/opt/"];
    let (folder, last) = FOLDERS.iter().find_map(|f| Some((*f, home.strip_prefix(f)?)))?;
    // Services often live in a folder that is called otherwise.
    let inside = name.len() > 5
        && crate::rules::found::one_keystroke(last, name)
        && last.as_bytes().first() == name.as_bytes().first()
        && last.as_bytes().last_chunk::<2>() == name.as_bytes().last_chunk::<2>();
    let exchanged = name.len() > 4 && same_letters(last, name);
    if folder != "/home/" && !inside && !exchanged {
        return None;
    }
    let letters = |w: &str| {
        let plain = |b: u8| b.is_ascii_alphabetic() || b == b'-' || b == b'_';
        w.len() > 2 && w.bytes().all(plain) && w.starts_with(|c: char| c.is_ascii_alphabetic())
    };
    // In a short name only two letters that changed places are surely a slip.
    let slip = letters(last)
        && letters(name)
        && (name.len() > 3 || last.len() == 3 && same_letters(last, name))
        && (crate::rules::found::one_keystroke(last, name) || twice(last, name));
    (slip && !crate::rules::found::plural(last, name)).then(|| format!("{folder}{name}"))
}

/// Two slips in a long name, neither of which is a beginning of the other.
fn twice(last: &str, name: &str) -> bool {
    let head = last.as_bytes().first() == name.as_bytes().first();
    name.len() > 6
        && head
        && !name.starts_with(last)
        && !last.starts_with(name)
        && strsim::damerau_levenshtein(last, name) == 2
}

/// The name that the home and the first group of an account agree on, where it is called otherwise.
fn renamed<'u>(user: &'u Element, home: &'u str) -> Option<&'u str> {
    let name = user.attrs.get("name")?.trim();
    let meant = home.strip_prefix("/home/")?.trim_end_matches('/');
    let groups = user.attrs.list("groups");
    let first = groups.first()?.split(':').next()?;
    let usual = groups::GROUPS.contains(&first);
    (first == meant && name != meant && !name.is_empty() && !usual && !name.contains(char::is_whitespace))
        .then_some(meant)
}

/// The home of `root` is its own alone.
fn of_root(home: &str, name: &str) -> Option<(String, String)> {
    let bare = home.trim_end_matches('/');
    if name == "root" && home.starts_with('/') && bare != "/root" && !passwords::is_placeholder(home) {
        let message = format!("the home of `root` is `/root`, and no package makes `{home}`");
        return Some((message, "/root".to_owned()));
    }
    // Accounts of services that systems have are changed, and those that are new get all that lies in their home.
    let service = groups::GROUPS.contains(&name) || crate::rules::containers::ACCOUNTS.contains(&name);
    if !service && name != "root" && bare.is_empty() {
        let message = format!("the whole tree would be given to `{name}`, whose home is `/`");
        return Some((message, format!("/home/{name}")));
    }
    if name != "root" && matches!(bare, "/home" | "/usr" | "/etc" | "/var" | "/tmp") {
        let message = format!("`{bare}` is no user's own folder, and would be given to `{name}`");
        return Some((message, format!("/home/{name}")));
    }
    if name != "root" && bare == "/root" {
        let message = format!("`/root` is the home of `root`, and `{name}` cannot enter it");
        return Some((message, format!("/home/{name}")));
    }
    None
}

/// A value that goes through a build, and is likely another.
fn guess(code: &str, at: &At, message: String, meant: &str, then: &'static str, found: &mut Found<'_>) {
    let edit = found.replace(at, meant, false);
    if let Some(told) = found.add(code, at, message, format!("did you mean `{meant}`?")) {
        told.fixes.extend(edit);
        told.severity = crate::diagnostic::Severity::Warning;
        told.help = Some(then.into());
    }
}

fn home(user: &Element, once: bool, found: &mut Found<'_>) {
    let Some(at) = user.attrs.at("home") else { return };
    let home = at.value.trim();
    let swapped = user
        .attrs
        .at("name")
        .is_some_and(|n| found.told("user-name", n) && n.value.starts_with('/'));
    if home.is_empty() || swapped && !home.starts_with('/') {
        return;
    }
    let name = user.attrs.get("name").unwrap_or("");
    let own_id = user.attrs.get("id") == Some("0");
    let judged = once && !own_id && (name == "root" || !name.eq_ignore_ascii_case("root"));
    if let Some((message, meant)) = of_root(home, name).filter(|_| judged) {
        let then = "the build would go through, and the user would begin in a folder that is not theirs";
        return guess("user-home", at, message, &meant, then, found);
    }
    if let Some((at, meant)) = user.attrs.at("name").zip(renamed(user, home)).filter(|_| judged) {
        let message = format!("the account `{name}` has the home and the group of one called `{meant}`");
        let then = "the build would go through, and what is for the other name find no such account";
        return guess("user-name", at, message, meant, then, found);
    }
    if let Some(meant) = user.attrs.get("name").and_then(|name| misspelt(home, name)) {
        let message = format!("the home `{home}` is called nearly as its account, and not so");
        let then =
            "the build would go through, and files for the home of the account's name would not be found";
        return guess("user-home", at, message, &meant, then, found);
    }
    let whole = || {
        let bare = home.strip_prefix('/')?;
        // The stroke between the two is missing.
        if let Some(rest) = bare
            .strip_prefix("home")
            .filter(|rest| *rest == name && !rest.is_empty())
        {
            return Some(format!("/home/{rest}"));
        }
        let (top, rest) = bare.split_once('/')?;
        let slip = crate::rules::found::one_keystroke(top, "home") && Some(rest) == user.attrs.get("name");
        slip.then(|| format!("/home/{rest}"))
    };
    if let Some(right) = whole()
        .or_else(|| crate::rules::disk::folders::top(home))
        .filter(|_| home.starts_with('/'))
    {
        let message = format!("`{home}` begins with no folder that systems have");
        found.instead("user-home", at, message, Some(&right), false, "");
        return;
    }
    if let Some((first, rest)) = home.split_once(' ').filter(|(first, _)| first.len() > 1) {
        // What stands behind it may be of another setting.
        let meant = if rest.starts_with('/') {
            first.to_owned()
        } else {
            home.replace(' ', "")
        };
        let message = format!("the home `{home}` has a blank in it");
        let then = "the build would go through, and the user have a folder of that very name";
        return guess("user-home", at, message, &meant, then, found);
    }
    if !home.starts_with('/') {
        let new = if home.contains('/') {
            format!("/{home}")
        } else {
            format!("/home/{home}")
        };
        absolute("user-home", at, "home", &new, found);
    } else if home.contains([':', '\n']) || home.split('/').any(|p| p == "..") {
        let message = format!("`{home}` cannot be a home");
        found.add("user-home", at, message, "a path without `:` and `..`");
    }
}

fn id(user: &Element, found: &mut Found<'_>) {
    let Some(at) = user.attrs.at("id") else { return };
    let Ok(id) = at.value.trim().parse::<u64>() else {
        return;
    };
    let name = user.attrs.get("name").unwrap_or("");
    let (message, label) = match id {
        // That the name is not the one that is meant is told there.
        0 if name != "root" && name.eq_ignore_ascii_case("root") => return,
        0 if name != "root" => (
            format!("the number 0 belongs to `root`, and `{name}` cannot have it"),
            "1000 and up for people",
        ),
        1.. if name == "root" => (format!("`root` has the number 0, not {id}"), "leave it out"),
        65534 | 65535 if name != "nobody" => (
            format!("the number {id} stands for nobody"),
            "1000 to 60000 for people",
        ),
        4_294_967_295.. => (
            format!("no account can have the number {id}"),
            "1000 to 60000 for people",
        ),
        _ => return,
    };
    found.add("user-id", at, message, label);
}

/// Accounts and numbers that stand twice.
fn clashes(users: &[&Element], found: &mut Found<'_>) {
    let mut names: FxHashMap<&str, &Element> = FxHashMap::default();
    let mut homes: FxHashMap<&str, &At> = FxHashMap::default();
    let mut numbers: FxHashMap<&str, &At> = FxHashMap::default();
    for &user in users {
        let own = |key: &str| user.attrs.at(key);
        let (home, id) = (own("home"), own("id"));
        // What stands in an account that is there already counts for those behind it too.
        let at_home = home.and_then(|at| before(&mut homes, at.value.trim(), at));
        // A number that `root` cannot have is told as that.
        let counted = id.filter(|_| user.attrs.get("name") != Some("root"));
        let of_id = counted.and_then(|at| before(&mut numbers, at.value.trim(), at));
        if let Some(at) = own("name")
            && let Some(first) = before(&mut names, at.value.trim(), user)
        {
            let two = differs(first, user).and_then(|key| Some((first.attrs.at(key)?, own(key)?, key)));
            if let Some((first, again, key)) = two {
                let message = format!("`{}` has two values of `{key}`", at.value.trim());
                let note = "this one counts";
                found.pair("duplicate-user", again, message, "does not count", first, note);
            }
            continue;
        }
        let personal = |h: &&At| h.value.trim().starts_with("/home/");
        if let Some((at, first)) = home.filter(personal).zip(at_home) {
            let message = format!("two accounts have the home `{}`", at.value.trim());
            found.pair("duplicate-home", at, message, "taken", first, "given first here");
        }
        if let Some((at, first)) = id.zip(of_id) {
            let message = format!("two accounts have the number {}", at.value.trim());
            found.pair("duplicate-id", at, message, "taken", first, "given first here");
        }
    }
}
