//! Settings of system files that a script of a build changes: names that are slips of the pen, values that are none. Knows the
//! usual ones by name; runs nothing.

use super::Script;
use crate::rules::boot::selinux::MODES;
use crate::rules::found::near;

/// Settings that scripts change by KIWI's helper.
const KEYS: &[&str] = &[
    "DISPLAYMANAGER",
    "DISPLAYMANAGER_AUTOLOGIN",
    "DISPLAYMANAGER_XSERVER_TCP_PORT_6000_OPEN",
    "DEFAULT_WM",
    "DEFAULT_TIMEZONE",
    "TIMEZONE",
    "HWCLOCK",
    "KEYTABLE",
    "RC_LANG",
    "ROOT_USES_LANG",
    "INSTALLED_LANGUAGES",
    "NETCONFIG_DNS_POLICY",
    "NETCONFIG_DNS_STATIC_SERVERS",
    "NETWORK_INTERFACE_REGEX",
    "LOADER_TYPE",
    "SNAPPER_CONFIGS",
    "CONSOLE_FONT",
    "POLKIT_DEFAULT_PRIVS",
    "POSTFIX_LISTEN",
    "CRON_DAILY",
    "DHCLIENT_SET_HOSTNAME",
    "WRITE_HOSTNAME_TO_HOSTS",
];

/// What logs people in.
const MANAGERS: &[&str] = &["gdm", "sddm", "lightdm", "lxdm", "xdm", "kdm", "console", "tdm"];

impl Script<'_> {
    /// Settings of system files that are slips of the pen, or have a value that is none.
    pub(super) fn settings(&mut self, at: usize, line: &str) {
        // `SELINUX=enforced`
        if let Some(value) = line.rsplit_once("SELINUX=").map(|(_, rest)| rest) {
            let end = value
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(value.len());
            let value = value.get(..end).unwrap_or("");
            if value.len() > 3 && !MODES.contains(&value) {
                let meant = match value {
                    "enforced" | "enforce" | "enabled" | "on" => Some("enforcing"),
                    "permit" | "permitting" => Some("permissive"),
                    other => near(other, MODES.iter().copied()),
                };
                let message = format!("SELinux has no mode `{value}`");
                let label = match meant {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "`enforcing`, `permissive` or `disabled`".to_owned(),
                };
                self.tell(
                    at,
                    line,
                    value,
                    message,
                    &label,
                    "the build goes through, and the running system takes its default",
                );
            }
        }
        let mut words = line.split_whitespace();
        if words.next() != Some("baseUpdateSysConfig") {
            return;
        }
        let (Some(_), Some(key), value) = (words.next(), words.next(), words.next()) else {
            return;
        };
        if value.is_none()
            && let Some((name, given)) = key.split_once('=')
            && !name.contains(['$', '"', '\''])
        {
            let (message, label) = (
                "`baseUpdateSysConfig` takes a setting and its value as two words".to_owned(),
                format!("did you mean `{name} {given}`?"),
            );
            self.tell(
                at,
                line,
                key,
                message,
                &label,
                "the build goes through, and the setting stays as it was",
            );
            return;
        }
        // One keystroke, and no number: settings of one kind are often alike.
        let near = |word: &str, all: &'static [&'static str]| {
            let close = |k: &&str| crate::rules::found::one_keystroke(k, word);
            let plain = !all.contains(&word) && !word.bytes().any(|b| b.is_ascii_digit());
            all.iter().copied().find(close).filter(|_| plain)
        };
        if let Some(meant) = near(key, KEYS) {
            let (message, label) = (
                format!("no system file has a setting `{key}`"),
                format!("did you mean `{meant}`?"),
            );
            self.tell(
                at,
                line,
                key,
                message,
                &label,
                "the build goes through, and nobody reads the setting",
            );
        } else if let Some(value) = value.map(|v| v.trim_matches(['"', '\'']))
            && let Some((what, meant)) = match key {
                "KEYTABLE" | "YAST_KEYBOARD" => {
                    crate::rules::system::keymap_slip(value).map(|m| ("keyboard map", m))
                }
                "TIMEZONE" | "DEFAULT_TIMEZONE" => {
                    crate::rules::system::zone_slip(value).map(|m| ("time zone", m))
                }
                _ => None,
            }
        {
            let (message, label) = (
                format!("no {what} is known as `{value}`"),
                format!("did you mean `{meant}`?"),
            );
            let then = "the build goes through, and the running system keeps its default";
            self.tell(at, line, value, message, &label, then);
        } else if key == "DISPLAYMANAGER"
            && let Some(value) = value.map(|v| v.trim_matches(['"', '\'']))
            && let Some(meant) = near(value, MANAGERS).filter(|_| value.len() > 3).or_else(|| {
                MANAGERS
                    .iter()
                    .copied()
                    .find(|k| crate::rules::packages::misspelt::exchanged(k, value))
            })
        {
            let (message, label) = (
                format!("no display manager is known as `{value}`"),
                format!("did you mean `{meant}`?"),
            );
            self.tell(
                at,
                line,
                value,
                message,
                &label,
                "the build goes through, and the running system starts another",
            );
        }
    }
}
