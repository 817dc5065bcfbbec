//! Lists the pages of docs/diagnostics/ for `apteryx explain`, so that the binary carries them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let folder = root.join("../docs/diagnostics").canonicalize()?;
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    let mut out =
        String::from("/// Code and page, sorted by code.\npub static PAGES: &[(&str, &str)] = &[\n");
    for page in pages {
        let code = page.file_stem().unwrap_or_default().to_string_lossy();
        writeln!(
            out,
            "    ({code:?}, include_str!({:?})),",
            page.display().to_string()
        )?;
    }
    out.push_str("];\n");
    let target = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&target).join("pages.rs"), out)?;
    println!("cargo::rerun-if-changed={}", folder.display());
    Ok(())
}
