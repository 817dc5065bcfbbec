//! Locale, keyboard, time zone and boot splash: what KIWI writes, and what Debian's own tools read, so that they have an
//! effect.

use std::path::Path;

use apteryx_schema::description::View;
use apteryx_schema::description::model::{At, Element};

use crate::error::{BuildError, IoContext};
use crate::events::{Event, Reporter, Step};
use crate::sandbox::{Cmd, Root, Sandbox};

/// Writes them. `sandbox` is one for package scripts.
pub fn apply(
    root: &mut Root,
    view: &View<'_>,
    sandbox: &Sandbox,
    reporter: &Reporter,
    step: &Step,
) -> Result<(), BuildError> {
    let warn = |message: String| {
        reporter.send(Event::Warning {
            step: step.name().to_owned(),
            message,
        })
    };
    if let Some(element) = view.last("locale") {
        locale(root, element, sandbox, step, &warn)?;
    }
    if let Some(element) = view.last("keytable") {
        keytable(root, element)?;
    }
    if let Some(element) = view.last("timezone") {
        timezone(root, element, &warn)?;
    }
    if let Some(element) = view.last("bootsplash-theme") {
        splash(root, element, sandbox, step, &warn)?;
    }
    Ok(())
}

/// Chooses a theme of plymouth's, by its own tool.
fn splash(
    root: &Root,
    element: &Element,
    sandbox: &Sandbox,
    step: &Step,
    warn: &dyn Fn(String),
) -> Result<(), BuildError> {
    plain(element, "")?;
    let theme = &element.text;
    let tool = "plymouth-set-default-theme";
    if !root.has_program(tool) {
        warn(format!(
            "the boot splash `{theme}` has no effect: the tree has no `{tool}` (the package is `plymouth`)"
        ));
        return Ok(());
    }
    let cmd = Cmd::new(tool).arg(theme.as_str());
    let set = sandbox.run(&cmd.doing("choosing the boot splash"), step);
    let help = "`/usr/share/plymouth/themes` of the tree holds the themes that there are";
    set.map(drop)
        .map_err(|error| error.asked(Some(value(element)), Some(help.to_owned())))
}

fn plain(element: &Element, extra: &str) -> Result<(), BuildError> {
    let good =
        |letter: char| letter.is_ascii_alphanumeric() || "_-.@+/".contains(letter) || extra.contains(letter);
    if element.text.chars().all(good) && !element.text.contains("..") {
        return Ok(());
    }
    Err(BuildError::Description {
        code: "bad-value",
        message: format!("`{}` is no value for `<{}>`", element.text, element.name),
        place: Some(value(element)),
        help: None,
    })
}

/// Where the text of an element stands.
pub fn value(element: &Element) -> At<()> {
    At {
        value: (),
        file: element.file,
        span: element.text_span,
    }
}

/// The first of a list, in UTF-8, as KIWI takes it; `C` and `POSIX` are `C.UTF-8`.
fn language(text: &str) -> String {
    let all: Vec<&str> = text.split(',').map(str::trim).collect();
    let first = all.first().copied().unwrap_or("");
    if all.contains(&"POSIX") || first == "C" || first.is_empty() {
        return "C.UTF-8".to_owned();
    }
    if first.contains('.') {
        first.to_owned()
    } else {
        format!("{first}.UTF-8")
    }
}

