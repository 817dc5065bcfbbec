//! What a description's folder gives rise to, on folders that are made up: each mistake with its sound twin.
#![cfg(test)]

use std::path::PathBuf;

use apteryx_schema::description::folder::Memory;
use apteryx_schema::description::{self, model::File};
use apteryx_schema::diagnostic::FileId;
use apteryx_schema::{rules, syntax};

/// A description with this inside.
fn image(name: &str, inside: &str) -> description::model::Image {
    let text = format!("<image schemaversion=\"8.5\" name=\"a\">{inside}</image>");
    let tree = syntax::parse(&text);
    assert!(tree.errors().is_empty(), "{text}");
    let mut image = description::from_tree(&tree, FileId(0));
    image.files.push(File {
        path: PathBuf::from(name),
        text: text.as_str().into(),
    });
    image
}

/// Codes and messages of what is found in `config.xml` with this inside and these files beside it.
fn found(inside: &str, folder: &Memory) -> Vec<String> {
    let mut folder = folder.clone();
    folder.0.insert("config.xml".to_owned(), Default::default());
    let beside = rules::beside(&image("config.xml", inside), &folder, None);
    let all = beside.diagnostics.iter();
    all.map(|d| format!("{}: {}; {}", d.code, d.message, d.label))
        .collect()
}

/// The codes alone.
fn codes(inside: &str, folder: &Memory) -> Vec<String> {
    let all = found(inside, folder).into_iter();
    all.map(|f| f.split(':').next().unwrap().to_owned()).collect()
}

fn packages(items: &str) -> String {
    format!("<packages type=\"image\">{items}</packages>")
}

#[test]
fn an_archive_and_a_file_that_are_not_there() {
    let inside = packages("<archive name=\"tools.tgz\"/><file name=\"motd\" target=\"/etc/motd\"/>");
    let folder = Memory::of([("tools.tar.gz", ""), ("other", "")]);
    assert_eq!(
        found(&inside, &folder),
        [
            "missing-file: there is no archive `tools.tgz` beside the description; did you mean `tools.tar.gz`?",
            "missing-file: there is no file `motd` beside the description; looked for when the bootstrap is done",
        ]
    );
    let folder = Memory::of([("tools.tgz", ""), ("motd", "")]);
    assert_eq!(found(&inside, &folder), [""; 0]);
}

/// The tag of a base image is no part of its file's name.
#[test]
fn a_base_image_with_a_tag() {
    let inside =
        "<preferences><type image=\"oci\" derived_from=\"file:base.tar#base:latest\"/></preferences>";
    let folder = Memory::of([("base.tar", "")]);
    assert_eq!(found(inside, &folder), [""; 0]);
    let told = "missing-file: there is no base image `base.tar` beside the description";
    assert!(found(inside, &Memory::default())[0].starts_with(told));
}

/// Its label and its help say one thing: what happens then depends on the other repositories.
#[test]
fn a_repository_that_is_not_there_is_passed_over() {
    let inside = "<repository><source path=\"this://repo\"/></repository>";
    let mut folder = Memory::of([("config.xml", "")]);
    let told = rules::beside(&image("config.xml", inside), &folder, None).diagnostics;
    let [one] = told.as_slice() else {
        panic!("{told:?}")
    };
    let help = one.help.as_ref().map(ToString::to_string).unwrap_or_default();
    assert_eq!(one.label.to_string(), "passed over with a warning");
    assert!(
        help.ends_with("where no other repository has a package"),
        "{help}"
    );
    folder.0.insert("repo/a.rpm".to_owned(), Default::default());
    assert_eq!(found(inside, &folder), [""; 0]);
}

#[test]
fn files_that_lie_elsewhere_are_not_looked_for() {
    let inside = packages("<archive name=\"/srv/tools.tgz\"/><file name=\"https://example.org/x\"/>")
        + "<packages type=\"delete\"><package name=\"x\"/></packages>";
    assert_eq!(found(&inside, &Memory::default()), [""; 0]);
}

