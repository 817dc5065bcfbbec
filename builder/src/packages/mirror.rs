//! The mirror and the proxies that the host's own apt is configured with (`--mirror host`). Reads files only.

use std::path::{Path, PathBuf};

use super::deb822;

/// What the host's apt configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostMirror {
    /// `debian` or `ubuntu`.
    pub distribution: String,
    /// The archive's address.
    pub archive: Option<String>,
    /// Its security archive's address.
    pub security: Option<String>,
    /// `Acquire::http::Proxy`, where apt is told one; else the environment's holds.
    pub http_proxy: Option<String>,
    /// `Acquire::https::Proxy`, where apt is told one.
    pub https_proxy: Option<String>,
}

/// One line of sources: an address with a suite.
struct Source {
    uri: String,
    suite: String,
    components: Vec<String>,
    signed_by: String,
}

impl HostMirror {
    /// Reads `/etc/apt`. None on a host that is neither Debian nor Ubuntu, or whose apt has no archive configured.
    pub fn detect() -> Option<HostMirror> {
        HostMirror::read(Path::new("/"))
    }

    /// The same below another root.
    pub fn read(root: &Path) -> Option<HostMirror> {
        let release =
            text(&root.join("etc/os-release")).or_else(|| text(&root.join("usr/lib/os-release")))?;
        let value = |key: &str| {
            let line = release
                .lines()
                .find_map(|l| l.strip_prefix(key)?.strip_prefix('='));
            line.unwrap_or("").trim().trim_matches('"').to_owned()
        };
        let (id, codename) = (value("ID"), value("VERSION_CODENAME"));
        if !matches!(id.as_str(), "debian" | "ubuntu") {
            return None;
        }
        let apt = root.join("etc/apt");
        let mut sources = one_line(&text(&apt.join("sources.list")).unwrap_or_default());
        for file in files(&apt.join("sources.list.d")) {
            let text = text(&file).unwrap_or_default();
            match file.extension().and_then(|e| e.to_str()) {
                Some("list") => sources.extend(one_line(&text)),
                Some("sources") => sources.extend(paragraphs(&text)),
                _ => {}
            }
        }
        let is_security = |s: &Source| s.suite.ends_with("-security") || s.suite.ends_with("/updates");
        let best = |security: bool| {
            let fit = |s: &&Source| rank(s, &id, &codename) > 0 && is_security(s) == security;
            let mut found: Vec<&Source> = sources.iter().filter(fit).collect();
            found.sort_by_key(|s| std::cmp::Reverse(rank(s, &id, &codename)));
            found.first().map(|s| s.uri.clone())
        };
        let mut settings = String::new();
        for file in files(&apt.join("apt.conf.d"))
            .into_iter()
            .chain([apt.join("apt.conf")])
        {
            settings.push_str(&text(&file).unwrap_or_default());
            settings.push('\n');
        }
        let settings = options(&settings);
        let proxy = |name: &str| {
            let last = settings
                .iter()
                .rev()
                .find(|(key, _)| key.eq_ignore_ascii_case(name));
            last.map(|(_, value)| value.clone())
                .filter(|v| !v.is_empty() && !v.eq_ignore_ascii_case("direct"))
        };
        let mirror = HostMirror {
            archive: best(false),
            security: best(true),
            http_proxy: proxy("Acquire::http::Proxy"),
            https_proxy: proxy("Acquire::https::Proxy").or_else(|| proxy("Acquire::http::Proxy")),
            distribution: id,
        };
        (mirror.archive.is_some() || mirror.security.is_some()).then_some(mirror)
    }

