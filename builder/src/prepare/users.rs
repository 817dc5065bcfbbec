//! Groups and users of the description, made by the tree's own `groupadd`, `useradd` and `usermod`, one
//! user after the other, so that a failure is that user's.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use apteryx_schema::description::View;
use apteryx_schema::description::model::{At, Element};
use sha2::{Digest, Sha256};

use super::crypt;
use crate::error::{BuildError, Place};
use crate::events::Step;
use crate::sandbox::{Cmd, Root, Sandbox};

fn place(element: &Element) -> Place {
    Some(At {
        value: (),
        file: element.file,
        span: element.name_span,
    })
}

/// Makes them. `time` is SOURCE_DATE_EPOCH where it is set: then salts are derived from what is hashed, not random.
pub fn make(root: &Root, view: &View<'_>, time: Option<u64>, step: &Step) -> Result<(), BuildError> {
    let users = view.users();
    let Some(first) = users.first() else { return Ok(()) };
    if !root.exists("/usr/sbin/useradd") && !root.exists("/sbin/useradd") {
        return Err(BuildError::Description {
            code: "package-needed",
            message: "the tree has no `useradd`, which `<users>` needs".to_owned(),
            place: place(first),
            help: Some("add `<package name=\"passwd\"/>`".to_owned()),
        });
    }
    let passwd = root.text("/etc/passwd").ok().flatten().unwrap_or_default();
    let group = root.text("/etc/group").ok().flatten().unwrap_or_default();
    let existing: BTreeSet<&str> = names(&passwd).collect();
    let mut groups: BTreeSet<String> = names(&group).map(str::to_owned).collect();
    let mut scripts = Vec::new();
    for user in users {
        let mut script = String::from("set -e\n");
        one(&mut script, user, &existing, &mut groups, time)?;
        scripts.push((user, script));
    }
    for (user, script) in scripts {
        let name = user.attrs.get("name").unwrap_or("");
        let cmd = Cmd::new("/bin/sh")
            .arg("-s")
            .stdin(script)
            .doing(format!("making the user `{name}`"));
        let made = Sandbox::new(root.path()).run(&cmd, step);
        made.map_err(|error| error.asked(place(user), None))?;
    }
    Ok(())
}

fn names(table: &str) -> impl Iterator<Item = &str> {
    table.lines().filter_map(|line| line.split(':').next())
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn one(
    script: &mut String,
    user: &Element,
    existing: &BTreeSet<&str>,
    groups: &mut BTreeSet<String>,
    time: Option<u64>,
) -> Result<(), BuildError> {
    let attr = |name: &str| user.attrs.get(name).filter(|value| !value.is_empty());
    let name = attr("name").unwrap_or("");
    let valid =
        |text: &str| !text.is_empty() && !text.starts_with('-') && !text.contains([':', '/', '\n', ' ', ',']);
    if !valid(name) {
        return Err(BuildError::Description {
            code: "user-name",
            message: format!("`{name}` cannot be the name of a user"),
            place: place(user),
            help: None,
        });
    }
    let mut own = Vec::new();
    for group in user.attrs.list("groups") {
        let (group, id) = group
            .split_once(':')
            .map_or((group, None), |(group, id)| (group, Some(id)));
        if groups.insert(group.to_owned()) {
            let id = id.map_or(String::new(), |id| format!("-g {} ", quoted(id)));
            let _ = writeln!(script, "groupadd {id}-- {}", quoted(group));
        }
        own.push(group.to_owned());
    }
    let exists = existing.contains(name);
    let mut words = vec![if exists { "usermod" } else { "useradd" }.to_owned()];
    if let Some(password) = attr("password") {
        let plain = attr("pwdformat") == Some("plain");
        let hash = if plain {
            hash(name, password, time)
        } else {
            password.to_owned()
        };
        words.extend(["-p".to_owned(), quoted(&hash)]);
    }
    for (attribute, option) in [("shell", "-s"), ("id", "-u"), ("realname", "-c"), ("home", "-d")] {
        if let Some(value) = attr(attribute) {
            words.extend([option.to_owned(), quoted(value)]);
        }
    }
    if let Some((primary, further)) = own.split_first() {
        words.extend(["-g".to_owned(), quoted(primary)]);
        if !further.is_empty() {
            words.extend(["-G".to_owned(), quoted(&further.join(","))]);
        }
    }
    if !exists {
        words.push("-m".to_owned());
    }
    words.extend(["--".to_owned(), quoted(name)]);
    // A home that the overlay or a package has brought is the user's too.
    let home = attr("home").map_or_else(|| format!("/home/{name}"), str::to_owned);
    let home = home.trim_end_matches('/');
    let own = !exists && !of_the_system(home);
    if own {
        let _ = writeln!(script, "there=; [ ! -d {0} ] || there=yes", quoted(home));
    }
    let _ = writeln!(script, "{}", words.join(" "));
    if own {
        let _ = writeln!(
            script,
            "[ -z \"$there\" ] || chown -R -h -- {} {}",
            quoted(&format!("{name}:")),
            quoted(home)
        );
    }
    Ok(())
}

/// Folders that are nobody's home, whatever is said: all that lies in them would change hands.
fn of_the_system(home: &str) -> bool {
    let below = [
        "/usr/", "/etc/", "/bin/", "/sbin/", "/lib/", "/dev/", "/proc/", "/sys/", "/boot/",
    ];
    let itself = [
        "", "/var", "/var/lib", "/var/log", "/opt", "/srv", "/home", "/run", "/tmp", "/var/tmp", "/root",
        "/mnt", "/media",
    ];
    itself.contains(&home)
        || !home.starts_with('/')
        || home.split('/').any(|part| part == "..")
        || below.iter().any(|dir| format!("{home}/").starts_with(dir))
}

fn hash(user: &str, password: &str, time: Option<u64>) -> String {
    let bytes = match time {
        Some(time) => Sha256::digest(format!("{user}\0{password}\0{time}")).to_vec(),
        None => uuid::Uuid::new_v4().as_bytes().to_vec(),
    };
    crypt::sha512(password, &crypt::salt(&bytes))
}

#[cfg(test)]
mod tests {
    use apteryx_schema::diagnostic::FileId;

    use super::*;

    #[test]
    fn a_home_that_is_there_becomes_the_users() {
        let script = |attrs: &[(&str, &str)]| {
            let at = |value: &str| At {
                value: value.into(),
                file: FileId(0),
                span: Default::default(),
            };
            let user = Element {
                attrs: attrs
                    .iter()
                    .map(|(name, value)| ((*name).into(), at(value)))
                    .collect::<Vec<_>>()
                    .into(),
                ..Element::default()
            };
            let mut script = String::new();
            one(
                &mut script,
                &user,
                &BTreeSet::from(["root"]),
                &mut BTreeSet::new(),
                None,
            )
            .expect("it is written");
            script
        };
        assert_eq!(
            script(&[("name", "me"), ("password", "*"), ("home", "/srv/me/")]),
            "there=; [ ! -d '/srv/me' ] || there=yes\nuseradd -p '*' -d '/srv/me/' -m -- 'me'\n\
             [ -z \"$there\" ] || chown -R -h -- 'me:' '/srv/me'\n"
        );
        for home in ["/", "/usr/sbin", "/srv", "relative", "/home/../etc"] {
            assert!(
                !script(&[("name", "me"), ("home", home)]).contains("chown"),
                "{home}"
            );
        }
        assert_eq!(
            script(&[("name", "root"), ("home", "/root")]),
            "usermod -d '/root' -- 'root'\n"
        );
    }
}
