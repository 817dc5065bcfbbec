//! `docker` and `oci`: one layer, its configuration, and the archive around them, written by the engine itself
//! (OCI image specification 1.0; Docker image specification 1.2).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use apteryx_schema::description::model::Element;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::archive;
use crate::error::{BuildError, IoContext};

/// All that a container's metadata comes from.
#[derive(Debug)]
pub struct Source<'a> {
    /// `<containerconfig>`.
    pub config: Option<&'a Element>,
    /// The machine name (`uname -m`).
    pub arch: &'a str,
    /// `author <contact>` of the description.
    pub author: String,
    /// Seconds since 1970 that everything bears.
    pub time: u64,
}

/// The OCI name of an architecture.
fn oci_arch(arch: &str) -> &str {
    match arch {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "i586" | "i686" | "ix86" => "386",
        "armv6l" | "armv7l" => "arm",
        other => other,
    }
}

/// Seconds since 1970 as RFC 3339 (civil calendar by Howard Hinnant's algorithm).
pub fn rfc3339(time: u64) -> String {
    let (days, seconds) = (time / 86_400, time % 86_400);
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (
        doy - (153 * mp + 2) / 5 + 1,
        if mp < 10 { mp + 3 } else { mp - 9 },
    );
    let year = yoe + era * 400 + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// Items of `<entrypoint execute=…><argument name=…/></entrypoint>` and its like.
fn command(config: Option<&Element>, name: &str) -> Option<Vec<String>> {
    let element = config?.child(name)?;
    let mut words: Vec<String> = element
        .attrs
        .get("execute")
        .map(str::to_owned)
        .into_iter()
        .collect();
    words.extend(
        element
            .all("argument")
            .filter_map(|a| a.attrs.get("name"))
            .map(str::to_owned),
    );
    Some(words)
}

/// (name, value) of the items of a list: `<labels><label name= value=/></labels>`.
fn pairs(config: Option<&Element>, list: &str, item: &str) -> BTreeMap<String, String> {
    let list = config.and_then(|c| c.child(list));
    let items = list.into_iter().flat_map(|l| l.all(item));
    items
        .filter_map(|i| {
            Some((
                i.attrs.get("name")?.to_owned(),
                i.attrs.get("value").unwrap_or("").to_owned(),
            ))
        })
        .collect()
}

fn attr<'a>(config: Option<&'a Element>, name: &str) -> Option<&'a str> {
    config?.attrs.get(name)
}

/// `name:tag` as `<containerconfig>` says.
pub fn reference(config: Option<&Element>) -> (String, String) {
    (
        attr(config, "name").unwrap_or("kiwi-container").to_owned(),
        attr(config, "tag").unwrap_or("latest").to_owned(),
    )
}

/// A reference in full, as skopeo writes it to RepoTags: with the registry `docker.io`, and `library` where no other
/// name space is given (distribution/reference: a first component with a dot, a colon, or `localhost` is a registry).
fn normal_name(reference: &str) -> String {
    match reference.split_once('/') {
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => reference.to_owned(),
        Some(_) => format!("docker.io/{reference}"),
        None => format!("docker.io/library/{reference}"),
    }
}

