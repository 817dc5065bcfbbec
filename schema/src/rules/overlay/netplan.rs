//! Files of netplan in the overlay, or as a script writes them: keys that netplan does not know, for which it refuses the file.
//! Reads lines that hold one key each; passes over lists, and maps in one line.

use super::texts::{at_word, finding};
use crate::diagnostic::Diagnostic;
use crate::rules::found::{is_word, near};

/// Kinds of devices, and what else stands below `network`.
const KINDS: &[&str] = &[
    "version",
    "renderer",
    "ethernets",
    "wifis",
    "modems",
    "bridges",
    "bonds",
    "vlans",
    "vrfs",
    "tunnels",
    "dummy-devices",
    "virtual-ethernets",
    "nm-devices",
    "openvswitch",
];

/// Settings of a device.
const SETTINGS: &[&str] = &[
    "accept-ra",
    "access-points",
    "activation-mode",
    "addresses",
    "aging",
    "apn",
    "arp-proxy",
    "auth",
    "auto-config",
    "checksums",
    "critical",
    "delay-virtual-functions-rebind",
    "device-id",
    "dhcp-identifier",
    "dhcp4",
    "dhcp4-overrides",
    "dhcp6",
    "dhcp6-overrides",
    "do-not-fragment",
    "embedded-switch-mode",
    "emit-lldp",
    "extensions",
    "flow-label",
    "gateway4",
    "gateway6",
    "generic-receive-offload",
    "generic-segmentation-offload",
    "hairpin",
    "id",
    "ignore-carrier",
    "infiniband-mode",
    "interfaces",
    "ipv6-address-generation",
    "ipv6-address-token",
    "ipv6-mtu",
    "ipv6-privacy",
    "key",
    "keys",
    "large-receive-offload",
    "limit",
    "link",
    "link-local",
    "local",
    "mac-learning",
    "macaddress",
    "mark",
    "match",
    "mode",
    "mtu",
    "nameservers",
    "neigh-suppress",
    "network-id",
    "networkmanager",
    "notifications",
    "number",
    "openvswitch",
    "optional",
    "optional-addresses",
    "parameters",
    "password",
    "peer",
    "peers",
    "pin",
    "port",
    "port-mac-learning",
    "port-range",
    "ra-overrides",
    "receive-checksum-offload",
    "regulatory-domain",
    "remote",
    "renderer",
    "routes",
    "routing-policy",
    "set-name",
    "short-circuit",
    "sim-id",
    "sim-operator-id",
    "table",
    "tcp-segmentation-offload",
    "tcp6-segmentation-offload",
    "transmit-checksum-offload",
    "ttl",
    "type-of-service",
    "username",
    "virtual-function-count",
    "wakeonlan",
    "wakeonwlan",
];

/// What stands below some of them.
const BELOW: &[(&str, &[&str])] = &[
    ("nameservers", &["addresses", "search"]),
    ("match", &["name", "macaddress", "driver"]),
    ("dhcp4-overrides", OVERRIDES),
    ("dhcp6-overrides", OVERRIDES),
];

const OVERRIDES: &[&str] = &[
    "use-dns",
    "use-domains",
    "use-ntp",
    "use-hostname",
    "use-mtu",
    "use-routes",
    "send-hostname",
    "hostname",
    "route-metric",
];

/// Keys that people write for others, where no keystroke leads from one to the other.
const OTHER: &[(&str, &str)] = &[
    ("address", "addresses"),
    ("bond", "bonds"),
    ("bridge", "bridges"),
    ("dhcp", "dhcp4"),
    ("dns", "nameservers"),
    ("ethernet", "ethernets"),
    ("gateway", "gateway4"),
    ("ip", "addresses"),
    ("mac", "macaddress"),
    ("nameserver", "nameservers"),
    ("route", "routes"),
    ("vlan", "vlans"),
    ("wifi", "wifis"),
    ("wlans", "wifis"),
];

const THEN: &str = "the build goes through, and netplan refuses the file in the running system";

/// The first line that netplan does not take.
pub(in crate::rules) fn judge(text: &str) -> Option<Diagnostic> {
    tabs(text).or_else(|| keys(text))
}

