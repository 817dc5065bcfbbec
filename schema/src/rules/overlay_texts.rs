//! What stands in files of the overlay that programs of the running system read: keys, sections and words that are slips of
//! those which their readers know. Knows the usual ones by name; says nothing about others, and runs nothing.

use super::code;
use super::files::Here;
use super::found::{Found, near};
use super::overlay_names::each;
use crate::description::model::File;
use crate::diagnostic::Diagnostic;
use crate::text::Span;

/// How a reader takes its lines apart.
struct Form {
    folder: &'static str,
    ending: &'static str,
    reader: &'static str,
    /// What stands between a key and its value.
    between: char,
    sections: &'static [&'static str],
    keys: &'static [&'static str],
    /// Keys that have few values.
    values: &'static [(&'static str, &'static [&'static str])],
    /// What becomes of the file.
    then: &'static str,
}

const FORMS: &[Form] = &[
    Form {
        folder: "etc/ssh/sshd_config.d",
        ending: ".conf",
        ..SSHD
    },
    Form {
        folder: "etc/ssh",
        ending: "sshd_config",
        ..SSHD
    },
    Form {
        folder: "etc/yum.repos.d",
        reader: "dnf",
        ..REPOSITORY
    },
    Form {
        folder: "etc/zypp/repos.d",
        reader: "zypper",
        ..REPOSITORY
    },
    Form {
        folder: "etc/systemd/network",
        ending: ".network",
        reader: "systemd-networkd",
        between: '=',
        sections: &[
            "Match",
            "Link",
            "Network",
            "Address",
            "Route",
            "RoutingPolicyRule",
            "NextHop",
            "Neighbor",
            "DHCPv4",
            "DHCPv6",
            "DHCPServer",
            "IPv6AcceptRA",
            "IPv6SendRA",
            "Bridge",
            "BridgeVLAN",
            "CAN",
            "LLDP",
        ],
        keys: &[
            "Address",
            "Bond",
            "Bridge",
            "ConfigureWithoutCarrier",
            "Description",
            "Destination",
            "DHCP",
            "DNS",
            "Domains",
            "Gateway",
            "IPForward",
            "IPMasquerade",
            "IPv6AcceptRA",
            "LinkLocalAddressing",
            "LLDP",
            "MACAddress",
            "MTUBytes",
            "MulticastDNS",
            "NTP",
            "RequiredForOnline",
            "RouteMetric",
            "UseDNS",
            "UseDomains",
            "UseRoutes",
            "VLAN",
        ],
        values: &[(
            "DHCP",
            &[
                "yes", "no", "ipv4", "ipv6", "true", "false", "on", "off", "both", "none", "v4", "v6", "1",
                "0",
            ],
        )],
        then: "the build goes through, and systemd-networkd leaves it aside in the running system",
    },
    Form {
        folder: "etc/dracut.conf.d",
        ending: ".conf",
        reader: "dracut",
        between: '=',
        sections: &[],
        keys: &[
            "add_device",
            "add_drivers",
            "add_dracutmodules",
            "add_fstab",
            "compress",
            "dracutmodules",
            "drivers",
            "early_microcode",
            "filesystems",
            "force_add_dracutmodules",
            "force_drivers",
            "fscks",
            "fw_dir",
            "hostonly",
            "hostonly_cmdline",
            "hostonly_mode",
            "i18n_default_font",
            "i18n_install_all",
            "i18n_vars",
            "install_items",
            "install_optional_items",
            "kernel_cmdline",
            "kernel_image",
            "libdirs",
            "logfile",
            "lvmconf",
            "mdadmconf",
            "nofscks",
            "omit_dracutmodules",
            "omit_drivers",
            "parallel",
            "persistent_policy",
            "reproducible",
            "ro_mnt",
            "show_modules",
            "squash_compress",
            "stdloglvl",
            "sysloglvl",
            "uefi",
            "uefi_stub",
            "use_fstab",
        ],
        values: &[],
        then: "the build goes through, and the initrd is made without it",
    },
];