/// The image configuration; `layer` is the digest of the layer's tar stream.
pub fn config_json(source: &Source<'_>, layer: &str) -> Value {
    let config = source.config;
    let mut run = serde_json::Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            run.insert(key.to_owned(), value);
        }
    };
    let cleared = |name: &str| {
        config
            .and_then(|c| c.child(name))
            .and_then(|e| e.attrs.bool("clear"))
            == Some(true)
    };
    if !cleared("entrypoint") {
        put(
            "Entrypoint",
            command(config, "entrypoint")
                .filter(|w| !w.is_empty())
                .map(|w| json!(w)),
        );
    }
    if !cleared("subcommand") {
        let words = command(config, "subcommand").filter(|w| !w.is_empty());
        let default = config
            .and_then(|c| c.child("entrypoint"))
            .is_none()
            .then(|| vec!["/bin/bash".to_owned()]);
        put("Cmd", words.or(default).map(|w| json!(w)));
    }
    let mut env = pairs(config, "environment", "env");
    env.entry("PATH".to_owned())
        .or_insert_with(|| "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned());
    let env: Vec<String> = env
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    put("Env", Some(json!(env)));
    let labels = pairs(config, "labels", "label");
    put("Labels", (!labels.is_empty()).then(|| json!(labels)));
    let keys = |list: &str, item: &str, key: &str| -> Option<Value> {
        let items = config?
            .child(list)?
            .all(item)
            .filter_map(|i| i.attrs.get(key))
            .map(|k| (k.to_owned(), json!({})));
        Some(Value::Object(items.collect()))
    };
    put("ExposedPorts", keys("expose", "port", "number"));
    put("Volumes", keys("volumes", "volume", "name"));
    put("User", attr(config, "user").map(|v| json!(v)));
    put("WorkingDir", attr(config, "workingdir").map(|v| json!(v)));
    let stop = config
        .and_then(|c| c.child("stopsignal"))
        .map(|e| json!(e.text.as_str()));
    put("StopSignal", stop);
    let history = config.and_then(|c| c.child("history"));
    let said = |name: &str| history.and_then(|h| h.attrs.get(name)).map(str::to_owned);
    let author = attr(config, "maintainer").map_or_else(|| source.author.clone(), str::to_owned);
    let created = rfc3339(source.time);
    let mut entry = json!({
        "created": created,
        "created_by": said("created_by").unwrap_or_else(|| format!("apteryx {}", env!("CARGO_PKG_VERSION"))),
        "author": said("author").unwrap_or_else(|| author.clone()),
    });
    if let (Some(history), Some(entry)) = (history.filter(|h| !h.text.is_empty()), entry.as_object_mut()) {
        entry.insert("comment".to_owned(), json!(history.text.as_str()));
    }
    json!({
        "created": created,
        "author": author,
        "architecture": oci_arch(source.arch),
        "os": "linux",
        "config": run,
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{layer}")]},
        "history": [entry],
    })
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Writes through and hashes.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// The layer of `root` at `to`: digest and bytes.
pub fn write_layer(root: &Path, time: u64, to: &Path) -> Result<(String, u64), BuildError> {
    let file = BufWriter::with_capacity(1 << 20, File::create(to).at("cannot write", to)?);
    let mut out = archive::write_tar(
        root,
        time,
        Hashing {
            inner: file,
            hash: Sha256::new(),
        },
    )?;
    out.flush().at("cannot write", to)?;
    let size = std::fs::metadata(to).at("cannot read", to)?.len();
    Ok((hex::encode(out.hash.finalize()), size))
}

/// Writes the archive of kind `docker` or `oci` around a layer to `out`.
pub fn write_archive<W: Write>(
    oci: bool,
    source: &Source<'_>,
    layer: &Path,
    (layer_digest, layer_size): (&str, u64),
    out: W,
) -> Result<W, BuildError> {
    let config = config_json(source, layer_digest).to_string().into_bytes();
    let config_digest = digest(&config);
    let (name, tag) = reference(source.config);
    let mut tar = tar::Builder::new(out);
    let wrong = "cannot write";
    let mut add = |path: &str, size: u64, data: &mut dyn Read| {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(size);
        header.set_mtime(source.time);
        tar.append_data(&mut header, path, data).at(wrong, layer)
    };
    let mut file = File::open(layer).at("cannot read", layer)?;
    if oci {
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": format!("sha256:{config_digest}"), "size": config.len()},
            "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": format!("sha256:{layer_digest}"), "size": layer_size}],
        });
        let manifest = manifest.to_string().into_bytes();
        let manifest_digest = digest(&manifest);
        let index = json!({
            "schemaVersion": 2,
            "manifests": [{
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "digest": format!("sha256:{manifest_digest}"),
                "size": manifest.len(),
                "annotations": {"org.opencontainers.image.ref.name": format!("{name}:{tag}")},
            }],
        });
        let index = index.to_string().into_bytes();
        let layout = br#"{"imageLayoutVersion":"1.0.0"}"#;
        add("oci-layout", layout.len() as u64, &mut layout.as_slice())?;
        add("index.json", index.len() as u64, &mut index.as_slice())?;
        for blob in [&config, &manifest] {
            add(
                &format!("blobs/sha256/{}", digest(blob)),
                blob.len() as u64,
                &mut blob.as_slice(),
            )?;
        }
        add(&format!("blobs/sha256/{layer_digest}"), layer_size, &mut file)?;
    } else {
        let mut tags = vec![normal_name(&format!("{name}:{tag}"))];
        for extra in source
            .config
            .map(|c| c.attrs.list("additionalnames"))
            .unwrap_or_default()
        {
            tags.push(normal_name(&match extra.strip_prefix(':') {
                Some(tag) => format!("{name}:{tag}"),
                // A colon before the last `/` belongs to a registry's port.
                None if extra.rsplit('/').next().is_some_and(|last| last.contains(':')) => extra.to_owned(),
                None => format!("{extra}:{tag}"),
            }));
        }
        let manifest = json!([{
            "Config": format!("{config_digest}.json"),
            "RepoTags": tags,
            "Layers": [format!("{layer_digest}.tar")],
        }]);
        let manifest = manifest.to_string().into_bytes();
        add("manifest.json", manifest.len() as u64, &mut manifest.as_slice())?;
        add(
            &format!("{config_digest}.json"),
            config.len() as u64,
            &mut config.as_slice(),
        )?;
        add(&format!("{layer_digest}.tar"), layer_size, &mut file)?;
    }
    tar.into_inner().at(wrong, layer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn times_are_written_as_in_the_calendar() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(rfc3339(1_767_225_599), "2025-12-31T23:59:59Z");
    }

    #[test]
    fn names_are_written_in_full() {
        let names = [
            ("a:1", "docker.io/library/a:1"),
            ("o/a:1", "docker.io/o/a:1"),
            ("r.io/a:1", "r.io/a:1"),
            ("localhost/a:1", "localhost/a:1"),
        ];
        for (short, full) in names {
            assert_eq!(normal_name(short), full);
        }
    }

    #[test]
    fn a_configuration_without_wishes_starts_a_shell() {
        let source = Source {
            config: None,
            arch: "x86_64",
            author: "A <a@b>".into(),
            time: 0,
        };
        let text = serde_json::to_string(&config_json(&source, "00")["config"]).expect("json");
        expect![[r#"{"Cmd":["/bin/bash"],"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]}"#]]
            .assert_eq(&text);
    }
}
