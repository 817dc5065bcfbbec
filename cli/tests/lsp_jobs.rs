//! Builds started by an editor: the real binary over stdio. Knows nothing of how a build works inside.
#![cfg(test)]
#![allow(clippy::disallowed_methods, missing_docs)]

mod lsp_client;
mod tiny;

use std::path::Path;
use std::time::{Duration, Instant};

use lsp_client::Server;
use serde_json::{Value, json};
use tiny::{alone, find, ready, traces, wait_for};

/// A sound description of a repository that answers no one: a socket that listens and never speaks.
fn description(folder: &Path, port: u16) -> String {
    let text = format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<image schemaversion="8.5" name="slow">
    <description type="system"><author>A</author><contact>a@example.org</contact><specification>s</specification></description>
    <preferences><version>1.0.0</version><packagemanager>apt</packagemanager><type image="tbz"/></preferences>
    <repository type="apt-deb" distribution="bookworm" components="main" repository_gpgcheck="false"><source path="http://127.0.0.1:{port}/debian"/></repository>
    <packages type="bootstrap"><package name="base-files"/></packages>
    <packages type="image"><package name="bash"/></packages>
</image>
"#
    );
    std::fs::write(folder.join("config.xml"), text).unwrap();
    format!("file://{}/config.xml", folder.display())
}

