//! The variables that scripts of a description read: `/.profile`, and the environment they run in. Names and values
//! are those that KIWI NG gives for the same description; pure.

use std::collections::BTreeMap;

use apteryx_schema::description::{PackageKind, View};

/// Elements of `<oemconfig>` and the variables they become.
const OEM: [(&str, &str); 24] = [
    ("oem-bootwait", "kiwi_oembootwait"),
    ("oem-device-filter", "kiwi_oemdevicefilter"),
    ("oem-kiwi-initrd", "kiwi_oemkboot"),
    ("oem-multipath-scan", "kiwi_oemmultipath_scan"),
    ("oem-nic-filter", "kiwi_oemnicfilter"),
    ("oem-partition-install", "kiwi_oempartition_install"),
    ("oem-ramdisk-size", "kiwi_oemramdisksize"),
    ("oem-reboot", "kiwi_oemreboot"),
    ("oem-reboot-interactive", "kiwi_oemrebootinteractive"),
    ("oem-recovery", "kiwi_oemrecovery"),
    ("oem-recoveryID", "kiwi_oemrecoveryID"),
    ("oem-inplace-recovery", "kiwi_oemrecoveryInPlace"),
    ("oem-recovery-part-size", "kiwi_oemrecoveryPartSize"),
    ("oem-resize-once", "kiwi_oemresizeonce"),
    ("oem-systemsize", "kiwi_oemrootMB"),
    ("oem-shutdown", "kiwi_oemshutdown"),
    ("oem-shutdown-interactive", "kiwi_oemshutdowninteractive"),
    ("oem-silent-boot", "kiwi_oemsilentboot"),
    ("oem-silent-install", "kiwi_oemsilentinstall"),
    ("oem-silent-verify", "kiwi_oemsilentverify"),
    ("oem-skip-verify", "kiwi_oemskipverify"),
    ("oem-boot-title", "kiwi_oemtitle"),
    ("oem-unattended", "kiwi_oemunattended"),
    ("oem-unattended-id", "kiwi_oemunattended_id"),
];

/// Attributes of `<type>` and the variables they become, empty where they are missing.
const TYPE: [(&str, &str); 22] = [
    ("boot", ""),
    ("bootkernel", "kiwi_bootkernel"),
    ("bootprofile", "kiwi_bootprofile"),
    (
        "btrfs_root_is_snapper_snapshot",
        "kiwi_btrfs_root_is_snapper_snapshot",
    ),
    ("btrfs_root_is_snapshot", "kiwi_btrfs_root_is_snapshot"),
    ("compressed", "kiwi_compressed"),
    ("devicepersistency", "kiwi_devicepersistency"),
    ("firmware", "kiwi_firmware"),
    ("fsmountoptions", "kiwi_fsmountoptions"),
    ("gpt_hybrid_mbr", "kiwi_gpt_hybrid_mbr"),
    ("hybridpersistent", "kiwi_hybridpersistent"),
    ("hybridpersistent_filesystem", "kiwi_hybridpersistent_filesystem"),
    ("installboot", "kiwi_installboot"),
    ("kernelcmdline", "kiwi_cmdline"),
    ("ramonly", "kiwi_ramonly"),
    ("rootpartuuid", "kiwi_rootpartuuid"),
    ("target_blocksize", ""),
    ("target_removable", "kiwi_target_removable"),
    ("vga", ""),
    ("wwid_wait_timeout", "kiwi_wwid_wait_timeout"),
    ("xen_loader", ""),
    ("image", "kiwi_type"),
];

