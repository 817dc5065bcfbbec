//! A repository of two packages that a whole build can be made of, without a mirror: the host's bash and dpkg with what
//! they need, and a kernel in name only with a stand-in for an initrd tool. For tests that build often.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Programs of the host that the first package holds.
const PROGRAMS: [&str; 22] = [
    "bash",
    "dpkg",
    "dpkg-deb",
    "dpkg-query",
    "dpkg-split",
    "dpkg-trigger",
    "start-stop-daemon",
    "ldconfig",
    "tar",
    "rm",
    "sleep",
    "cat",
    "sed",
    "touch",
    "mkdir",
    "diff",
    "useradd",
    "groupadd",
    "usermod",
    "chown",
    "test",
    "dd",
];

/// A description of a disk of that name, made of the two packages in the folder `repository` beside it.
pub fn disk(name: &str) -> String {
    format!(
        r#"<image schemaversion="8.5" name="{name}">
    <description type="system"><author>A</author><contact>a@b.example</contact><specification>disk</specification></description>
    <preferences>
        <version>1.2.3</version><packagemanager>apt</packagemanager>
        <type image="oem" filesystem="ext4" format="qcow2"><oemconfig><oem-resize>false</oem-resize></oemconfig></type>
    </preferences>
    <repository type="apt-deb" alias="tiny" repository_gpgcheck="false"><source path="this://repository"/></repository>
    <packages type="bootstrap"><package name="linux-image-tiny"/></packages>
</image>
"#
    )
}

pub fn run(program: &str, args: &[&str]) -> Output {
    Command::new(program).args(args).output().unwrap()
}

fn find(tool: &str) -> Option<PathBuf> {
    ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        .iter()
        .map(|dir| Path::new(dir).join(tool))
        .find(|path| path.is_file())
}

fn write(path: PathBuf, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A file of the host with the libraries it needs.
fn take(from: &Path, root: &Path) {
    let needs = run("ldd", &[from.to_str().unwrap()]);
    let text = String::from_utf8_lossy(&needs.stdout).into_owned();
    let libraries = text
        .split_whitespace()
        .filter(|word| word.starts_with('/') && Path::new(word).is_file());
    for file in libraries.map(Path::new).chain([from]) {
        // Merged: every program and library lies below /usr.
        let below = file.strip_prefix("/usr").or(file.strip_prefix("/")).unwrap();
        let to = root.join("usr").join(below);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(file, to).unwrap();
    }
}

/// Makes the package of `folder/NAME` and gives its paragraph for Packages.
fn package(folder: &Path, name: &str, fields: &str) -> String {
    let root = folder.join(name);
    let control = format!(
        "Package: {name}\nVersion: 1.0\nArchitecture: amd64\nMaintainer: A <a@b.example>\n{fields}Description: {name}\n"
    );
    write(root.join("DEBIAN/control"), &control);
    let deb = folder.join(format!("{name}.deb"));
    let made = run(
        "dpkg-deb",
        &[
            "--root-owner-group",
            "-Zgzip",
            "-z1",
            "-b",
            root.to_str().unwrap(),
            deb.to_str().unwrap(),
        ],
    );
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::remove_dir_all(root).unwrap();
    let sum = run("sha256sum", &[deb.to_str().unwrap()]).stdout;
    let sum = String::from_utf8(sum).unwrap();
    let sum = sum.split(' ').next().unwrap();
    let size = std::fs::metadata(&deb).unwrap().len();
    format!("{control}Filename: ./{name}.deb\nSize: {size}\nSHA256: {sum}\n\n")
}

/// One package more in the repository of `folder`, of a script alone: its postinst.
pub fn add(folder: &Path, name: &str, fields: &str, postinst: &str) {
    let script = folder.join(name).join("DEBIAN/postinst");
    write(script.clone(), postinst);
    run("chmod", &["0755", script.to_str().unwrap()]);
    let list = folder.join("Packages");
    let packages = std::fs::read_to_string(&list).unwrap() + &package(folder, name, fields);
    std::fs::write(list, packages).unwrap();
}

/// Makes the flat, unsigned repository in `folder`: the essential `tiny-base`, and `linux-image-tiny`.
pub fn repository(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let base = folder.join("tiny-base");
    for program in PROGRAMS {
        take(&find(program).unwrap_or_else(|| panic!("{program}")), &base);
    }
    std::os::unix::fs::symlink("bash", base.join("usr/bin/sh")).unwrap();
    write(base.join("etc/passwd"), "root:x:0:0:root:/root:/bin/bash\n");
    write(base.join("etc/group"), "root:x:0:\n");
    write(base.join("etc/shadow"), "root:*:1::::::\n");
    let kernel = folder.join("linux-image-tiny");
    write(kernel.join("boot/vmlinuz-6.1.0"), "kernel");
    write(kernel.join("usr/lib/modules/6.1.0/modules.dep"), "");
    let tool = kernel.join("usr/sbin/mkinitramfs");
    write(tool.clone(), "#!/bin/bash\nsleep 0.4\necho initrd >\"$2\"\n");
    run("chmod", &["0755", tool.to_str().unwrap()]);
    let script = kernel.join("DEBIAN/postinst");
    write(script.clone(), "#!/bin/sh\nsleep 0.3\n");
    run("chmod", &["0755", script.to_str().unwrap()]);
    let packages = package(folder, "tiny-base", "Essential: yes\n")
        + &package(
            folder,
            "linux-image-tiny",
            "Section: kernel\nDepends: tiny-base\n",
        );
    std::fs::write(folder.join("Packages"), packages).unwrap();
}
