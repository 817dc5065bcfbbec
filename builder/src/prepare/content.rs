//! The description inside the tree: `/image` with the migrated text, scripts, archives and files; `/.kconfig`; and
//! which of its files must be there before any work begins.

use std::io;
use std::path::{Path, PathBuf};

use apteryx_schema::description::model::{At, Item};
use apteryx_schema::description::{Loaded, PackageKind, SCRIPTS, View};

use super::overlay;
use crate::error::{BuildError, IoContext, Place};
use crate::sandbox::{Root, relative};

/// The helper functions that scripts read with `. /.kconfig`.
const HELPERS: &[u8] = include_bytes!("kconfig.sh");

/// Where an `<archive>` or `<file>` of a section comes from.
pub fn source(dir: &Path, item: &Item) -> Result<PathBuf, BuildError> {
    source_named(dir, &item.name)
}

/// The file of the description that a value names.
pub fn source_named(dir: &Path, at: &At) -> Result<PathBuf, BuildError> {
    let name = at.value.trim();
    let name = name.strip_prefix("this://").unwrap_or(name);
    let below = relative(Path::new(name)).filter(|below| !below.as_os_str().is_empty());
    let outside = || {
        wrong(
            "path-outside",
            format!("`{name}` leads out of the description"),
            at,
        )
    };
    Ok(dir.join(below.ok_or_else(outside)?))
}

/// The description has no such file.
pub fn missing(at: &At) -> BuildError {
    let message = format!("the description has no file `{}`", at.value.trim());
    wrong("file-missing", message, at)
}

fn wrong(code: &'static str, message: String, at: &At) -> BuildError {
    BuildError::Description {
        code,
        message,
        place: Some(at.place()),
        help: None,
    }
}

/// All sections whose archives and files a build uses.
fn kinds() -> [PackageKind; 2] {
    [PackageKind::Bootstrap, PackageKind::System]
}

/// Says which file of the description is missing, before anything else is done.
pub fn check(view: &View<'_>, dir: &Path) -> Result<(), BuildError> {
    for kind in kinds() {
        let list = view.packages(kind);
        for item in list.archives.iter().chain(&list.files) {
            let from = source(dir, item)?;
            if !from.exists() {
                return Err(missing(&item.name));
            }
            let target = item.attrs().get("target").or(item.attrs().get("target_dir"));
            if let Some(target) = target
                && relative(Path::new(target)).is_none()
            {
                return Err(wrong(
                    "path-outside",
                    format!("`{target}` leads out of the tree"),
                    &item.name,
                ));
            }
        }
    }
    Ok(())
}

/// Copies the description to `/image` and the helpers to `/.kconfig`.
pub fn store(root: &mut Root, loaded: &Loaded, view: &View<'_>) -> Result<(), BuildError> {
    let tree = root.path().to_owned();
    let text = migrated(loaded);
    root.write("/image/config.xml", text.as_bytes(), 0o644)
        .at("cannot write", tree.join("image/config.xml"))?;
    root.write("/.kconfig", HELPERS, 0o644)
        .at("cannot write", tree.join(".kconfig"))?;
    let mut files: Vec<(PathBuf, PathBuf)> = SCRIPTS
        .iter()
        .chain(&["LICENSE"])
        .map(|name| (loaded.dir.join(name), PathBuf::from(name)))
        .collect();
    for attribute in ["editbootconfig", "editbootinstall"] {
        if let Some(name) = view.type_attr(attribute)
            && let Some(name) = relative(Path::new(name))
        {
            files.push((loaded.dir.join(&name), name));
        }
    }
    for kind in kinds() {
        let list = view.packages(kind);
        for item in list.archives.iter().chain(&list.files) {
            let from = source(&loaded.dir, item)?;
            let name = from.strip_prefix(&loaded.dir).unwrap_or(&from).to_owned();
            files.push((from, name));
        }
    }
    // Included texts stand where the statement in `/image/config.xml` looks for them.
    for file in loaded.image.files.iter().skip(1) {
        if let Ok(name) = file.path.strip_prefix(&loaded.dir) {
            files.push((file.path.clone(), name.to_owned()));
        }
    }
    for name in names(&loaded.dir)? {
        if name.to_string_lossy().starts_with("config-cdroot.tar") {
            files.push((loaded.dir.join(&name), name));
        }
    }
    for (from, to) in files.iter().filter(|(from, _)| from.is_file()) {
        // A link in the description stands for what it leads to.
        let from = from.canonicalize().at("cannot read", from)?;
        overlay::file(root, &from, &Path::new("image").join(to), None, None)?;
    }
    Ok(())
}

