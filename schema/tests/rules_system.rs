//! Seeded mistakes in accounts and settings of the system: each is found, alone, where it stands; sound ones are quiet.
#![cfg(test)]

mod seeded;

use seeded::{Mistake, in_system, in_type};

const HASH: &str = "$1$wYJUgpM5$RXMMeASDc035eX.NbYWFl0";

fn user(name: &str, rest: &str) -> String {
    format!("<user name=\"{name}\" password=\"{HASH}\" {rest}/>")
}

fn users(all: &[String]) -> String {
    format!("<users>{}</users>", all.concat())
}

fn account(code: &'static str, all: &[String]) -> Mistake {
    in_system(code, "", &users(all))
}

fn setting(code: &'static str, name: &str, value: &str) -> Mistake {
    in_system(code, &format!("<{name}>|{value}|</{name}>"), "")
}

#[test]
fn sound_accounts_and_settings_are_quiet() {
    let sound = users(&[
        user("root", "home=\"/root\" groups=\"root\" shell=\"/bin/bash\""),
        user(
            "tux",
            "id=\"1000\" home=\"/home/tux\" groups=\"tux,users,team:2000,sudo,wheel,docker\" shell=\"/usr/bin/bash\"",
        ),
        user(
            "build-bot",
            "id=\"999\" groups=\"admins,web-data,team\" shell=\"/usr/sbin/nologin\"",
        ),
        user("www-data", "id=\"33\" shell=\"/usr/sbin/nologin\""),
        user(
            "admin",
            "home=\"/home/admins\" shell=\"/bin/yash\" groups=\"rots\"",
        ),
        user("konqi", "home=\"/home/konqi2\" shell=\"/usr/local/bin/zsh\""),
        "<user name=\"locked\" password=\"!\" pwdformat=\"encrypted\"/>".to_owned(),
        "<user name=\"star\" password=\"*\" shell=\"/opt/own/shell\"/>".to_owned(),
        "<user name=\"des\" password=\"vh4vw1N4alxKQ\" realname=\"D. E. S.\"/>".to_owned(),
    ]);
    for head in [
        "<locale>en_US,de_DE</locale><keytable>us.map.gz</keytable><timezone>Europe/Berlin</timezone>",
        "<locale>POSIX</locale><keytable>de-latin1-nodeadkeys</keytable><timezone>UTC</timezone>",
        "<locale>pt_BR</locale><keytable>br-abnt2</keytable><timezone>America/Argentina/Ushuaia</timezone>",
    ] {
        seeded::quiet(&seeded::with_system(head, &sound));
    }
}

#[test]
fn mistakes_in_accounts() {
    let one = || user("tux", "id=\"1000\"");
    let plain = |password: &str| format!("<user name=\"tux\" {password}/>");
    for wrong in [
        account("user-name", &[user("|my user|", "")]),
        account("user-name", &[user("|1000|", "")]),
        account("user-home", &[user("tux", "home=\"|home/tux|\"")]),
        account("user-home", &[user("tux", "home=\"|/srv/../tux|\"")]),
        account("user-shell", &[user("tux", "shell=\"|bash|\"")]),
        account("user-shell", &[user("tux", "shell=\"|/bin/bsah|\"")]),
        account("user-shell", &[user("tux", "shell=\"|/usr/bin/zsh|\"")]),
        account("user-shell", &[user("tux", "shell=\"|/bin/bsh|\"")]),
        account("user-shell", &[user("tux", "shell=\"|/usr/bash|\"")]),
        account("user-shell", &[user("tux", "shell=\"|/bin/ksh|\"")]),
        account("user-home", &[user("tux", "home=\"|/home/txu|\"")]),
        account("user-home", &[user("konqi", "home=\"|/home/konq|\"")]),
        account("user-id", &[user("tux", "id=\"|33|\"")]),
        account("unknown-group", &[user("tux", "groups=\"|users,kmv|\"")]),
        account("user-id", &[user("tux", "id=\"|0|\"")]),
        account("user-id", &[user("root", "id=\"|815|\"")]),
        account("user-id", &[user("tux", "id=\"|5000000000|\"")]),
        account("duplicate-id", &[one(), user("kiwi", "id=\"|1000|\"")]),
        account(
            "duplicate-id",
            &[user("a", "groups=\"x:2000\""), user("b", "groups=\"|y:2000|\"")],
        ),
        account(
            "duplicate-id",
            &[user("a", "groups=\"x:2000\""), user("b", "groups=\"|x:2001|\"")],
        ),
        account("duplicate-user", &[one(), user("tux", "id=\"|1001|\"")]),
        account("group-id", &[user("tux", "groups=\"|team:0|\"")]),
        account("unknown-group", &[user("tux", "groups=\"|users,wheell|\"")]),
        account("password-hash", &[plain("password=\"|secret|\"")]),
        account(
            "password-hash",
            &[plain("password=\"|$6$salt$tooshort|\" pwdformat=\"encrypted\"")],
        ),
        account(
            "password-hash",
            &[plain(&format!("password=\"{HASH}\" pwdformat=\"|plain|\""))],
        ),
        account("empty-password", &[plain("password=\"||\"")]),
        account(
            "clear-text-password",
            &[plain("password=\"|secret|\" pwdformat=\"plain\"")],
        ),
    ] {
        wrong.is_found();
    }
}

