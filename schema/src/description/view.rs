//! One choice of profiles, type and architecture, and what of a description is active in it: the questions that a
//! build asks. Merging follows KIWI (which value is first, which is last), so that both give the same image.
//!
//! ```
//! # use apteryx_schema::description::{model::Image, PackageKind, View};
//! # fn show(image: &Image) -> Option<()> {
//! let view = View::new(image, &["Disk".to_owned()], None, "x86_64").ok()?;
//! for package in view.packages(PackageKind::Bootstrap).packages {
//!     let _ = (&package.name.value, package.name.span);
//! }
//! # Some(()) }
//! ```

use std::sync::{Arc, OnceLock};

use super::profiles::{Profiles, for_arch};
use super::view_error::ViewError;
use crate::description::model::*;

/// The lists a build works through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PackageKind {
    /// `bootstrap`.
    Bootstrap,
    /// `image` and the section named like the image type.
    System,
    /// `delete`: removed by force.
    Delete,
    /// `uninstall`: removed with what depends on it.
    Uninstall,
    /// `systemfiles`.
    SystemFiles,
}

/// What the active sections of a kind hold. Each list is sorted by name and free of duplicates (the first stays).
#[derive(Debug, Clone, Default)]
pub struct PackageList<'a> {
    /// `<package>`.
    pub packages: Vec<&'a Item>,
    /// `<namedCollection>`.
    pub collections: Vec<&'a Item>,
    /// `<product>`.
    pub products: Vec<&'a Item>,
    /// `<collectionModule>`.
    pub modules: Vec<&'a Item>,
    /// `<ignore>`.
    pub ignores: Vec<&'a Item>,
    /// `<archive>`.
    pub archives: Vec<&'a Item>,
    /// `<file>`.
    pub files: Vec<&'a Item>,
    /// `patternType="plusRecommended"` in the first section that has the attribute.
    pub recommended: bool,
    /// `bootstrap_package` of the first section that has it (apt).
    pub bootstrap_package: Option<&'a At>,
}