fn names(dir: &Path) -> Result<Vec<PathBuf>, BuildError> {
    let mut names: Vec<PathBuf> = std::fs::read_dir(dir)
        .at("cannot read", dir)?
        .filter_map(|entry| entry.ok().map(|entry| PathBuf::from(entry.file_name())))
        .collect();
    names.sort();
    Ok(names)
}

/// The description's own text, brought to the current schema version; as XML, whatever mark-up it is written in.
fn migrated(loaded: &Loaded) -> String {
    let Some(file) = loaded.image.files.first() else {
        return String::new();
    };
    if let Some(tree) = loaded.trees.first().filter(|tree| !tree.is_xml()) {
        return apteryx_schema::format::to_xml(tree);
    }
    let tree = apteryx_schema::syntax::parse(&file.text);
    let Ok(mut edits) = apteryx_schema::migrate::edits(&tree, None) else {
        return utf8(file.text.to_string());
    };
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    let mut text = file.text.to_string();
    for edit in edits {
        let range = edit.span.start as usize..edit.span.end as usize;
        if text.get(range.clone()).is_some() {
            text.replace_range(range, &edit.new_text);
        }
    }
    utf8(text)
}

/// With a declaration that says what the text is now, whatever encoding it was written in: UTF-8.
fn utf8(mut text: String) -> String {
    let declaration = text
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"))
        .map_or("", |(declaration, _)| declaration);
    let Some((before, after)) = declaration.split_once("encoding") else {
        return text;
    };
    let Some(quote) = after.find(['"', '\'']) else {
        return text;
    };
    let start = "<?xml".len() + before.len() + "encoding".len() + quote + 1;
    let value = after.get(quote + 1..).unwrap_or("");
    let length = value.find(['"', '\'']).unwrap_or(0);
    let said = text.get(start..start + length).unwrap_or("utf-8");
    if !said.eq_ignore_ascii_case("utf-8") {
        text.replace_range(start..start + length, "utf-8");
    }
    text
}

/// Unpacks the archives and puts the files of a section in place.
pub fn archives(root: &mut Root, view: &View<'_>, dir: &Path, kind: PackageKind) -> Result<(), BuildError> {
    for item in view.packages(kind).archives {
        let into = item.attrs().get("target_dir").unwrap_or("/");
        let what = format!("the archive `{}`", item.name.value.trim());
        overlay::archive(root, &source(dir, item)?, Path::new(into))
            .map_err(|error| clash(error, root.path(), &what, place(item)))?;
    }
    Ok(())
}

/// Puts the `<file>`s of the description in place.
pub fn files(root: &mut Root, view: &View<'_>, dir: &Path) -> Result<(), BuildError> {
    for kind in kinds() {
        for item in view.packages(kind).files {
            let attrs = item.attrs();
            let from = source(dir, item)?;
            let base = Path::new("/").join(from.file_name().unwrap_or_default());
            let to = attrs.get("target").map_or(base.clone(), PathBuf::from);
            // A target that is a directory takes the file under its own name.
            let to = if root.is_dir(&to) {
                to.join(base.strip_prefix("/").unwrap_or(&base))
            } else {
                to
            };
            let owner = attrs
                .get("owner")
                .map(|owner| resolve(root, owner, item))
                .transpose()?;
            let mode = match attrs.get("permissions") {
                Some(text) => Some(
                    u32::from_str_radix(text, 8)
                        .map_err(|_| wrong("bad-value", format!("`{text}` is no octal mode"), &item.name))?,
                ),
                None => None,
            };
            let what = format!("the file `{}`", item.name.value.trim());
            overlay::file(root, &from, &to, owner, mode)
                .map_err(|error| clash(error, root.path(), &what, place(item)))?;
        }
    }
    Ok(())
}

/// `USER`, `USER:GROUP` or `:GROUP`, names or numbers, as the tree knows them.
fn resolve(root: &Root, owner: &str, item: &Item) -> Result<(u32, u32), BuildError> {
    let (user, group) = owner.split_once(':').unwrap_or((owner, ""));
    let find = |table: &str, name: &str, column: usize| -> Option<u32> {
        if let Ok(number) = name.parse() {
            return Some(number);
        }
        let text = root.text(table).ok().flatten()?;
        let line = text.lines().find(|line| line.split(':').next() == Some(name))?;
        line.split(':').nth(column)?.parse().ok()
    };
    let unknown = |name: &str| {
        wrong(
            "unknown-owner",
            format!("the tree has no user or group `{name}`"),
            &item.name,
        )
    };
    let uid = if user.is_empty() {
        0
    } else {
        find("/etc/passwd", user, 2).ok_or_else(|| unknown(user))?
    };
    let gid = match group {
        "" => find("/etc/passwd", user, 3).unwrap_or(0),
        group => find("/etc/group", group, 2).ok_or_else(|| unknown(group))?,
    };
    Ok((uid, gid))
}