/// All variables of a view, by name.
pub fn variables(view: &View<'_>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut set = |name: &str, value: &str| {
        all.insert(name.to_owned(), value.to_owned());
    };
    let name = &view.image.name;
    set("kiwi_iname", name);
    set(
        "kiwi_displayname",
        view.image.attrs.get("displayname").unwrap_or(name),
    );
    set("kiwi_profiles", &view.profiles.join(","));
    let deleted = view.packages(PackageKind::Delete).packages;
    set(
        "kiwi_delete",
        &deleted
            .iter()
            .map(|item| item.name.value.as_str())
            .collect::<Vec<_>>()
            .join(" "),
    );
    for (attribute, variable) in TYPE.iter().filter(|(_, variable)| !variable.is_empty()) {
        set(variable, view.type_attr(attribute).unwrap_or(""));
    }
    let kind = view.image_type.image.value.trim();
    let initrd = match (view.type_attr("initrd_system"), kind) {
        (Some(system), _) => system,
        (None, "iso" | "oem" | "kis") => "dracut",
        (None, "pxe") => "kiwi",
        (None, _) => "none",
    };
    set("kiwi_initrd_system", initrd);
    let element = &view.image_type.element;
    let loader = element.child("bootloader");
    let loader_attr = |name: &str| loader.and_then(|loader| loader.attrs.get(name));
    set("kiwi_bootloader", loader_attr("name").unwrap_or("grub2"));
    let console = |name: &str| loader_attr(name).unwrap_or("default");
    set(
        "kiwi_bootloader_console",
        &format!("{}:{}", console("output_console"), console("input_console")),
    );
    set("kiwi_boot_timeout", loader_attr("timeout").unwrap_or(""));
    set("kiwi_align", "1048576");
    set("kiwi_sectorsize", "512");
    set(
        "kiwi_startsector",
        view.type_attr("disk_start_sector").unwrap_or("2048"),
    );
    set(
        "kiwi_target_blocksize",
        view.type_attr("target_blocksize").unwrap_or("512"),
    );
    set("kiwi_vga", "auto");
    set("kiwi_shasum_suffix", ".sha256");
    let empty_passphrase = view.type_attr("luks") == Some("");
    set(
        "kiwi_luks_empty_passphrase",
        if empty_passphrase { "true" } else { "false" },
    );
    if let Some(domain) = element
        .child("machine")
        .and_then(|machine| machine.attrs.get("xen_domain"))
    {
        // Named only where a machine asks for one.
        set("kiwi_xendomain", domain);
    }
    match kind {
        "oem" => set("kiwi_install_volid", view.type_attr("volid").unwrap_or("INSTALL")),
        "iso" => set("kiwi_live_volid", view.type_attr("volid").unwrap_or("CDROM")),
        "cpio" => set("kiwi_cpio_name", name),
        _ => {}
    }
    let last_version = view.last("version").map_or("", |version| version.text.as_str());
    set("kiwi_iversion", last_version);
    let licences: Vec<&str> = view
        .preferences
        .iter()
        .flat_map(|p| p.element.all("showlicense"))
        .map(|e| e.text.as_str())
        .collect();
    set("kiwi_showlicense", &licences.join(" "));
    set("kiwi_keytable", view.keytable().unwrap_or(""));
    set("kiwi_timezone", view.timezone().unwrap_or(""));
    set("kiwi_language", view.locale().unwrap_or(""));
    for (element, variable) in [
        ("bootsplash-theme", "kiwi_splash_theme"),
        ("bootloader-theme", "kiwi_loader_theme"),
    ] {
        if let Some(theme) = view.last(element) {
            set(variable, &theme.text);
        }
    }
    strip(view, &mut set);
    let drivers: Vec<&str> = view
        .drivers()
        .iter()
        .filter_map(|file| file.attrs.get("name"))
        .collect();
    set("kiwi_drivers", &drivers.join(","));
    if kind == "oem" {
        let config = element.child("oemconfig");
        for (child, variable) in OEM {
            set(
                variable,
                config
                    .and_then(|config| config.child(child))
                    .map_or("", |child| child.text.as_str()),
            );
        }
        if let Some(size) = config.and_then(|config| config.child("oem-swapsize")) {
            set("kiwi_oemswapMB", &size.text);
        }
        set(
            "kiwi_oemvmcp_parmfile",
            config
                .and_then(|c| c.child("oem-vmcp-parmfile"))
                .map_or("", |c| &c.text),
        );
    }
    volumes(view, &mut set);
    all
}

fn strip(view: &View<'_>, set: &mut impl FnMut(&str, &str)) {
    for kind in ["delete", "tools", "libs"] {
        let sections = view
            .sections(&view.image.strip)
            .filter(|section| section.attrs.get("type") == Some(kind));
        let names: Vec<&str> = sections
            .flat_map(|section| section.all("file"))
            .filter_map(|file| file.attrs.get("name"))
            .collect();
        set(&format!("kiwi_strip_{kind}"), &names.join(" "));
    }
}

fn volumes(view: &View<'_>, set: &mut impl FnMut(&str, &str)) {
    let Some(disk) = view.image_type.element.child("systemdisk") else {
        return;
    };
    let lvm = disk.attrs.bool("preferlvm") == Some(true) || view.type_attr("filesystem") != Some("btrfs");
    if !lvm {
        return;
    }
    set("kiwi_lvm", "true");
    set("kiwi_lvmgroup", disk.attrs.get("name").unwrap_or("systemVG"));
    let mut root = false;
    let mut count = 0;
    for volume in disk.all("volume") {
        let name = volume.attrs.get("name").unwrap_or("");
        let size = match (volume.attrs.get("size"), volume.attrs.get("freespace")) {
            (Some(size), _) => format!("size:{}", megabytes(size)),
            (None, Some("all")) | (None, None) => "size:all".to_owned(),
            (None, Some(free)) => format!("freespace:{}", megabytes(free)),
        };
        if let Some(rest) = name.strip_prefix("@root") {
            root = true;
            let label = rest.strip_prefix('=').unwrap_or("LVRoot");
            set("kiwi_Volume_Root", &format!("{label}|{size}|"));
            continue;
        }
        count += 1;
        let mount = volume.attrs.get("mountpoint").unwrap_or(name);
        let label = if volume.attrs.get("mountpoint").is_some() {
            name.to_owned()
        } else {
            format!("LV{}", name.replace('/', "_"))
        };
        set(
            &format!("kiwi_Volume_{count}"),
            &format!("{label}|{size}|{mount}"),
        );
    }
    if !root {
        set("kiwi_Volume_Root", "LVRoot|freespace:all|");
    }
}

/// `100M`, `2G`, `30` in MB.
fn megabytes(size: &str) -> String {
    let size = size.trim();
    let number = |suffix: char| {
        size.strip_suffix(suffix)
            .and_then(|digits| digits.parse::<u64>().ok())
    };
    if let Some(giga) = number('G') {
        return (giga * 1024).to_string();
    }
    number('M').map_or_else(|| size.to_owned(), |mega| mega.to_string())
}

/// `/.profile`: an assignment a line, sorted, values in single quotes.
pub fn file(variables: &BTreeMap<String, String>) -> String {
    let line = |(name, value): (&String, &String)| format!("{name}='{}'\n", value.replace('\'', "'\\''"));
    variables.iter().map(line).collect()
}
