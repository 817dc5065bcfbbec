//! `apteryx fmt` as a user meets it. Fixtures are written here.
#![cfg(test)]

mod user;

use std::path::Path;

const OLD: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<image schemaversion=\"8.5\" name='a'>\n  <!-- two -->\n\n\n\n  \
    <packages type=\"image\">\n<package name=\"b\" /><package name=\"a\"/>\n  </packages>\n</image>";
const NEW: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<image schemaversion=\"8.5\" name='a'>\n    <!-- two -->\n\n    \
    <packages type=\"image\">\n        <package name=\"b\"/>\n        <package name=\"a\"/>\n    </packages>\n</image>\n";

fn apteryx(dir: &Path, args: &[&str], stdin: &[u8]) -> (i32, String, String) {
    let done = user::apteryx(dir, &[&["fmt"], args].concat(), stdin);
    (done.code, done.out, done.err)
}

#[test]
fn a_folder_is_laid_out_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name);
    std::fs::create_dir(file("sub")).unwrap();
    let windows = format!("\u{feff}{}", OLD.replace('\n', "\r\n"));
    std::fs::write(file("config.xml"), OLD).unwrap();
    std::fs::write(file("sub/a.kiwi"), &windows).unwrap();
    std::fs::write(file("sub/b.kiwi"), NEW).unwrap();
    let (code, out, err) = apteryx(dir.path(), &["--check"], b"");
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (
            1,
            "config.xml\nsub/a.kiwi\n",
            "2 files to be laid out, 1 unchanged\n"
        )
    );
    let (code, out, _) = apteryx(dir.path(), &["--diff"], b"");
    assert!(
        code == 0 && out.contains("-<package name=\"b\" /><package name=\"a\"/>\n"),
        "{out}"
    );
    assert_eq!(std::fs::read_to_string(file("config.xml")).unwrap(), OLD);
    let (code, out, err) = apteryx(dir.path(), &[], b"");
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (0, "", "2 files laid out, 1 unchanged\n")
    );
    assert_eq!(std::fs::read_to_string(file("config.xml")).unwrap(), NEW);
    assert_eq!(
        std::fs::read_to_string(file("sub/a.kiwi")).unwrap(),
        format!("\u{feff}{}", NEW.replace('\n', "\r\n"))
    );
    let (code, _, err) = apteryx(dir.path(), &["--check"], b"");
    assert_eq!((code, err.as_str()), (0, "0 files to be laid out, 3 unchanged\n"));
}

#[test]
fn standard_input_goes_to_standard_output() {
    let (code, out, err) = apteryx(Path::new("."), &["-"], OLD.as_bytes());
    assert_eq!((code, out.as_str(), err.as_str()), (0, NEW, ""));
    let (code, out, _) = apteryx(Path::new("."), &["--sort-packages", "-"], OLD.as_bytes());
    assert!(code == 0 && out.find("\"a\"/>") < out.find("\"b\"/>"), "{out}");
    let (code, out, _) = apteryx(Path::new("."), &["-q", "--check", "-"], OLD.as_bytes());
    assert_eq!((code, out.as_str()), (1, "-\n"));
}

#[test]
fn the_encoding_stays() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("wide.xml");
    let units = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_be_bytes).collect() };
    let wide = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-16\"?><image> <users/> </image>";
    std::fs::write(&file, units(wide)).unwrap();
    let (code, _, err) = apteryx(dir.path(), &["wide.xml"], b"");
    assert_eq!((code, err.as_str()), (0, "1 file laid out, 0 unchanged\n"));
    let new = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-16\"?>\n<image>\n    <users/>\n</image>\n";
    assert_eq!(std::fs::read(&file).unwrap(), units(new));
}

#[test]
fn what_cannot_be_laid_out_is_left_with_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |name: &str, bytes: &[u8], code: i32, why: &str| {
        let file = dir.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let (got, out, err) = apteryx(dir.path(), &[name], b"");
        assert!(got == code && out.is_empty() && err.contains(why), "{got} {err}");
        assert_eq!(std::fs::read(&file).unwrap(), bytes);
    };
    refused(
        "broken.xml",
        b"<image>\n <a>\n</image>",
        1,
        "error[unclosed-element]: `<a>` has no end tag",
    );
    refused(
        "config.yaml",
        b"image:\n  name: a\n",
        2,
        "error: `config.yaml` stays as it is: only XML is laid out\n",
    );
    refused(
        "page.xml",
        b"<html> <p/> </html>",
        2,
        "the root element is `<html>`, and only descriptions are laid out",
    );
    let (code, _, err) = apteryx(dir.path(), &["gone.xml"], b"");
    assert!(
        code == 2 && err.starts_with("error: cannot read `gone.xml`"),
        "{err}"
    );
}