fn locale(
    root: &mut Root,
    element: &Element,
    sandbox: &Sandbox,
    step: &Step,
    warn: &dyn Fn(String),
) -> Result<(), BuildError> {
    plain(element, ", ")?;
    let chosen = language(&element.text);
    let tree = root.path().to_owned();
    let file = if root.is_dir("/etc/default") {
        "/etc/default/locale"
    } else {
        "/etc/locale.conf"
    };
    root.write(file, format!("LANG={chosen}\n").as_bytes(), 0o644)
        .at("cannot write", tree.join(&file[1..]))?;
    if chosen.starts_with("C.") {
        return Ok(());
    }
    // `locales-all` brings them made, and so may another package or script some of them.
    let bare = chosen.split('.').next().unwrap_or(&chosen);
    let made = format!("{bare}.utf8");
    if root.exists(format!("/usr/lib/locale/{made}")) || archived(root, &made, sandbox, step)? {
        return Ok(());
    }
    if !root.exists("/usr/sbin/locale-gen") {
        warn(format!("`{chosen}` has no effect without the package `locales`"));
        return Ok(());
    }
    let wanted = |text: &str| {
        let name = language(text);
        let charset = name
            .split_once('.')
            .map_or("UTF-8", |(_, charset)| charset)
            .to_owned();
        format!("{name} {charset}")
    };
    let mut list = root
        .text("/etc/locale.gen")
        .at("cannot read", tree.join("etc/locale.gen"))?
        .unwrap_or_default();
    for name in element
        .text
        .split(',')
        .map(str::trim)
        .filter(|name| !matches!(*name, "" | "C" | "POSIX"))
    {
        let line = wanted(name);
        if !list.lines().any(|other| other.trim() == line) {
            list.push_str(&line);
            list.push('\n');
        }
    }
    root.write("/etc/locale.gen", list.as_bytes(), 0o644)
        .at("cannot write", tree.join("etc/locale.gen"))?;
    // What a script has made stays.
    let keeps = root.text("/usr/sbin/locale-gen").ok().flatten();
    let keeps = keeps.is_some_and(|text| text.contains("--keep-existing"));
    let cmd = Cmd::new("locale-gen").args(keeps.then_some("--keep-existing"));
    let made = sandbox.run(&cmd.doing("making locales"), step);
    let help = "`/usr/share/i18n/SUPPORTED` of the tree lists the locales that there are";
    made.map(drop)
        .map_err(|error| error.asked(Some(value(element)), Some(help.to_owned())))
}

/// True where the tree's archive of locales holds one, or cannot be looked into.
fn archived(root: &Root, name: &str, sandbox: &Sandbox, step: &Step) -> Result<bool, BuildError> {
    if !root.exists("/usr/lib/locale/locale-archive") {
        return Ok(false);
    }
    if !root.exists("/usr/bin/localedef") {
        return Ok(true);
    }
    let list = Cmd::new("localedef").arg("--list-archive").capture();
    let list = sandbox.run_unchecked(&list, Some(step))?;
    Ok(!list.success() || list.text().lines().any(|line| line == name))
}

fn keytable(root: &mut Root, element: &Element) -> Result<(), BuildError> {
    plain(element, "")?;
    let tree = root.path().to_owned();
    let text = format!("KEYMAP={}\n", element.text);
    // Where it is a link to Debian's own file (systemd 254 on), that one keeps its words.
    if root
        .link(Path::new("/etc/vconsole.conf"))
        .at("cannot read", tree.join("etc/vconsole.conf"))?
        .is_some()
    {
        root.remove_file("/etc/vconsole.conf")
            .at("cannot remove", tree.join("etc/vconsole.conf"))?;
    }
    root.write("/etc/vconsole.conf", text.as_bytes(), 0o644)
        .at("cannot write", tree.join("etc/vconsole.conf"))?;
    // Debian's console-setup reads its own file, where it is installed.
    let Some(file) = root
        .text("/etc/default/keyboard")
        .at("cannot read", tree.join("etc/default/keyboard"))?
    else {
        return Ok(());
    };
    let (layout, variant) = layout(&element.text);
    let lines: Vec<String> = file
        .lines()
        .map(|line| {
            if line.starts_with("XKBLAYOUT=") {
                format!("XKBLAYOUT=\"{layout}\"")
            } else if line.starts_with("XKBVARIANT=") {
                format!("XKBVARIANT=\"{variant}\"")
            } else {
                line.to_owned()
            }
        })
        .collect();
    root.write(
        "/etc/default/keyboard",
        format!("{}\n", lines.join("\n")).as_bytes(),
        0o644,
    )
    .at("cannot write", tree.join("etc/default/keyboard"))
}