/// Processes whose command line names the folder.
fn processes(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().unwrap();
    let lines = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|e| {
        let line = std::fs::read(e.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    lines.filter(|line| line.contains(folder)).collect()
}

fn gone(folder: &Path) {
    let begun = Instant::now();
    while !processes(folder).is_empty() {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{:?}",
            processes(folder)
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_build_that_cannot_begin_is_answered_with_the_reason_and_its_progress_ends() {
    let folder = tempfile::tempdir().unwrap();
    let uri = description(folder.path(), 9);
    let mut server = Server::start(
        json!({"window":{"workDoneProgress":true}}),
        json!(null),
        folder.path(),
    );
    server.command(5, "apteryx.build", json!({"uri":uri,"profiles":["Nowhere"]}));
    let answer = server.until(|m| m["id"] == 5)["result"].clone();
    assert_eq!(answer["ok"], false, "{answer}");
    assert_eq!(answer["artifacts"], json!([]));
    assert!(
        answer["message"].as_str().unwrap().contains("`Nowhere`"),
        "{answer}"
    );
    assert_eq!((server.progress("begin"), server.progress("end")), (1, 1));
    let last = server
        .seen
        .iter()
        .rfind(|m| m["method"] == "apteryx/event")
        .unwrap();
    let params = &last["params"];
    assert_eq!(
        (&params["event"], &params["ok"]),
        (&json!("finished"), &json!(false)),
        "{last}"
    );
    assert_eq!(params["uri"], uri);
    server.command(6, "apteryx.nonsense", json!({"uri":uri}));
    assert_eq!(server.until(|m| m["id"] == 6)["error"]["code"], -32602);
    server.command(7, "apteryx.cancel", json!({"uri":uri}));
    assert_eq!(server.until(|m| m["id"] == 7)["result"]["ok"], false);
}

#[test]
fn the_end_of_a_job_is_told_before_its_answer() {
    let folders: Vec<_> = (0..8).map(|_| tempfile::tempdir().unwrap()).collect();
    let mut server = Server::start(progress(), json!(null), folders[0].path());
    for round in 0..6 {
        for (at, folder) in folders.iter().enumerate() {
            let uri = description(folder.path(), 9);
            let wanted = json!({"uri":uri,"profiles":["Nowhere"]});
            server.command(100 * round + at as u64 + 5, "apteryx.build", wanted);
        }
        for answered in 1..=folders.len() {
            server.until(|m| m.get("result").is_some() && m["id"].as_u64() >= Some(100 * round + 5));
            let ended = server.progress("end");
            let before = round as usize * folders.len() + answered;
            assert!(ended >= before, "{before} jobs are answered, {ended} ended");
        }
    }
}

/// A running build that waits for its mirror, as the editor sees it start.
fn running(server: &mut Server, id: u64, uri: &str) {
    server.command(id, "apteryx.build", json!({"uri":uri}));
    server.until(|m| m["method"] == "apteryx/event" && m["params"]["event"] == "build-started");
}

#[test]
fn a_cancelled_build_leaves_no_process_and_others_are_served_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = description(folder.path(), silent.local_addr().unwrap().port());
    let cache = tempfile::tempdir().unwrap();
    let mut server = Server::start(
        json!({"window":{"workDoneProgress":true}}),
        json!(null),
        cache.path(),
    );
    // By the command.
    running(&mut server, 5, &uri);
    assert!(!processes(folder.path()).is_empty());
    server.command(6, "apteryx.build", json!({"uri":uri}));
    let second = server.until(|m| m["id"] == 6);
    assert!(
        second["result"]["message"]
            .as_str()
            .unwrap()
            .contains("is running"),
        "{second}"
    );
    server.command(7, "apteryx.cancel", json!({"uri":uri}));
    assert!(server.until(|m| m["id"] == 7 || m["id"] == 5)["result"].is_object());
    let cancelled = |s: &Server, id: u64| {
        let answer = s.seen.iter().find(|m| m["id"] == id).map(|m| m["result"].clone());
        answer.is_some_and(|a| a["ok"] == false && a["message"] == "cancelled")
    };
    if !cancelled(&server, 5) {
        server.until(|m| m["id"] == 5);
    }
    assert!(cancelled(&server, 5), "{:?}", server.seen);
    gone(folder.path());
    // By the cancel button of the progress.
    running(&mut server, 8, &uri);
    let token = server.seen.iter().rfind(|m| m["method"] == "$/progress").unwrap()["params"]["token"].clone();
    server.send(json!({"method":"window/workDoneProgress/cancel","params":{"token":token}}));
    server.until(|m| m["id"] == 8);
    assert!(cancelled(&server, 8), "{:?}", server.seen);
    gone(folder.path());
    // By the end of the server.
    running(&mut server, 9, &uri);
    drop(server);
    gone(folder.path());
}

#[test]
fn an_old_description_is_migrated_by_an_edit_of_the_client() {
    let cache = tempfile::tempdir().unwrap();
    let mut server = Server::start(json!({}), json!(null), cache.path());
    let text = r#"<image schemaversion="7.4" name="a"><!-- kept --></image>"#;
    server.send(json!({"method":"textDocument/didOpen","params":{"textDocument":
        {"uri":"file:///d/config.xml","languageId":"xml","version":3,"text":text}}}));
    server.command(5, "apteryx.migrate", json!({"uri":"file:///d/config.xml"}));
    let apply = server.until(|m| m["method"] == "workspace/applyEdit");
    let edits = &apply["params"]["edit"]["changes"]["file:///d/config.xml"];
    assert!(edits[0]["newText"].as_str().unwrap().contains("8.5"), "{apply}");
    server.send(json!({"id":apply["id"],"result":{"applied":true}}));
    let answer = server.until(|m| m["id"] == 5);
    assert_eq!(answer["result"]["ok"], true, "{answer}");
}

/// A description that builds in seconds from a repository beside it, or a reason why not.
fn small(folder: &Path, packages: &str) -> Option<String> {
    if !ready(&["dpkg-deb", "ldd", "xz"]) {
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/tiny_repository.sh");
    let repository = folder.join("repository");
    let made = std::process::Command::new(find("bash").unwrap())
        .args([&script, &repository])
        .status();
    assert!(made.unwrap().success());
    let text = format!(
        r#"<image schemaversion="8.5" name="Tiny">
    <description type="system"><author>A</author><contact>a@example.org</contact><specification>tiny</specification></description>
    <preferences><version>1.0.0</version><packagemanager>apt</packagemanager><type image="tbz"/></preferences>
    <repository type="apt-deb" alias="tiny" repository_gpgcheck="false"><source path="file://{}"/></repository>
    <packages type="bootstrap"><package name="apt"/></packages>
    <packages type="image">{packages}</packages>
</image>
"#,
        repository.display()
    );
    std::fs::write(folder.join("config.xml"), text).unwrap();
    Some(format!("file://{}/config.xml", folder.display()))
}

/// A script of a description.
fn script(folder: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("config.sh");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn events(server: &Server) -> Vec<&Value> {
    let events = server.seen.iter().filter(|m| m["method"] == "apteryx/event");
    events.map(|m| &m["params"]).collect()
}

fn progress() -> Value {
    json!({"window":{"workDoneProgress":true}})
}

#[test]
fn a_build_runs_to_its_end_and_tells_what_it_made() {
    let _alone = alone();
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(uri) = small(folder.path(), "<package name=\"apt\"/>") else {
        return;
    };
    let before = traces();
    let mut server = Server::start(progress(), json!(null), cache.path());
    server.command(5, "apteryx.build", json!({"uri":uri}));
    let answer = server.until(|m| m["id"] == 5)["result"].clone();
    assert_eq!(answer["ok"], true, "{answer}");
    let archive = folder.path().join("out/Tiny.x86_64-1.0.0.tar.xz");
    let artifacts = answer["artifacts"].as_array().unwrap();
    let one = artifacts.iter().find(|a| a["key"] == "root_archive").unwrap();
    assert_eq!(one["path"], archive.to_str().unwrap());
    assert!(archive.is_file() && one["sha256"].as_str().unwrap().len() == 64);
    assert!(
        answer["message"]
            .as_str()
            .unwrap()
            .contains("Tiny.x86_64-1.0.0.tar.xz"),
        "{answer}"
    );
    assert_eq!((server.progress("begin"), server.progress("end")), (1, 1));
    // Each step begins before it ends; the build's own name comes before the packages, the results before the end.
    let events = events(&server);
    let at = |kind: &str, step: &str| {
        let wanted = |e: &&Value| e["event"] == kind && (step.is_empty() || e["step"] == step);
        events
            .iter()
            .position(wanted)
            .unwrap_or_else(|| panic!("no {kind} {step}"))
    };
    for step in ["check", "packages/download", "prepare/unpack", "create"] {
        assert!(at("step-started", step) < at("step-finished", step), "{step}");
    }
    assert!(at("build-started", "") < at("step-started", "packages/metadata"));
    assert!(at("step-finished", "prepare/unpack") < at("step-started", "create"));
    assert!(at("artifact", "") < at("finished", ""));
    assert_eq!(at("finished", ""), events.len() - 1);
    assert_eq!(events.last().unwrap()["ok"], true);
    // The tree stands: `create` makes another image of it, `prepare` is refused or redone, each as a job of its own.
    server.command(6, "apteryx.buildCreate", json!({"uri":uri}));
    assert_eq!(server.until(|m| m["id"] == 6)["result"]["ok"], true);
    server.command(
        7,
        "apteryx.buildPrepare",
        json!({"uri":uri,"targetDir":folder.path().join("other")}),
    );
    let answer = server.until(|m| m["id"] == 7)["result"].clone();
    assert_eq!(answer["ok"], true, "{answer}");
    assert!(
        folder
            .path()
            .join("other/build/image-root/usr/bin/dpkg")
            .is_file()
    );
    wait_for("the host as it was", || traces() == before);
}

#[test]
fn a_failure_is_told_where_the_description_is_to_blame_until_the_next_build() {
    let _alone = alone();
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(uri) = small(folder.path(), "<package name=\"apt\"/><package name=\"atp\"/>") else {
        return;
    };
    let never = json!({"apteryx":{"packages":{"lookup":"never"}}});
    let mut server = Server::start(progress(), never, cache.path());
    let path = folder.path().join("config.xml");
    let text = std::fs::read_to_string(&path).unwrap();
    server.open(&uri, 1, &text);
    let blamed = |uri: &str, wanted: bool| {
        let uri = uri.to_owned();
        move |m: &Value| {
            m["method"] == "textDocument/publishDiagnostics"
                && m["params"]["uri"] == uri
                && m["params"].to_string().contains("\"apteryx build\"") == wanted
        }
    };
    server.command(5, "apteryx.build", json!({"uri":uri}));
    let told = server.until(blamed(&uri, true))["params"]["diagnostics"].clone();
    let all = told.as_array().unwrap();
    let one = all.iter().find(|d| d["source"] == "apteryx build").unwrap();
    let column = text.lines().nth(5).unwrap().find("\"atp\"").unwrap() + 1;
    assert_eq!(
        one["range"]["start"],
        json!({"line":5,"character":column}),
        "{one}"
    );
    assert_eq!(one["code"], "package-not-found");
    // A script: the line that failed, in the script.
    let mended = text.replace("<package name=\"atp\"/>", "");
    std::fs::write(&path, &mended).unwrap();
    script(folder.path(), "#!/bin/bash\nset -e\ncat /nowhere\n");
    server.open(&uri, 2, &mended);
    let script_uri = format!("file://{}/config.sh", folder.path().display());
    server.command(6, "apteryx.build", json!({"uri":uri}));
    let told = server.until(blamed(&script_uri, true))["params"]["diagnostics"].clone();
    assert_eq!(told[0]["range"]["start"]["line"], 2, "{told}");
    assert_eq!(server.until(|m| m["id"] == 6)["result"]["ok"], false);
    // The next build takes it back.
    script(folder.path(), "#!/bin/bash\ntrue\n");
    server.command(7, "apteryx.build", json!({"uri":uri}));
    server.until(blamed(&script_uri, false));
    assert_eq!(server.until(|m| m["id"] == 7)["result"]["ok"], true);
}

/// A description whose script sleeps, and lets something sleep beside it.
fn sleeping(folder: &Path) -> Option<String> {
    let uri = small(folder, "<package name=\"apt\"/>")?;
    script(folder, "#!/bin/bash\nsleep 303 &\nsleep 303\n");
    Some(uri)
}

/// Waits for that script.
fn asleep() {
    wait_for("the script", || {
        traces().2.iter().any(|line| line.contains("sleep 303"))
    });
}

#[test]
fn a_build_cancelled_inside_a_script_leaves_the_host_as_it_was() {
    let _alone = alone();
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(uri) = sleeping(folder.path()) else {
        return;
    };
    let before = traces();
    let mut server = Server::start(progress(), json!(null), cache.path());
    server.command(5, "apteryx.build", json!({"uri":uri}));
    asleep();
    server.command(6, "apteryx.cancel", json!({"uri":uri}));
    let answer = server.until(|m| m["id"] == 5)["result"].clone();
    assert_eq!(
        (&answer["ok"], &answer["message"]),
        (&json!(false), &json!("cancelled")),
        "{answer}"
    );
    wait_for("the host as it was", || traces() == before);
}

/// Cancels a request; its answer says so.
fn give_up(server: &mut Server, id: u64) {
    server.send(json!({"method":"$/cancelRequest","params":{"id":id}}));
    let answer = server.until(|m| m["id"] == id && m.get("method").is_none());
    assert_eq!(answer["error"]["code"], -32800, "{answer}");
}

#[test]
fn a_build_whose_request_is_cancelled_is_answered_at_once_and_leaves_the_host_as_it_was() {
    let _alone = alone();
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(uri) = sleeping(folder.path()) else {
        return;
    };
    let before = traces();
    let mut server = Server::start(progress(), json!(null), cache.path());
    // The next one begins when the one given up is gone: it is not refused.
    for (id, command) in [(105, "apteryx.build"), (106, "apteryx.buildPrepare")] {
        server.command(id, command, json!({"uri":uri}));
        server.until(|m| m["params"]["command"] == command && m["params"]["step"] == "prepare/settings");
        asleep();
        give_up(&mut server, id);
    }
    wait_for("the host as it was", || traces() == before);
    while server.progress("end") < 2 {
        server.until(|m| m["method"] == "$/progress");
    }
    for id in [105, 106] {
        let answer = |m: &&Value| m["id"] == id && m.get("method").is_none();
        assert_eq!(server.seen.iter().filter(answer).count(), 1);
    }
}

#[test]
fn a_server_whose_client_goes_away_during_a_build_ends_and_leaves_the_host_as_it_was() {
    let _alone = alone();
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(uri) = sleeping(folder.path()) else {
        return;
    };
    let before = traces();
    for politely in [false, true] {
        let mut server = Server::start(progress(), json!(null), cache.path());
        server.command(5, "apteryx.build", json!({"uri":uri}));
        asleep();
        if politely {
            server.send(json!({"method":"exit"}));
        } else {
            drop(server.child.stdin.take());
        }
        wait_for("the server's end", || server.child.try_wait().unwrap().is_some());
        wait_for("the host as it was", || traces() == before);
        let left = std::fs::read_dir(folder.path().join("out")).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert!(
            left.iter()
                .all(|name| name.as_encoded_bytes().first() != Some(&b'.') || name == ".gitignore"),
            "{left:?}"
        );
    }
}

#[test]
fn a_build_asked_for_in_an_included_file_is_that_of_its_description() {
    let _alone = alone();
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(uri) = small(folder.path(), "<package name=\"apt\"/>") else {
        return;
    };
    let never = json!({"apteryx":{"packages":{"lookup":"never"}}});
    let one = "<package name=\"apt\"/>";
    let part = format!("<image><packages type=\"image\">{one}{one}</packages></image>\n");
    std::fs::write(folder.path().join("part.xml"), &part).unwrap();
    let text = std::fs::read_to_string(folder.path().join("config.xml")).unwrap();
    let text = text.replace("</image>", "    <include from=\"this://part.xml\"/>\n</image>");
    std::fs::write(folder.path().join("config.xml"), &text).unwrap();
    let mut server = Server::start(progress(), never, cache.path());
    server.open(&uri, 1, &text);
    let part_uri = uri.replace("config.xml", "part.xml");
    // The second entry is found as a part of the description.
    server.until(|m| {
        m["method"] == "textDocument/publishDiagnostics" && m["params"]["uri"] == part_uri.as_str()
    });
    server.open(&part_uri, 2, &part);
    server.command(5, "apteryx.buildPrepare", json!({"uri":part_uri}));
    let answer = server.until(|m| m["id"] == 5)["result"].clone();
    assert_eq!(answer["ok"], true, "{answer}");
    let events = events(&server);
    assert!(
        events.iter().all(|event| event["uri"] == part_uri.as_str()),
        "as it was named"
    );
}

#[test]
fn results_go_where_the_description_is_and_a_tree_that_is_missing_is_told() {
    let _alone = alone();
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(uri) = small(folder.path(), "<package name=\"apt\"/>") else {
        return;
    };
    let mut server = Server::start(progress(), json!(null), cache.path());
    server.command(5, "apteryx.buildCreate", json!({"uri":uri,"targetDir":"results"}));
    let answer = server.until(|m| m["id"] == 5)["result"].clone();
    let words = answer["message"].as_str().unwrap();
    let tree = folder
        .path()
        .canonicalize()
        .unwrap()
        .join("results/build/image-root");
    assert_eq!(words, format!("`{}` holds no root tree", tree.display()));
}

#[test]
fn a_build_given_up_before_it_began_is_not_in_the_way_of_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = description(folder.path(), silent.local_addr().unwrap().port());
    let cache = tempfile::tempdir().unwrap();
    let mut server = Server::start(progress(), json!(null), cache.path());
    for id in 100..110 {
        server.command(id, "apteryx.build", json!({"uri":uri}));
        give_up(&mut server, id);
    }
    running(&mut server, 110, &uri);
    give_up(&mut server, 110);
    gone(folder.path());
    // One that waits for another's end can be given up as well.
    running(&mut server, 111, &uri);
    server.command(112, "apteryx.cancel", json!({"uri":uri}));
    server.command(113, "apteryx.build", json!({"uri":uri}));
    give_up(&mut server, 113);
    running(&mut server, 114, &uri);
    give_up(&mut server, 114);
    gone(folder.path());
}