    /// The host's address for a repository of a description, where that is an archive of the host's distribution.
    pub fn replace(&self, uri: &str, suite: &str, components: &[String]) -> Option<String> {
        let url = url::Url::parse(uri).ok()?;
        let (host, path) = (url.host_str()?, url.path().trim_end_matches('/'));
        let domain = if self.distribution == "ubuntu" {
            "ubuntu.com"
        } else {
            "debian.org"
        };
        let official = host == domain || host.strip_suffix(domain).is_some_and(|h| h.ends_with('.'));
        let plain = ["", "/pub", "/mirrors", "/mirror"].iter().any(|head| {
            path.strip_prefix(head).is_some_and(|rest| {
                rest == format!("/{}", self.distribution)
                    || rest == format!("/{}-security", self.distribution)
            })
        });
        let core = components.iter().any(|c| c.rsplit('/').next() == Some("main"));
        let archive = matches!(path.rsplit('/').next(), Some(last) if last.starts_with(self.distribution.as_str()) || official && last.is_empty());
        if !core || !(official && archive || plain) {
            return None;
        }
        // Ports, debug symbols and backports of old releases live elsewhere and are not mirrored beside the archive.
        if host.starts_with("ports.") || host.starts_with("archive.debian") || path.contains("-debug") {
            return None;
        }
        let security = suite.ends_with("/updates") || suite.ends_with("-security");
        if security {
            self.security.clone().or_else(|| self.ubuntu_archive())
        } else {
            self.archive.clone()
        }
    }

    /// Ubuntu's mirrors carry `-security` beside the rest.
    fn ubuntu_archive(&self) -> Option<String> {
        self.archive.clone().filter(|_| self.distribution == "ubuntu")
    }
}

/// How sure it is that a source is the distribution's own archive; 0 for not.
fn rank(source: &Source, id: &str, codename: &str) -> u32 {
    let scheme = source.uri.starts_with("http://") || source.uri.starts_with("https://");
    let own = source.suite == codename
        || source
            .suite
            .strip_prefix(codename)
            .is_some_and(|rest| rest.starts_with(['-', '/']));
    let rolling = ["stable", "testing", "unstable", "sid", "oldstable"].contains(&source.suite.as_str());
    if !scheme
        || !(own || rolling)
        || !source
            .components
            .iter()
            .any(|c| c.rsplit('/').next() == Some("main"))
    {
        return 0;
    }
    let keyring = source.signed_by.contains(&format!("{id}-archive"));
    let named = source.uri.contains(id);
    match (keyring, named, source.suite == codename) {
        (true, _, true) => 4,
        (true, ..) => 3,
        (false, true, true) => 2,
        (false, true, false) => 1,
        (false, false, _) => 0,
    }
}

fn text(path: &Path) -> Option<String> {
    let fits = std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() < 4 << 20);
    fits.then(|| std::fs::read(path).ok())
        .flatten()
        .map(|b| String::from_utf8_lossy(&b).into_owned())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .collect();
    files.sort();
    files
}

/// `deb [signed-by=…] URI SUITE COMPONENT…`
fn one_line(text: &str) -> Vec<Source> {
    let read = |line: &str| {
        let line = line.split('#').next()?.trim();
        let mut rest = line.strip_prefix("deb")?.trim_start();
        if rest.len() == line.len() - 3 {
            return None;
        }
        let mut signed_by = String::new();
        if let Some(inner) = rest.strip_prefix('[') {
            let (options, after) = inner.split_once(']')?;
            signed_by = options
                .split_whitespace()
                .find_map(|o| o.strip_prefix("signed-by="))
                .unwrap_or("")
                .to_owned();
            rest = after;
        }
        let mut words = rest.split_whitespace();
        let (uri, suite) = (words.next()?, words.next()?);
        let components = words.map(str::to_owned).collect();
        Some(Source {
            uri: uri.trim_end_matches('/').to_owned(),
            suite: suite.to_owned(),
            components,
            signed_by,
        })
    };
    text.lines().filter_map(read).collect()
}