/// One choice of profiles, type and architecture.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// The description.
    pub image: &'a Image,
    /// The selected profiles, each followed by those it requires.
    pub profiles: Arc<[Str]>,
    /// The machine name (`uname -m`).
    pub arch: Str,
    /// The active `<preferences>`, in order.
    pub preferences: Arc<[&'a Preferences]>,
    /// The chosen type.
    pub image_type: &'a ImageType,
    /// By kind, where they have been asked for.
    lists: OnceLock<Box<[OnceLock<PackageList<'a>>; 5]>>,
}

impl<'a> View<'a> {
    /// Selects. No profile asked for: those with `import="true"`. No type: the primary one, else the first.
    pub fn new(
        image: &'a Image,
        profiles: &[String],
        type_name: Option<&str>,
        arch: &str,
    ) -> Result<Self, ViewError> {
        let names: Vec<&str> = profiles.iter().map(String::as_str).collect();
        let selected = Profiles::new(image).select(&names, arch)?;
        let preferences = image.preferences.iter();
        let preferences = preferences
            .filter(|p| active(&p.filter, &selected, arch))
            .collect();
        Self::of_preferences(image, selected, preferences, type_name, &arch.into())
    }

    /// The same with the profiles that were selected, and the preferences that are active with them.
    pub(crate) fn of_preferences(
        image: &'a Image,
        profiles: Vec<Str>,
        preferences: Vec<&'a Preferences>,
        type_name: Option<&str>,
        arch: &Str,
    ) -> Result<Self, ViewError> {
        let mut types = preferences.iter().flat_map(|p| &p.types);
        let image_type = match type_name {
            // KIWI keeps the old name of a disk image alive.
            Some(name) => {
                let name = if name == "vmx" { "oem" } else { name };
                let all = types.clone();
                let found = types.find(|t| t.image.value.trim() == name);
                found.ok_or_else(|| ViewError::UnknownType {
                    name: name.to_owned(),
                    active: unique(all.map(|t| t.image.value.trim().to_owned())),
                })?
            }
            None => types
                .clone()
                .find(|t| t.element.attrs.bool("primary") == Some(true))
                .or(types.next())
                .ok_or_else(|| ViewError::NoType {
                    candidates: with_type(image),
                    profiles: profiles.iter().map(Str::to_string).collect(),
                })?,
        };
        Ok(Self {
            image,
            profiles: profiles.into(),
            arch: arch.clone(),
            preferences: preferences.into(),
            image_type,
            lists: OnceLock::new(),
        })
    }

    /// The same choice for another type of it, one of `preferences`.
    pub fn of_type(&self, image_type: &'a ImageType) -> Self {
        Self {
            image: self.image,
            profiles: self.profiles.clone(),
            arch: self.arch.clone(),
            preferences: self.preferences.clone(),
            image_type,
            lists: OnceLock::new(),
        }
    }

    /// True where a section or item with this filter is active.
    pub fn active(&self, filter: &Filter) -> bool {
        active(filter, &self.profiles, &self.arch)
    }

    /// `type/@NAME` of the chosen type.
    pub fn type_attr(&self, name: &str) -> Option<&'a str> {
        self.image_type.element.attrs.get(name)
    }

    /// The first element of that name in the active preferences.
    pub fn first(&self, name: &str) -> Option<&'a Element> {
        self.preferences.iter().find_map(|p| p.element.child(name))
    }

    /// The last element of that name in the active preferences.
    pub fn last(&self, name: &str) -> Option<&'a Element> {
        self.preferences.iter().rev().find_map(|p| p.element.child(name))
    }

    fn first_text(&self, name: &str) -> Option<&'a str> {
        self.first(name)
            .map(|e| e.text.as_str())
            .filter(|t| !t.is_empty())
    }

    fn last_text(&self, name: &str) -> Option<&'a str> {
        self.last(name).map(|e| e.text.as_str()).filter(|t| !t.is_empty())
    }

    fn first_bool(&self, name: &str) -> Option<bool> {
        self.first_text(name).map(|t| matches!(t, "true" | "1"))
    }

    /// The image version: the first given, as it stands in the result's file name.
    pub fn version(&self) -> Option<&'a str> {
        self.first_text("version")
    }

    /// `<release-version>`.
    pub fn release_version(&self) -> Option<&'a str> {
        self.first_text("release-version")
    }

    /// `<packagemanager>`, the first given; `dnf4` where there is none.
    pub fn package_manager(&self) -> &'a str {
        self.first_text("packagemanager").unwrap_or("dnf4")
    }

    /// The package that brings the package manager into the image.
    pub fn manager_package(&self) -> &'a str {
        match self.package_manager() {
            "dnf4" => "dnf",
            "apk" => "apk-tools",
            name => name,
        }
    }

    /// `<locale>`, the last given: a comma separated list.
    pub fn locale(&self) -> Option<&'a str> {
        self.last_text("locale")
    }

    /// `<keytable>`, the last given.
    pub fn keytable(&self) -> Option<&'a str> {
        self.last_text("keytable")
    }

    /// `<timezone>`, the last given.
    pub fn timezone(&self) -> Option<&'a str> {
        self.last_text("timezone")
    }

    /// `<rpm-check-signatures>`.
    pub fn rpm_check_signatures(&self) -> Option<bool> {
        self.first_bool("rpm-check-signatures")
    }

    /// `<rpm-excludedocs>`.
    pub fn rpm_excludedocs(&self) -> Option<bool> {
        self.first_bool("rpm-excludedocs")
    }

    /// `<rpm-locale-filtering>`.
    pub fn rpm_locale_filtering(&self) -> Option<bool> {
        self.first_bool("rpm-locale-filtering")
    }

    /// The active repositories, in order. `imageonly` ones are among them.
    pub fn repositories(&self) -> Vec<&'a Repository> {
        self.image
            .repositories
            .iter()
            .filter(|r| self.active(&r.filter))
            .collect()
    }

    /// The users of all active sections, in order.
    pub fn users(&self) -> Vec<&'a Element> {
        let sections = self.image.users.iter().filter(|u| self.active(&u.filter));
        sections.flat_map(|u| &u.users).collect()
    }

    /// The `<file>`s of all active `<drivers>`.
    pub fn drivers(&self) -> Vec<&'a Element> {
        self.sections(&self.image.drivers)
            .flat_map(|s| s.all("file"))
            .collect()
    }

    /// The active ones of `image.strip`, `image.containers`, `image.certificates`, `image.drivers`.
    pub fn sections(&self, of: &'a [Section]) -> impl Iterator<Item = &'a Element> + use<'a, '_> {
        of.iter().filter(|s| self.active(&s.filter)).map(|s| &s.element)
    }

    /// The `<packages>` sections that make up a list.
    pub fn package_sections(&self, kind: PackageKind) -> Vec<&'a Packages> {
        let own = self.image_type.image.value.trim();
        let wanted = |section: &&Packages| {
            let name = section.kind.value.trim();
            match kind {
                PackageKind::Bootstrap => name == "bootstrap",
                PackageKind::System => name == "image" || name == own,
                PackageKind::Delete => name == "delete",
                PackageKind::Uninstall => name == "uninstall",
                PackageKind::SystemFiles => name == "systemfiles",
            }
        };
        let sections = self.image.packages.iter().filter(|p| self.active(&p.filter));
        sections.filter(wanted).collect()
    }

    /// What the active sections of a kind hold, a copy.
    pub fn packages(&self, kind: PackageKind) -> PackageList<'a> {
        self.list(kind).clone()
    }

    /// What the active sections of a kind hold; read out at the first call.
    pub fn list(&self, kind: PackageKind) -> &PackageList<'a> {
        let [bootstrap, system, delete, uninstall, files] = &**self.lists.get_or_init(Default::default);
        let list = match kind {
            PackageKind::Bootstrap => bootstrap,
            PackageKind::System => system,
            PackageKind::Delete => delete,
            PackageKind::Uninstall => uninstall,
            PackageKind::SystemFiles => files,
        };
        list.get_or_init(|| self.read(kind))
    }

    /// One walk over the items: a list may hold a hundred thousand.
    fn read(&self, kind: PackageKind) -> PackageList<'a> {
        let sections = self.package_sections(kind);
        let mut out = PackageList {
            recommended: sections.iter().find_map(|s| s.element.attrs.get("patternType"))
                == Some("plusRecommended"),
            bootstrap_package: sections
                .iter()
                .find_map(|s| s.element.attrs.at("bootstrap_package")),
            ..PackageList::default()
        };
        for item in sections.iter().flat_map(|s| &s.items) {
            // KIWI honours `arch` on three of them only.
            let (list, filtered) = match item.kind {
                ItemKind::Package => (&mut out.packages, true),
                ItemKind::Collection => (&mut out.collections, true),
                ItemKind::Ignore => (&mut out.ignores, true),
                ItemKind::Product => (&mut out.products, false),
                ItemKind::Module => (&mut out.modules, false),
                ItemKind::Archive => (&mut out.archives, false),
                ItemKind::File => (&mut out.files, false),
            };
            if !filtered || self.active(item.filter()) {
                list.push(item);
            }
        }
        let all = [
            &mut out.packages,
            &mut out.collections,
            &mut out.ignores,
            &mut out.products,
            &mut out.modules,
            &mut out.archives,
            &mut out.files,
        ];
        for list in all {
            // Stable, so that of equal names the first stays.
            list.sort_by(|a, b| a.name.value.as_str().cmp(&b.name.value));
            list.dedup_by(|later, first| later.name.value == first.name.value);
        }
        out
    }
}

