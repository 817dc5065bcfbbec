//! Values in files of the overlay that no reader takes, whatever it is called: addresses of machines with numbers that are too high,
//! assignments of a shell whose value goes on behind a blank, commands of nginx without their end. Says nothing about keys.

use super::texts::{at_word, finding, lines};
use crate::diagnostic::Diagnostic;
use crate::rules::filled::filled;

/// Folders whose files speak of addresses.
pub(super) const ADDRESSES: &[&str] = &[
    "etc/systemd/network",
    "etc/systemd/resolved.conf.d",
    "etc/NetworkManager/system-connections",
    "etc/netplan",
    "etc/network",
    "etc/network/interfaces.d",
    "etc/sysconfig/network",
    "etc/sysconfig/network-scripts",
    "etc/ssh/sshd_config.d",
    "etc/chrony.d",
    "etc/chrony/conf.d",
    "etc/dnsmasq.d",
    "etc/nginx/conf.d",
    "etc/nginx/sites-available",
];

/// Files and folders that a shell reads in.
pub(super) const SHELL: &[(&str, &[&str])] = &[
    ("etc/dracut.conf.d", &[]),
    ("etc/default/grub.d", &[]),
    (
        "etc/initramfs-tools",
        &["initramfs.conf", "update-initramfs.conf"],
    ),
    ("etc/initramfs-tools/conf.d", &[]),
    ("etc/sysconfig/network", &["config", "dhcp"]),
    ("etc", &["mkinitcpio.conf", "makepkg.conf", "dracut.conf"]),
    (
        "etc/default",
        &[
            "grub",
            "keyboard",
            "console-setup",
            "ufw",
            "zramswap",
            "cryptdisks",
            "networkd-dispatcher",
        ],
    ),
    ("etc/sysconfig", &["bootloader", "keyboard", "language", "grub"]),
];

/// Folders with files of nginx.
pub(super) const NGINX: &[&str] = &[
    "etc/nginx",
    "etc/nginx/conf.d",
    "etc/nginx/sites-available",
    "etc/nginx/sites-enabled",
    "etc/nginx/vhosts.d",
    "etc/nginx/snippets",
];

/// An address with a number that none has.
pub(super) fn address(text: &str) -> Option<Diagnostic> {
    lines(text).find_map(|(at, line)| {
        let part = |c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '/' || c == '_' || c == '-');
        line.split(part).find_map(|word| {
            let (bare, prefix) = word.split_once('/').unwrap_or((word, ""));
            let numbers: Vec<&str> = bare.split('.').collect();
            let digits = |n: &&str| (1..5).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit());
            if !numbers.iter().all(digits) || filled(line) {
                return None;
            }
            // Three with the length of a prefix, or five, are meant for four.
            let setting = line.to_ascii_lowercase();
            let named = ["addr", "gateway", "dns", "via", "destination"]
                .iter()
                .any(|k| setting.starts_with(k));
            let alone = line
                .split_once('=')
                .is_some_and(|(_, value)| value.trim() == word);
            let short = numbers.len() == 3 && (alone || !prefix.is_empty());
            if named && (numbers.len() == 5 || short) {
                let message = format!("`{word}` is no address: it has {} numbers", numbers.len());
                let then = "the build goes through, and the running system does not use it";
                return at_word(at, line, word, message, "an address has four".to_owned(), then);
            }
            if numbers.len() != 4 {
                return None;
            }
            let most = |n: &str, most: u16| n.parse::<u16>().is_ok_and(|n| n > most);
            let high = numbers.iter().find(|n| most(n, 255)).map(|n| (*n, 255));
            let (number, most) = high.or_else(|| most(prefix, 32).then_some((prefix, 32)))?;
            let message = format!("`{word}` is no address: a number of it is at most {most}");
            let then = "the build goes through, and the running system does not use it";
            at_word(at, line, number, message, format!("at most {most}"), then)
        })
    })
}

/// A value that goes on behind a blank, without quotes: the rest is started as a command.
pub(super) fn assignment(text: &str) -> Option<Diagnostic> {
    let mut open = false;
    lines(text).find_map(|(at, line)| {
        let odd = |c: char| line.matches(c).count() % 2 == 1;
        let was = open;
        open ^= odd('"') || odd('\'');
        let (key, value) = line
            .split_once('=')
            .filter(|_| !was && !open && !line.ends_with('\\'))?;
        let key = key.trim_end_matches('+');
        let named = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let bare = |c: char| !c.is_whitespace() && !"\"'$`()\\;&|<>#".contains(c);
        let end = value.find(|c| !bare(c)).unwrap_or(value.len());
        let rest = value.get(end..)?;
        let word = rest.trim_start();
        if !named
            || !rest.starts_with([' ', '\t'])
            || word.is_empty()
            || word.starts_with(['#', ';', '&', '|'])
        {
            return None;
        }
        if end == 0 {
            let message =
                format!("a blank stands between `{key}=` and its value, which is started as a command");
            let then = "the build goes through, and the running system does without the value";
            return at_word(at, line, word, message, "take the blank out".to_owned(), then);
        }
        let whole = value.split(" #").next()?.trim_end();
        let message = format!("the value of `{key}` ends at the blank, and the rest is started as a command");
        let then = "the build goes through, and the running system does without the value";
        at_word(
            at,
            line,
            whole,
            message,
            "quotes around it keep it together".to_owned(),
            then,
        )
    })
}