#[test]
fn scripts_and_keys_that_are_named() {
    let inside = "<preferences><type image=\"oem\" editbootconfig=\"boot.sh\" editbootinstall=\"/opt/x.sh\"/></preferences>\
                  <repository><source path=\"https://example.org\"><signing key=\"file:own.asc\"/><signing \
                  key=\"file:///usr/share/keys/a.asc\"/></source></repository>";
    assert_eq!(codes(inside, &Memory::default()), ["missing-file"; 2]);
    let folder = Memory::of([("boot.sh", "true\n"), ("own.asc", "")]);
    assert_eq!(found(inside, &folder), [""; 0]);
}

/// The same text, once as a file of the overlay and once as a script writes it.
#[test]
fn a_text_that_a_script_writes_is_judged_as_a_file_of_the_overlay() {
    let text = "[Match]\nNaem=en*\n[Network]\nAddress=192.0.2.300/24\nGatewy=192.0.2.1\n";
    let path = "etc/systemd/network/20-wired.network";
    let script = format!("#!/bin/bash\ncat > /{path} <<'END'\n{text}END\n");
    let overlay = Memory::of([("config.xml", ""), (&format!("root/{path}"), text)]);
    let written = Memory::of([("config.xml", ""), ("config.sh", &script)]);
    let told = |folder: &Memory| {
        let mut all = found("", folder);
        all.sort();
        all
    };
    let lines = told(&overlay);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(told(&written), lines);
}

#[test]
fn a_collection_of_descriptions_is_not_the_folder_of_one() {
    let inside = packages("<archive name=\"tools.tgz\"/>");
    let judge = |name: &str, folder: &Memory| {
        rules::beside(&image(name, &inside), folder, None)
            .diagnostics
            .len()
    };
    let several = Memory::of([("a.kiwi", ""), ("b.kiwi", "")]);
    assert_eq!(judge("a.kiwi", &several), 0);
    assert_eq!(judge("case.xml", &Memory::of([("case.xml", "")])), 0);
    assert_eq!(judge("a.kiwi", &Memory::of([("a.kiwi", "")])), 1);
    // Its files show whose folder it is.
    let own = Memory::of([("a.kiwi", ""), ("b.kiwi", ""), ("config.sh", "true\n")]);
    assert_eq!(judge("a.kiwi", &own), 1);
    let own = Memory::of([("a.kiwi", ""), ("b.kiwi", ""), ("root/etc/motd", "")]);
    assert_eq!(judge("a.kiwi", &own), 1);
}

#[test]
fn names_that_a_build_passes_over() {
    for (name, meant) in [
        ("confg.sh", "config.sh"),
        ("config.sh.txt", "config.sh"),
        ("Config.sh", "config.sh"),
        ("config.bash", "config.sh"),
        ("image.sh", "images.sh"),
        ("post-bootstrap.sh", "post_bootstrap.sh"),
        ("pre-disk-sync.sh", "pre_disk_sync.sh"),
        ("Disk.sh", "disk.sh"),
        ("root.tgz", "root.tar.gz"),
        ("root.tar.xz", "root.tar.gz"),
        ("Root/etc/motd", "root"),
        ("rooot/etc/motd", "root"),
    ] {
        let shown = name.split('/').next().unwrap();
        let words = format!(
            "overlooked-file: `{shown}` beside the description is not used: the name is `{meant}`; rename it to `{meant}`"
        );
        assert_eq!(found("", &Memory::of([(name, "true\n")])), [words]);
    }
}

#[test]
fn names_that_are_no_slips() {
    for name in [
        "config.sh",
        "config.js",
        "config1.sh",
        "config.sh.bak",
        "config.sh~",
        "config.sh.in",
        "configure.sh",
        "build.sh",
        "boot/etc/motd",
        "rootfs/readme",
        "README",
        "Makefile",
        "root.txt",
        "test.sh",
        "images",
        "disk",
        "roots/readme",
    ] {
        assert_eq!(found("", &Memory::of([(name, "true\n")])), [""; 0], "{name}");
    }
    // What is used for something else.
    let inside = "<preferences><type image=\"oem\" editbootinstall=\"disks.sh\"/></preferences>";
    assert_eq!(found(inside, &Memory::of([("disks.sh", "true\n")])), [""; 0]);
    let both = Memory::of([("config.sh", "true\n"), ("confg.sh", "true\n")]);
    assert_eq!(found("", &both), [""; 0]);
}