const SSHD: Form = Form {
    folder: "",
    ending: "",
    reader: "sshd",
    between: ' ',
    sections: &[],
    keys: &[
        "AcceptEnv",
        "AddressFamily",
        "AllowAgentForwarding",
        "AllowGroups",
        "AllowTcpForwarding",
        "AllowUsers",
        "AuthenticationMethods",
        "AuthorizedKeysCommand",
        "AuthorizedKeysCommandUser",
        "AuthorizedKeysFile",
        "AuthorizedPrincipalsFile",
        "Banner",
        "ChallengeResponseAuthentication",
        "ChrootDirectory",
        "Ciphers",
        "ClientAliveCountMax",
        "ClientAliveInterval",
        "Compression",
        "DenyGroups",
        "DenyUsers",
        "ForceCommand",
        "GatewayPorts",
        "GSSAPIAuthentication",
        "GSSAPICleanupCredentials",
        "HostbasedAuthentication",
        "HostKey",
        "HostKeyAlgorithms",
        "IgnoreRhosts",
        "IgnoreUserKnownHosts",
        "Include",
        "IPQoS",
        "KbdInteractiveAuthentication",
        "KerberosAuthentication",
        "KexAlgorithms",
        "ListenAddress",
        "LoginGraceTime",
        "LogLevel",
        "MACs",
        "Match",
        "MaxAuthTries",
        "MaxSessions",
        "MaxStartups",
        "PasswordAuthentication",
        "PermitEmptyPasswords",
        "PermitListen",
        "PermitOpen",
        "PermitRootLogin",
        "PermitTTY",
        "PermitTunnel",
        "PermitUserEnvironment",
        "PermitUserRC",
        "PidFile",
        "Port",
        "PrintLastLog",
        "PrintMotd",
        "Protocol",
        "PubkeyAcceptedAlgorithms",
        "PubkeyAcceptedKeyTypes",
        "PubkeyAuthentication",
        "RekeyLimit",
        "RevokedKeys",
        "RSAAuthentication",
        "SetEnv",
        "StreamLocalBindUnlink",
        "StrictModes",
        "Subsystem",
        "SyslogFacility",
        "TCPKeepAlive",
        "TrustedUserCAKeys",
        "UseDNS",
        "UsePAM",
        "UsePrivilegeSeparation",
        "VersionAddendum",
        "X11DisplayOffset",
        "X11Forwarding",
        "X11UseLocalhost",
        "XAuthLocation",
    ],
    values: &[
        ("PasswordAuthentication", &["yes", "no"]),
        ("PubkeyAuthentication", &["yes", "no", "unbound", "host-bound"]),
        ("UsePAM", &["yes", "no"]),
        (
            "PermitRootLogin",
            &[
                "yes",
                "no",
                "prohibit-password",
                "without-password",
                "forced-commands-only",
            ],
        ),
    ],
    then: "the build goes through, and sshd refuses to start in the running system",
};

const REPOSITORY: Form = Form {
    folder: "",
    ending: ".repo",
    reader: "",
    between: '=',
    sections: &[],
    keys: &[
        "autorefresh",
        "baseurl",
        "cost",
        "countme",
        "enabled",
        "enabled_metadata",
        "exclude",
        "excludepkgs",
        "failovermethod",
        "fastestmirror",
        "gpgcheck",
        "gpgkey",
        "includepkgs",
        "keeppackages",
        "metadata_expire",
        "metalink",
        "mirrorlist",
        "module_hotfixes",
        "name",
        "password",
        "path",
        "pkg_gpgcheck",
        "priority",
        "proxy",
        "repo_gpgcheck",
        "service",
        "skip_if_unavailable",
        "sslcacert",
        "sslclientcert",
        "sslclientkey",
        "sslverify",
        "type",
        "username",
    ],
    values: &[],
    then: "the build goes through, and the package manager of the running system does without it, or refuses the file",
};

