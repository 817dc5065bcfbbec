//! A program to log in by that a script switches on, where a list installs another of the kind and not this one. Looks at
//! names alone; runs nothing.

use super::Script;
use super::names::{enables, place};
use super::needs::names;
use crate::description::model::Item;
use crate::rules::files::{Here, items};
use crate::rules::packages::Family;

/// Programs to log in by: what their units are called, which packages bring one, and which groups.
const GREETERS: &[(&[&str], &str, &[&str])] = &[
    (&["gdm", "gdm3"], "gdm", &["gnome", "budgie", "pantheon"]),
    (
        &["lightdm"],
        "lightdm",
        &[
            "xfce", "mate", "lxde", "cinnamon", "budgie", "pantheon", "xubuntu", "deepin",
        ],
    ),
    (
        &["sddm"],
        "sddm",
        &["kde", "plasma", "lxqt", "i3", "sway", "hyprland"],
    ),
    (&["lxdm"], "lxdm", &["lxde"]),
    (&["greetd"], "greet", &["sway", "cosmic", "hyprland"]),
    (&["slim"], "slim", &[]),
    (&["ly"], "ly", &[]),
    (&["xdm"], "xdm", &["x11", "base"]),
];

impl Script<'_> {
    /// Looks at the units that are switched on.
    pub(in crate::rules) fn greeters(&mut self, here: &Here<'_>) {
        if super::needs::based(here.image)
            || here.has("root.tar.gz")
            || super::needs::families(here.image) == [Family::Suse]
        {
            return;
        }
        let brings = |name: &str, part: &str, desktops: &[&str]| {
            let plain = name == part
                || name.starts_with(&format!("{part}-"))
                || name == format!("{part}3")
                || name == format!("{part}d");
            plain || desktops.iter().any(|d| name.contains(d))
        };
        let groups = || items(here.image).filter_map(Item::group);
        let there = |(_, part, desktops): &(&[&str], &str, &[&str])| {
            names(here).chain(groups()).any(|n| brings(n, part, desktops))
        };
        let listed = |part: &str| names(here).any(|n| brings(n, part, &[]));
        for &(at, line) in self.commands().iter().filter(|(_, l)| enables(l)) {
            for word in self.named_in(line) {
                let stem = word.strip_suffix(".service").unwrap_or(word);
                let Some(own) = GREETERS.iter().find(|(units, _, _)| units.contains(&stem)) else {
                    continue;
                };
                let other = GREETERS.iter().find(|g| g.1 != own.1 && listed(g.1));
                let told = self.out.iter().any(|d| d.span == place(at, line, word));
                if let Some((units, part, _)) = other.filter(|_| !told && !there(own)) {
                    let message = format!(
                        "no list installs a package that has the unit `{word}`, and one installs `{part}`"
                    );
                    let meant = units.first().copied().unwrap_or(part);
                    let label = format!("did you mean `{}`?", word.replacen(stem, meant, 1));
                    self.add("unknown-unit", place(at, line, word), message, &label);
                }
            }
        }
    }
}
