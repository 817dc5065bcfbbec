//! What the server shows of a description beside its findings, asked of the real binary: outline, folds, places of a
//! profile, links, lenses, templates.
#![cfg(test)]
#![allow(clippy::disallowed_methods, missing_docs)]

mod lsp_client;

use lsp_client::Server;
use serde_json::{Value, json};

const TEXT: &str = r#"<image schemaversion="8.5" name="a">
  <profiles><profile name="Disk" description="😀 d"/><profile name="Live" description="l"/></profiles>
  <preferences profiles="Disk">
    <type image="oem" filesystem="ext4"/>
  </preferences>
  <include from="this://part.xml"/>
  <packages type="image" profiles="Live,Disk">
    <archive name="tools.tar"/>
  </packages>
</image>
"#;

struct Opened {
    server: Server,
    folder: tempfile::TempDir,
    uri: String,
    id: u64,
}

impl Opened {
    fn new(text: &str, options: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let part = "<image><users profiles=\"Disk\"><user name=\"u\" password=\"*\"/></users></image>";
        std::fs::write(folder.path().join("part.xml"), part).unwrap();
        std::fs::write(folder.path().join("tools.tar"), "").unwrap();
        let mut server = Server::start(json!({}), options, folder.path());
        let uri = format!("file://{}/config.xml", folder.path().display());
        server.open(&uri, 1, text);
        server.findings(1);
        Self {
            server,
            folder,
            uri,
            id: 100,
        }
    }

    fn ask(&mut self, method: &str, mut params: Value) -> Value {
        self.id += 1;
        params["textDocument"] = json!({"uri":self.uri});
        self.server
            .send(json!({"id":self.id,"method":method,"params":params}));
        let id = self.id;
        self.server.until(|m| m["id"] == id && m.get("method").is_none())
    }

    fn result(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask(method, params);
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }
}

/// The words of a range of one line.
fn words<'t>(text: &'t str, range: &Value) -> &'t str {
    let number = |v: &Value| v.as_u64().unwrap() as usize;
    let line = text.lines().nth(number(&range["start"]["line"])).unwrap();
    let byte = |units: usize| {
        let mut seen = 0;
        let mut all = line.char_indices();
        let found = all.find(|(_, c)| {
            seen += c.len_utf16();
            seen > units
        });
        found.map_or(line.len(), |(at, _)| at)
    };
    &line[byte(number(&range["start"]["character"]))..byte(number(&range["end"]["character"]))]
}

fn list(found: &Value) -> &[Value] {
    found.as_array().map_or(&[], Vec::as_slice)
}

/// In `profiles="Live,Disk"`.
const USE: (usize, usize) = (6, 41);

fn at(place: (usize, usize)) -> Value {
    json!({"line":place.0,"character":place.1})
}

#[test]
fn every_place_of_a_profile_is_found_and_an_include_stands_in_the_way_of_a_new_name() {
    let mut one = Opened::new(TEXT, json!(null));
    let context = json!({"includeDeclaration":true});
    let found = one.result(
        "textDocument/references",
        json!({"position":at(USE),"context":context}),
    );
    let here: Vec<&str> = list(&found)
        .iter()
        .filter(|l| l["uri"] == one.uri)
        .map(|l| words(TEXT, &l["range"]))
        .collect();
    assert_eq!(here, ["Disk", "Disk", "Disk"]);
    assert!(
        list(&found)
            .iter()
            .any(|l| l["uri"].as_str().unwrap().ends_with("/part.xml")),
        "{found}"
    );
    let marks = one.result("textDocument/documentHighlight", json!({"position":at(USE)}));
    assert_eq!(list(&marks).len(), 3, "{marks}");
    let refused = one.ask(
        "textDocument/rename",
        json!({"position":at(USE),"newName":"Hard"}),
    );
    assert!(
        refused["error"]["message"]
            .as_str()
            .unwrap()
            .contains("included file"),
        "{refused}"
    );
    // Of a profile that no other file names.
    let live = json!({"position":at((6, 36)),"newName":"Hard"});
    let edit = one.result("textDocument/rename", live);
    assert_eq!(list(&edit["changes"][&one.uri]).len(), 2, "{edit}");
    let range = one.result("textDocument/prepareRename", json!({"position":at((6, 36))}));
    assert_eq!(words(TEXT, &range), "Live");
    let nothing = one.ask("textDocument/prepareRename", json!({"position":at((0, 3))}));
    assert_eq!(nothing["error"]["code"], -32602, "{nothing}");
}

