//! Every code of the rules with its severity, its line for lists, and what would happen. The pages are
//! docs/diagnostics/CODE.md.

use super::table::{Code, error, file, info, warning};

const REFUSED: &str = "KIWI refuses the description before it does any work";
const START: &str = "KIWI stops the build as it starts";

/// All of them, sorted by code.
pub static CODES: &[Code] = &[
    error("appx-name", "a name that an `appx` package cannot have", START),
    file(error(
        "archive-leads-out",
        "an archive that writes outside of the image",
        "the build would stop in prepare, or KIWI would write to the build host",
    )),
    file(error(
        "archive-unreadable",
        "an archive that cannot be unpacked",
        "the build would stop in prepare, where the archive is unpacked",
    )),
    error(
        "attribute-not-for-filesystem",
        "an attribute that needs another file system",
        REFUSED,
    ),
    error(
        "attribute-not-for-loader",
        "an attribute that the boot loader does not know",
        REFUSED,
    ),
    error(
        "attribute-not-for-manager",
        "an attribute that the package manager does not know",
        REFUSED,
    ),
    error(
        "attribute-not-for-section",
        "an attribute that its section does not have in this form",
        REFUSED,
    ),
    error(
        "attribute-not-for-type",
        "an attribute that the image type does not have",
        REFUSED,
    ),
    error(
        "base-image",
        "a base image without a source that is known",
        "the build would stop as it starts, or in prepare, where the base image is fetched",
    ),
    error(
        "btrfs-attribute-with-lvm",
        "an attribute of Btrfs together with `preferlvm`",
        REFUSED,
    ),
    info(
        "clear-text-password",
        "a password in clear text",
        "it stays readable in the description, and is a hash in `/etc/shadow` of the image",
    ),
    file(warning(
        "command-of-other-distribution",
        "a script that calls the package manager of another distribution",
        "the command is not found in prepare: the script goes on without what it should do, or stops the build",
    )),
    error(
        "compression",
        "a compression that the file system does not have",
        "the build would stop in create, where the file system is made",
    ),
    warning(
        "conflicting-packages",
        "packages that exclude each other",
        "the package manager refuses them together: the build would stop in prepare",
    ),
    warning(
        "console-device",
        "a console that the kernel does not know",
        "the build would go through, and the kernel would show nothing there as it boots",
    ),
    warning(
        "container-command",
        "a command that is no program",
        "the container would not start, or start something else",
    ),
    error(
        "container-format-needed",
        "a container's setting on a disk that is in no container",
        REFUSED,
    ),
    error(
        "container-name",
        "a name or tag that a container image cannot have",
        "the build would stop where the image is written or fetched",
    ),
    warning(
        "container-path",
        "a path of a container that does not begin at the root, or stands twice",
        "the container would not start, or the second changes nothing",
    ),
    warning(
        "container-port",
        "a port that does not exist, or stands twice",
        "nothing could listen there, or the second changes nothing",
    ),
    warning(
        "container-user",
        "a user that cannot be looked up",
        "the container would not start",
    ),
    warning(
        "contradicting-preferences",
        "a setting given twice with different values",
        "the build takes one of them without a word",
    ),
    warning(
        "contradicting-sizes",
        "a volume with two sizes",
        "one of them is taken without a word",
    ),
    warning(
        "credentials-in-address",
        "a password in the address of a repository",
        "it stands in the description, in the build's log, and in the image where the repository is included",
    ),
    warning(
        "deleted-never-installed",
        "a package to remove that nothing installs",
        "nothing would be removed at the end of prepare",
    ),
    warning(
        "device-filter",
        "a pattern of disks that is no regular expression",
        "the build would go through, and the installation leave out no disk, or every one",
    ),
    error(
        "disk-too-small",
        "a disk that cannot hold its partitions and its root",
        "the build would stop in create, where the disk is divided",
    ),
    warning(
        "duplicate-alias",
        "two active repositories of one alias",
        "the second takes the place of the first, and packages of the first are not found in prepare",
    ),
    warning(
        "duplicate-home",
        "two accounts with one home",
        "in the running system the files of the one would belong to the other",
    ),
    error(
        "duplicate-id",
        "a number of two accounts or groups",
        "the build would stop in prepare, where the account is made",
    ),
    warning(
        "duplicate-label",
        "two file systems of one label",
        "the system may mount the one in place of the other",
    ),
    warning(
        "duplicate-mount-point",
        "two file systems mounted at one place",
        "one of them would hide the other in the running system",
    ),
    warning(
        "duplicate-package",
        "a package listed twice",
        "the second entry changes nothing",
    ),
    warning(
        "duplicate-partition",
        "two partitions of one name",
        "only the last of them would be made",
    ),
    error(
        "duplicate-partition-number",
        "two partitions of one number",
        "the build would stop in create, where the disk is divided",
    ),
    warning(
        "duplicate-profile",
        "a profile declared twice",
        "the build takes one of them without a word",
    ),
    warning(
        "duplicate-repository",
        "a repository that is read twice",
        "its packages are looked through twice, and what should stand there is missing",
    ),
    warning(
        "duplicate-setting",
        "a label or variable set twice",
        "one of them is taken without a word",
    ),
    error("duplicate-type", "an image type that is active twice", START),
    warning(
        "duplicate-user",
        "an account with two values of one setting",
        "one of them is taken without a word",
    ),
    warning(
        "duplicate-volume",
        "a volume given twice",
        "the build would stop in create, or take one of them without a word",
    ),
    error(
        "efi-image-too-large",
        "an EFI image larger than an ISO can start",
        START,
    ),
    warning(
        "empty-password",
        "an account without a password",
        "anyone could log in, where the system lets in without a password",
    ),
    warning(
        "entry-not-for-manager",
        "an entry that the package manager has nothing for",
        "the build goes on without it, and its packages are not in the image",
    ),
    warning(
        "file-in-folder",
        "a file that is not looked for where it lies",
        "KIWI would stop in prepare: it copies the file by its last name and looks for the whole one",
    ),
    warning(
        "format-option",
        "a value that the disk format's option does not have",
        "the build would stop in create, where the disk is converted",
    ),
    error(
        "full-size-volumes",
        "more than one volume that takes all the room left",
        START,
    ),
    error(
        "group-id",
        "a number that a group cannot have",
        "the build would stop in prepare, where the group is made",
    ),
    warning(
        "image-version",
        "a version that cannot stand in the name of a file",
        "the build would stop in create, or its results would not be found by their names",
    ),
    error(
        "initrd-system-mismatch",
        "a boot description without the initrd that uses it",
        START,
    ),
    file(warning(
        "installed-and-deleted",
        "a package that one list installs and another removes",
        "it would be downloaded and installed, and not be in the image",
    )),
    error(
        "invalid-mode",
        "a mode that no file can have",
        "the build would stop in prepare, after the packages are installed",
    ),
    error(
        "invalid-owner",
        "an owner that no file can have",
        "the build would stop in prepare, after the packages are installed",
    ),
    warning(
        "kernel-parameter",
        "a word of the kernel's command line that it does not know",
        "the build would go through, and the kernel would leave the word aside as the guest boots",
    ),
    warning(
        "kernel-root",
        "a root on the kernel's command line that the disk may not have",
        "the build would go through, and the guest would wait for its root as it boots, and not find it",
    ),
    warning(
        "label-name",
        "a name that a label should not have",
        "tools that read the labels do not find it",
    ),
    warning(
        "label-too-long",
        "a label that the file system cannot hold",
        "the build would stop in create, or the label would be cut off",
    ),
    error(
        "loader-not-for-firmware",
        "a boot loader that the firmware cannot start",
        "the build would stop in create, or the guest would not boot",
    ),
    error(
        "loader-not-for-machine",
        "a boot loader or firmware that the machine does not have",
        START,
    ),
    warning(
        "luks-not-for-loader",
        "an encrypted root that the boot loader cannot open",
        "the guest would not boot",
    ),
    error("luks-option", "an option that `cryptsetup` does not have", START),
    error(
        "luks-version",
        "an option that the older LUKS header does not have",
        "the build would stop in create, where the root is encrypted",
    ),
    error("lvm-only", "a setting that counts only with LVM", START),
    warning(
        "machine-name",
        "a machine under another name than the kernel's",
        "what is for it never counts, on no machine",
    ),
    warning(
        "machine-range",
        "a least that is above its most",
        "the virtual machine would not start, or take one of them",
    ),
    warning(
        "manager-of-other-distribution",
        "a package manager that the distribution does not have",
        "the build would stop in prepare, where the package manager is started inside the tree",
    ),
    warning(
        "missing-boot-loader",
        "an image without its boot loader, or with that of another firmware",
        "the build would stop in create, or the guest would not boot",
    ),
    warning(
        "missing-bootstrap",
        "packages to install and none to start with",
        "the new root has no package manager yet: the build would stop in prepare",
    ),
    error(
        "missing-companion",
        "an attribute or section that needs another",
        REFUSED,
    ),
    warning(
        "missing-container-tool",
        "containers in an image that has nothing to load them with",
        "the build would go through, and the unit that loads them fail at the first start",
    ),
    warning(
        "missing-disk-tool",
        "an image without the tool that opens its root",
        "the initrd would not find the root: the guest would not boot",
    ),
    error(
        "missing-dracut-module",
        "an image without the dracut module it starts with",
        START,
    ),
    file(error(
        "missing-file",
        "a file that the description names and that is not beside it",
        "the build would stop in prepare, where the file is looked for",
    )),
    warning(
        "missing-filesystem",
        "a partition to mount that has no file system",
        "its line in `/etc/fstab` would name no file system: the guest would stop in its emergency shell",
    ),
    info(
        "missing-filesystem-tool",
        "an image without the tools of its root's file system",
        "the guest could neither check nor grow its root",
    ),
    error("missing-for-type", "something that the image type needs", REFUSED),
    warning(
        "missing-initrd-tool",
        "an image without the tool that makes its initrd",
        "the build would stop in create, where the initrd is made",
    ),
    warning(
        "missing-kernel",
        "an image that boots, without a kernel",
        "the build would stop in create, where the kernel is looked for",
    ),
    warning(
        "missing-mount-point",
        "a mount point that nothing makes",
        "the build would stop in create, where the partition is filled",
    ),
    warning(
        "missing-package-manager",
        "an image without a package manager named",
        "the build takes `dnf4`, which may not read the repositories: it would stop in prepare",
    ),
    warning(
        "missing-serial-console",
        "a serial console in the boot loader and none in the kernel",
        "after the boot loader nothing would show on the serial line",
    ),
    warning(
        "missing-spare-partition",
        "settings of a spare partition that is not made",
        "the build makes none without a word, and the root holds what was meant for it",
    ),
    warning(
        "missing-target",
        "a folder to unpack into that nothing makes",
        "the build would stop in prepare, where the archive is unpacked",
    ),
    warning(
        "missing-theme",
        "a theme that no list installs",
        "the build would stop in prepare, where the splash is set to a theme that is not there",
    ),
    error("missing-version", "an image without a version", START),
    warning(
        "mount-option",
        "a mount option that the root's file system does not have",
        "the build would stop in create, where the root is mounted, or the guest would not mount it",
    ),
    error(
        "mount-point",
        "a mount point that is no path",
        "the build would stop in create, where the file systems are filled",
    ),
    warning(
        "no-primary-type",
        "several active types, none of them primary",
        "the first of them is built without a word",
    ),
    error("no-repository", "no repository to build from", START),
    error("no-type", "no image type to build", START),
    error(
        "obs-project",
        "a project of the build service that there is not",
        "the repository is not found: the build would stop in prepare",
    ),
    file(warning(
        "obsolete-helper",
        "a helper of KIWI that only stops the script",
        "the build would stop where the script calls it, with KIWI 11",
    )),
    info(
        "outdated-form",
        "something written as before schema 8.5",
        "KIWI rewrites it in memory each time it builds; once the description says `schemaversion=\"8.5\"` it is refused",
    ),
    file(warning(
        "overlay-file",
        "a file of the overlay that does harm or is lost",
        "the build would go through, and the running system have another file than is meant",
    )),
    file(warning(
        "overlay-over-link",
        "an overlay folder in the place of a link into `/usr`",
        "KIWI would replace the link by the overlay's folder: what lies in `/usr` is not found there any more, and \
         prepare stops or the guest does not boot",
    )),
    file(warning(
        "overlooked-file",
        "a file beside the description that a build passes over for its name",
        "the build would go through without it, and without a word",
    )),
    warning(
        "package-for-other-machine",
        "a kernel or boot loader for another machine",
        "it cannot be installed, or the guest would not boot",
    ),
    warning(
        "package-name",
        "a package whose name is likely misspelt",
        "the package is not found: the build would stop in prepare",
    ),
    warning(
        "package-of-other-distribution",
        "a package under the name that another distribution gives it",
        "the package is not found: the build would stop in prepare",
    ),
    error(
        "partition-limit",
        "more partitions, or another number, than the table has",
        "the build would stop in create, where the disk is divided",
    ),
    warning(
        "partition-too-small",
        "a partition or volume too small for what it is for",
        "the build would stop in create, where it is made or filled",
    ),
    error(
        "partuuid-with-msdos",
        "partitions named by an UUID that an msdos table does not have",
        START,
    ),
    warning(
        "password-hash",
        "a password in another form than it is said to have",
        "the build would go through, and the user could not log in with it",
    ),
    error(
        "private-repository-included",
        "a repository configured in the image that it cannot reach",
        START,
    ),
    warning(
        "profile-cycle",
        "a profile that requires itself",
        "each of them is always selected together with the others",
    ),
    warning(
        "profile-name",
        "a profile whose name cannot be chosen",
        "no build can select the profile: what is for it never counts",
    ),
    file(warning(
        "program-not-executable",
        "a program of the overlay that may not be executed",
        "the build goes through, and nothing can start the program in the running system",
    )),
    warning(
        "read-only-root",
        "a root that cannot be written to, with nothing over it",
        "the build would go through, and services that write would fail as the guest boots",
    ),
    error(
        "repository-address",
        "an address that leads to no repository",
        "the build would stop in prepare, where the repository is set up",
    ),
    warning(
        "repository-architecture",
        "a machine that Debian calls otherwise",
        "no package is found: the build would stop in prepare",
    ),
    warning(
        "repository-components",
        "components that apt does not find",
        "their packages are not found: the build would stop in prepare",
    ),
    warning(
        "repository-priority",
        "a priority that no repository can have",
        "the package manager may take nothing from the repository: the build would stop in prepare",
    ),
    warning(
        "repository-release",
        "an address of another release than the description's, or of none",
        "its packages are not found or do not fit the others: the build would stop in prepare",
    ),
    warning(
        "repository-source-type",
        "an address that answers with a list of mirrors",
        "the package manager finds no metadata there: the build would stop in prepare",
    ),
    warning(
        "repository-suite",
        "a suite that apt does not find, or that is of another release",
        "the repository's metadata is not found, or its packages do not fit the others: the build would stop in prepare",
    ),
    warning(
        "repository-type",
        "a repository that the package manager does not read",
        "no package of it is found: the build would stop in prepare",
    ),
    error(
        "reserved-partition-name",
        "a partition named like one of the disk's own",
        REFUSED,
    ),
    error(
        "reserved-volume-label",
        "a volume labelled like one of the disk's own",
        START,
    ),
    error("root-volume", "a volume mounted at `/`", START),
    file(warning(
        "script-command",
        "a command of a script that cannot do its work in a build",
        "the build would go on without what the command is to do, or stop there",
    )),
    file(warning(
        "script-ends-in-failure",
        "a script whose last command can fail",
        "the build would stop where the script ends, in prepare or in create",
    )),
    file(warning(
        "script-interpreter",
        "a script that its program cannot run",
        "the build would stop where the script is started, or `sh` would read it in place of bash",
    )),
    file(warning(
        "script-line-ends",
        "a script with line ends of Windows",
        "the build would stop where the script is started, or its commands get wrong arguments",
    )),
    file(error(
        "script-syntax",
        "a script that bash cannot read",
        "the build would stop in the middle of the script",
    )),
    warning(
        "section-for-absent-type",
        "a list for an image type that is never built",
        "the build would go through, and nothing in it would be installed",
    ),
    error(
        "section-misplaced",
        "an entry that counts in another section only",
        REFUSED,
    ),
    error(
        "section-not-for-loader",
        "a section that the boot loader does not have",
        REFUSED,
    ),
    error(
        "section-not-for-type",
        "a section that the image type does not have",
        REFUSED,
    ),
    error(
        "sector-size",
        "a sector size that no disk has",
        "the build would stop in create, where the disk is set up",
    ),
    warning(
        "stop-signal",
        "a signal that does not exist",
        "the container would not stop when asked, or not start",
    ),
    error(
        "stream-of-disabled-module",
        "a stream of a module that is switched off",
        REFUSED,
    ),
    error(
        "target-outside-root",
        "a file that would be put outside the image",
        "KIWI would write it to the build host in prepare, and it would not be in the image",
    ),
    warning(
        "two-primary-types",
        "two active types that are primary",
        "the first of them is built where `--type` is not given",
    ),
    warning(
        "undefined-profile",
        "a section for a profile that is not declared",
        "the section never counts: every build goes through without it, and without a word",
    ),
    error(
        "undefined-required-profile",
        "a required profile that is not declared",
        "the build would stop as it starts, once the profile that requires it is selected",
    ),
    file(warning(
        "unit-program",
        "a unit that starts a program which is not there",
        "the build goes through, and the unit fails when it is started in the running system",
    )),
    file(warning(
        "unit-setting",
        "a setting of a unit that systemd does not know",
        "the build goes through, and systemd leaves the setting aside in the running system",
    )),
    warning(
        "unknown-group",
        "a group that is likely misspelled",
        "a new group of that name would be made, and the user would lack the rights of the one meant",
    ),
    file(warning(
        "unknown-helper",
        "a helper of KIWI that does not exist",
        "the command is not found: what it is to do is left out, or the build stops",
    )),
    warning(
        "unknown-keymap",
        "a keyboard map that is not known",
        "the keys would stay those of the default map, or the build would stop in prepare",
    ),
    warning(
        "unknown-locale",
        "a locale that does not exist",
        "the build would go through, and programs of the running system would speak as without any locale, `C`",
    ),
    warning(
        "unknown-timezone",
        "a time zone that does not exist",
        "the build would go through, and the running system would show the time of UTC",
    ),
    file(warning(
        "unknown-unit",
        "a unit nearly named like one that is there",
        "the command fails: the build stops there, or nothing switches the unit that is meant",
    )),
    file(warning(
        "unknown-variable",
        "a variable or file of KIWI that does not exist",
        "it is empty or not there: the script goes another way than meant, or stops the build where it has `set -u` or `set -e`",
    )),
    error(
        "unpartitioned-too-large",
        "more unpartitioned room than the disk has",
        REFUSED,
    ),
    info(
        "unsigned-repository",
        "packages without encryption and without a signature that is checked",
        "who sits between the server and the build can put programs of their own into the image",
    ),
    warning(
        "unused-allowance",
        "an allowance that allows nothing",
        "the comment hides nothing today and would hide the next fault of that kind",
    ),
    file(warning(
        "unused-profile",
        "a profile that nothing is for",
        "a build with the profile gives the same image as one without",
    )),
    info(
        "unused-setting",
        "a setting for something that is not there",
        "it changes nothing, without a word",
    ),
    error(
        "user-home",
        "a home that an account cannot have",
        "the build would stop in prepare, or the user would have no home",
    ),
    error(
        "user-id",
        "a number that an account cannot have",
        "the build would stop in prepare, where the account is made",
    ),
    error(
        "user-name",
        "a name that an account cannot have",
        "the build would stop in prepare, where the account is made",
    ),
    warning(
        "user-shell",
        "a shell that is not there",
        "the build would go through, and the user could not log in",
    ),
    warning(
        "vagrant-size",
        "a box that says it is smaller than its disk",
        "Vagrant would not start the box, or cut its disk off",
    ),
    warning(
        "variable-name",
        "a name that a variable cannot have",
        "the container would have another variable than meant, or not start",
    ),
    error(
        "volume-name",
        "a name that LVM does not take",
        "the build would stop in create, where the volumes are made",
    ),
    error(
        "xen-host-and-guest",
        "a system that is Xen host and guest at once",
        START,
    ),
];

/// What is known of a code.
pub fn code(name: &str) -> Option<&'static Code> {
    CODES
        .binary_search_by(|c| c.code.cmp(name))
        .ok()
        .and_then(|at| CODES.get(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_kebab_case_and_unique() {
        for pair in CODES.windows(2) {
            assert!(pair[0].code < pair[1].code, "{} {}", pair[0].code, pair[1].code);
        }
        for c in CODES {
            assert!(
                c.code.chars().all(|x| x.is_ascii_lowercase() || x == '-'),
                "{}",
                c.code
            );
        }
    }

    #[test]
    fn every_rule_has_a_code() {
        for rule in super::super::cooccurrence::RULES {
            assert!(code(rule.code).is_some(), "{}", rule.code);
        }
    }
}
