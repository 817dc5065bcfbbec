//! The codes of rules about repositories. Plain data.

use super::START;
use crate::rules::table::{Code, error, info, warning};

/// Sorted by code.
pub(super) static CODES: &[Code] = &[
    warning(
        "credentials-in-address",
        "a password in the address of a repository",
        "it stands in the description, in the build's log, and in the image where the repository is included",
    ),
    warning(
        "duplicate-alias",
        "two active repositories of one alias",
        "the second takes the place of the first, and packages of the first are not found in prepare",
    ),
    warning(
        "duplicate-repository",
        "a repository that is read twice",
        "its packages are looked through twice, and what should stand there is missing",
    ),
    error("no-repository", "no repository to build from", START),
    error(
        "obs-project",
        "a project of the build service that there is not",
        "the repository is not found: the build would stop in prepare",
    ),
    error(
        "private-repository-included",
        "a repository configured in the image that it cannot reach",
        START,
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
    info(
        "unsigned-repository",
        "packages without encryption and without a signature that is checked",
        "who sits between the server and the build can put programs of their own into the image",
    ),
];
