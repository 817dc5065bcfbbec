//! Units that are switched on, and are called as a package of the distribution is which no list names. Knows the names of packages;
//! leaves aside what other packages bring along.

use super::Script;
use super::names::{ASKS, FEW, brings_much, overlay_has, place, says};
use super::unit_tables::BROUGHT;
use crate::rules::files::Here;
use crate::rules::packages::lists;

/// Units of packages that others need or that every system has.
const ALONG: &[&str] = &[
    "accountsservice",
    "acpid",
    "anacron",
    "apparmor",
    "at",
    "auditd",
    "avahi",
    "bluez",
    "chrony",
    "cockpit",
    "colord",
    "cpupower",
    "cron",
    "cronie",
    "cups",
    "dbus",
    "dbus-broker",
    "dhcpcd",
    "dmraid",
    "e2scrub",
    "fwupd",
    "fstrim",
    "geoclue",
    "gpm",
    "gssproxy",
    "haveged",
    "irqbalance",
    "iscsid",
    "kbd",
    "kexec",
    "kmod",
    "logrotate",
    "lvm2",
    "man-db",
    "mdadm",
    "mlocate",
    "multipath-tools",
    "nscd",
    "ntp",
    "oddjob",
    "open-iscsi",
    "plocate",
    "plymouth",
    "polkit",
    "policykit-1",
    "power-profiles-daemon",
    "rng-tools",
    "rpcbind",
    "rsync",
    "rsyslog",
    "rtkit",
    "smartmontools",
    "snapper",
    "sssd",
    "sysstat",
    "syslog-ng",
    "systemd",
    "thermald",
    "tpm2-abrmd",
    "udev",
    "udisks2",
    "unbound",
    "unscd",
    "upower",
    "util-linux",
    "uuidd",
    "wicked",
    "wpa_supplicant",
    "xinetd",
    "zfs",
    "btrfsmaintenance",
    "issue-generator",
    "postfix",
    "network-manager",
    "networkd-dispatcher",
    "ifupdown",
    "console-setup",
    "keyboard-setup",
    "resolvconf",
    "nfs-utils",
    "bluetooth",
];

impl Script<'_> {
    /// Looks at the units that are switched on.
    pub(in crate::rules) fn unit_packages(&mut self, here: &Here<'_>) {
        let text = self.text;
        let families = super::needs::families(here.image);
        let [family] = families.as_slice() else {
            return;
        };
        let names = || super::needs::names(here);
        let open = super::needs::more(here.image) || here.has("root.tar.gz") || brings_much(here);
        if open || names().nth(FEW).is_none() || ASKS.iter().any(|a| text.contains(a)) {
            return;
        }
        let Some(installed) = super::packages::installed(&self.commands()) else {
            return;
        };
        for &(at, line) in self.commands().iter() {
            for word in self.switched(line) {
                let stem = word.strip_suffix(".service").unwrap_or(word);
                let known = BROUGHT.iter().any(|(unit, _)| *unit == stem) || ALONG.contains(&stem);
                if known || stem.len() < 5 || !lists::has(stem, *family) || super::unit_slips::is_usual(stem)
                {
                    continue;
                }
                // Parts of a package have its first letters.
                let first = stem.get(..4).unwrap_or(stem);
                let there = names()
                    .chain(installed.iter().copied())
                    .any(|n| n.contains(first));
                let made = || overlay_has(here, stem) || says(text, &format!("/{stem}.service"));
                let span = place(at, line, word);
                let message = format!("no list installs a package that has the unit `{word}`");
                let told = self.out.iter().any(|d| d.span == span || d.message == message);
                if there || told || made() {
                    continue;
                }
                self.add(
                    "unknown-unit",
                    span,
                    message,
                    &format!("add the package `{stem}`, or take this out"),
                );
            }
        }
    }
}