fn active(filter: &Filter, profiles: &[Str], arch: &str) -> bool {
    let profile = filter.profiles.is_empty() || filter.profiles.iter().any(|p| profiles.contains(&p.value));
    profile && for_arch(&filter.arches, arch)
}

fn unique(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for name in names {
        if out.len() < 5 && !out.contains(&name) {
            out.push(name);
        }
    }
    out
}

fn with_type(image: &Image) -> Vec<String> {
    let typed = image.preferences.iter().filter(|p| !p.types.is_empty());
    unique(
        typed
            .flat_map(|p| &p.filter.profiles)
            .map(|p| p.value.to_string()),
    )
}

/// The machine name that `uname -m` gives where this binary runs.
pub fn host_arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86" => "i686",
        "arm" => "armv7l",
        "powerpc64" if cfg!(target_endian = "little") => "ppc64le",
        "powerpc64" => "ppc64",
        arch => arch,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::description::{load_text, model::Image};

    const TEXT: &str = r#"<image schemaversion="7.5" name="a">
    <include from="this://more.xml"/>
    <profiles>
        <profile name="Base" description=""/>
        <profile name="Disk" description="" import="true"><requires profile="Base"/></profile>
        <profile name="Arm" description="" arch="aarch64"/>
    </profiles>
    <preferences><version>1.0.0</version><packagemanager>dnf</packagemanager><locale>en_US</locale></preferences>
    <preferences profiles="Disk,Other"><version>2.0.0</version><locale>de_DE</locale>
        <type image="iso"/><type image="oem" primary="true"/></preferences>
    <packages type="image"><package name="b"/><package name="a"/><package name="b"/><package name="z" arch="s390x"/></packages>
    <packages type="oem"><package name="grub"/></packages>
    <packages type="iso"><package name="live"/></packages>
    <packages type="image" profiles="Base"><package name="base"/><archive name="x.tar"/></packages>
