//! The codes of rules about files beside the description: archives, overlays, scripts, units. Plain data.

use crate::rules::table::{Code, error, file, warning};

/// Sorted by code.
pub(super) static CODES: &[Code] = &[
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
    file(warning(
        "command-of-other-distribution",
        "a script that calls the package manager of another distribution",
        "the command is not found in prepare: the script goes on without what it should do, or stops the build",
    )),
    warning(
        "file-in-folder",
        "a file that is not looked for where it lies",
        "KIWI would stop in prepare: it copies the file by its last name and looks for the whole one",
    ),
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
    file(error(
        "missing-file",
        "a file that the description names and that is not beside it",
        "the build would stop in prepare, where the file is looked for",
    )),
    warning(
        "missing-target",
        "a folder to unpack into that nothing makes",
        "the build would stop in prepare, where the archive is unpacked",
    ),
    file(warning(
        "obsolete-helper",
        "a helper of KIWI that only stops the script",
        "the build would stop where the script calls it, with KIWI 11",
    )),
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
    file(warning(
        "program-not-executable",
        "a program of the overlay that may not be executed",
        "the build goes through, and nothing can start the program in the running system",
    )),
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
    error(
        "target-outside-root",
        "a file that would be put outside the image",
        "KIWI would write it to the build host in prepare, and it would not be in the image",
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
    file(warning(
        "unknown-helper",
        "a helper of KIWI that does not exist",
        "the command is not found: what it is to do is left out, or the build stops",
    )),
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
];