#[test]
fn an_overlay_of_a_profile_with_another_name() {
    let inside = "<profiles><profile name=\"Server\" description=\"s\"/><profile name=\"servers\" description=\"s\"/></profiles><preferences profiles=\"Server,servers\"/>";
    assert_eq!(found(inside, &Memory::of([("servers/etc/motd", "")])), [""; 0]);
    let inside = "<profiles><profile name=\"Server\" description=\"s\"/></profiles><preferences profiles=\"Server,servers\"/>";
    assert_eq!(
        codes(inside, &Memory::of([("server/etc/motd", "")])),
        ["overlooked-file"]
    );
    assert_eq!(
        codes(inside, &Memory::of([("Sever/etc/motd", "")])),
        ["overlooked-file"]
    );
    assert_eq!(found(inside, &Memory::of([("server/readme", "")])), [""; 0]);
    assert_eq!(found(inside, &Memory::of([("Server/etc/motd", "")])), [""; 0]);
}

#[test]
fn an_overlay_folder_in_the_place_of_a_link() {
    let manager = |name: &str| format!("<preferences><packagemanager>{name}</packagemanager></preferences>");
    let folder = Memory::of([("root/lib/modules/x", ""), ("root/usr/bin/y", "")]);
    assert_eq!(
        found(&manager("apt"), &folder),
        [
            "overlay-over-link: the overlay folder `root/lib` takes the place of the link `/lib` to `usr/lib`; move it to `root/usr/lib`"
        ]
    );
    assert_eq!(codes(&manager("dnf5"), &folder), ["overlay-over-link"]);
    // Leap 15 has real folders there, and so has Alpine.
    assert_eq!(found(&manager("zypper"), &folder), [""; 0]);
    assert_eq!(found(&manager("apk"), &folder), [""; 0]);
    let tumbleweed = "<repository><source path=\"obs://openSUSE:Tumbleweed/standard\"/></repository>";
    let inside = manager("zypper") + tumbleweed;
    assert_eq!(codes(&inside, &folder), ["overlay-over-link"]);
    assert_eq!(
        found(&manager("apt"), &Memory::of([("root/usr/lib/x", "")])),
        [""; 0]
    );
}

/// What is found in a `config.sh` of that text: line, code, message and label.
fn script(name: &str, text: &str, executable: bool) -> Vec<String> {
    let mut folder = Memory::of([("config.xml", "")]);
    folder
        .0
        .insert(name.to_owned(), (text.as_bytes().to_vec(), executable));
    let inside = "<preferences><type image=\"oem\" editbootinstall=\"edit.sh\"/></preferences>";
    folder
        .0
        .entry("edit.sh".to_owned())
        .or_insert((b"true\n".to_vec(), false));
    let beside = rules::beside(&image("config.xml", inside), &folder, None);
    let all = beside.diagnostics.iter();
    all.map(|d| {
        let file = &beside.files[d.file.0 as usize - 1];
        assert_eq!(file.path, PathBuf::from(name));
        let line = file.text[..d.span.start as usize].matches('\n').count() + 1;
        let severity = format!("{:?}", d.severity).to_lowercase();
        format!("{line} {severity} {}: {}; {}", d.code, d.message, d.label)
    })
    .collect()
}

#[test]
fn who_runs_a_script() {
    for (text, executable, wanted) in [
        (
            "echo\n",
            true,
            "1 warning script-interpreter: an executable script does not say which program runs it; `#!/bin/bash` is expected as the first line",
        ),
        (
            "\n#!/bin/bash\necho\n",
            true,
            "1 warning script-interpreter: an executable script does not say which program runs it; `#!/bin/bash` is expected as the first line",
        ),
        (
            " #!/bin/bash\necho\n",
            true,
            "1 warning script-interpreter: an executable script does not say which program runs it; nothing may stand before `#!`",
        ),
        (
            "#/bin/bash\necho\n",
            true,
            "1 warning script-interpreter: an executable script does not say which program runs it; did you mean `#!/bin/bash`?",
        ),
        (
            "#!/bin/bahs\necho\n",
            true,
            "1 error script-interpreter: `bahs` is hardly a program that runs scripts; did you mean `bash`?",
        ),
        (
            "#!bash\necho\n",
            true,
            "1 error script-interpreter: `bash` is no absolute path of a program; did you mean `/bin/bash`?",
        ),
        (
            "#!/usr/bin/env bash -e\necho\n",
            true,
            "1 error script-interpreter: `env` takes all that follows as the name of one program; use `env -S`, or name the program by its path",
        ),
        (
            "#!/usr/bin/python3\nprint()\n",
            false,
            "1 error script-interpreter: the script is written for `python3`, and is not executable and so is run by bash; make it executable, or write it for bash",
        ),
        (
            "#!/bin/bash\r\necho\r\n",
            true,
            "1 error script-line-ends: the lines of the script end with a carriage return, as on Windows; no program has such a name",
        ),
        (
            "#!/bin/bash\r\necho\r\n",
            false,
            "1 error script-line-ends: the lines of the script end with a carriage return, as on Windows; part of the last word for the shell",
        ),
    ] {
        assert_eq!(script("config.sh", text, executable), [wanted], "{text:?}");
    }
    // On the host it is bash in any case.
    let python = script("edit.sh", "#!/usr/bin/python3\nprint()\n", true);
    assert_eq!(python.len(), 1, "{python:?}");
    assert_eq!(script("edit.sh", "echo\n", true), [""; 0]);
}