</image>"#;

    fn image() -> Image {
        let more = r#"<image><packages type="bootstrap"><package name="filesystem"/></packages></image>"#;
        let read = |p: &std::path::Path| match p.to_str() {
            Some("d/more.xml") => Ok(more.as_bytes().to_vec()),
            _ => Err(std::io::ErrorKind::NotFound.into()),
        };
        let loaded = load_text(std::path::Path::new("d/config.xml"), TEXT.as_bytes(), &read);
        assert_eq!(loaded.diagnostics, []);
        loaded.image
    }

    fn names(items: &[&Item]) -> Vec<String> {
        items.iter().map(|i| i.name.value.to_string()).collect()
    }

    #[test]
    fn imported_profiles_pull_others_and_first_and_last_values_are_kiwis() {
        let image = image();
        let view = View::new(&image, &[], None, "x86_64").unwrap();
        assert_eq!(*view.profiles, ["Disk", "Base"]);
        assert_eq!(view.image_type.image.value, "oem");
        assert_eq!((view.version(), view.locale()), (Some("1.0.0"), Some("de_DE")));
        assert_eq!((view.package_manager(), view.manager_package()), ("dnf4", "dnf"));
        let list = view.packages(PackageKind::System);
        assert_eq!(names(&list.packages), ["a", "b", "base", "grub"]);
        assert_eq!(names(&list.archives), ["x.tar"]);
    }

    #[test]
    fn an_item_of_an_include_points_into_it() {
        let image = image();
        let view = View::new(&image, &[], Some("iso"), "x86_64").unwrap();
        let list = view.packages(PackageKind::Bootstrap);
        let name = &list.packages[0].name;
        assert_eq!(name.file.0, 1);
        assert_eq!(name.span.of(&image.files[1].text), "filesystem");
        assert_eq!(
            names(&view.packages(PackageKind::System).packages),
            ["a", "b", "base", "live"]
        );
    }

    #[test]
    fn what_cannot_be_selected_is_said_with_what_there_is() {
        let image = image();
        let say = |profiles: &[&str], kind, arch| {
            let profiles: Vec<_> = profiles.iter().map(|p| (*p).to_owned()).collect();
            let error = View::new(&image, &profiles, kind, arch).unwrap_err();
            format!("{}: {error}; {}", error.code(), error.help().unwrap_or_default())
        };
        let all = [
            say(&["Dsik"], None, "x86_64"),
            say(&["Arm"], None, "x86_64"),
            say(&["Base"], None, "x86_64"),
            say(&[], Some("pxe"), "x86_64"),
        ];
        expect_test::expect![[r#"
            unknown-profile: the description has no profile `Dsik`; declared: `Disk`, `Arm`, `Base`
            profile-arch: profile `Arm` is not for `x86_64`; 
            no-type: no `<type>` is active; select a profile with `--profile`: `Disk`, `Other`
            unknown-type: no active `<type>` has `image="pxe"`; active: `iso`, `oem`"#]]
        .assert_eq(&all.join("\n"));
    }

    #[test]
    fn an_include_that_is_missing_or_in_a_circle_is_found_at_the_statement() {
        let text = r#"<image schemaversion="8.5"><include from="this://config.xml"/><include from="gone.xml"/><include from="obs://x"/></image>"#;
        let read = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
        let loaded = load_text(std::path::Path::new("d/config.xml"), text.as_bytes(), &read);
        let all = loaded
            .diagnostics
            .iter()
            .map(|d| format!("{} {}", d.code, d.span.of(text)));
        let all: Vec<_> = all.collect();
        assert_eq!(
            all,
            [
                "include-cycle this://config.xml",
                "include-not-found gone.xml",
                "include-scheme obs://x"
            ]
        );
    }

    #[test]
    fn a_profile_may_be_declared_for_each_machine() {
        let text = TEXT.replace(
            r#"<profile name="Arm" description="" arch="aarch64"/>"#,
            r#"<profile name="Fleet" description="" arch="aarch64"><requires profile="Base"/></profile>
            <profile name="Fleet" description="" arch="x86_64"><requires profile="Disk"/></profile>"#,
        );
        let read = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
        let image = load_text(std::path::Path::new("d/config.xml"), text.as_bytes(), &read).image;
        let view = View::new(&image, &["Fleet".to_owned()], None, "x86_64").unwrap();
        assert_eq!(*view.profiles, ["Fleet", "Disk", "Base"]);
    }
}