/// A console keymap's X layout and variant: `de-latin1-nodeadkeys` is `de`, `nodeadkeys`.
fn layout(keymap: &str) -> (&str, &str) {
    let name = keymap.split('.').next().unwrap_or(keymap);
    let layout = name.split(['-', '_']).next().unwrap_or(name);
    let layout = match layout {
        "uk" => "gb",
        "sv" => "se",
        other => other,
    };
    let variant = ["nodeadkeys", "dvorak", "colemak", "bepo"]
        .into_iter()
        .find(|variant| name.contains(variant));
    (layout, variant.unwrap_or(""))
}

fn timezone(root: &mut Root, element: &Element, warn: &dyn Fn(String)) -> Result<(), BuildError> {
    plain(element, "")?;
    let zone = &element.text;
    let tree = root.path().to_owned();
    let target = format!("/usr/share/zoneinfo/{zone}");
    if !root.exists(&target) {
        // Without a link the system's time is UTC.
        if !matches!(zone.as_str(), "UTC" | "Etc/UTC" | "Universal" | "Zulu") {
            warn(format!(
                "`{zone}` has no effect: the tree has no `{target}` (the package is `tzdata`)"
            ));
        }
        return Ok(());
    }
    root.symlink(&target, "/etc/localtime")
        .at("cannot write", tree.join("etc/localtime"))?;
    root.write("/etc/timezone", format!("{zone}\n").as_bytes(), 0o644)
        .at("cannot write", tree.join("etc/timezone"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_that_is_there_needs_no_package() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut root = Root::open(dir.path()).expect("it opens");
        let element = Element {
            name: "locale".into(),
            text: "de_DE".into(),
            ..Element::default()
        };
        let warnings = |root: &mut Root| {
            let told = std::cell::RefCell::new(Vec::new());
            let sandbox = Sandbox::new(dir.path());
            let step = Reporter::silent().step("test", "a test");
            let warn = |message: String| told.borrow_mut().push(message);
            locale(root, &element, &sandbox, &step, &warn).expect("it is written");
            told.into_inner()
        };
        let none = warnings(&mut root);
        assert_eq!(
            none,
            ["`de_DE.UTF-8` has no effect without the package `locales`"]
        );
        root.write("/usr/lib/locale/locale-archive", b"", 0o644)
            .expect("it is written");
        assert_eq!(warnings(&mut root), Vec::<String>::new());
    }

    #[test]
    fn a_keymap_leaves_the_rest_of_debians_file_as_it_is() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut root = Root::open(dir.path()).expect("it opens");
        root.make_dirs(Path::new("etc/default")).expect("it is made");
        let before = "XKBMODEL=\"pc105\"\nXKBLAYOUT=\"us\"\nXKBVARIANT=\"\"\nBACKSPACE=\"guess\"\n";
        root.write("/etc/default/keyboard", before.as_bytes(), 0o644)
            .expect("it is written");
        root.symlink("default/keyboard", "/etc/vconsole.conf")
            .expect("it is made");
        let element = Element {
            name: "keytable".into(),
            text: "fr-latin9".into(),
            ..Element::default()
        };
        keytable(&mut root, &element).expect("it is written");
        let text = |name: &str| root.text(name).expect("it is read").expect("it is there");
        assert_eq!(text("/etc/default/keyboard"), before.replace("\"us\"", "\"fr\""));
        assert_eq!(text("/etc/vconsole.conf"), "KEYMAP=fr-latin9\n");
    }

    #[test]
    fn languages_and_layouts() {
        let languages = ["en_US", "de_DE,en_US", "C", "POSIX,de_DE", "ru_RU.KOI8-R"].map(language);
        assert_eq!(
            languages,
            ["en_US.UTF-8", "de_DE.UTF-8", "C.UTF-8", "C.UTF-8", "ru_RU.KOI8-R"]
        );
        assert_eq!(layout("de-latin1-nodeadkeys"), ("de", "nodeadkeys"));
        assert_eq!(layout("uk.map.gz"), ("gb", ""));
    }
}
