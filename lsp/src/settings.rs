//! What the user has set, read from `initializationOptions` and `workspace/didChangeConfiguration`. Unknown keys and
//! values of the wrong kind are left alone: no setting may keep the server from starting.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::features::hints::Wanted;

/// May repositories be asked for their package lists?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lookup {
    /// Ask once per folder.
    #[default]
    Ask,
    /// Always.
    Allow,
    /// Never; what is on disk already is still used.
    Never,
}

/// The settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// `apteryx.mirror` = `host`: the mirror that the host's own package manager uses.
    pub host_mirror: bool,
    /// `apteryx.packages.lookup` = `ask`, `allow` or `never`.
    pub lookup: Lookup,
    /// `apteryx.status` = `true`: the client shows what `apteryx/status` tells.
    pub status: bool,
    /// `apteryx.lenses`: what stands above each `<type>`.
    pub lenses: bool,
    /// `apteryx.hints.sections` and `apteryx.hints.packages`.
    pub hints: Wanted,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            host_mirror: false,
            lookup: Lookup::default(),
            status: false,
            lenses: true,
            hints: Wanted {
                sections: true,
                packages: true,
            },
        }
    }
}

/// Profiles and a type; neither given stands for those that the description itself prefers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Selected profiles.
    #[serde(default)]
    pub profiles: Vec<String>,
    /// Image type.
    #[serde(default, rename = "type")]
    pub image: Option<String>,
}

impl Settings {
    /// These settings with what `value` says: `{"apteryx": {"mirror": …, "packages": {"lookup": …}}}`, the same without
    /// the outer object, or dotted keys.
    pub fn with(mut self, value: &Value) -> Self {
        let found = |path: &[&str]| {
            let nested = |value: &Value| path.iter().try_fold(value, |v, key| v.get(key)).cloned();
            let flat = path.join(".");
            value
                .get("apteryx")
                .and_then(nested)
                .or_else(|| nested(value))
                .or_else(|| value.get(format!("apteryx.{flat}")).cloned())
        };
        let find = |path: &[&str]| found(path)?.as_str().map(str::to_owned);
        let set = |path: &[&str], flag: &mut bool| {
            *flag = found(path).and_then(|v| v.as_bool()).unwrap_or(*flag);
        };
        set(&["status"], &mut self.status);
        set(&["lenses"], &mut self.lenses);
        set(&["hints", "sections"], &mut self.hints.sections);
        set(&["hints", "packages"], &mut self.hints.packages);
        if let Some(mirror) = find(&["mirror"]) {
            self.host_mirror = mirror == "host";
        }
        match find(&["packages", "lookup"]).as_deref() {
            Some("ask") => self.lookup = Lookup::Ask,
            Some("allow") => self.lookup = Lookup::Allow,
            Some("never") => self.lookup = Lookup::Never,
            _ => {}
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_three_ways_to_write_a_setting_are_read_and_nonsense_changes_nothing() {
        let wanted = Settings {
            host_mirror: true,
            lookup: Lookup::Never,
            status: true,
            lenses: false,
            hints: Wanted {
                sections: true,
                packages: false,
            },
        };
        for value in [
            json!({"apteryx":{"mirror":"host","packages":{"lookup":"never"},"status":true,"lenses":false,"hints":{"packages":false}}}),
            json!({"mirror":"host","packages":{"lookup":"never"},"status":true,"lenses":false,"hints":{"packages":false}}),
            json!({"apteryx.mirror":"host","apteryx.packages.lookup":"never","apteryx.status":true,"apteryx.lenses":false,"apteryx.hints.packages":false}),
        ] {
            assert_eq!(Settings::default().with(&value), wanted, "{value}");
        }
        for value in [
            json!(null),
            json!([1]),
            json!({"apteryx":{"mirror":7,"packages":"x","status":1}}),
        ] {
            assert_eq!(wanted.with(&value), wanted, "{value}");
        }
    }
}