#[test]
fn scripts_that_run() {
    for (text, executable) in [
        ("#!/bin/bash\nset -e\nsystemctl enable ssh\n", true),
        ("#!/bin/bash\nset -e\n", false),
        ("set -e\n", false),
        ("", false),
        ("\n\n", true),
        ("#!/bin/sh\ntrue\n", false),
        ("#! /bin/bash -x\ntrue\n", true),
        ("#!/usr/bin/env bash\ntrue\n", true),
        ("#!/usr/bin/env -S bash -e\ntrue\n", true),
        ("#!/usr/bin/python3\nprint()\n", true),
        ("#!/usr/bin/perl -w\n1;\n", true),
        ("#!/usr/libexec/platform-python\nprint()\n", true),
        ("\u{7f}ELF\0\0", true),
        (
            "#!/bin/bash\ngpg --keyring /tmp/k.gpg --import /etc/k.asc\n",
            true,
        ),
        ("#!/bin/bash\ntar zcf /tmp/etc.tgz /etc\n", true),
        ("#!/bin/bash\nuseradd bob\npasswd --stdin bob <<< secret\n", true),
        (
            "#!/bin/bash\ndnf mark install vim\ndnf history info install\n",
            true,
        ),
    ] {
        for name in ["config.sh", "images.sh", "post_bootstrap.sh"] {
            assert_eq!(script(name, text, executable), [""; 0], "{text:?}");
        }
    }
}

/// What a distribution of the author's own is made of no list says.
#[test]
fn units_of_a_distribution_of_ones_own() {
    let of = |release: &str| {
        let names = "kernel-default grub2 gparted squashfs cpio greetd device-mapper zypper vim less tar";
        let names = names.split(' ').chain([release, "tern-base"]);
        let inside = names
            .map(|n| format!("<package name=\"{n}\"/>"))
            .collect::<String>();
        let mut folder = Memory::default();
        let script = b"#!/bin/bash\nsystemctl enable NetworkManager.service\n";
        folder.0.insert("config.sh".to_owned(), (script.to_vec(), true));
        let manager = "<preferences><packagemanager>zypper</packagemanager></preferences>";
        found(&(manager.to_owned() + &packages(&inside)), &folder)
    };
    assert_eq!(of("tern-release"), [""; 0]);
    assert!(
        of("openSUSE-release")[0].starts_with("unknown-unit: no list installs a package that has the unit")
    );
}

/// A socket that accepts each connection by itself starts a template.
#[test]
fn a_socket_and_its_template() {
    let of = |accept: &str, service: &str| {
        let socket = format!("[Socket]\nListenStream=9100\nAccept={accept}\n");
        let own = format!("root/etc/systemd/system/{service}.service");
        let text = "[Service]\nExecStart=/usr/bin/true\n";
        found(
            "",
            &Memory::of([("root/etc/systemd/system/health.socket", &*socket), (&*own, text)]),
        )
    };
    assert_eq!(of("yes", "health@"), [""; 0]);
    assert_eq!(of("no", "health"), [""; 0]);
    assert!(of("yes", "helth@")[0].ends_with("did you mean `helth.socket` as its name?"));
    assert_eq!(of("no", "health@").len(), 1);
}