/// deb822 sources.
fn paragraphs(text: &str) -> Vec<Source> {
    let mut sources = Vec::new();
    for paragraph in deb822::all(text) {
        let words = |name: &str| {
            paragraph
                .get(name)
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let off =
            ["no", "false", "0", "off"].contains(&paragraph.get("Enabled").to_ascii_lowercase().as_str());
        if off || !words("Types").iter().any(|t| t == "deb") {
            continue;
        }
        for uri in words("URIs") {
            for suite in words("Suites") {
                sources.push(Source {
                    uri: uri.trim_end_matches('/').to_owned(),
                    suite,
                    components: words("Components"),
                    signed_by: paragraph.get("Signed-By").to_owned(),
                });
            }
        }
    }
    sources
}

/// apt.conf(5): `A::B "value";` and `A { B "value"; };`, comments of three kinds.
fn options(text: &str) -> Vec<(String, String)> {
    let (mut found, mut scope, mut words): (Vec<(String, String)>, Vec<usize>, Vec<String>) =
        Default::default();
    let mut prefix: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c.is_whitespace() {
            rest = rest.trim_start();
        } else if rest.starts_with("//") || c == '#' {
            rest = rest.split_once('\n').map_or("", |(_, r)| r);
        } else if rest.starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, r)| r);
        } else if let Some(inner) = rest.strip_prefix('"') {
            let (word, after) = inner.split_once('"').unwrap_or((inner, ""));
            words.push(word.to_owned());
            rest = after;
        } else if c == '{' {
            let name = words.first().cloned().unwrap_or_default();
            scope.push(prefix.len());
            prefix.push(name);
            words.clear();
            rest = &rest[1..];
        } else if c == '}' || c == ';' {
            if let (Some(name), Some(value)) = (words.first(), words.get(1)) {
                let key = prefix
                    .iter()
                    .map(String::as_str)
                    .chain([name.as_str()])
                    .collect::<Vec<_>>()
                    .join("::");
                found.push((key, value.clone()));
            }
            words.clear();
            if c == '}' {
                prefix.truncate(scope.pop().unwrap_or(0));
            }
            rest = &rest[1..];
        } else {
            let end = rest
                .find(|c: char| c.is_whitespace() || "{};\"".contains(c))
                .unwrap_or(rest.len());
            words.push(rest[..end].to_owned());
            rest = &rest[end..];
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(files: &[(&str, &str)]) -> Option<HostMirror> {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        HostMirror::read(dir.path())
    }

    const DEBIAN: (&str, &str) = ("etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n");

    #[test]
    fn the_host_s_mirror_is_found_in_both_formats_among_others() {
        let mirror = host(&[
            DEBIAN,
            ("etc/apt/sources.list", "# deb http://old/debian bookworm main\ndeb https://vendor.example/apt bookworm main\ndeb-src http://m.example/debian bookworm main\n"),
            (
                "etc/apt/sources.list.d/debian.sources",
                "Types: deb\nURIs: http://m.example/debian/\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\nTypes: deb\nURIs: http://m.example/sec\nSuites: bookworm-security\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n",
            ),
            ("etc/apt/apt.conf.d/01proxy", "Acquire { http { Proxy \"http://proxy.example:3142\"; }; };\n// end\nAcquire::https::Proxy \"DIRECT\";"),
        ])
        .unwrap();
        assert_eq!(mirror.archive.as_deref(), Some("http://m.example/debian"));
        assert_eq!(mirror.security.as_deref(), Some("http://m.example/sec"));
        assert_eq!(mirror.http_proxy.as_deref(), Some("http://proxy.example:3142"));
        let main = ["main".to_owned()];
        let replaced = |uri: &str, suite: &str| mirror.replace(uri, suite, &main);
        assert_eq!(
            replaced("https://ftp.debian.org/debian", "trixie").as_deref(),
            Some("http://m.example/debian")
        );
        assert_eq!(
            replaced("https://deb.debian.org/debian-security", "bookworm-security").as_deref(),
            Some("http://m.example/sec")
        );
        for other in [
            "https://pkg.vendor.example/linux/debian",
            "https://archive.ubuntu.com/ubuntu",
            "https://apt.vendor.example/",
            "https://evildebian.org/x",
        ] {
            assert_eq!(replaced(other, "bookworm"), None, "{other}");
        }
    }

    #[test]
    fn one_line_sources_with_options_serve_and_other_systems_have_none() {
        let mirror = host(&[
            DEBIAN,
            (
                "etc/apt/sources.list",
                "deb [arch=amd64 signed-by=/k/debian-archive.gpg] http://h/x/ bookworm main # it\n",
            ),
        ]);
        assert_eq!(mirror.unwrap().archive.as_deref(), Some("http://h/x"));
        assert_eq!(host(&[("etc/os-release", "ID=opensuse-leap\n")]), None);
        assert_eq!(host(&[DEBIAN]), None);
    }
}