/// The overlay: `root/`, else `root.tar.gz`; then a folder for each selected profile.
pub fn overlays(root: &mut Root, view: &View<'_>, dir: &Path) -> Result<(), BuildError> {
    let unfit =
        |error, root: &Root, name: &str| clash(error, root.path(), &format!("the overlay `{name}`"), None);
    if dir.join("root").is_dir() {
        overlay::folder(root, &dir.join("root")).map_err(|error| unfit(error, root, "root"))?;
    } else if dir.join("root.tar.gz").is_file() {
        overlay::archive(root, &dir.join("root.tar.gz"), Path::new("/"))
            .map_err(|error| unfit(error, root, "root.tar.gz"))?;
    }
    for profile in view.profiles.iter() {
        let folder = relative(Path::new(profile)).filter(|name| !name.as_os_str().is_empty());
        if let Some(folder) = folder.map(|name| dir.join(name)).filter(|folder| folder.is_dir()) {
            overlay::folder(root, &folder).map_err(|error| unfit(error, root, profile))?;
        }
    }
    Ok(())
}

/// Where something of the description does not fit to what is in the tree: that, by its place in the tree. All other
/// errors stay as they are.
fn clash(error: BuildError, tree: &Path, what: &str, place: Place) -> BuildError {
    let BuildError::Io { path, source, .. } = &error else {
        return error;
    };
    let theirs = [
        io::ErrorKind::NotADirectory,
        io::ErrorKind::IsADirectory,
        io::ErrorKind::AlreadyExists,
        io::ErrorKind::NotFound,
        io::ErrorKind::DirectoryNotEmpty,
        io::ErrorKind::InvalidFilename,
    ];
    let Some(below) = path
        .strip_prefix(tree)
        .ok()
        .filter(|_| theirs.contains(&source.kind()))
    else {
        return error;
    };
    let reason = source.to_string();
    let reason = reason.split(" (os error").next().unwrap_or(&reason);
    BuildError::Description {
        code: "overlay-clash",
        message: format!("`/{}` of {what} does not fit into the tree: {reason}", below.display()),
        place,
        help: Some(
            "only a folder can lie where a folder is, and only a file where a file is: look at what the packages bring there"
                .to_owned(),
        ),
    }
}

fn place(item: &Item) -> Place {
    Some(item.name.place())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use apteryx_schema::description::load_text;

    #[test]
    fn a_description_in_any_encoding_is_kept_as_utf_8_and_says_so() {
        let text = "<?xml version=\"1.0\" encoding='UTF-16'?>\n<image schemaversion=\"8.5\" name=\"a\"><description type=\"system\"><author>J\u{fc}rgen</author></description></image>\n";
        let mut bytes = vec![0xff, 0xfe];
        bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        let loaded = load_text(Path::new("config.xml"), &bytes, &|_| Ok(Vec::new()));
        assert_eq!(super::migrated(&loaded), text.replace("UTF-16", "utf-8"));
    }

    #[test]
    fn a_description_in_any_mark_up_is_kept_as_migrated_xml() {
        let yaml = "image:\n  '@schemaversion': '7.5'\n  '@name': a\n  description: {author: 'A & B'}\n  preferences:\n    packagemanager: dnf\n    type: {'@image': oem, '@kernelcmdline': 'a=\"b\"'}\n";
        let json = r#"{"image": {"@schemaversion": "7.5", "@name": "a", "description": {"author": "A & B"},
            "preferences": {"packagemanager": "dnf", "type": {"@image": "oem", "@kernelcmdline": "a=\"b\""}}}}"#;
        let toml = "[image]\n\"@schemaversion\" = \"7.5\"\n\"@name\" = \"a\"\n[image.description]\nauthor = \"A & B\"\n[image.preferences]\npackagemanager = \"dnf\"\n[image.preferences.type]\n\"@image\" = \"oem\"\n\"@kernelcmdline\" = 'a=\"b\"'\n";
        for (name, text) in [
            ("config.yaml", yaml),
            ("config.json", json),
            ("config.toml", toml),
        ] {
            let loaded = load_text(Path::new(name), text.as_bytes(), &|_| Ok(Vec::new()));
            expect_test::expect![[r#"
                <?xml version="1.0" encoding="utf-8"?>
                <image schemaversion="8.5" name="a">
                    <description>
                        <author>A &amp; B</author>
                    </description>
                    <preferences>
                        <packagemanager>dnf4</packagemanager>
                        <type image="oem" kernelcmdline="a=&quot;b&quot;"/>
                    </preferences>
                </image>
            "#]]
            .assert_eq(&super::migrated(&loaded));
        }
    }
}
