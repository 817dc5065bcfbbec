//! The codes of rules about lists of packages. Plain data.

use super::{REFUSED, START};
use crate::rules::table::{Code, error, file, info, warning};

/// Sorted by code.
pub(super) static CODES: &[Code] = &[
    warning(
        "conflicting-packages",
        "packages that exclude each other",
        "the package manager refuses them together: the build would stop in prepare",
    ),
    warning(
        "deleted-never-installed",
        "a package to remove that nothing installs",
        "nothing would be removed at the end of prepare",
    ),
    warning(
        "duplicate-package",
        "a package listed twice",
        "the second entry changes nothing",
    ),
    warning(
        "entry-not-for-manager",
        "an entry that the package manager has nothing for",
        "the build goes on without it, and its packages are not in the image",
    ),
    file(warning(
        "installed-and-deleted",
        "a package that one list installs and another removes",
        "it would be downloaded and installed, and not be in the image",
    )),
    warning(
        "machine-name",
        "a machine under another name than the kernel's",
        "what is for it never counts, on no machine",
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
    info(
        "missing-filesystem-tool",
        "an image without the tools of its root's file system",
        "the guest could neither check nor grow its root",
    ),
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
        "missing-theme",
        "a theme that no list installs",
        "the build would stop in prepare, where the splash is set to a theme that is not there",
    ),
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
        "stream-of-disabled-module",
        "a stream of a module that is switched off",
        REFUSED,
    ),
];