/// A value whose quote does not end before the next setting.
pub(super) fn quote(text: &str) -> Option<Diagnostic> {
    let named = |l: &str| {
        let (key, _) = l.split_once('=')?;
        let key = key.strip_prefix("export ").unwrap_or(key);
        (!key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')).then_some(())
    };
    let all: Vec<(usize, &str)> = lines(text).collect();
    all.iter().enumerate().find_map(|(number, (at, line))| {
        named(line)?;
        let (_, value) = line.split_once('=')?;
        let sign = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let rest = value.get(1..)?;
        let next = all.get(number + 1).map(|(_, l)| *l);
        // A text of several lines has its second quote in one that is no setting.
        let apart = next.is_none_or(|l| named(l).is_some() && l.matches(sign).count() % 2 == 0);
        if rest.contains([sign, '\\', '`', '$']) || !apart {
            return None;
        }
        let message = format!(
            "the value of `{}` has one quote and no other",
            line.split('=').next()?
        );
        let then = "the build goes through, and the running system does without the value";
        at_word(
            *at,
            line,
            value,
            message,
            format!("`{sign}` is missing at its end"),
            then,
        )
    })
}

/// Words that commands of nginx begin with, of those that stand in one line.
const COMMANDS: &[&str] = &[
    "listen",
    "server_name",
    "root",
    "index",
    "return",
    "proxy_pass",
    "proxy_set_header",
    "include",
    "access_log",
    "error_log",
    "ssl_certificate",
    "ssl_certificate_key",
    "ssl_protocols",
    "try_files",
    "client_max_body_size",
    "autoindex",
    "expires",
    "alias",
    "location",
    "server",
    "worker_processes",
    "keepalive_timeout",
    "gzip",
    "user",
    "fastcgi_pass",
    "rewrite",
    "deny",
    "allow",
    "charset",
    "proxy_read_timeout",
    "proxy_http_version",
    "sendfile",
];

/// A command of nginx without its end: the next line is taken for a part of it.
pub(super) fn unended(text: &str) -> Option<Diagnostic> {
    let all: Vec<(usize, &str)> = lines(text).collect();
    // Patterns and texts may have brackets of their own.
    let plain = all
        .iter()
        .all(|(_, l)| !l.contains(['"', '\'', '~', '#', '$']) || !l.contains(['{', '}']));
    let count = |c: char| all.iter().map(|(_, l)| l.matches(c).count()).sum::<usize>();
    if plain && count('{') > count('}') {
        let (at, line) = all.iter().rev().find(|(_, l)| l.contains('{'))?;
        let message = "a bracket of nginx's has no other".to_owned();
        let then = "the build goes through, and nginx does not start in the running system";
        return finding(*at, line, message, "`}` is missing behind it".to_owned(), then);
    }
    all.windows(2).find_map(|pair| {
        let [(at, line), (_, next)] = pair else {
            return None;
        };
        let line = line.split(" #").next()?.trim_end();
        let first = |l: &str| {
            l.split([' ', '\t', '{'])
                .next()
                .is_some_and(|w| COMMANDS.contains(&w))
        };
        let ends =
            line.ends_with([';', '{', '}']) || line.starts_with("location") || line.starts_with("server ");
        if ends || !first(line) || line == "server" || !(first(next) || *next == "}") {
            return None;
        }
        let message = "a command of nginx ends with a semicolon".to_owned();
        let then = "the build goes through, and nginx does not start in the running system";
        finding(*at, line, message, "`;` is expected after it".to_owned(), then)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_numbers_up_to_a_most() {
        for (line, told) in [
            ("Gateway=192.168.1.256", true),
            ("Address=10.0.0.1/33", true),
            ("Address=10.0.0.1/24", false),
            ("# 300.1.1.1", false),
            ("version 1.2.3.400-5", false),
            ("Destination=10.0.0/8", true),
            ("Address=10.0.0.1.1", true),
            ("DNS=192.168.10", true),
            ("OID=1.3.6.1.4.1.999", false),
            ("DNS=10.0.0.1,10.0.0.300", true),
        ] {
            assert_eq!(address(line).is_some(), told, "{line}");
        }
    }

    #[test]
    fn a_value_with_blanks_has_quotes() {
        for (line, told) in [
            ("A=b c", true),
            ("A= b", true),
            ("A+=\" b c \"", false),
            ("A=b # c", false),
            ("A=", false),
            ("A=\"b\nc d\"", false),
            ("A=$(b c)", false),
            ("A=b\\ c", false),
            ("A=(b c)", false),
            ("export A=b c", false),
            ("A=b; c", false),
        ] {
            assert_eq!(assignment(line).is_some(), told, "{line}");
        }
    }

    #[test]
    fn quotes_have_another() {
        for (text, told) in [
            ("A=\"b c\nD=1\n", true),
            ("A=\"b c\"\nD=1\n", false),
            ("A=\"b\nc\"\n", false),
            ("A='b", true),
            ("A=\"b\nC=d\"\n", false),
        ] {
            assert_eq!(quote(text).is_some(), told, "{text}");
        }
    }

    #[test]
    fn commands_of_nginx_end() {
        for (text, told) in [
            ("server {\n listen 80\n root /a;\n}", true),
            ("server {\n listen 80;\n root /a\n}", true),
            ("server_name a\n b;\n", false),
            ("server {\n listen 80;\n", true),
            ("location ~ a{2} {\n", false),
            ("location / {\n return 204;\n}", false),
            ("server\n{\n listen 80;\n}", false),
        ] {
            assert_eq!(unended(text).is_some(), told, "{text}");
        }
    }
}
