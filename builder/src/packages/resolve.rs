//! Remembers the addresses of hosts for a minute: ureq asks for each request anew, and resolvers throttle that.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// How long an answer is used.
const KEPT: Duration = Duration::from_secs(60);

/// The system's resolver with a memory.
#[derive(Debug, Default)]
pub struct Remembering {
    system: DefaultResolver,
    known: Mutex<HashMap<String, (Instant, ResolvedSocketAddrs)>>,
}

impl Resolver for Remembering {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let key = format!("{:?} {:?}", uri.scheme(), uri.authority());
        // Held while the system is asked, so that eight threads ask once.
        let Ok(mut known) = self.known.lock() else {
            return self.system.resolve(uri, config, timeout);
        };
        if let Some((when, addresses)) = known.get(&key)
            && when.elapsed() < KEPT
        {
            return Ok(addresses.clone());
        }
        let found = self.system.resolve(uri, config, timeout)?;
        known.insert(key, (Instant::now(), found.clone()));
        Ok(found)
    }
}