#[test]
fn mistakes_in_settings() {
    for wrong in [
        setting("unknown-timezone", "timezone", "Europe/Berln"),
        setting("unknown-timezone", "timezone", "europe/berlin"),
        setting("unknown-timezone", "timezone", "Europe/Munich"),
        setting("unknown-timezone", "timezone", "Berlin"),
        setting("unknown-keymap", "keytable", "de-latin-nodeadkeys"),
        setting("unknown-keymap", "keytable", "klingon"),
        setting("unknown-locale", "locale", "en_UK"),
        setting("unknown-locale", "locale", "de_DD"),
        in_type(
            "machine-range",
            "<type image=\"oem\" filesystem=\"ext4\"><oemconfig><oem-resize>false</oem-resize></oemconfig><machine min_memory=\"|2048|\" max_memory=\"512\"/></type>",
        ),
    ] {
        wrong.is_found();
    }
}

#[test]
fn certain_repairs_are_offered() {
    let repaired = |wrong: Mistake| wrong.repaired();
    assert!(repaired(setting("", "timezone", "Europe/Berln")).contains(">Europe/Berlin<"));
    assert!(repaired(setting("", "timezone", "Berlin")).contains(">Europe/Berlin<"));
    assert!(repaired(setting("", "locale", "en_UK")).contains(">en_GB<"));
    assert!(repaired(account("", &[user("tux", "shell=\"|bash|\"")])).contains("\"/bin/bash\""));
    assert!(repaired(account("", &[user("tux", "shell=\"|/bin/bsh|\"")])).contains("\"/bin/bash\""));
    assert!(repaired(account("", &[user("tux", "home=\"|/home/txu|\"")])).contains("\"/home/tux\""));
    assert!(repaired(account("", &[user("tux", "groups=\"|users,wheell|\"")])).contains("\"users,wheel\""));
    let hashed = format!("<user name=\"tux\" password=\"{HASH}\" pwdformat=\"|plain|\"/>");
    assert!(repaired(account("", &[hashed])).contains("pwdformat=\"encrypted\""));
}

/// An author's own theme comes with the overlay or with a package of any name; those of distributions have theirs.
#[test]
fn themes_of_the_splash() {
    let told = |theme: &str| {
        let names = ["kernel-default", "plymouth", "grub2"].map(|n| format!("<package name=\"{n}\"/>"));
        let text = format!(
            "<image schemaversion=\"8.5\" name=\"a\"><preferences><version>1.0.0</version>\
             <packagemanager>zypper</packagemanager><bootsplash-theme>{theme}</bootsplash-theme>\
             <type image=\"iso\" flags=\"overlay\"/></preferences>\
             <repository><source path=\"obs://openSUSE:Factory/snapshot\"/></repository>\
             <packages type=\"image\">{}</packages></image>",
            names.concat()
        );
        let tree = apteryx_schema::syntax::parse(&text);
        let image = apteryx_schema::description::from_tree(&tree, apteryx_schema::diagnostic::FileId(0));
        let trees = std::slice::from_ref(&tree);
        let all = apteryx_schema::rules::check(&image, trees, &Default::default());
        all.iter().filter(|d| d.code == "missing-theme").count()
    };
    assert_eq!(["charge", "spinner"].map(told), [1, 1]);
    assert_eq!(["kestrel", "bgrt"].map(told), [0, 0]);
}
