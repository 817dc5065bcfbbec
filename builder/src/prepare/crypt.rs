//! Password hashes of the form `$6$SALT$HASH` (SHA-512, 5000 rounds; Ulrich Drepper, "Unix crypt using SHA-256 and
//! SHA-512", version 0.4). For plain passwords of a description; nothing here keeps or logs one.

use sha2::{Digest, Sha512};

const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ROUNDS: usize = 5000;

/// A salt of 16 characters made from random or derived bytes.
pub fn salt(bytes: &[u8]) -> String {
    let letters = bytes
        .iter()
        .take(16)
        .map(|byte| ALPHABET.get(usize::from(byte & 63)).copied().unwrap_or(b'.'));
    letters.map(char::from).collect()
}

/// The hash of `password` with `salt` (at most 16 characters, none of them `$`).
pub fn sha512(password: &str, salt: &str) -> String {
    let password = password.as_bytes();
    let salt: String = salt.chars().filter(|letter| *letter != '$').take(16).collect();
    let digest = |parts: &[&[u8]]| -> Vec<u8> {
        let mut hash = Sha512::new();
        parts.iter().for_each(|part| hash.update(part));
        hash.finalize().to_vec()
    };
    let repeated =
        |block: &[u8], length: usize| -> Vec<u8> { block.iter().copied().cycle().take(length).collect() };

    let alternate = digest(&[password, salt.as_bytes(), password]);
    let mut first = [password, salt.as_bytes()].concat();
    first.extend(repeated(&alternate, password.len()));
    let mut bits = password.len();
    while bits > 0 {
        first.extend_from_slice(if bits & 1 == 1 { &alternate } else { password });
        bits >>= 1;
    }
    let mut result = digest(&[&first]);
    let password_block = repeated(&digest(&[&password.repeat(password.len())]), password.len());
    let times = 16 + usize::from(result.first().copied().unwrap_or(0));
    let salt_block = repeated(&digest(&[&salt.as_bytes().repeat(times)]), salt.len());
    for round in 0..ROUNDS {
        let odd = round & 1 == 1;
        let mut input: Vec<u8> = if odd {
            password_block.clone()
        } else {
            result.clone()
        };
        if round % 3 != 0 {
            input.extend_from_slice(&salt_block);
        }
        if round % 7 != 0 {
            input.extend_from_slice(&password_block);
        }
        input.extend_from_slice(if odd { &result } else { &password_block });
        result = digest(&[&input]);
    }
    format!("$6${salt}${}", encode(&result))
}

/// The scheme's own order of bytes: three at a time, 21 apart, the order turned by one place each time.
fn encode(result: &[u8]) -> String {
    let byte = |index: usize| u32::from(result.get(index).copied().unwrap_or(0));
    let mut out = String::new();
    let mut put = |mut word: u32, letters: usize| {
        for _ in 0..letters {
            out.push(char::from(
                ALPHABET.get((word & 63) as usize).copied().unwrap_or(b'.'),
            ));
            word >>= 6;
        }
    };
    let (mut a, mut b, mut c) = (0, 21, 42);
    for _ in 0..21 {
        put((byte(a) << 16) | (byte(b) << 8) | byte(c), 4);
        (a, b, c) = (b + 1, c + 1, a + 1);
    }
    put(byte(63), 2);
    out
}

#[cfg(test)]
#[allow(clippy::print_stderr)] // A test may.
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_specification() {
        assert_eq!(
            sha512("Hello world!", "saltstring"),
            "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
        );
    }

    #[test]
    fn an_empty_password_has_a_hash_too() {
        // As crypt(3) of the C library gives it.
        let expected =
            "$6$x$QSmr1Bx2g4O6BzKvdkgOcyU6H91X6I/XBv5pSalMhSPkwdH6Beo3F455xZJg0v//bxVK5F4OE5k1.0xuR26MK0";
        assert_eq!(sha512("", "x"), expected);
    }

    #[test]
    fn agrees_with_openssl() {
        use crate::sandbox::{Cmd, run_tool};
        for (password, salt) in [
            ("linux", "abcdefgh"),
            (
                "pässwörd with a long, long text of more than 64 bytes in it …",
                "0123456789abcdef",
            ),
        ] {
            let cmd = Cmd::new("openssl")
                .args(["passwd", "-6", "-salt", salt, "-stdin"])
                .stdin(format!("{password}\n"))
                .capture();
            match run_tool(&cmd, None) {
                Ok(output) => assert_eq!(output.text().trim(), sha512(password, salt)),
                Err(error) => {
                    eprintln!("SKIPPED: {error}");
                    assert!(std::env::var_os("CI").is_none(), "{error}");
                }
            }
        }
    }
}
