//! The boot loader of a disk: GRUB's images and menu, systemd-boot's entries. Makes files; places none on a disk.

use std::path::{Path, PathBuf};

use apteryx_schema::description::View;
use apteryx_schema::description::model::Element;
use uuid::Uuid;

use crate::error::{BuildError, IoContext};
use crate::events::Step;
use crate::sandbox::{Cmd, Root, run_tool};

/// What a menu is made from.
#[derive(Debug, Clone)]
pub struct Menu {
    /// Shown: the image's name.
    pub title: String,
    /// The root file system.
    pub root: Uuid,
    /// The file system of `/boot`, where that is one of its own.
    pub boot: Option<Uuid>,
    /// Kernel, as a path in the tree.
    pub kernel: String,
    /// Initrd, as a path in the tree.
    pub initrd: Option<String>,
    /// `kernelcmdline`.
    pub cmdline: String,
    /// Seconds.
    pub timeout: u64,
    /// `countdown`, `hidden`, `menu`; GRUB's own where none is given.
    pub style: Option<String>,
    /// Where the menu shows and reads.
    pub terminals: Terminals,
}

/// GRUB's terminals; empty where its own choice holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terminals {
    /// The command that sets the serial line up, where one is used.
    pub serial: Option<String>,
    /// Names for `terminal_input`.
    pub input: Vec<String>,
    /// Names for `terminal_output`.
    pub output: Vec<String>,
}

impl Terminals {
    /// As `<bootloader>` asks for; where it does not, the serial line too if the kernel speaks there.
    pub fn of(loader: Option<&Element>, cmdline: &str) -> Self {
        let attr = |name: &str| loader.and_then(|element| element.attrs.get(name));
        let names = |name: &str| -> Vec<String> {
            let mut list: Vec<String> = Vec::new();
            for word in attr(name).unwrap_or("").split_whitespace() {
                // The graphical terminal needs a font file, which no image has; the plain one shows the same text.
                let word = if word == "gfxterm" { "console" } else { word };
                if !list.iter().any(|have| have == word) {
                    list.push(word.to_owned());
                }
            }
            list
        };
        let (mut input, mut output) = (names("input_console"), names("output_console"));
        if input.is_empty() && output.is_empty() && cmdline.contains("console=ttyS0") {
            let both = ["console", "serial"].map(str::to_owned);
            (input, output) = (both.to_vec(), both.to_vec());
        }
        let used = input.iter().chain(&output).any(|name| name == "serial");
        let line = attr("serial_line").unwrap_or("serial --unit=0 --speed=115200");
        Self {
            serial: used.then(|| line.to_owned()),
            input,
            output,
        }
    }
}

impl Menu {
    /// The file system that GRUB reads.
    pub fn home(&self) -> Uuid {
        self.boot.unwrap_or(self.root)
    }

    /// A path of the tree as GRUB finds it there.
    pub fn at_home<'p>(&self, path: &'p str) -> &'p str {
        match self.boot {
            Some(_) => path.strip_prefix("/boot").unwrap_or(path),
            None => path,
        }
    }
}

/// What a description says about the look of a menu, which is text here.
pub fn unheard(view: &View<'_>, loader: Option<&Element>) -> Vec<String> {
    let theme = view.last("bootloader-theme").map(|_| "<bootloader-theme>");
    let mode = loader
        .and_then(|l| l.attrs.at("video_mode"))
        .map(|_| "video_mode");
    let wishes = theme.into_iter().chain(mode);
    wishes
        .map(|wish| format!("`{wish}` has no effect: the boot menu is text"))
        .collect()
}

/// GRUB's menu, `boot/grub/grub.cfg`.
pub fn grub_cfg(menu: &Menu) -> String {
    let mut text = String::from("# Written when the image was created.\n");
    let terminals = &menu.terminals;
    if let Some(line) = &terminals.serial {
        text += &format!("{line}\n");
    }
    for (command, names) in [
        ("terminal_input", &terminals.input),
        ("terminal_output", &terminals.output),
    ] {
        if !names.is_empty() {
            text += &format!("{command} {}\n", names.join(" "));
        }
    }
    text += &format!("set default=0\nset timeout={}\n", menu.timeout);
    if let Some(style) = &menu.style {
        text += &format!("set timeout_style={style}\n");
    }
    text += &format!("search --no-floppy --fs-uuid --set=root {}\n", menu.home());
    let title = menu.title.replace('\'', "");
    let options = format!("root=UUID={} ro {}", menu.root, menu.cmdline);
    for (suffix, more) in [("", ""), (" (failsafe)", " nomodeset single")] {
        text += &format!(
            "menuentry '{title}{suffix}' {{\n    linux {} {}{more}\n",
            menu.at_home(&menu.kernel),
            options.trim_end()
        );
        if let Some(initrd) = &menu.initrd {
            text += &format!("    initrd {}\n", menu.at_home(initrd));
        }
        text += "}\n";
    }
    text
}

const MODULES: [&str; 15] = [
    "part_gpt",
    "part_msdos",
    "ext2",
    "search",
    "search_fs_uuid",
    "normal",
    "configfile",
    "linux",
    "serial",
    "terminal",
    "echo",
    "test",
    "all_video",
    "gzio",
    "minicmd",
];