fn keys(text: &str) -> Option<Diagnostic> {
    // What a tool fills in is not known.
    if text.contains("{{") || text.contains("${") {
        return None;
    }
    let mut above: Vec<(usize, &str)> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        let at = start + indent;
        start += line.len();
        let bare = line.trim();
        let own = bare;
        if bare.is_empty() || bare.starts_with(['#', '%']) || bare == "---" {
            continue;
        }
        // An item of a list may stand as far in as the key that it belongs to.
        let item = bare.starts_with('-');
        above.retain(|(other, _)| *other < indent + usize::from(item));
        if item {
            let path: Vec<&str> = above.iter().map(|(_, key)| *key).collect();
            if let ["network", _, _, "addresses"] = path.as_slice()
                && let Some(told) = prefixless(at, bare, bare.trim_start_matches(['-', ' ']))
            {
                return Some(told);
            }
            above.push((indent + 1, "-"));
            continue;
        }
        let Some((key, value)) = bare
            .split_once(':')
            .filter(|_| !bare.starts_with(['{', '[', '"']))
        else {
            continue;
        };
        let value = value.split(" #").next().unwrap_or("").trim();
        let path: Vec<&str> = above.iter().map(|(_, key)| *key).collect();
        above.push((indent, key));
        let gateway = value.trim_matches(['"', '\'']);
        if matches!(key, "via" | "gateway4")
            && let Some((bare, _)) = gateway.split_once('/').filter(|(a, _)| a.contains('.'))
        {
            let message =
                format!("netplan takes an address alone here, and `{gateway}` has the length of a prefix");
            return at_word(at, own, gateway, message, format!("did you mean `{bare}`?"), THEN);
        }
        let known = match path.as_slice() {
            [] => &["network"],
            ["network"] => KINDS,
            ["network", kind, _] if KINDS.contains(kind) && *kind != "openvswitch" => SETTINGS,
            ["network", _, _, .., last] => match BELOW.iter().find(|(name, _)| name == last) {
                Some((_, known)) => *known,
                None => continue,
            },
            _ => continue,
        };
        if !known.contains(&key) {
            let plain = is_word(key);
            let other = OTHER
                .iter()
                .find(|(name, _)| *name == key)
                .map(|(_, meant)| *meant);
            let meant = other
                .filter(|m| known.contains(m))
                .or_else(|| near(key, known.iter().copied()));
            let label = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "not one of netplan's".to_owned(),
            };
            let message = format!("netplan knows no key `{key}` here");
            return finding(at, key, message, label, THEN).filter(|_| plain);
        }
        if let (["network", _, _], "addresses") = (path.as_slice(), key)
            && let Some(list) = value.strip_prefix('[').and_then(|v| v.strip_suffix(']'))
            && let Some(told) = list.split(',').find_map(|word| prefixless(at, bare, word))
        {
            return Some(told);
        }
        let values: &[&str] = match key {
            "dhcp4" | "dhcp6" | "optional" | "critical" | "accept-ra" | "wakeonlan" if path.len() == 3 => &[
                "true", "false", "yes", "no", "on", "off", "True", "False", "Yes", "No",
            ],
            "version" if path == ["network"] => &["2"],
            "renderer" => &["networkd", "NetworkManager", "sriov"],
            _ => continue,
        };
        let given = value.trim_matches(['"', '\'']);
        if !given.is_empty() && !values.contains(&given) {
            let meant = near(given, values.iter().copied()).or_else(|| values.first().copied())?;
            let message = format!("netplan knows no value `{given}` of `{key}`");
            return at_word(at, bare, given, message, format!("did you mean `{meant}`?"), THEN);
        }
    }
    None
}

/// An address of a device without the length of its prefix.
fn prefixless(at: usize, line: &str, word: &str) -> Option<Diagnostic> {
    let word = word.trim().trim_matches(['"', '\'']);
    let numbers = word.split('.').filter(|n| n.parse::<u8>().is_ok()).count();
    if numbers != 4 || word.contains(|c: char| !(c.is_ascii_digit() || c == '.')) {
        return None;
    }
    let message = format!("netplan needs the length of a prefix behind the address `{word}`");
    at_word(at, line, word, message, format!("such as `{word}/24`"), THEN)
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
    fn keys_of_netplan_are_known_by_where_they_stand() {
        let file = |line: &str| {
            format!(
                "network:\n  version: 2\n  ethernets:\n    dhcp:\n      match:\n        name: e*\n      {line}\n"
            )
        };
        for (line, told) in [
            ("dhcp4: true", false),
            ("dhcp: true", true),
            ("addresses: [192.0.2.1/24]", false),
            ("adresses: [192.0.2.1/24]", true),
            ("addresses: [192.0.2.1]", true),
            ("addresses:\n      - 192.0.2.1/24\n      - \"192.0.2.2\"", true),
            ("addresses:\n        - 2001:db8::1/64", false),
            ("dhcp4: ture", true),
            ("gateway4: 192.0.2.1/24", true),
            ("routes:\n        - to: default\n          via: 192.0.2.1", false),
            (
                "routes:\n      - to: default\n        via: 192.0.2.1\n      mtu: 1400",
                false,
            ),
            (
                "routes:\n      - to: default\n        via: 192.0.2.1\n      mtus: 1400",
                true,
            ),
            ("nameservers:\n        adresses: [192.0.2.1]", true),
            ("renderer: networkmanager", true),
        ] {
            assert_eq!(judge(&file(line)).is_some(), told, "{line}");
        }
        assert!(judge("network:\n  version: 1\n").is_some());
        assert!(judge("network:\n  ethernet:\n    a: {dhcp4: true}\n").is_some());
    }
}
