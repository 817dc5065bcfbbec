//! Values of the image's own formats that a tool refuses late: compressions, options of disk formats, a box that is
//! smaller than its disk, an encryption that the boot loader does not open. Knows the tools' lists; runs none.

use crate::rules::found::{Found, near};
use crate::rules::scope::Scope;

/// Judges one view.
pub(in crate::rules) fn view(scope: &Scope<'_>, found: &mut Found<'_>) {
    compression(scope, found);
    options(scope, found);
    boxes(scope, found);
    encryption(scope, found);
    enclave(scope, found);
}

/// What `mkfs.erofs -z` knows, with the highest level of those that have any; a level follows a comma, further ones a
/// colon.
const EROFS: &[(&str, Option<u32>)] = &[
    ("lz4", None),
    ("lz4hc", Some(12)),
    ("lzma", Some(109)),
    ("deflate", Some(9)),
    ("libdeflate", Some(12)),
    ("zstd", Some(22)),
];

fn compression(scope: &Scope<'_>, found: &mut Found<'_>) {
    let Some(at) = scope.kind().attrs.at("erofscompression") else {
        return;
    };
    let value = at.value.trim();
    for one in value.split(':') {
        let (name, level) = one.split_once(',').unwrap_or((one, ""));
        if name.is_empty() || name.contains(['$', '{', '@']) {
            continue;
        }
        if let Some((_, most)) = EROFS.iter().find(|(known, _)| *known == name) {
            if let Some((key, _)) = level.split_once('=')
                && let Some(meant) = near(key, ["level", "dictsize"].into_iter()).filter(|m| *m != key)
            {
                let message = format!("`mkfs.erofs` has no `{key}` of a compression");
                let whole = value.replacen(key, meant, 1);
                found.instead("compression", at, message, Some(&whole), false, "");
                return;
            }
            let level = level.strip_prefix("level=").unwrap_or(level);
            if let (Ok(level), Some(most)) = (level.parse::<u32>(), most)
                && level > *most
            {
                let message = format!("the compression `{name}` has no level {level}");
                found.add("compression", at, message, format!("{most} at most"));
                return;
            }
            continue;
        }
        let message = format!("EROFS has no compression `{name}`");
        let whole = near(name, EROFS.iter().map(|(known, _)| *known)).map(|n| value.replacen(name, n, 1));
        let otherwise = "one of `lz4`, `lz4hc`, `zstd`, `lzma` and `deflate`";
        found.instead("compression", at, message, whole.as_deref(), false, otherwise);
        return;
    }
}

/// Options of disk formats that have a list of values.
const OPTIONS: &[(&str, &str, &[&str])] = &[
    (
        "vmdk",
        "subformat",
        &[
            "monolithicSparse",
            "monolithicFlat",
            "twoGbMaxExtentSparse",
            "twoGbMaxExtentFlat",
            "streamOptimized",
        ],
    ),
    (
        "vmdk",
        "adapter_type",
        &["ide", "lsilogic", "buslogic", "legacyESX", "pvscsi", "lsisas1068"],
    ),
    ("qcow2", "preallocation", &["off", "metadata", "falloc", "full"]),
    ("qcow2", "compat", &["0.10", "1.1", "v2", "v3"]),
    ("qcow2", "compression_type", &["zlib", "zstd"]),
    ("qcow2", "lazy_refcounts", &["on", "off"]),
    ("vhdx", "subformat", &["dynamic", "fixed"]),
    ("vhd", "subformat", &["dynamic", "fixed"]),
    ("vdi", "static", &["on", "off"]),
];

