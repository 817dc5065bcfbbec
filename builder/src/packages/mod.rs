//! Repository metadata: fetch, verify, index on disk, solve, download. One index for builds, `apteryx info` and completion.
