//! Package names in the editor, from a repository on disk: nothing is read before the user says yes.
#![cfg(test)]
#![allow(clippy::disallowed_methods, missing_docs)]

mod flat_repository;
mod lsp_client;

use std::path::Path;

use flat_repository::repository;
use lsp_client::Server;
use serde_json::{Value, json};

fn description(repository: &Path, packages: &str) -> String {
    format!(
        r#"<image schemaversion="8.5" name="a">
<description type="system"><author>A</author><contact>a@example.org</contact><specification>s</specification></description>
<preferences><version>1.0.0</version><packagemanager>apt</packagemanager><type image="tbz"/></preferences>
<repository type="apt-deb" alias="small" repository_gpgcheck="false"><source path="file://{}"/></repository>
<packages type="image">
{packages}
</packages>
</image>
"#,
        repository.display()
    )
}

/// The answer to completion on line 5 at `character`.
fn complete(server: &mut Server, id: u64, uri: &str, character: usize) -> Value {
    server.send(json!({"id":id,"method":"textDocument/completion","params":{
        "textDocument":{"uri":uri},"position":{"line":5,"character":character}}}));
    server.until(|m| m["id"] == id)["result"].clone()
}

fn labels(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().unwrap();
    items.iter().map(|i| i["label"].as_str().unwrap()).collect()
}

fn codes(findings: &Value) -> Vec<&str> {
    let all = findings.as_array().unwrap().iter();
    all.filter_map(|d| d["code"].as_str())
        .filter(|c| *c == "package-not-found")
        .collect()
}

/// The first findings with one about a package's name: they may come after the quick ones.
fn with_names(server: &mut Server) -> Value {
    let wanted = |m: &Value| {
        m["method"] == "textDocument/publishDiagnostics"
            && m["params"].to_string().contains("package-not-found")
    };
    server.until(wanted)["params"]["diagnostics"].clone()
}

#[test]
fn one_question_then_names_and_findings() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let repo = folder.path().join("repo");
    repository(&repo, ["openssh-server", "openssh-client", "bash"].iter());
    let uri = format!("file://{}/config.xml", folder.path().display());
    let text = description(&repo, "<package name=\"openssh-sever\"/>");
    let mut server = Server::start(json!({}), json!(null), cache.path());
    server.open(&uri, 1, &text);
    assert!(
        codes(&server.findings(1)).is_empty(),
        "nothing is judged before the yes"
    );
    let question = server.until(|m| m["method"] == "window/showMessageRequest");
    let words = question["params"]["message"].as_str().unwrap();
    assert_eq!(
        words,
        format!(
            "This description names repositories at {}. Look up packages there?",
            repo.display()
        )
    );
    let titles: Vec<_> = question["params"]["actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["title"].clone())
        .collect();
    assert_eq!(titles, ["This folder", "Always", "No"]);
    let list = complete(&mut server, 5, &uri, 15);
    assert_eq!((labels(&list), &list["isIncomplete"]), (vec![], &json!(true)));
    server.send(json!({"id":question["id"],"result":{"title":"This folder"}}));
    let found = with_names(&mut server);
    assert_eq!(codes(&found), ["package-not-found"], "{found}");
    assert!(
        found.to_string().contains("did you mean `openssh-server`?"),
        "{found}"
    );
    // `open` is typed, the cursor stands behind it.
    let list = complete(&mut server, 6, &uri, "<package name=\"open".len());
    assert_eq!(labels(&list), ["openssh-client", "openssh-server"]);
    assert_eq!(list["isIncomplete"], false);
    let item = &list["items"][0];
    assert_eq!(
        (&item["detail"], &item["documentation"]["value"]),
        (&json!("1.0"), &json!("about openssh-client"))
    );
    assert_eq!(
        item["textEdit"]["range"]["end"]["character"],
        "<package name=\"openssh-sever".len()
    );
    // The same in a text that is broken just there.
    let broken = description(&repo, "<package name=\"ba");
    server.open(&uri, 2, &broken);
    let list = complete(&mut server, 7, &uri, "<package name=\"ba".len());
    assert_eq!(labels(&list), ["bash"]);
    let asked = server
        .seen
        .iter()
        .filter(|m| m["method"] == "window/showMessageRequest");
    assert_eq!(asked.count(), 1);
    // Another server has the lists at once, without a question.
    let mut second = Server::start(json!({}), json!(null), cache.path());
    second.open(&uri, 1, &text);
    assert_eq!(codes(&with_names(&mut second)).len(), 1);
}