fn options(scope: &Scope<'_>, found: &mut Found<'_>) {
    let attrs = &scope.kind().attrs;
    let (Some(format), Some(at)) = (attrs.get("format"), attrs.at("formatoptions")) else {
        return;
    };
    for option in at.value.split(',') {
        let Some((key, value)) = option.split_once('=') else {
            if let Some(meant) = half(format, option.trim()) {
                let message = format!("the format `{format}` has no option `{}`", option.trim());
                found.instead_of("format-option", at, message, (option.trim(), &meant), false);
                continue;
            }
            // The one that has no value.
            if matches!(format, "vhd" | "vhd-fixed")
                && near(option.trim(), ["force_size"].into_iter()).is_some()
            {
                let message = format!("the format `{format}` has no option `{}`", option.trim());
                let whole = at.value.replacen(option.trim(), "force_size", 1);
                found.instead("format-option", at, message, Some(&whole), true, "");
            } else if option.trim() == "force_size"
                && OPTIONS.iter().any(|(f, _, _)| *f == format && *f != "vhd")
            {
                let message = format!("`force_size` is an option of `vhd`, and `{format}` has none such");
                found.add("format-option", at, message, "not known to the format");
            }
            continue;
        };
        let (key, value) = (key.trim(), value.trim());
        let of_format = OPTIONS.iter().filter(|(f, _, _)| *f == format);
        let keys = of_format.clone().map(|(_, k, _)| *k);
        if let Some((_, _, values)) = of_format.clone().find(|(_, k, _)| *k == key) {
            if !values.contains(&value) && !value.contains(['$', '{']) {
                let message = format!("the option `{key}` of `{format}` has no value `{value}`");
                let meant = near(value, values.iter().copied()).map(|n| at.value.replacen(value, n, 1));
                // Blanks where options are parted by commas.
                let parted = || {
                    let (own, next) = value.split_once(char::is_whitespace)?;
                    let next = next.trim_start();
                    let known = values.contains(&own) && next.contains('=');
                    known.then(|| at.value.replacen(value, &format!("{own},{next}"), 1))
                };
                // Other words for a truth value.
                let switched = || {
                    let on = match value.to_ascii_lowercase().as_str() {
                        "yes" | "true" | "1" => "on",
                        "no" | "false" | "0" => "off",
                        _ => return None,
                    };
                    let known = values.contains(&on);
                    known.then(|| at.value.replacen(option, &format!("{key}={on}"), 1))
                };
                let meant = meant.or_else(parted).or_else(switched);
                let otherwise = format!("one of {}", crate::rules::words(values, "and"));
                found.instead("format-option", at, message, meant.as_deref(), true, &otherwise);
            }
        } else if let Some((of, _, _)) = foreign_option(format, key) {
            let message = format!("`{key}` is an option of `{of}`, and `{format}` has none such");
            // What else only that format has says that it was meant.
            let machine = scope.kind().child("machine");
            let parts = ["vmdisk", "vmnic", "vmdvd", "vmconfig-entry"];
            let of_vmdk = || machine.is_some_and(|m| parts.iter().any(|p| m.child(p).is_some()));
            match attrs.at("format").filter(|_| *of == "vmdk" && of_vmdk()) {
                Some(named) => found.instead("format-option", named, message, Some(of), false, ""),
                None => {
                    found.add("format-option", at, message, "not known to the format");
                }
            }
        } else if let Some(bare) = key.strip_prefix("-o ").map(str::trim) {
            let message = format!("`{key}` is no option: `-o` stands before it by itself");
            found.instead_of("format-option", at, message, (key, bare), true);
        } else if let Some(meant) = begun(key, keys.clone()).or_else(|| near(key, keys)) {
            let message = format!("the format `{format}` has no option `{key}`");
            let whole = at.value.replacen(key, meant, 1);
            found.instead("format-option", at, message, Some(&whole), true, "");
        }
    }
}

/// The option that is meant by one which has another sign than `=`, or by its value alone.
fn half(format: &str, option: &str) -> Option<String> {
    let mut own = OPTIONS.iter().filter(|(f, _, _)| *f == format);
    let parted = |key: &str| option.strip_prefix(key)?.strip_prefix([':', ' ']).map(str::trim);
    let glued = |key: &str, values: &[&str]| option.strip_prefix(key).filter(|rest| values.contains(rest));
    own.find_map(
        |(_, key, values)| match parted(key).or_else(|| glued(key, values)) {
            Some(value) => Some(format!("{key}={value}")),
            None if option.len() > 4 && values.contains(&option) => Some(format!("{key}={option}")),
            None => None,
        },
    )
}

/// The option that this one begins like, up to a `_` or far enough.
fn begun<'n>(key: &str, mut all: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let begins = |rest: &str| rest.starts_with('_') || key.len() > 4;
    all.find(|known| known.strip_prefix(key).is_some_and(begins))
}

/// An option that other formats have, and this one surely not.
fn foreign_option(
    format: &str,
    key: &str,
) -> Option<&'static (&'static str, &'static str, &'static [&'static str])> {
    let judged = OPTIONS.iter().any(|(f, _, _)| *f == format);
    let of = || {
        OPTIONS
            .iter()
            .find(|(_, k, _)| *k == key && *k != "preallocation")
    };
    judged.then(of).flatten()
}

