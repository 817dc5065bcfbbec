//! The codes of rules about containers. Plain data.

use super::REFUSED;
use crate::rules::table::{Code, error, warning};

/// Sorted by code.
pub(super) static CODES: &[Code] = &[
    error(
        "base-image",
        "a base image without a source that is known",
        "the build would stop as it starts, or in prepare, where the base image is fetched",
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
        "label-name",
        "a name that a label should not have",
        "tools that read the labels do not find it",
    ),
    warning(
        "stop-signal",
        "a signal that does not exist",
        "the container would not stop when asked, or not start",
    ),
    warning(
        "variable-name",
        "a name that a variable cannot have",
        "the container would have another variable than meant, or not start",
    ),
];