#[test]
fn never_is_never_and_the_command_is_a_yes() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let repo = folder.path().join("repo");
    let many: Vec<String> = (0..150).map(|n| format!("lib{n:03}")).collect();
    repository(&repo, many.iter());
    let uri = format!("file://{}/config.xml", folder.path().display());
    let text = description(&repo, "<ignore name=\"lib\"/>");
    let never = json!({"apteryx":{"packages":{"lookup":"never"}}});
    let mut server = Server::start(json!({}), never, cache.path());
    server.open(&uri, 1, &text);
    server.findings(1);
    server.command(5, "apteryx.refreshPackages", json!({"uri":uri}));
    assert_eq!(server.until(|m| m["id"] == 5)["result"]["ok"], false);
    let allow = json!({"apteryx":{"packages":{"lookup":"allow"}}});
    server.send(json!({"method":"workspace/didChangeConfiguration","params":{"settings":allow}}));
    server.command(6, "apteryx.refreshPackages", json!({"uri":uri}));
    let answer = server.until(|m| m["id"] == 6);
    assert_eq!(answer["result"]["message"], "150 packages", "{answer}");
    let list = complete(&mut server, 7, &uri, "<ignore name=\"lib".len());
    assert_eq!((labels(&list).len(), &list["isIncomplete"]), (100, &json!(true)));
    assert!(
        server
            .seen
            .iter()
            .all(|m| m["method"] != "window/showMessageRequest")
    );
}

/// Repositories and an include at a listener of ours that counts who connects.
fn counting() -> (u16, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = count.clone();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            drop(connection);
            counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    });
    (port, count)
}

#[test]
fn no_host_is_contacted_and_nothing_of_the_folder_runs_before_a_yes() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (port, count) = counting();
    let connections = || count.load(std::sync::atomic::Ordering::SeqCst);
    // A script that leaves a mark, were it run; and one named as a tool that a check might look for.
    let mark = folder.path().join("ran");
    for name in ["config.sh", "bash", "apteryx"] {
        use std::os::unix::fs::PermissionsExt;
        let path = folder.path().join(name);
        std::fs::write(&path, format!("#!/bin/bash\ntouch {}\n", mark.display())).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let uri = format!("file://{}/config.xml", folder.path().display());
    let host = format!("http://127.0.0.1:{port}");
    let text = description(Path::new("/nowhere"), "<package name=\"ba\"/>")
        .replace("file:///nowhere", &host)
        .replace(
            "</packages>\n",
            &format!("</packages>\n<include from=\"{host}/part.xml\"/>\n<include from=\"obs://a/b\"/>\n"),
        )
        .replace(
            "image=\"tbz\"",
            &format!("image=\"docker\" derived_from=\"{host}/base.tar\""),
        );
    std::fs::write(folder.path().join("config.xml"), &text).unwrap();
    let mut server = Server::start(json!({}), json!(null), cache.path());
    server.open(&uri, 1, &text);
    server.findings(1);
    let question = server.until(|m| m["method"] == "window/showMessageRequest");
    let words = question["params"]["message"].as_str().unwrap();
    assert!(words.contains(&format!("127.0.0.1:{port}")), "{words}");
    // Everything an editor asks for by itself.
    complete(&mut server, 5, &uri, "<package name=\"ba".len());
    let at = json!({"textDocument":{"uri":uri},"position":{"line":5,"character":3},
        "range":{"start":{"line":0,"character":0},"end":{"line":9,"character":0}},"context":{"diagnostics":[]},
        "options":{"tabSize":4,"insertSpaces":true}});
    for (id, method) in (6..).zip(["hover", "definition", "codeAction", "formatting"]) {
        server.send(json!({"id":id,"method":format!("textDocument/{method}"),"params":at}));
        server.until(|m| m["id"] == id);
    }
    server.send(json!({"method":"textDocument/didSave","params":{"textDocument":{"uri":uri}}}));
    server.findings(1);
    server.send(json!({"id":question["id"],"result":{"title":"No"}}));
    server.open(&uri, 2, &text);
    server.findings(2);
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(connections(), 0, "after a no");
    assert!(!mark.exists(), "a script of the folder was run");
    // A yes, and only then.
    server.command(20, "apteryx.refreshPackages", json!({"uri":uri}));
    assert_eq!(
        server.until(|m| m["id"] == 20)["result"]["ok"],
        false,
        "the listener hangs up"
    );
    assert!(connections() > 0);
    assert!(!mark.exists());
}

