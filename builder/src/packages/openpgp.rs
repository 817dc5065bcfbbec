//! Signatures of repositories by OpenPGP: which keys are trusted, and whether one of them signed a text.
//! A key that is expired, revoked, or not meant for signing does not count; weak digests do not either.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use pgp::composed::{CleartextSignedMessage, Deserializable, DetachedSignature, SignedPublicKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{Signature, SignatureType};
use pgp::types::{KeyDetails, VerifyingKey};

/// The largest key file that is read.
pub const KEY_FILE_LIMIT: u64 = 16 << 20;

/// Trusted keys, and where they come from.
#[derive(Debug, Default, Clone)]
pub struct Keyring {
    keys: Vec<SignedPublicKey>,
    /// Files and addresses, for messages.
    pub sources: Vec<String>,
}

/// Why a text is not trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It carries no signature that can be read.
    Unsigned,
    /// A trusted key signed something else: key id.
    Bad(String),
    /// Signed by keys that are not trusted: their ids.
    Unknown(Vec<String>),
    /// Signed by a trusted key that no longer counts: its id and why.
    Unfit(String, &'static str),
}

impl Keyring {
    /// Adds the keys of a file's bytes, armoured or binary. Returns how many were read.
    pub fn add(&mut self, bytes: &[u8], source: &str) -> usize {
        let before = self.keys.len();
        let exported = without_trust(bytes);
        if let Ok((keys, _)) = SignedPublicKey::from_reader_many(&exported[..]) {
            self.keys.extend(keys.flatten());
        }
        self.sources.push(source.to_owned());
        self.keys.len() - before
    }

    /// The number of keys.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// The host's keyrings for Debian's and Ubuntu's archives.
    pub fn of_host(root: &Path) -> Keyring {
        let mut files: Vec<PathBuf> = Vec::new();
        for (folder, heads) in [
            (
                "usr/share/keyrings",
                ["debian-archive-", "ubuntu-archive-"].as_slice(),
            ),
            ("etc/apt/trusted.gpg.d", &["debian-", "ubuntu-"]),
        ] {
            let Ok(list) = std::fs::read_dir(root.join(folder)) else {
                continue;
            };
            files.extend(list.flatten().map(|e| e.path()).filter(|path| {
                let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
                let kind = [".gpg", ".asc", ".pgp"].iter().any(|end| name.ends_with(end));
                kind && heads.iter().any(|h| name.starts_with(h)) && !name.contains("removed")
            }));
        }
        files.sort();
        let mut ring = Keyring::default();
        for file in files {
            if std::fs::metadata(&file).is_ok_and(|m| m.len() <= KEY_FILE_LIMIT)
                && let Ok(bytes) = std::fs::read(&file)
            {
                ring.add(&bytes, &file.display().to_string());
            }
        }
        ring
    }

    /// The text of a clear-signed file, where a trusted key signed it; the key's fingerprint beside it.
    pub fn verify_inline(&self, text: &str, now: SystemTime) -> Result<(String, String), Refusal> {
        let (message, _) = CleartextSignedMessage::from_string(text).map_err(|_| Refusal::Unsigned)?;
        let signed = message.signed_text();
        let key = self.verify_any(message.signatures().iter(), signed.as_bytes(), now)?;
        Ok((signed.replace("\r\n", "\n"), key))
    }

    /// Checks a detached signature (armoured or binary); returns the fingerprint of the key.
    pub fn verify_detached(&self, signature: &[u8], data: &[u8], now: SystemTime) -> Result<String, Refusal> {
        let (signatures, _) =
            DetachedSignature::from_reader_many(signature).map_err(|_| Refusal::Unsigned)?;
        let signatures: Vec<Signature> = signatures.flatten().map(|s| s.signature).collect();
        self.verify_any(signatures.iter(), data, now)
    }