/// Judges the texts of one overlay.
pub(super) fn check(here: &Here<'_>, overlay: &str, found: &mut Found<'_>, files: &mut Vec<File>) {
    for form in FORMS {
        each(here, overlay, form.folder, found, files, |name, text| {
            name.ends_with(form.ending).then(|| form.judge(text)).flatten()
        });
    }
    each(here, overlay, "etc/sudoers.d", found, files, |_, text| {
        sudoers(here, text)
    });
    each(here, overlay, "etc/netplan", found, files, |_, text| tabs(text));
}

/// The lines that say something, without the space around them, with where they begin.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let at = start + line.len() - line.trim_start().len();
        start += line.len();
        let bare = line.trim();
        (!bare.is_empty() && !bare.starts_with(['#', ';'])).then_some((at, bare))
    })
}

fn finding(at: usize, word: &str, message: String, label: String, then: &str) -> Option<Diagnostic> {
    let known = code("overlay-file")?;
    let span = Span::new(at as u32, (at + word.len()) as u32);
    let mut one = Diagnostic::new(known.code, known.severity, known.source, span, message).label(label);
    one.help = Some(then.to_owned().into());
    Some(one)
}

impl Form {
    /// The first line that its reader does not take.
    fn judge(&self, text: &str) -> Option<Diagnostic> {
        lines(text).find_map(|(at, line)| self.line(at, line))
    }

    fn line(&self, at: usize, line: &str) -> Option<Diagnostic> {
        let reader = self.reader;
        if let Some(name) = line.strip_prefix('[') {
            let name = name.trim_end_matches(']');
            let plain = !self.sections.is_empty() && !self.sections.contains(&name);
            let meant = near(name, self.sections.iter().copied()).filter(|_| plain)?;
            let message = format!("{reader} knows no section `{name}`");
            return finding(
                at + 1,
                name,
                message,
                format!("did you mean `{meant}`?"),
                self.then,
            );
        }
        let end = line.find(|c: char| c.is_whitespace() || c == '=' || c == '+');
        let key = line.get(..end?)?;
        let same = self.keys.iter().find(|k| k.eq_ignore_ascii_case(key));
        let Some(known) = same else {
            let meant = near(key, self.keys.iter().copied()).filter(|_| key.len() > 3)?;
            // Another number, or a plural, may be another setting.
            let digits = |w: &str| w.bytes().filter(u8::is_ascii_digit).count();
            if digits(key) != digits(meant) {
                return None;
            }
            let message = format!("{reader} knows no setting `{key}`");
            return finding(at, key, message, format!("did you mean `{meant}`?"), self.then);
        };
        let from = match self.between {
            ' ' => end?,
            other => line.find(other)? + 1,
        };
        let rest = line.get(from..)?;
        let value = rest.trim();
        let place = at + from + rest.len() - rest.trim_start().len();
        if *known == "baseurl" && self.ending == ".repo" {
            return address(place, value, self.then);
        }
        let (_, values) = self.values.iter().find(|(k, _)| k == known)?;
        let value = value.split([' ', '\t', '#']).next().unwrap_or("");
        let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && !value.is_empty();
        if !plain || values.iter().any(|v| v.eq_ignore_ascii_case(value)) {
            return None;
        }
        let message = format!("{reader} knows no value `{value}` of `{key}`");
        let all: Vec<String> = values.iter().take(4).map(|v| format!("`{v}`")).collect();
        let meant = near(value, values.iter().copied());
        let label = meant.map_or_else(|| all.join(" or "), |meant| format!("did you mean `{meant}`?"));
        finding(place, value, message, label, self.then)
    }
}

/// An address without the sign between its scheme and its server, or with a scheme that is a slip of one.
fn address(at: usize, value: &str, then: &str) -> Option<Diagnostic> {
    const SCHEMES: &[&str] = &[
        "http", "https", "ftp", "file", "dir", "hd", "cd", "dvd", "iso", "nfs", "cifs", "smb", "media",
        "plugin",
    ];
    let (scheme, slip) = match value.split_once("://") {
        Some((scheme, _)) => (scheme, !SCHEMES.contains(&scheme)),
        None => (value.split([':', '/']).next()?, true),
    };
    let meant = SCHEMES.iter().copied().find(|s| *s == scheme);
    let meant = meant.or_else(|| near(scheme, SCHEMES.iter().copied().filter(|s| s.len() > 3)))?;
    if !slip || value.contains(['$', '{', '@', '%']) && meant == scheme {
        return None;
    }
    let message = format!("the address `{value}` has no scheme that is known");
    finding(at, value, message, format!("did you mean `{meant}://`?"), then)
}

