//! A repository of packages in name only, for the tests of this folder: metadata that can be read and solved, no files.

use std::path::Path;

/// Makes a flat repository of `names` in `folder`, without signature. What follows a name on lines of its own are more
/// of its fields.
pub fn repository(folder: &Path, names: impl Iterator<Item = impl AsRef<str>>) {
    std::fs::create_dir_all(folder).unwrap();
    let digest = "0".repeat(64);
    let one = |package: &str| {
        let name = package.lines().next().unwrap();
        let package = package.trim_end();
        format!(
            "Package: {package}\nVersion: 1.0\nArchitecture: all\nFilename: ./{name}.deb\nSize: 1\nSHA256: {digest}\nDescription: about {name}\n\n"
        )
    };
    let packages: String = names.map(|name| one(name.as_ref())).collect();
    std::fs::write(folder.join("Packages"), &packages).unwrap();
    let sum = std::process::Command::new("sha256sum")
        .arg(folder.join("Packages"))
        .output()
        .unwrap();
    let sum = String::from_utf8(sum.stdout).unwrap();
    let sum = sum.split(' ').next().unwrap();
    let release = format!(
        "Origin: test\nDate: Sat, 01 Jan 2022 00:00:00 UTC\nSHA256:\n {sum} {} Packages\n",
        packages.len()
    );
    std::fs::write(folder.join("Release"), release).unwrap();
}