    /// One good signature is enough; the refusal tells the most useful reason.
    fn verify_any<'a>(
        &self,
        signatures: impl Iterator<Item = &'a Signature>,
        data: &[u8],
        now: SystemTime,
    ) -> Result<String, Refusal> {
        let mut refusal = Refusal::Unsigned;
        for signature in signatures {
            match self.verify_one(signature, data, now) {
                Ok(key) => return Ok(key),
                Err(Refusal::Unknown(ids)) => match &mut refusal {
                    Refusal::Unknown(known) => known.extend(ids),
                    Refusal::Unsigned => refusal = Refusal::Unknown(ids),
                    _ => {}
                },
                Err(other) => refusal = other,
            }
        }
        Err(refusal)
    }

    fn verify_one(&self, signature: &Signature, data: &[u8], now: SystemTime) -> Result<String, Refusal> {
        let kind = signature.typ();
        if !matches!(kind, Some(SignatureType::Binary | SignatureType::Text)) {
            return Err(Refusal::Unsigned);
        }
        let mut refusal = None;
        for key in &self.keys {
            let primary = &key.primary_key;
            if issued_by(signature, primary) {
                let fit = fit_primary(key, now);
                match check(signature, primary, fit, data, now) {
                    Ok(()) => return Ok(fingerprint(primary)),
                    Err(why) => refusal = Some(why),
                }
            }
            for sub in &key.public_subkeys {
                if issued_by(signature, &sub.key) {
                    let fit = fit_primary(key, now).and_then(|()| fit_subkey(key, sub, now));
                    match check(signature, &sub.key, fit, data, now) {
                        Ok(()) => return Ok(fingerprint(&sub.key)),
                        Err(why) => refusal = Some(why),
                    }
                }
            }
        }
        Err(refusal.unwrap_or_else(|| Refusal::Unknown(vec![issuer(signature)])))
    }
}

/// The packets that leave a keyring when it is exported. gpg keeps how far its owner trusts a key beside each part of
/// it (RFC 9580, 5.10), between a name and the signatures of it too. What is no plain row of packets stays as it is.
fn without_trust(bytes: &[u8]) -> Cow<'_, [u8]> {
    const TRUST: u8 = 12;
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some((tag, packet)) = packet(rest) else {
            return Cow::Borrowed(bytes);
        };
        let (this, next) = rest.split_at(packet);
        if tag != TRUST {
            out.extend_from_slice(this);
        }
        rest = next;
    }
    Cow::Owned(out)
}

