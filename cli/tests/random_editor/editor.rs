//! The random editor: its documents, its open questions, and what it holds the server to.

use std::collections::{BTreeMap, HashMap};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::samples::{LEVELS, TYPED, files};
use super::text::{edited, exact, offset, position};
use crate::chance::Chance;
use crate::lsp_client::Server;

/// How long the findings may take to come to rest.
const REST: Duration = Duration::from_secs(30);
/// Nothing more comes after so long.
const QUIET: Duration = Duration::from_millis(250);

struct Open {
    version: i64,
    text: String,
}

struct Asked {
    method: &'static str,
    uri: String,
    text: String,
    at: usize,
    cancelled: bool,
}

/// A server, and what it published last: by document, without those that have no findings.
struct Watched {
    server: Server,
    published: BTreeMap<String, Value>,
}

pub struct Editor {
    seed: u64,
    chance: Chance,
    folder: tempfile::TempDir,
    cache: tempfile::TempDir,
    log: tempfile::NamedTempFile,
    watched: Watched,
    options: Value,
    open: BTreeMap<String, Open>,
    asked: HashMap<u64, Asked>,
    id: u64,
    version: i64,
    /// The text of each version, and the newest version with findings.
    texts: HashMap<(String, i64), String>,
    newest: HashMap<String, i64>,
    done: Vec<String>,
}

/// Findings in an order of their own.
fn sorted(found: &Value) -> Value {
    let mut all = found.as_array().unwrap().clone();
    all.sort_by_key(Value::to_string);
    Value::Array(all)
}

impl Watched {
    fn start(cache: &std::path::Path, options: &Value, log: Stdio) -> Self {
        let mut server = Server::spawn_with(cache, log);
        let capabilities = json!({"workspace":{"workspaceEdit":{"documentChanges":true}},
            "textDocument":{"completion":{"completionItem":{"snippetSupport":false}}}});
        let params = json!({"capabilities":capabilities,"initializationOptions":options});
        server.send(json!({"id":"hello","method":"initialize","params":params}));
        server.until(|m| m["id"] == "hello");
        server.send(json!({"method":"initialized","params":{}}));
        Self {
            server,
            published: BTreeMap::new(),
        }
    }

    fn note(&mut self, message: &Value) {
        if message["method"] != "textDocument/publishDiagnostics" {
            return;
        }
        let params = &message["params"];
        let uri = params["uri"].as_str().unwrap().to_owned();
        match sorted(&params["diagnostics"]) {
            Value::Array(none) if none.is_empty() => self.published.remove(&uri),
            found => self.published.insert(uri, found),
        };
    }
}

impl Editor {
    pub fn new(seed: u64) -> Self {
        let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let log = tempfile::NamedTempFile::new().unwrap();
        let options = json!({"apteryx":{"packages":{"lookup":"never"}}});
        let watched = Watched::start(cache.path(), &options, log.reopen().unwrap().into());
        let editor = Self {
            seed,
            chance: Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            folder,
            cache,
            log,
            watched,
            options,
            open: BTreeMap::new(),
            asked: HashMap::new(),
            id: 0,
            version: 0,
            texts: HashMap::new(),
            newest: HashMap::new(),
            done: Vec::new(),
        };
        for (name, text) in files() {
            let path = editor.path(&editor.uri(name));
            std::fs::write(path, text).unwrap();
        }
        editor
    }

    fn uri(&self, name: &str) -> String {
        format!("file://{}/{name}", self.folder.path().display())
    }

    fn path(&self, uri: &str) -> std::path::PathBuf {
        let name = uri.rsplit('/').next().unwrap();
        self.folder.path().join(match name {
            "%C3%A4%20%F0%9F%98%80.kiwi" => "ä 😀.kiwi",
            plain => plain,
        })
    }

    fn send(&mut self, message: Value) {
        self.done.push(message.to_string().chars().take(400).collect());
        self.watched.server.send(message);
    }

    /// What went before, for whoever reads a failure.
    fn story(&self) -> String {
        let last: Vec<_> = self.done.iter().rev().take(30).rev().cloned().collect();
        format!("seed {}, after\n{}", self.seed, last.join("\n"))
    }

    fn any(&mut self) -> Option<String> {
        let at = self.chance.below(self.open.len());
        self.open.keys().nth(at).cloned()
    }