/// What may be unset and is read besides the right one is another program's name for it.
#[test]
fn variables_under_two_names() {
    let of = |test: &str| {
        script(
            "config.sh",
            &format!("#!/bin/sh\ncase {test} in *) ;; esac\n"),
            true,
        )
    };
    assert_eq!(of("\"${kiwi_profiles:-}${kiwi_profile:-}\""), [""; 0]);
    assert_eq!(of("\"${kiwi_profile:-$kiwi_profiles}\""), [""; 0]);
    for slip in ["\"${kiwi_profile:-}\"", "\"$kiwi_profiles$kiwi_profile\""] {
        assert!(of(slip)[0].starts_with("2 warning unknown-variable"), "{slip}");
    }
}

#[test]
fn helpers_that_stop_a_script_or_do_not_exist() {
    let text = "#!/bin/bash\n. /.kconfig\nsuseConfig\nbaseInsertServise sshd\nbaseInsertService sshd\nbaseThing\nexit 0\n";
    assert_eq!(
        script("config.sh", text, true),
        [
            "3 warning obsolete-helper: KIWI's helper `suseConfig` has become one that ends the script with status 1; take it out",
            "4 warning unknown-helper: there is no helper `baseInsertServise`; did you mean `baseInsertService`?",
            "6 warning unknown-helper: there is no helper `baseThing`; KIWI has none of this name",
        ]
    );
    // Another file may have it.
    let more = "#!/bin/bash\n. /.kconfig\n. /usr/share/own.sh\nbaseThing\n";
    assert_eq!(script("config.sh", more, true), [""; 0]);
    let own = "#!/bin/bash\n. /.kconfig\nbaseServices() { true; }\nbaseServices\n";
    assert_eq!(script("config.sh", own, true), [""; 0]);
    let without = "#!/bin/bash\nbaseServise x\n";
    assert_eq!(script("config.sh", without, true), [""; 0]);
}

#[test]
fn the_last_command_is_the_scripts_end() {
    for (text, wanted) in [
        ("set -e\nfalse\n", "2 error"),
        ("echo\nexit 1\n", "2 error"),
        ("echo\n[ -f /etc/x ] && rm /etc/x\n\n# end\n", "2 warning"),
        ("echo\n[[ -n $x ]] && echo $x", "2 warning"),
        ("test -f /etc/x && rm /etc/x\n", "1 warning"),
        // The status of an `if` is that of what it did last.
        ("if x; then\n  [ -f /etc/x ] && rm /etc/x\nfi\n", "2 warning"),
    ] {
        let found = script("config.sh", text, false);
        assert_eq!(found.len(), 1, "{text:?} {found:?}");
        assert!(
            found[0].starts_with(&format!("{wanted} script-ends-in-failure")),
            "{found:?}"
        );
    }
    for text in [
        "[ -f /etc/x ] && rm /etc/x\nexit 0\n",
        "[ -f /etc/x ] && rm /etc/x || true\n",
        "if x; then\n  exit 0\nfi\nexit 1\n",
        "if x; then\n  [ -f /etc/x ] && rm /etc/x\n  echo\nfi\n",
        "cat >/x <<EOF\n[ a ] && b\nEOF\n",
        "cat >/x <<EOF\nfalse\n",
        "echo \\\nfalse\n",
        "exit 256\n",
        "[ -f /etc/x ]\n",
    ] {
        assert_eq!(script("config.sh", text, false), [""; 0], "{text:?}");
    }
}

#[test]
fn a_profile_that_nothing_is_for() {
    let inside = "<profiles><profile name=\"Disk\" description=\"d\"/><profile name=\"Live\" description=\"l\"/></profiles>\
                  <preferences profiles=\"Disk\"><version>1</version></preferences>";
    assert_eq!(
        found(inside, &Memory::default()),
        [
            "unused-profile: no section, script or overlay is for the profile `Live`; to choose it changes nothing"
        ]
    );
    let script = "for p in ${kiwi_profiles//,/ }; do\n  [ $p != Live ] || echo live\ndone\n";
    assert_eq!(found(inside, &Memory::of([("config.sh", script)])), [""; 0]);
    assert_eq!(found(inside, &Memory::of([("Live/etc/motd", "")])), [""; 0]);
    let both = "<profiles><profile name=\"Disk\" description=\"d\"/><profile name=\"All\" description=\"l\"><requires \
                profile=\"Disk\"/></profile></profiles><preferences profiles=\"Disk\"><version>1</version></preferences>";
    assert_eq!(found(both, &Memory::default()), [""; 0]);
}