#[test]
fn outline_folds_selection_and_links_are_of_this_text() {
    let mut one = Opened::new(TEXT, json!(null));
    let outline = one.result("textDocument/documentSymbol", json!({}));
    let names: Vec<&str> = list(&outline[0]["children"])
        .iter()
        .filter_map(|s| s["name"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "profiles",
            "preferences",
            "include this://part.xml",
            "packages image"
        ]
    );
    let folds = one.result("textDocument/foldingRange", json!({}));
    let lines: Vec<_> = list(&folds)
        .iter()
        .map(|f| (f["startLine"].clone(), f["endLine"].clone()))
        .collect();
    assert_eq!(
        lines,
        [(json!(0), json!(8)), (json!(2), json!(3)), (json!(6), json!(7))]
    );
    let grown = one.result("textDocument/selectionRange", json!({"positions":[at((3, 18))]}));
    assert_eq!(words(TEXT, &grown[0]["range"]), "oem");
    assert_eq!(words(TEXT, &grown[0]["parent"]["range"]), "image=\"oem\"");
    let links = one.result("textDocument/documentLink", json!({}));
    let targets: Vec<&str> = list(&links).iter().filter_map(|l| l["target"].as_str()).collect();
    let folder = format!("file://{}", one.folder.path().display());
    assert_eq!(
        targets,
        [format!("{folder}/part.xml"), format!("{folder}/tools.tar")]
    );
}

#[test]
fn above_each_type_stand_build_boot_and_what_was_built_unless_turned_off() {
    let mut one = Opened::new(TEXT, json!(null));
    let out = one.folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let image = out.join("a.qcow2");
    std::fs::write(&image, vec![0; 2_500_000]).unwrap();
    let entry =
        json!({"disk_format_image":{"compress":false,"filename":image,"shasum":true,"use_for_bundle":true}});
    std::fs::write(out.join("kiwi.result.json"), entry.to_string()).unwrap();
    let lenses = one.result("textDocument/codeLens", json!({}));
    let titles: Vec<&str> = list(&lenses)
        .iter()
        .filter_map(|l| l["command"]["title"].as_str())
        .collect();
    assert_eq!(&titles[..2], ["Build", "Boot"], "{lenses}");
    assert!(
        titles[2].starts_with("3 MB, built ") && titles[2].ends_with(" s ago"),
        "{titles:?}"
    );
    let command = &lenses[0]["command"];
    assert_eq!(command["command"], "apteryx.build");
    assert_eq!(
        command["arguments"],
        json!([{"uri":one.uri,"profiles":["Disk"],"type":"oem"}])
    );
    assert_eq!(lenses[0]["range"]["start"]["line"], 3);
    let mut off = Opened::new(TEXT, json!({"apteryx":{"lenses":false}}));
    assert!(off.result("textDocument/codeLens", json!({})).is_null());
}

#[test]
fn an_empty_text_is_offered_whole_descriptions() {
    let mut one = Opened::new("", json!(null));
    let found = one.result("textDocument/completion", json!({"position":at((0, 0))}));
    let template = list(&found)
        .iter()
        .find(|i| i["label"] == "image: a Debian disk")
        .unwrap();
    let text = template["textEdit"]["newText"].as_str().unwrap().to_owned();
    let whole = json!([{"text":text}]);
    let document = json!({"uri":one.uri,"version":2});
    one.server.send(
        json!({"method":"textDocument/didChange","params":{"textDocument":document,"contentChanges":whole}}),
    );
    assert_eq!(one.server.findings(2), json!([]));
}