    /// A place of a text: mostly one that there is, and the byte that it stands for.
    fn place(&mut self, text: &str) -> (Value, usize) {
        if self.chance.below(12) == 0 {
            let (line, character) = (self.chance.below(40) as u64, self.chance.below(300) as u64);
            return (
                json!({"line":line,"character":character}),
                offset(text, line, character),
            );
        }
        let mut at = self.chance.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let place = position(text, at);
        let at = offset(
            text,
            place["line"].as_u64().unwrap(),
            place["character"].as_u64().unwrap(),
        );
        (place, at)
    }

    /// One thing that an editor does.
    pub fn act(&mut self) {
        while let Some(message) = self.watched.server.next(Duration::ZERO) {
            self.take(&message);
        }
        match self.chance.below(100) {
            0..8 => self.open_one(),
            8..11 => self.close_one(),
            11..60 => self.edit(),
            60..90 => self.ask(),
            90..93 => self.configure(),
            93..97 => self.touch(),
            _ => self.cancel(),
        }
    }

    fn open_one(&mut self) {
        let all = files();
        let (name, text) = &all[self.chance.below(all.len())];
        let uri = self.uri(name);
        if self.open.contains_key(&uri) {
            return;
        }
        self.version += 1;
        let version = self.version;
        let (text, shown) = (text.clone(), text.clone());
        self.texts.insert((uri.clone(), version), text.clone());
        self.open.insert(uri.clone(), Open { version, text });
        self.send(json!({"method":"textDocument/didOpen","params":{"textDocument":
            {"uri":uri,"languageId":"xml","version":version,"text":shown}}}));
    }

    fn close_one(&mut self) {
        if let Some(uri) = self.any() {
            self.open.remove(&uri);
            self.send(json!({"method":"textDocument/didClose","params":{"textDocument":{"uri":uri}}}));
        }
    }

    fn edit(&mut self) {
        let Some(uri) = self.any() else { return };
        let mut text = self.open[&uri].text.clone();
        let mut changes = Vec::new();
        for _ in 0..1 + self.chance.below(3) {
            if self.chance.below(12) == 0 {
                // Back to the beginning: what is broken for ever tests little.
                let all = files();
                text = all[self.chance.below(all.len())].1.clone();
                changes.push(json!({"text":text}));
                continue;
            }
            let (start, from) = self.place(&text);
            let (end, to) = match self.chance.below(3) {
                0 => {
                    let mut to = (from + self.chance.below(20)).min(text.len());
                    while !text.is_char_boundary(to) {
                        to += 1;
                    }
                    let end = position(&text, to);
                    let to = offset(
                        &text,
                        end["line"].as_u64().unwrap(),
                        end["character"].as_u64().unwrap(),
                    );
                    (end, to.max(from))
                }
                _ => (start.clone(), from),
            };
            let new = TYPED[self.chance.below(TYPED.len())];
            text.replace_range(from..to, new);
            changes.push(json!({"range":{"start":start,"end":end},"text":new}));
        }
        self.changed(&uri, text, changes);
    }

    fn changed(&mut self, uri: &str, text: String, changes: Vec<Value>) {
        self.version += 1;
        let version = self.version;
        self.texts.insert((uri.to_owned(), version), text.clone());
        self.open.insert(uri.to_owned(), Open { version, text });
        self.send(json!({"method":"textDocument/didChange","params":{
            "textDocument":{"uri":uri,"version":version},"contentChanges":changes}}));
    }

