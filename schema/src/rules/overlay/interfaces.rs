//! Interfaces of the network in small files of the overlay: those of ifupdown, and those that SUSE and Fedora kept one in a
//! file. Knows the usual settings by name; says nothing about others.

use super::texts::{at_word, finding, lines};
use super::values::THEN;
use crate::diagnostic::Diagnostic;
use crate::rules::filled::filled;
use crate::rules::found::near;

/// Settings of an interface, with values that they take where those are few.
const INTERFACE: &[(&str, &[&str])] = &[
    (
        "BOOTPROTO",
        &[
            "dhcp",
            "dhcp4",
            "dhcp6",
            "static",
            "none",
            "auto4",
            "auto6",
            "autoip",
            "dhcp+autoip",
            "ibft",
            "bootp",
            "shared",
            "6to4",
        ],
    ),
    (
        "STARTMODE",
        &["auto", "onboot", "manual", "off", "hotplug", "ifplugd", "nfsroot"],
    ),
    ("ONBOOT", &["yes", "no"]),
    ("IPADDR", &[]),
    ("NETMASK", &[]),
    ("PREFIXLEN", &[]),
    ("GATEWAY", &[]),
    ("DEVICE", &[]),
    ("HWADDR", &[]),
    ("DHCLIENT_SET_HOSTNAME", &[]),
    ("DHCLIENT_SET_DEFAULT_ROUTE", &[]),
    ("BOOTPROTO6", &[]),
];

/// A setting of an interface that is a slip of one, or a value that it does not take.
pub(super) fn of_sysconfig(text: &str) -> Option<Diagnostic> {
    let then = "the build goes through, and the running system does not set up the interface as it is meant";
    lines(text).find_map(|(at, line)| {
        let (key, value) = line.split_once('=')?;
        let Some((_, values)) = INTERFACE.iter().find(|(k, _)| *k == key) else {
            let plain = key.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') && key.len() > 5;
            let close =
                |k: &&str| crate::rules::found::one_keystroke(k, key) && !crate::rules::found::plural(key, k);
            let meant = INTERFACE.iter().map(|(k, _)| *k).find(close).filter(|_| plain)?;
            let message = format!("settings of an interface have no `{key}`");
            return finding(at, key, message, format!("did you mean `{meant}`?"), then);
        };
        let value = value
            .split('#')
            .next()
            .unwrap_or(value)
            .trim()
            .trim_matches(['"', '\'']);
        let odd =
            !values.is_empty() && !value.is_empty() && !values.iter().any(|v| v.eq_ignore_ascii_case(value));
        if !odd || filled(value) {
            return None;
        }
        let label = match near(&value.to_ascii_lowercase(), values.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("such as `{}`", values.first()?),
        };
        let from = at + crate::rules::found::offset(value, line);
        finding(from, value, format!("`{key}` is never `{value}`"), label, then)
    })
}

/// What is wrong with a table of ifupdown: an interface that is started under another name than it is set up by, and ways
/// to set one up that there are not.
pub(super) fn judge(text: &str) -> Option<Diagnostic> {
    const FAMILIES: &[&str] = &["inet", "inet6", "can"];
    const METHODS: &[&str] = &[
        "dhcp", "static", "manual", "loopback", "auto", "ppp", "tunnel", "wvdial", "bootp", "v4tunnel",
        "6to4",
    ];
    let word = |line: &str, first: &[&str]| {
        let mut words = line.split_whitespace();
        words.next().filter(|w| first.contains(w))?;
        words.next().map(str::to_owned)
    };
    let shown = |first: &[&str]| -> Vec<String> { lines(text).filter_map(|(_, l)| word(l, first)).collect() };
    let started = shown(&["auto", "allow-hotplug"]);
    if let [own] = shown(&["iface"]).as_slice()
        && let [other] = started.as_slice()
        && own != other
        && !text.contains("source")
        && let Some((at, line)) = lines(text).find(|(_, l)| word(l, &["auto", "allow-hotplug"]).is_some())
        && !other.contains(['/', '*'])
    {
        let message = format!("`{other}` is started here, and `{own}` is set up");
        let from = at + line.rfind(other.as_str())?;
        return finding(from, other, message, format!("did you mean `{own}`?"), THEN);
    }
    if let Some(told) = unstarted(text, &started, &shown(&["iface"])) {
        return Some(told);
    }
    lines(text).find_map(|(at, line)| {
        let mut words = line.split_whitespace();
        let (first, _, family) = (words.next()?, words.next(), words.next());
        let family = family.filter(|_| first == "iface")?;
        let close = |f: &&&str| crate::rules::found::one_keystroke(f, family) && !FAMILIES.contains(&family);
        if let Some(meant) = FAMILIES.iter().find(close) {
            let message = format!("ifupdown knows no kind of address `{family}`");
            return at_word(
                at,
                line,
                family,
                message,
                format!("did you mean `{meant}`?"),
                THEN,
            );
        }
        let method = words.next()?;
        let meant = near(method, METHODS.iter().copied()).filter(|_| !METHODS.contains(&method))?;
        let message = format!("ifupdown knows no way `{method}` to set up an interface");
        at_word(
            at,
            line,
            method,
            message,
            format!("did you mean `{meant}`?"),
            THEN,
        )
    })
}

/// The one interface that is started and not set up, and the one that is set up and not started, are nearly called the same.
fn unstarted(text: &str, started: &[String], shown: &[String]) -> Option<Diagnostic> {
    let alone = |of: &[String], other: &[String]| {
        let mut left = of.iter().filter(|n| !other.contains(n));
        left.next().filter(|_| left.next().is_none()).cloned()
    };
    let (asked, set) = (alone(started, shown)?, alone(shown, started)?);
    let near = crate::rules::found::one_keystroke(&asked, &set)
        || crate::rules::packages::misspelt::exchanged(&asked, &set);
    if !near || text.contains("source") || asked.contains(['/', '*']) {
        return None;
    }
    // Kernels call them by these, with a number.
    let usual = |n: &str| {
        let stem = n.trim_end_matches(|c: char| c.is_ascii_digit());
        stem.len() < n.len()
            && matches!(
                stem,
                "eth" | "ens" | "eno" | "br" | "bond" | "wlan" | "vmbr" | "usb"
            )
            || n.starts_with("enp")
            || n.starts_with("wlp")
    };
    let (odd, meant, keys): (&str, &str, &[&str]) = if usual(&asked) && !usual(&set) {
        (&set, &asked, &["iface"])
    } else {
        (&asked, &set, &["auto", "allow-hotplug"])
    };
    lines(text).find_map(|(at, line)| {
        let mut words = line.split_whitespace();
        words.next().filter(|w| keys.contains(w))?;
        let word = words.find(|w| *w == odd)?;
        let message = format!("`{asked}` is started, and `{set}` is set up");
        at_word(at, line, word, message, format!("did you mean `{meant}`?"), THEN)
    })
}
