//! Options of KIWI's own in the kernel's command line, and slips of them. Knows their names; judges no value.

/// Options of KIWI's own modules for dracut, without `rd.kiwi.`.
const OF_KIWI: &[&str] = &[
    "allow_plymouth",
    "debug",
    "dialog.timeout",
    "install.devicepersistency",
    "install.image",
    "install.pass.bootparam",
    "install.pxe",
    "install.retain_last",
    "install.systemsize",
    "live.pxe",
    "live.reset",
    "live.system",
    "oem.disk.consistency",
    "oem.force_resize",
    "oem.installdevice",
    "oem.luks.reencrypt",
    "oem.luks.reencrypt_randompass",
    "oem.maxdisk",
    "oem.sha512",
    "oem.smallest_disk",
    "ramdisk",
    "term",
    "verity_options",
];

/// The option of KIWI's that ends like one it does not have.
pub(super) fn meant(key: &str) -> Option<String> {
    let own = key.strip_prefix("rd.kiwi.")?;
    let end = |name: &str| name.rsplit('.').next().unwrap_or(name).replace(['-', '_'], "");
    let begins = |name: &str| own.len() > 2 && name.starts_with(own);
    // The same kind, and the same beginning.
    let akin = |name: &str| {
        let (Some((kind, rest)), Some((other, meant))) = (own.rsplit_once('.'), name.rsplit_once('.')) else {
            return false;
        };
        let common = rest.bytes().zip(meant.bytes()).take_while(|(a, b)| a == b);
        kind == other && common.count() > 2
    };
    let mut alike = OF_KIWI
        .iter()
        .filter(|k| **k != own && (end(k) == end(own) || begins(k) || akin(k)));
    let meant = alike
        .next()
        .filter(|_| alike.next().is_none() && !OF_KIWI.contains(&own))?;
    Some(format!("rd.kiwi.{meant}"))
}