    fn ask(&mut self) {
        let Some(uri) = self.any() else { return };
        let text = self.open[&uri].text.clone();
        let (place, at) = self.place(&text);
        let document = json!({"uri":uri});
        let here = json!({"textDocument":document,"position":place});
        let (method, params) = match self.chance.below(16) {
            10 => {
                let context = json!({"includeDeclaration":true});
                (
                    "textDocument/references",
                    json!({"textDocument":document,"position":place,"context":context}),
                )
            }
            11 => (
                "textDocument/rename",
                json!({"textDocument":document,"position":place,"newName":"New"}),
            ),
            12 => {
                let method =
                    ["textDocument/documentSymbol", "textDocument/foldingRange"][self.chance.below(2)];
                (method, json!({"textDocument":document}))
            }
            13 => (
                "textDocument/selectionRange",
                json!({"textDocument":document,"positions":[place]}),
            ),
            14 => {
                let method = ["textDocument/documentLink", "textDocument/codeLens"][self.chance.below(2)];
                (method, json!({"textDocument":document}))
            }
            15 => {
                let range = json!({"start":{"line":0,"character":0},"end":place});
                (
                    "textDocument/inlayHint",
                    json!({"textDocument":document,"range":range}),
                )
            }
            0..3 => ("textDocument/completion", here),
            3..5 => ("textDocument/hover", here),
            5 => ("textDocument/definition", here),
            6 => {
                let options = json!({"tabSize":2,"insertSpaces":true});
                (
                    "textDocument/formatting",
                    json!({"textDocument":document,"options":options}),
                )
            }
            7 if self.chance.below(3) == 0 => {
                let command = ["apteryx.migrate", "apteryx.select", "apteryx.nonsense"][self.chance.below(3)];
                (
                    "workspace/executeCommand",
                    json!({"command":command,"arguments":[{"uri":uri}]}),
                )
            }
            _ => {
                let range = json!({"start":place,"end":place});
                let context = json!({"diagnostics":[]});
                (
                    "textDocument/codeAction",
                    json!({"textDocument":document,"range":range,"context":context}),
                )
            }
        };
        self.id += 1;
        let asked = Asked {
            method,
            uri,
            text,
            at,
            cancelled: false,
        };
        self.asked.insert(self.id, asked);
        self.send(json!({"id":self.id,"method":method,"params":params}));
    }

    fn cancel(&mut self) {
        let mut ids: Vec<u64> = self.asked.keys().copied().collect();
        ids.sort_unstable();
        // Often the one that was asked last, sometimes one that is answered already.
        let id = match self.chance.below(3) {
            0 => self.chance.below(self.id as usize + 1) as u64,
            _ => ids.last().copied().unwrap_or(0),
        };
        if let Some(asked) = self.asked.get_mut(&id) {
            asked.cancelled = true;
        }
        self.send(json!({"method":"$/cancelRequest","params":{"id":id}}));
    }

    fn configure(&mut self) {
        let mirror = ["", "host"][self.chance.below(2)];
        self.options = json!({"apteryx":{"packages":{"lookup":"never"},"mirror":mirror}});
        let settings = self.options.clone();
        self.send(json!({"method":"workspace/didChangeConfiguration","params":{"settings":settings}}));
    }

    /// A file beside the documents changes, or one of them is saved.
    fn touch(&mut self) {
        if self.chance.below(2) == 0
            && let Some(uri) = self.any()
        {
            std::fs::write(self.path(&uri), &self.open[&uri].text).unwrap();
            self.send(json!({"method":"textDocument/didSave","params":{"textDocument":{"uri":uri}}}));
            return;
        }
        let (name, text) = match self.chance.below(3) {
            0 => ("tools.tar", ""),
            _ => (".apteryx.toml", LEVELS[self.chance.below(LEVELS.len())]),
        };
        let file = self.folder.path().join(name);
        let change = if file.exists() && self.chance.below(3) == 0 {
            std::fs::remove_file(file).unwrap();
            3
        } else {
            std::fs::write(file, text).unwrap();
            2
        };
        let changes = json!([{"uri":self.uri(name),"type":change}]);
        self.send(json!({"method":"workspace/didChangeWatchedFiles","params":{"changes":changes}}));
    }

    /// What the server says: judged, and answered where it asks.
    fn take(&mut self, message: &Value) {
        self.watched.note(message);
        if message["method"] == "textDocument/publishDiagnostics" {
            return self.published(&message["params"]);
        }
        if !message["method"].is_null() {
            if message["method"] == "workspace/applyEdit" {
                self.apply(message);
            } else if !message["id"].is_null() {
                self.send(json!({"id":message["id"],"result":null}));
            }
            return;
        }
        let id = message["id"].as_u64().unwrap();
        let asked = self.asked.remove(&id);
        let Some(asked) = asked else {
            panic!("a second answer to {id}: {message}\n{}", self.story());
        };
        self.answered(&asked, message);
    }