/// GRUB's directory for a platform (`i386-pc`, `x86_64-efi`), of the host or else of the tree.
pub fn grub_dir(tree: &Path, platform: &str) -> Option<PathBuf> {
    let below = ["usr/lib/grub", "usr/share/grub2", "usr/lib/grub2"];
    let places = [Path::new("/"), tree]
        .into_iter()
        .flat_map(|root| below.map(|b| root.join(b).join(platform)));
    places.into_iter().find(|dir| dir.join("normal.mod").is_file())
}

/// Makes GRUB's image for a platform in `scratch`: its path, and that of the directory that boot.img lies in.
pub fn grub_image(
    tree: &Path,
    platform: &str,
    menu: &Menu,
    scratch: &Path,
    step: &Step,
) -> Result<(PathBuf, PathBuf), BuildError> {
    let dir = grub_dir(tree, platform).ok_or_else(|| BuildError::Host {
        code: "missing-tool",
        message: format!("GRUB's images for `{platform}` are neither on this host nor in the tree"),
        help: Some(format!(
            "install `{}` (Debian), `grub2-{platform}` (openSUSE) or `grub2-{}-modules` (Fedora)",
            if platform == "i386-pc" {
                "grub-pc-bin"
            } else {
                "grub-efi-amd64-bin"
            },
            if platform == "i386-pc" { "pc" } else { "efi-x64" }
        )),
    })?;
    let early = scratch.join(format!("{platform}.cfg"));
    let prefix = menu.at_home("/boot/grub");
    let text = format!(
        "search.fs_uuid {} root\nset prefix=($root){prefix}\nconfigfile $prefix/grub.cfg\n",
        menu.home()
    );
    std::fs::write(&early, text).at("cannot write", &early)?;
    let image = scratch.join(format!("{platform}.img"));
    let tool = if Path::new("/usr/bin/grub2-mkimage").exists() {
        "grub2-mkimage"
    } else {
        "grub-mkimage"
    };
    let mut cmd = Cmd::new(tool)
        .args(["-O", platform, "-p", prefix, "-d"])
        .arg(&dir)
        .arg("-c")
        .arg(&early);
    cmd = cmd.arg("-o").arg(&image).args(MODULES);
    if platform == "i386-pc" {
        cmd = cmd.args(["biosdisk"]);
    }
    run_tool(&cmd.doing("making GRUB's image"), Some(step))?;
    Ok((image, dir))
}

/// Where systemd-boot lies, in a tree or on the host. Some distributions ship it signed alone, which starts without
/// Secure Boot too.
pub const SYSTEMD_BOOT: [&str; 2] = [
    "/usr/lib/systemd/boot/efi/systemd-bootx64.efi.signed",
    "/usr/lib/systemd/boot/efi/systemd-bootx64.efi",
];

/// What systemd-boot needs on the EFI system partition: paths there, and bytes.
pub fn systemd_boot(tree: &Root, menu: &Menu, machine: &str) -> Result<Vec<(String, Vec<u8>)>, BuildError> {
    let of_tree = SYSTEMD_BOOT.iter().find_map(|name| tree.read(name).ok());
    let loader = of_tree.or_else(|| SYSTEMD_BOOT.iter().find_map(|name| std::fs::read(name).ok()));
    let loader = loader.ok_or_else(|| BuildError::Host {
        code: "missing-tool",
        message: "`systemd-bootx64.efi` is neither in the tree nor on this host".to_owned(),
        help: Some("add `systemd-boot-efi` (Debian), `systemd-boot` (openSUSE) or `systemd-boot-unsigned` (Fedora) to the packages".to_owned()),
    })?;
    let inside = |path: &str| {
        tree.read(path)
            .at("cannot read", tree.path().join(path.trim_start_matches('/')))
    };
    let mut entry = format!("title {}\nlinux /{machine}/linux\n", menu.title);
    let mut files = vec![
        ("EFI/BOOT/BOOTX64.EFI".to_owned(), loader),
        (format!("{machine}/linux"), inside(&menu.kernel)?),
    ];
    if let Some(initrd) = &menu.initrd {
        entry += &format!("initrd /{machine}/initrd\n");
        files.push((format!("{machine}/initrd"), inside(initrd)?));
    }
    entry += &format!("options root=UUID={} ro {}\n", menu.root, menu.cmdline);
    let conf = format!("default {machine}.conf\ntimeout {}\n", menu.timeout);
    files.push(("loader/loader.conf".to_owned(), conf.into_bytes()));
    files.push((format!("loader/entries/{machine}.conf"), entry.into_bytes()));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_menu_names_kernel_initrd_and_root() {
        let mut menu = Menu {
            title: "It's".into(),
            root: Uuid::nil(),
            boot: None,
            kernel: "/boot/vmlinuz-1".into(),
            initrd: Some("/boot/initrd.img-1".into()),
            cmdline: "console=ttyS0".into(),
            timeout: 1,
            style: None,
            terminals: Terminals::of(None, "console=ttyS0"),
        };
        let text = grub_cfg(&menu);
        assert!(text.contains("menuentry 'Its' {\n    linux /boot/vmlinuz-1 root=UUID=00000000-0000-0000-0000-000000000000 ro console=ttyS0\n    initrd /boot/initrd.img-1\n}"), "{text}");
        menu.boot = Some(Uuid::max());
        let text = grub_cfg(&menu);
        assert!(text.contains("--set=root ffffffff-"), "{text}");
        assert!(text.contains("linux /vmlinuz-1 root=UUID=0000"), "{text}");
        assert!(text.contains("initrd /initrd.img-1\n"), "{text}");
    }
}