#[test]
fn a_client_that_asks_is_told_what_a_build_takes_and_what_is_known_of_packages() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let repo = folder.path().join("repo");
    repository(&repo, ["bash"].iter());
    let uri = format!("file://{}/config.xml", folder.path().display());
    let text = description(&repo, "<package name=\"bash\"/>")
        .replace(
            "<preferences>",
            "<profiles><profile name=\"Disk\" description=\"d\" import=\"true\"/><profile name=\"Box\" description=\"b\"/></profiles>\n<preferences>",
        )
        .replace(
            "<type image=\"tbz\"/></preferences>",
            "<type image=\"tbz\"/></preferences><preferences profiles=\"Box\"><type image=\"docker\"/></preferences>",
        );
    let options = json!({"apteryx":{"packages":{"lookup":"never"},"status":true}});
    let mut server = Server::start(json!({}), options, cache.path());
    let told = |server: &mut Server| server.until(|m| m["method"] == "apteryx/status")["params"].clone();
    server.open(&uri, 1, &text);
    let status = told(&mut server);
    assert_eq!(
        (&status["uri"], &status["profiles"], &status["type"]),
        (&json!(uri), &json!(["Disk"]), &json!("tbz"))
    );
    assert_eq!(status["packages"], json!({"state":"missing"}));
    assert!(status["arch"].is_string());
    let choice = |profile: &str, image: &str| json!({"profiles":[profile],"type":image});
    let both = [
        json!({"profiles":[],"type":"tbz"}),
        choice("Disk", "tbz"),
        choice("Box", "tbz"),
        choice("Box", "docker"),
    ];
    assert_eq!(status["choices"], json!(both));
    // A choice that is none is refused; one that is holds.
    server.command(5, "apteryx.select", json!({"uri":uri,"profiles":["Nowhere"]}));
    let answer = server.until(|m| m["id"] == 5)["result"].clone();
    assert!(
        answer["ok"] == false && answer["message"].to_string().contains("`Nowhere`"),
        "{answer}"
    );
    server.command(
        6,
        "apteryx.select",
        json!({"uri":uri,"profiles":["Box"],"type":"docker"}),
    );
    let status = told(&mut server);
    assert_eq!(
        (&status["profiles"], &status["type"]),
        (&json!(["Box"]), &json!("docker"))
    );
    // The refresh is seen while it runs, and its end.
    let allow = json!({"apteryx":{"packages":{"lookup":"ask"}}});
    server.send(json!({"method":"workspace/didChangeConfiguration","params":{"settings":allow}}));
    server.command(7, "apteryx.refreshPackages", json!({"uri":uri}));
    assert_eq!(told(&mut server)["packages"]["state"], "fetching");
    let ready = told(&mut server)["packages"].clone();
    assert_eq!((&ready["state"], &ready["count"]), (&json!("ready"), &json!(1)));
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    assert!(now.as_secs() - ready["fetched"].as_u64().unwrap() < 60, "{ready}");
    // What was selected is what a build takes.
    std::fs::write(folder.path().join("config.xml"), &text).unwrap();
    server.command(8, "apteryx.build", json!({"uri":uri}));
    let begun = server.until(|m| m["method"] == "apteryx/event" && m["params"]["event"] == "build-started");
    assert_eq!(
        (&begun["params"]["profiles"], &begun["params"]["image"]),
        (&json!(["Box"]), &json!("docker"))
    );
    server.command(9, "apteryx.cancel", json!({"uri":uri}));
    server.until(|m| m["id"] == 8);
}