    fn published(&mut self, params: &Value) {
        let uri = params["uri"].as_str().unwrap();
        let Some(version) = params["version"].as_i64() else {
            return;
        };
        let newest = self.newest.insert(uri.to_owned(), version).unwrap_or(0);
        assert!(
            newest <= version,
            "{uri}: {version} after {newest}\n{}",
            self.story()
        );
        let text = &self.texts[&(uri.to_owned(), version)];
        for found in params["diagnostics"].as_array().unwrap() {
            let fixes = found["data"]["fixes"].as_array().into_iter().flatten();
            let sound = exact(text, &found["range"]).is_some()
                && fixes
                    .into_iter()
                    .all(|f| edited(text, f["edits"].as_array().unwrap()).is_some());
            assert!(sound, "{found} is not in {text:?}\n{}", self.story());
        }
    }

    fn answered(&mut self, asked: &Asked, answer: &Value) {
        let Asked { text, at, .. } = asked;
        let story = || {
            format!(
                "{} {}: {answer} in {text:?}\n{}",
                asked.method,
                asked.uri,
                self.story()
            )
        };
        if let Some(code) = answer["error"]["code"].as_i64() {
            let cancelled = code == -32800 && asked.cancelled;
            let refused = matches!(asked.method, "workspace/executeCommand" | "textDocument/rename");
            assert!(cancelled || (code == -32602 && refused), "{}", story());
            return;
        }
        let result = &answer["result"];
        let around = |range: &Value| exact(text, range).is_some_and(|(a, b)| a <= *at && *at <= b);
        match asked.method {
            "textDocument/completion" => {
                let items = result["items"].as_array().or(result.as_array());
                let mut labels = std::collections::HashSet::new();
                for item in items.into_iter().flatten() {
                    assert!(labels.insert(&item["label"]), "twice: {item}: {}", story());
                    let range = &item["textEdit"]["range"];
                    let line = range["start"]["line"] == range["end"]["line"];
                    assert!(line && around(range), "{item} at {at}: {}", story());
                }
            }
            "textDocument/hover" if !result.is_null() => assert!(around(&result["range"]), "{}", story()),
            "textDocument/definition" if result["uri"] == asked.uri => {
                assert!(exact(text, &result["range"]).is_some(), "{}", story());
            }
            "textDocument/references" | "textDocument/documentLink" | "textDocument/codeLens" => {
                for one in result.as_array().into_iter().flatten() {
                    let elsewhere = one["uri"].is_string() && one["uri"] != asked.uri;
                    assert!(elsewhere || exact(text, &one["range"]).is_some(), "{}", story());
                }
            }
            "textDocument/rename" if !result.is_null() => {
                let edits = result["changes"][&asked.uri].as_array().unwrap();
                assert!(edited(text, edits).is_some(), "{}", story());
            }
            "textDocument/documentSymbol" => {
                let mut all: Vec<&Value> = result.as_array().into_iter().flatten().collect();
                while let Some(one) = all.pop() {
                    let (whole, head) = (exact(text, &one["range"]), exact(text, &one["selectionRange"]));
                    let sound = whole.zip(head).is_some_and(|(w, h)| w.0 <= h.0 && h.1 <= w.1);
                    assert!(sound && one["name"] != "", "{one}: {}", story());
                    all.extend(one["children"].as_array().into_iter().flatten());
                }
            }
            "textDocument/foldingRange" => {
                for one in result.as_array().into_iter().flatten() {
                    let ends = [&one["startLine"], &one["endLine"]].map(|n| n.as_u64().unwrap());
                    let last = position(text, text.len())["line"].as_u64().unwrap();
                    assert!(ends[0] < ends[1] && ends[1] <= last, "{one}: {}", story());
                }
            }
            "textDocument/selectionRange" => {
                let mut one = &result[0];
                let mut inner = (*at, *at);
                while one.is_object() {
                    let Some(outer) = exact(text, &one["range"]) else {
                        panic!("{one}: {}", story());
                    };
                    assert!(outer.0 <= inner.0 && inner.1 <= outer.1, "{one}: {}", story());
                    (one, inner) = (&one["parent"], outer);
                }
            }
            "textDocument/formatting" if !result.is_null() => {
                assert!(edited(text, result.as_array().unwrap()).is_some(), "{}", story());
            }
            "textDocument/codeAction" => {
                for action in result.as_array().into_iter().flatten() {
                    let Some(edits) = action["edit"]["changes"][&asked.uri].as_array() else {
                        continue;
                    };
                    assert!(edited(text, edits).is_some(), "{action}: {}", story());
                }
            }
            _ => {}
        }
    }

