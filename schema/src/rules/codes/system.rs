//! The codes of rules about users, the system, and its way from the boot loader to a login. Plain data.

use super::START;
use crate::rules::table::{Code, error, info, warning};

/// Sorted by code.
pub(super) static CODES: &[Code] = &[
    info(
        "clear-text-password",
        "a password in clear text",
        "it stays readable in the description, and is a hash in `/etc/shadow` of the image",
    ),
    warning(
        "console-device",
        "a console that the kernel does not know",
        "the build would go through, and the kernel would show nothing there as it boots",
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
        "duplicate-user",
        "an account with two values of one setting",
        "one of them is taken without a word",
    ),
    warning(
        "empty-password",
        "an account without a password",
        "anyone could log in, where the system lets in without a password",
    ),
    error(
        "group-id",
        "a number that a group cannot have",
        "the build would stop in prepare, where the group is made",
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
        "loader-setting",
        "a setting that the boot loader does not know",
        "the boot loader would go without it, or the build stop in create",
    ),
    warning(
        "missing-serial-console",
        "a serial console in the boot loader and none in the kernel",
        "after the boot loader nothing would show on the serial line",
    ),
    warning(
        "password-hash",
        "a password in another form than it is said to have",
        "the build would go through, and the user could not log in with it",
    ),
    warning(
        "unknown-group",
        "a group that is likely misspelled",
        "a new group of that name would be made, and the user would lack the rights of the one meant",
    ),
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
    warning(
        "untrusted-certificate",
        "a certificate that the image would not come to trust",
        "the build would stop when the bootstrap is done, or go through and the image not trust it",
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
];
