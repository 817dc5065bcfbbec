//! Programs that people use by themselves: no other package needs one, so that a build has it only where a list names it.
//! Knows names; judges nothing.

/// Editors, shells of the second choice, games, browsers, mail, what shows and fetches things.
const LEAVES: &[&str] = &[
    "alpine",
    "amarok",
    "cheese",
    "cmatrix",
    "cowsay",
    "digikam",
    "emacs",
    "emacs-nox",
    "evolution",
    "figlet",
    "fish",
    "fortune",
    "fortune-mod",
    "fortunes",
    "geany",
    "gimp",
    "glances",
    "gparted",
    "hexchat",
    "htop",
    "iftop",
    "inkscape",
    "installation-report",
    "iotop",
    "iperf",
    "iperf3",
    "irssi",
    "jed",
    "joe",
    "kate",
    "lynx",
    "mc",
    "mcedit",
    "memtest86+",
    "micro",
    "minicom",
    "mutt",
    "nano",
    "ncdu",
    "neofetch",
    "neovim",
    "nmap",
    "pidgin",
    "popularity-contest",
    "rhythmbox",
    "screenfetch",
    "sl",
    "steam",
    "tasksel",
    "thunderbird",
    "tig",
    "tmux",
    "transmission",
    "tree",
    "vlc",
    "weechat",
    "wireshark",
    "xsane",
];

/// Nothing needs a package of this name: a program of the table, or texts about one.
pub(super) fn is_leaf(name: &str) -> bool {
    let texts = ["-doc", "-docs", "-examples", "-manual"];
    LEAVES.binary_search(&name).is_ok() || texts.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(LEAVES.is_sorted());
        assert!(is_leaf("nano") && is_leaf("apk-tools-doc") && !is_leaf("linux-firmware"));
    }
}