#[test]
fn keys_and_repositories_beside_the_description() {
    let inside =
        "<repository><source path=\"this://repo\"><signing key=\"file:own.asc\"/></source></repository>";
    assert_eq!(codes(inside, &Memory::default()), ["missing-file"; 2]);
    let folder = Memory::of([("repo/repodata/repomd.xml", ""), ("own.asc", "")]);
    assert_eq!(found(inside, &folder), [""; 0]);
}

#[test]
fn a_unit_of_another_name_is_a_note_where_the_package_switches_its_own_on() {
    let inside = "<preferences><packagemanager>apt</packagemanager><type image=\"oem\"/></preferences>\
                  <packages type=\"image\"><package name=\"openssh-server\"/></packages>";
    let told = |script: &str| {
        let folder = Memory::of([("config.xml", ""), ("config.sh", script)]);
        let beside = rules::beside(&image("config.xml", inside), &folder, None);
        let all = beside.diagnostics.iter();
        all.map(|d| format!("{:?} {}: {}", d.severity, d.message, d.label))
            .collect::<Vec<_>>()
    };
    let unit = "`sshd` is a unit of another distribution: did you mean `ssh`?";
    // The script goes on, or stops there.
    assert_eq!(
        told("#!/bin/bash\nsystemctl enable sshd\nexit 0\n"),
        [format!("Info {unit}")]
    );
    assert_eq!(
        told("#!/bin/bash\nset -e\nsystemctl enable sshd\nexit 0\n"),
        [format!("Warning {unit}")]
    );
}

/// What is found of units that a script switches on, beside the overlay's and with these packages.
fn units(manager: &str, packages: &str, own: &str, enabled: &str) -> Vec<String> {
    let preferences = format!("<preferences><packagemanager>{manager}</packagemanager></preferences>");
    let names = packages.split_whitespace();
    let items: String = names.map(|n| format!("<package name=\"{n}\"/>")).collect();
    let script = format!("#!/bin/bash\nsystemctl enable {enabled}\nexit 0\n");
    let own = format!("root/etc/systemd/system/{own}");
    let text = "[Socket]\nListenStream=/run/own\n[Service]\nExecStart=/usr/bin/true\n";
    let folder = Memory::of([("config.sh", &*script), (&*own, text)]);
    let all = found(&format!("{preferences}{}", self::packages(&items)), &folder);
    all.into_iter()
        .filter(|f| f.starts_with("unknown-unit"))
        .collect()
}

/// Real units that are near to other real ones, and those that a package of their name may have.
#[test]
fn units_that_are_there_are_no_slips_of_others() {
    for real in [
        "lldpad",
        "htpdate",
        "dcron",
        "syslogd",
        "zram-swap.service",
        "node-exporter",
        "zabbix-agentd",
    ] {
        assert_eq!(units("zypper", "", "own.socket", real), [""; 0], "{real}");
    }
    assert_eq!(
        units("zypper", "sssd", "sssd-pam.socket", "sssd-pac.socket"),
        [""; 0]
    );
    assert_eq!(units("apt", "", "nmbd.service", "smbd"), [""; 0]);
    assert_eq!(units("zypper", "postfox", "own.socket", "postfox"), [""; 0]);
    assert_eq!(units("zypper", "", "own.socket", "postfox").len(), 1);
    assert_eq!(
        units("pacman", "networkmanager", "own.socket", "networkmanager").len(),
        1
    );
    assert_eq!(units("zypper", "", "sssd-pam.socket", "sssd-apm.socket").len(), 1);
}

#[test]
fn the_unit_that_is_meant_is_called_as_the_distribution_calls_it() {
    for (manager, slip, meant) in [
        ("apt", "chornyd", "chrony"),
        ("zypper", "chornyd", "chronyd"),
        ("apt", "sshdd.service", "ssh.service"),
        ("zypper", "cornd", "cron"),
    ] {
        let told = units(manager, "", "own.socket", slip);
        let end = format!("did you mean `{meant}`?");
        assert!(told.len() == 1 && told[0].ends_with(&end), "{slip}: {told:?}");
    }
}