/// Tags of sudo's rules.
const TAGS: &[&str] = &[
    "PASSWD",
    "NOPASSWD",
    "EXEC",
    "NOEXEC",
    "SETENV",
    "NOSETENV",
    "FOLLOW",
    "NOFOLLOW",
    "MAIL",
    "NOMAIL",
    "INTERCEPT",
    "NOINTERCEPT",
    "LOG_INPUT",
    "NOLOG_INPUT",
    "LOG_OUTPUT",
    "NOLOG_OUTPUT",
];

/// A rule for an account that is a slip of a described one, or with a tag that sudo does not know.
fn sudoers(here: &Here<'_>, text: &str) -> Option<Diagnostic> {
    let users = || here.image.users.iter().flat_map(|s| &s.users);
    let known: Vec<&str> = users().filter_map(|u| u.attrs.get("name")).collect();
    lines(text).find_map(|(at, line)| {
        let (head, rule) = line.split_once('=').filter(|_| !line.starts_with("Defaults") && !line.contains("_Alias"))?;
        let who = head.split([' ', '\t']).next().unwrap_or("");
        let plain = who.len() > 3 && who.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b == b'_');
        let own = known.contains(&who) || super::groups::GROUPS.contains(&who);
        if let Some(meant) = near(who, known.iter().copied()).filter(|_| plain && !own) {
            let message = format!("no account `{who}` is described");
            let then = "the build goes through, and the account that is meant may not use sudo in the running system";
            return finding(at, who, message, format!("did you mean `{meant}`?"), then);
        }
        let mut from = at + head.len() + 1;
        for part in rule.split_inclusive([' ', '\t', ')', ':', ',']) {
            let word = part.trim_end_matches(':');
            let tag = part.ends_with(':') && word.len() > 3 && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
            if tag && !TAGS.contains(&word) && let Some(meant) = near(word, TAGS.iter().copied()) {
                let message = format!("sudo knows no tag `{word}`");
                let then = "the build goes through, and sudo refuses the file in the running system";
                return finding(from, word, message, format!("did you mean `{meant}`?"), then);
            }
            from += part.len();
        }
        None
    })
}

/// A tab before a key, where only blanks may stand.
fn tabs(text: &str) -> Option<Diagnostic> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let lead = line.len() - line.trim_start().len();
        if let Some(tab) = line
            .get(..lead)
            .and_then(|l| l.find('\t'))
            .filter(|_| !line.trim().is_empty())
        {
            let message = "a tab stands where YAML takes only blanks".to_owned();
            let then = "the build goes through, and netplan refuses the file in the running system";
            return finding(start + tab, "\t", message, "blanks are expected".to_owned(), then);
        }
        start += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_a_slip_of_another_and_slips_are_told() {
        for form in FORMS {
            for key in form.keys {
                let line = format!("{key}{}x", form.between);
                let told = form
                    .line(0, &line)
                    .filter(|d| d.message.to_string().contains("setting"));
                assert!(told.is_none(), "{key}");
            }
        }
        for (form, line, told) in [
            (&SSHD, "PasswordAuthentification no", true),
            (&SSHD, "passwordauthentication no", false),
            (&SSHD, "PermitRootLogin nope", true),
            (&SSHD, "Match User x", false),
            (&REPOSITORY, "baseurl=https//example.org/x", true),
            (&REPOSITORY, "baseurl=https://example.org/$basearch", false),
            (&REPOSITORY, "gpgchek=1", true),
            (&REPOSITORY, "x-vendor=1", false),
        ] {
            assert_eq!(form.line(0, line).is_some(), told, "{line}");
        }
    }
}