#[test]
fn lists_say_what_they_bring_and_a_package_what_it_alone_adds_unless_turned_off() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let repo = folder.path().join("repo");
    let packages = [
        "shell\nInstalled-Size: 3000\nDepends: libc",
        "editor\nInstalled-Size: 20000\nDepends: libc, words",
        "words\nInstalled-Size: 8000",
        "libc\nInstalled-Size: 1000",
        "apt\nInstalled-Size: 10",
    ];
    repository(&repo, packages.iter());
    let uri = format!("file://{}/config.xml", folder.path().display());
    let text = description(&repo, "<package name=\"shell\"/>\n<package name=\"editor\"/>");
    let allow = json!({"apteryx":{"packages":{"lookup":"allow"}}});
    let mut server = Server::start(
        json!({"workspace":{"inlayHint":{"refreshSupport":true}}}),
        allow,
        cache.path(),
    );
    server.open(&uri, 1, &text);
    server.findings(1);
    server.command(5, "apteryx.refreshPackages", json!({"uri":uri}));
    assert_eq!(server.until(|m| m["id"] == 5)["result"]["ok"], true);
    // An editor that can is told to ask anew: as soon as the lists are there, which may be before the answer.
    server.sometime(|m| m["method"] == "workspace/inlayHint/refresh");
    let range = json!({"start":{"line":0,"character":0},"end":{"line":9,"character":0}});
    let ask = |server: &mut Server, id: u64| {
        server.send(json!({"id":id,"method":"textDocument/inlayHint","params":{"textDocument":{"uri":uri},"range":range}}));
        let found = server.until(|m| m["id"] == id && m.get("method").is_none())["result"].clone();
        let one = |h: &Value| {
            (
                h["position"]["line"].as_u64().unwrap(),
                h["label"].as_str().unwrap().to_owned(),
            )
        };
        found.as_array().unwrap().iter().map(one).collect::<Vec<_>>()
    };
    let wanted = |line: u64, words: &str| (line, words.to_owned());
    assert_eq!(
        ask(&mut server, 106),
        [
            wanted(4, "2 named, 4 with dependencies, 33 MB"),
            wanted(5, "+3 MB"),
            wanted(6, "+29 MB"),
        ]
    );
    let only = json!({"apteryx":{"hints":{"packages":false}}});
    server.send(json!({"method":"workspace/didChangeConfiguration","params":{"settings":only}}));
    assert_eq!(ask(&mut server, 107).len(), 1);
    // The same where one looks: version and size at the name, and beside it in the list.
    let place = json!({"textDocument":{"uri":uri},"position":{"line":6,"character":16}});
    server.send(json!({"id":108,"method":"textDocument/hover","params":place}));
    let hover = server.until(|m| m["id"] == 108)["result"]["contents"]["value"].clone();
    assert_eq!(
        hover,
        "**`editor`** 1.0 · 20 MB installed · `small`\n\nabout editor"
    );
    let list = complete(&mut server, 109, &uri, 15);
    let details: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["detail"].clone())
        .collect();
    assert!(details.contains(&json!("1.0 · 20 MB")), "{details:?}");
}