/// The kind of the packet that the bytes begin with, and its length with its head; none where that is not said at once.
fn packet(bytes: &[u8]) -> Option<(u8, usize)> {
    let number = |from: usize, to: usize| -> Option<usize> {
        let bytes = bytes.get(from..to)?;
        Some(bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
    };
    let first = *bytes.first()?;
    let (tag, head, body) = match (first >> 6, first & 3) {
        (0b10, 0) => (first >> 2 & 15, 2, number(1, 2)?),
        (0b10, 1) => (first >> 2 & 15, 3, number(1, 3)?),
        (0b10, 2) => (first >> 2 & 15, 5, number(1, 5)?),
        (0b11, _) => match number(1, 2)? {
            short @ 0..192 => (first & 63, 2, short),
            192..224 => (first & 63, 3, number(1, 3)? - (192 << 8) + 192),
            255 => (first & 63, 6, number(2, 6)?),
            _ => return None,
        },
        _ => return None,
    };
    let all = head + body;
    (all <= bytes.len()).then_some((tag, all))
}

fn check(
    signature: &Signature,
    key: &impl VerifyingKey,
    fit: Result<(), &'static str>,
    data: &[u8],
    now: SystemTime,
) -> Result<(), Refusal> {
    let strong = matches!(
        signature.hash_alg(),
        Some(
            HashAlgorithm::Sha256
                | HashAlgorithm::Sha384
                | HashAlgorithm::Sha512
                | HashAlgorithm::Sha3_256
                | HashAlgorithm::Sha3_512
        )
    );
    signature
        .verify(key, data)
        .map_err(|_| Refusal::Bad(fingerprint(key)))?;
    if !strong {
        return Err(Refusal::Unfit(fingerprint(key), "the digest is too weak"));
    }
    let ends = signature.signature_expiration_time().filter(|d| d.as_secs() > 0);
    if ends.is_some_and(|d| ended(signature.created().map_or(0, |t| t.as_secs()), d.as_secs(), now)) {
        return Err(Refusal::Unfit(fingerprint(key), "the signature has expired"));
    }
    fit.map_err(|why| Refusal::Unfit(fingerprint(key), why))
}

fn fit_primary(key: &SignedPublicKey, now: SystemTime) -> Result<(), &'static str> {
    let primary = &key.primary_key;
    let revoked = key
        .details
        .revocation_signatures
        .iter()
        .any(|s| s.verify_key(primary).is_ok());
    if revoked {
        return Err("the key is revoked");
    }
    // The newest self-signature says how long the key holds.
    let by_user = key.details.users.iter().flat_map(|user| {
        let good = |s: &&Signature| {
            issued_by(s, primary)
                && s.verify_certification(primary, pgp::types::Tag::UserId, &user.id)
                    .is_ok()
        };
        user.signatures.iter().filter(good)
    });
    let direct = key
        .details
        .direct_signatures
        .iter()
        .filter(|s| s.verify_key(primary).is_ok());
    let newest = by_user
        .chain(direct)
        .max_by_key(|s| s.created().map_or(0, |t| t.as_secs()));
    let newest = newest.ok_or("the key has no valid self-signature")?;
    match newest.key_expiration_time() {
        Some(d) if d.as_secs() > 0 && ended(primary.created_at().as_secs(), d.as_secs(), now) => {
            Err("the key has expired")
        }
        _ => Ok(()),
    }
}

fn fit_subkey(
    key: &SignedPublicKey,
    sub: &pgp::composed::SignedPublicSubKey,
    now: SystemTime,
) -> Result<(), &'static str> {
    let primary = &key.primary_key;
    let bound = |s: &&Signature| s.verify_subkey_binding(primary, &sub.key).is_ok();
    let revoked = sub
        .signatures
        .iter()
        .filter(|s| s.typ() == Some(SignatureType::SubkeyRevocation))
        .any(|s| bound(&s));
    if revoked {
        return Err("the key is revoked");
    }
    let bindings = sub
        .signatures
        .iter()
        .filter(|s| s.typ() == Some(SignatureType::SubkeyBinding))
        .filter(bound);
    let newest = bindings.max_by_key(|s| s.created().map_or(0, |t| t.as_secs()));
    let newest = newest.ok_or("the key is not bound to its primary key")?;
    if !newest.key_flags().sign() {
        return Err("the key is not meant for signing");
    }
    match newest.key_expiration_time() {
        Some(d) if d.as_secs() > 0 && ended(sub.key.created_at().as_secs(), d.as_secs(), now) => {
            Err("the key has expired")
        }
        _ => Ok(()),
    }
}

fn ended(from: u32, seconds: u32, now: SystemTime) -> bool {
    let now = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |d| d.as_secs());
    now > u64::from(from) + u64::from(seconds)
}

fn issued_by(signature: &Signature, key: &impl KeyDetails) -> bool {
    let (id, fingerprint) = (key.legacy_key_id(), key.fingerprint());
    let prints = signature.issuer_fingerprint();
    if prints.is_empty() {
        signature.issuer_key_id().contains(&&id)
    } else {
        prints.contains(&&fingerprint)
    }
}

fn issuer(signature: &Signature) -> String {
    let print = signature.issuer_fingerprint().first().map(|p| format!("{p:X}"));
    let id = signature
        .issuer_key_id()
        .first()
        .map(|id| id.to_string().to_uppercase());
    print.or(id).unwrap_or_else(|| "unnamed".into())
}

fn fingerprint(key: &impl KeyDetails) -> String {
    format!("{:X}", key.fingerprint())
}