/// The size that a box of Vagrant says it has, in GB, against that of its disk.
fn boxes(scope: &Scope<'_>, found: &mut Found<'_>) {
    let kind = scope.kind();
    let Some(size) = kind
        .child("size")
        .filter(|s| s.attrs.bool("additive") != Some(true))
    else {
        return;
    };
    let Ok(number) = size.text.parse::<u64>() else {
        return;
    };
    let gb = match size.attrs.get("unit") {
        Some("G") => number,
        _ => number.div_ceil(1024),
    };
    let mut providers: Vec<&crate::description::model::At> = Vec::new();
    for vagrant in kind.all("vagrantconfig") {
        if let Some(at) = vagrant.attrs.at("provider") {
            match providers.iter().find(|p| p.value == at.value) {
                Some(first) => {
                    let message = format!("two boxes are for the provider `{}`", at.value);
                    let label = "one box is made for each";
                    found.pair(
                        "duplicate-setting",
                        at,
                        message,
                        label,
                        *first,
                        "the first is here",
                    );
                }
                None => providers.push(at),
            }
        }
        if let Some(at) = vagrant.attrs.at("virtualsize")
            && at
                .value
                .trim()
                .parse::<u64>()
                .is_ok_and(|v| v >= super::sizes::LARGE)
        {
            let message = format!("a box of {} GB is larger than any", at.value.trim());
            found.add("vagrant-size", at, message, "in GB");
        }
        if let Some(at) = vagrant.attrs.at("virtualsize")
            && at.value.trim().parse::<u64>().is_ok_and(|v| v < gb)
        {
            let message = format!(
                "the box is said to have {} GB, and its disk has {gb}",
                at.value.trim()
            );
            let note = "the disk is this large";
            let label = "in GB, at least the disk's size";
            let edit = found.replace(at, &gb.to_string(), false);
            let place = crate::rules::found::Text(size);
            if let Some(told) = found.pair("vagrant-size", at, message, label, &place, note) {
                told.fixes.extend(edit);
            }
        }
    }
}

/// GRUB derives keys by PBKDF2 alone: with another function the kernel has to lie on a partition that is not encrypted.
fn encryption(scope: &Scope<'_>, found: &mut Found<'_>) {
    let kind = scope.kind();
    let loader = kind
        .child("bootloader")
        .and_then(|b| b.attrs.get("name"))
        .unwrap_or("grub2");
    // The older header has no such key, which is told.
    if kind.attrs.get("luks_version") == Some("luks1") {
        return;
    }
    let named = kind.attrs.at("luks_pbkdf");
    let mut options = kind.all("luksformat").flat_map(|f| f.all("option"));
    let asked = options.any(|o| {
        o.attrs
            .get("name")
            .is_some_and(|n| n.trim().starts_with("--pbkdf"))
    });
    // The newer header's own choice is Argon2.
    let later = || {
        kind.attrs
            .at("luks_version")
            .filter(|v| v.value.trim() == "luks2" && !asked)
    };
    let Some(at) = (match named {
        Some(named) => Some(named).filter(|p| p.value.trim().starts_with("argon2")),
        None => later(),
    }) else {
        return;
    };
    if scope.image() == "oem"
        && loader == "grub2"
        && kind.attrs.at("luks").is_some()
        && !super::Disk::new(scope).boot
        && kind.attrs.bool("overlayroot") != Some(true)
    {
        let message = match named {
            Some(_) => format!(
                "GRUB cannot open a root whose key is derived by `{}`",
                at.value.trim()
            ),
            None => {
                "GRUB cannot open a root whose key is derived by Argon2, as `luks2` does by itself".to_owned()
            }
        };
        let label = match named {
            Some(_) => "`pbkdf2`, or `bootpartition=\"true\"`",
            None => "needs `luks_pbkdf=\"pbkdf2\"`, or `bootpartition=\"true\"`",
        };
        found.add("luks-not-for-loader", at, message, label);
    }
}

/// What an enclave is packed with.
fn enclave(scope: &Scope<'_>, found: &mut Found<'_>) {
    let kind = scope.kind();
    if scope.image() != "enclave" {
        return;
    }
    for name in ["enclave_format", "kernelcmdline"] {
        if kind.attrs.at(name).is_some() {
            continue;
        }
        let message = format!("`image=\"enclave\"` needs `{name}`");
        let edit = (name == "enclave_format").then(|| found.insert_attribute(kind, name, "aws-nitro"));
        if let Some(told) = found.add("missing-for-type", kind, message, "not given") {
            told.fixes.extend(edit.flatten());
            told.help = Some("KIWI would stop in create, where the enclave is packed".into());
        }
    }
}