    /// An edit of the server's: taken where it is of the version at hand, as the protocol asks.
    fn apply(&mut self, message: &Value) {
        let change = &message["params"]["edit"]["documentChanges"][0];
        let uri = change["textDocument"]["uri"].as_str().unwrap().to_owned();
        let now = self
            .open
            .get(&uri)
            .filter(|o| change["textDocument"]["version"] == o.version);
        let taken = now.is_some();
        if let Some(open) = now {
            let edits = change["edits"].as_array().unwrap();
            let Some(text) = edited(&open.text, edits) else {
                panic!("{message} does not fit {:?}\n{}", open.text, self.story());
            };
            let whole = json!({"text":text});
            self.changed(&uri, text, vec![whole]);
        }
        self.send(json!({"id":message["id"],"result":{"applied":taken}}));
    }

    /// Waits until all is answered and told, and compares with a fresh server.
    pub fn settle(&mut self) {
        while !self.asked.is_empty() {
            let Some(message) = self.watched.server.next(REST) else {
                let open: Vec<_> = self.asked.iter().map(|(id, a)| (id, a.method)).collect();
                panic!("no answer to {open:?}\n{}", self.story());
            };
            self.take(&message);
        }
        let log = self.log.reopen().unwrap().into();
        let mut fresh = Watched::start(self.cache.path(), &self.options, log);
        for (uri, open) in &self.open {
            let document = json!({"uri":uri,"languageId":"xml","version":open.version,"text":open.text});
            fresh
                .server
                .send(json!({"method":"textDocument/didOpen","params":{"textDocument":document}}));
        }
        let begun = Instant::now();
        // Equal, and nothing more to come of either.
        loop {
            let mut quiet = true;
            while let Some(message) = fresh.server.next(QUIET) {
                fresh.note(&message);
                quiet = false;
            }
            while let Some(message) = self.watched.server.next(Duration::from_millis(1)) {
                self.take(&message);
                quiet = false;
            }
            let current =
                |(uri, open): (&String, &Open)| self.newest.get(uri) == Some(&open.version) || self.part(uri);
            let equal = self.different(&fresh).is_none();
            if quiet && equal && self.open.iter().all(current) {
                break;
            }
            if begun.elapsed() > REST {
                self.tell_apart(&fresh);
            }
        }
    }

    /// A document that another may include: its findings may come from there, without a version.
    fn part(&self, uri: &str) -> bool {
        uri.ends_with("/part.xml")
    }

    /// While a description is broken nobody knows what it includes: what it included keeps its findings, and a fresh
    /// server cannot know them.
    fn parts_are_known(&self) -> bool {
        self.open.iter().all(|(uri, open)| {
            let tree = apteryx_schema::format::parse_text(&self.path(uri), open.text.as_str().into());
            self.part(uri) || tree.errors().is_empty()
        })
    }

    /// A document whose findings a fresh server has otherwise.
    fn different<'d>(&'d self, fresh: &'d Watched) -> Option<&'d String> {
        let all = self.watched.published.keys().chain(fresh.published.keys());
        let mut different = all.filter(|uri| self.watched.published.get(*uri) != fresh.published.get(*uri));
        different.find(|uri| !self.part(uri) || self.parts_are_known())
    }

    fn tell_apart(&self, fresh: &Watched) -> ! {
        if let Some(uri) = self.different(fresh) {
            let (ours, new) = (self.watched.published.get(uri), fresh.published.get(uri));
            let text = self.open.get(uri).map(|o| &o.text);
            let show = |v: Option<&Value>| v.map(|v| format!("{v:#}")).unwrap_or_default();
            panic!(
                "{uri}, {text:?}:\n{}\nfresh:\n{}\n{}",
                show(ours),
                show(new),
                self.story()
            );
        }
        let open = self.open.iter();
        let open: Vec<_> = open.map(|(u, o)| (u, o.version, self.newest.get(u))).collect();
        panic!("not judged: {open:?}\n{}", self.story());
    }

    /// Ends the server as the protocol asks; nothing was wrong with it.
    pub fn leave(mut self) {
        self.send(json!({"id":"bye","method":"shutdown"}));
        self.watched.server.until(|m| m["id"] == "bye");
        self.send(json!({"method":"exit"}));
        assert_eq!(self.watched.server.child.wait().unwrap().code(), Some(0));
        let said = std::fs::read_to_string(self.log.path()).unwrap();
        assert!(!said.contains("panicked"), "{said}\n{}", self.story());
    }
}
