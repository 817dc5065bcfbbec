//! Modules of the kernel that are loaded, left out or given options by files of the overlay: slips of those that people name
//! there. Knows the usual ones by name; says nothing about others.

use super::texts::{at_word, lines};
use crate::diagnostic::Diagnostic;
use crate::rules::found::{one_keystroke, same_digits};
use crate::rules::packages::misspelt::exchanged;

/// Modules that are often named.
const MODULES: &[&str] = &[
    "aesni_intel",
    "bluetooth",
    "bochs_drm",
    "bonding",
    "bridge",
    "br_netfilter",
    "btusb",
    "can_raw",
    "cifs",
    "configfs",
    "dm_crypt",
    "dm_mirror",
    "dm_mod",
    "dm_multipath",
    "dm_snapshot",
    "dm_thin_pool",
    "efivarfs",
    "floppy",
    "fuse",
    "hv_netvsc",
    "hv_storvsc",
    "hv_vmbus",
    "i2c_dev",
    "iptable_filter",
    "iptable_nat",
    "ip_tables",
    "ip_vs",
    "ip_vs_dh",
    "ip_vs_mh",
    "ip_vs_rr",
    "ip_vs_sh",
    "ip_vs_wrr",
    "ipmi_devintf",
    "ipmi_si",
    "iscsi_tcp",
    "iwlwifi",
    "kvm_amd",
    "kvm_intel",
    "macvlan",
    "md_mod",
    "nbd",
    "nf_conntrack",
    "nf_nat",
    "nf_tables",
    "nft_nat",
    "nouveau",
    "nvidia",
    "nvidia_drm",
    "nvme_tcp",
    "nvmet_tcp",
    "overlay",
    "pcspkr",
    "psmouse",
    "radeon",
    "amdgpu",
    "rndis_host",
    "snd_pcm",
    "squashfs",
    "tcp_bbr",
    "uinput",
    "usb_storage",
    "v4l2loopback",
    "vfio_pci",
    "vhost_net",
    "vhost_vsock",
    "virtio_blk",
    "virtio_net",
    "virtio_pci",
    "virtio_scsi",
    "vmw_pvscsi",
    "vmxnet3",
    "vxlan",
    "wireguard",
    "xt_conntrack",
    "xfs",
    "zram",
];

/// A module that is a keystroke away from a usual one.
pub(super) fn judge(text: &str) -> Option<Diagnostic> {
    lines(text).find_map(|(at, line)| {
        let mut words = line.split_whitespace();
        let first = words.next()?;
        let name = match first {
            "blacklist" | "options" | "softdep" => words.next()?,
            "install" | "alias" | "remove" => return None,
            _ => first,
        };
        let bare = name.replace('-', "_");
        let close = |k: &&str| {
            k.len() > 5 && (exchanged(k, &bare) || one_keystroke(k, &bare)) && same_digits(k, &bare)
        };
        let meant = MODULES
            .iter()
            .copied()
            .find(close)
            .filter(|_| !MODULES.contains(&&*bare))?;
        let message = format!("the kernel has no module `{name}`");
        let then = "the build goes through, and the running system does without it";
        at_word(at, line, name, message, format!("did you mean `{meant}`?"), then)
    })
}

/// A line that says more than the name of a module: what is loaded gets no options here.
pub(super) fn loaded(text: &str) -> Option<Diagnostic> {
    lines(text).find_map(|(at, line)| {
        let mut words = line.split_whitespace();
        let first = words.next().filter(|_| words.next().is_some())?;
        let word = match first {
            "options" | "blacklist" | "softdep" | "alias" | "install" | "remove" => first,
            _ => return None,
        };
        let message = format!("`{word}` is a statement of modprobe, and here stand names of modules alone");
        let then = "the build goes through, and the running system loads no such module";
        let label = "such lines are for `/etc/modprobe.d`".to_owned();
        at_word(at, line, word, message, label, then)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_module_is_a_slip_of_another() {
        for name in MODULES {
            assert!(judge(name).is_none(), "{name}");
        }
        assert!(judge("wiregaurd\n").is_some());
        assert!(judge("options md_mod start_ro=1\n").is_none());
        assert!(judge("blacklist nouvaeu\n").is_some());
        assert!(judge("br-netfilter\nip6_tables\nnf_nat_ftp\n").is_none());
    }
}
