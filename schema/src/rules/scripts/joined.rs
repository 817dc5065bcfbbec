//! Groups that a script of a build puts accounts in: those that come with a package which no list installs, and that of those
//! who may do everything under the name that others give it. Looks at words; runs nothing.

use super::Script;
use super::names::{FEW, MUCH, says};
use crate::rules::files::Here;
use crate::rules::packages::Family;

/// The group of those who may do everything: as others call it, and as it is called here.
pub(in crate::rules) fn names_of_administrators(here: &Here<'_>) -> Option<(&'static str, &'static str)> {
    match super::needs::families(here.image).as_slice() {
        [Family::Debian] => Some(("wheel", "sudo")),
        [Family::RedHat | Family::Arch | Family::Suse] => Some(("sudo", "wheel")),
        _ => None,
    }
}

impl Script<'_> {
    /// The group of those who may do everything, under the name that other distributions give it.
    pub(in crate::rules) fn administrators(&mut self, here: &Here<'_>) {
        let text = self.text;
        let Some((other, own)) = names_of_administrators(here) else {
            return;
        };
        let declared = |u: &crate::description::model::Element| {
            let groups = u.attrs.list("groups");
            groups.iter().any(|g| g.split(':').next() == Some(other))
        };
        let made = ["groupadd", "addgroup", "sysusers", "os-release"];
        if made.iter().any(|w| says(text, w)) || here.image.accounts().any(declared) {
            return;
        }
        for &(at, line) in self.commands().iter() {
            let command = line.split_whitespace().next().unwrap_or("");
            if !matches!(command, "useradd" | "usermod" | "adduser" | "gpasswd") || line.contains("||") {
                continue;
            }
            let mut words = line.split([' ', '\t', ',']).skip(1);
            let Some(word) = words
                .find(|w| *w == other)
                .filter(|_| line.split_whitespace().count() > 2)
            else {
                continue;
            };
            let message = format!("there is no group `{word}`: here it is called `{own}`");
            let label = format!("did you mean `{own}`?");
            self.tell(
                at,
                line,
                word,
                message,
                &label,
                "the command fails: the build stops there, or the account is in no such group",
            );
        }
    }

    /// Groups that come with a package which no list installs, given to an account.
    pub(in crate::rules) fn joined(&mut self, here: &Here<'_>) {
        const GROUPS: &[(&str, &[&str])] = &[
            ("docker", &["docker", "moby", "podman"]),
            ("libvirt", &["libvirt", "virt"]),
            ("lxd", &["lxd", "incus"]),
            ("wireshark", &["wireshark"]),
            ("vboxusers", &["virtualbox"]),
        ];
        let text = self.text;
        let users = || here.image.accounts();
        let making = ["groupadd", "addgroup", "sysusers", "install -y", "zypper"];
        if super::needs::more(here.image) || here.has("root.tar.gz") || names_few(here) {
            return;
        }
        for &(at, line) in self.commands().iter() {
            let mut words = line.split_whitespace();
            if words.next() != Some("usermod") || line.contains("||") {
                continue;
            }
            let mut words =
                words.skip_while(|w| !(w.starts_with('-') && w.ends_with('G') || *w == "--groups"));
            let Some(groups) = words.nth(1) else { continue };
            for group in groups.split(',') {
                let Some((_, brought)) = GROUPS.iter().find(|(name, _)| *name == group) else {
                    continue;
                };
                let known = users().any(|u| {
                    u.attrs
                        .list("groups")
                        .iter()
                        .any(|g| g.split(':').next() == Some(group))
                });
                let there =
                    super::needs::names(here).any(|n| brought.iter().chain(MUCH).any(|b| n.contains(b)));
                if known || there || making.iter().any(|w| says(text, w)) {
                    continue;
                }
                let message = format!("no list installs a package that makes the group `{group}`");
                let label = "add its package, or take this out";
                self.tell(
                    at,
                    line,
                    group,
                    message,
                    label,
                    "the command fails: the build stops there, or the account is in no such group",
                );
            }
        }
    }
}

/// Lists that say little of what is in the image.
fn names_few(here: &Here<'_>) -> bool {
    super::needs::names(here).take(FEW).count() < FEW
}
