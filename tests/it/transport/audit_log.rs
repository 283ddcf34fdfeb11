//! The audit log: a line for each write, dry run and refusal, with ids and without texts.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::child_process::{Alone, Serving, command_after, run};
use crate::support::fixture_server::{call, json_of, modern};
use crate::support::http_process::HttpProcess;
use crate::support::team_server::{Files, TeamServer, new_token};

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn draft(content: &str) -> Value {
    json!({"space_id": 1, "account_ids": [11], "publish": "draft", "content": content})
}

fn with(mut arguments: Value, name: &str, value: impl Into<Value>) -> Value {
    arguments[name] = value.into();
    arguments
}

struct Audited {
    server: HttpProcess,
    files: Files,
}

impl Audited {
    fn start(flags: &[&str]) -> Self {
        let files = Files::new();
        let path = files.path("audit.jsonl");
        let path = path.to_str().unwrap();
        let server = HttpProcess::sandbox(&[&["--audit-log", path], flags].concat());
        Self { server, files }
    }

    async fn call(&self, tool: &str, arguments: Value) -> Value {
        json_of(self.server.mcp(&call(1, tool, arguments))).await.1
    }

    fn lines(&self) -> Vec<Value> {
        lines(&self.files.path("audit.jsonl"))
    }

    fn last(&self) -> Value {
        self.lines().pop().unwrap()
    }
}

#[tokio::test]
async fn each_write_dry_run_and_refusal_is_a_line_and_a_read_is_none() {
    let audited = Audited::start(&["--trusted-proxy", "127.0.0.1"]);
    audited.call("list_spaces", json!({})).await;
    let preview = with(draft("Planted text 1"), "dry_run", true);
    audited.call("create_post", preview).await;
    let request = audited
        .server
        .mcp(&call(2, "create_post", draft("Planted text 1")))
        .header("x-request-id", "req-7")
        .header("x-forwarded-for", "198.51.100.7");
    let (_, created) = json_of(request).await;
    let created = &created["result"]["structuredContent"];
    audited.call("create_post", draft("Planted text 1")).await;
    let nowhere = with(draft("Planted text 2"), "account_ids", json!([99]));
    audited.call("create_post", nowhere).await;
    let unknown = with(draft("Planted text 3"), "content_of", "Planted text 3");
    audited.call("create_post", unknown).await;
    let slot = json!({"space_id": 1, "weekday": "monday", "time": "09:30"});
    let slot = audited.call("create_slot", slot).await;
    let slot_id = slot["result"]["structuredContent"]["id"].clone();
    audited
        .call("delete_slot", json!({"space_id": 1, "slot_id": slot_id}))
        .await;
    audited
        .call("delete_post", json!({"post_id": created["post_ids"][0]}))
        .await;

    let lines = audited.lines();
    let seen: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line["tool"].as_str().unwrap(),
                line["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("create_post", "preview"),
            ("create_post", "done"),
            ("create_post", "replayed"),
            ("create_post", "failed"),
            ("create_post", "failed"),
            ("create_slot", "done"),
            ("delete_slot", "done"),
            ("delete_post", "done"),
        ]
    );
    let [
        preview,
        done,
        replayed,
        failed,
        refused,
        made,
        unmade,
        deleted,
    ] = lines.as_slice()
    else {
        panic!("{lines:#?}");
    };
    assert_eq!(preview["changes"], json!({"accounts": [11]}));
    assert_eq!(preview["request"], "POST /spaces/1/posts");
    assert_eq!(
        (&done["request_id"], &done["client"]),
        (&json!("req-7"), &json!("198.51.100.7"))
    );
    assert_eq!(done["changes"]["posts"], created["post_ids"]);
    assert_eq!(done["changes"]["clusters"], json!([created["cluster_id"]]));
    assert_eq!(done["confirmed_by"], "none");
    assert_eq!(done["space_id"], "1");
    assert!(done["time"].as_str().unwrap().ends_with('Z'), "{done}");
    assert_eq!(replayed["changes"]["posts"], created["post_ids"]);
    assert_eq!(failed["named"]["account_ids"], json!([99]));
    assert_eq!(
        (&refused["class"], &refused["changes"]),
        (&json!("not_sent"), &json!({}))
    );
    assert_eq!(made["changes"]["slots"], json!([slot_id]));
    assert_eq!(unmade["changes"]["slots"], json!([slot_id]));
    assert_eq!(deleted["changes"]["posts"], created["post_ids"]);
    let all = std::fs::read_to_string(audited.files.path("audit.jsonl")).unwrap();
    assert!(!all.contains("Planted"), "{all}");
}

#[tokio::test]
async fn texts_are_logged_only_on_request_and_confirmations_never() {
    let audited = Audited::start(&["--audit-texts"]);
    let now = with(draft("Planted text"), "publish", "now");
    let asked = audited.call("create_post", now.clone()).await;
    let token = asked["result"]["structuredContent"]["confirmation"].clone();
    let line = audited.last();
    assert_eq!(line["outcome"], "confirmation_needed");
    assert_eq!(line["arguments"], now);
    audited
        .call("create_post", with(now.clone(), "confirmation", token))
        .await;
    let line = audited.last();
    assert_eq!(
        (&line["outcome"], &line["confirmed_by"]),
        (&json!("done"), &json!("second_call"))
    );
    assert_eq!(line["arguments"], now);
}

#[tokio::test]
async fn a_person_who_agrees_is_told_apart_from_a_second_call() {
    let audited = Audited::start(&[]);
    let asking = || {
        let now = with(draft("Open late."), "publish", "now");
        let mut call = modern(call(1, "create_post", now));
        let capabilities = "io.modelcontextprotocol/clientCapabilities";
        call["params"]["_meta"][capabilities] = json!({"elicitation": {}});
        call
    };
    let (_, question) = json_of(audited.server.mcp(&asking())).await;
    assert_eq!(audited.last()["outcome"], "confirmation_needed");
    let mut yes = asking();
    let agreed = json!({"action": "accept", "content": {"confirm": true}});
    yes["params"]["inputResponses"] = json!({"confirm": agreed});
    yes["params"]["requestState"] = question["result"]["requestState"].clone();
    json_of(audited.server.mcp(&yes)).await;
    let line = audited.last();
    assert_eq!(
        (&line["outcome"], &line["confirmed_by"]),
        (&json!("done"), &json!("person"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_names_the_principal_and_the_limit_that_forbade_the_write() {
    let files = Files::new();
    let anna = new_token(&["anna", "mode=drafts-only"]);
    let tokens = files.write("tokens", &anna.line);
    let path = files.path("audit.jsonl");
    let flags = [
        "--auth-tokens",
        &tokens,
        "--audit-log",
        path.to_str().unwrap(),
    ];
    let server = TeamServer::start(files, &["sk-team-9d1f"], &flags).await;
    let now = with(draft("Hi"), "publish", "now");
    for (tool, arguments) in [
        ("create_post", now),
        ("delete_space", json!({"space_id": 1})),
    ] {
        let refused = server.call_as(&anna.token, tool, arguments).await;
        assert!(refused.failed().contains("drafts-only"));
        let line = lines(&path).pop().unwrap();
        assert_eq!(
            (&line["principal"], &line["tool"]),
            (&json!("token/anna"), &json!(tool))
        );
        assert!(
            line["policy"].as_str().unwrap().contains("drafts-only"),
            "{line}"
        );
        assert_eq!(line["named"]["space_id"], 1);
    }
    assert!(
        !std::fs::read_to_string(&path)
            .unwrap()
            .contains(&anna.token)
    );
    assert!(server.log().contains("principal=\"token/anna\""));
}

// The client must go away while the test waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_whose_caller_went_away_is_logged_as_it_ended() {
    let saki = Alone::start(&[]);
    let files = Files::new();
    let path = files.path("audit.jsonl");
    let environment = [("SAKI_BASE_URL", &*saki.base_url), ("SAKI_API_KEY", "sk-1")];
    let flags = ["--audit-log", path.to_str().unwrap()];
    let mut server = HttpProcess::start(&flags, &environment);
    let slot = json!({"space_id": 1, "weekday": "monday", "time": "09:30"});
    json_of(server.mcp(&call(1, "create_slot", with(slot.clone(), "dry_run", true)))).await;
    let looked = saki.log(1).await.len();
    saki.fault(&json!({"method": "POST", "kind": "delay", "ms": 1500}))
        .await;
    let calling = tokio::spawn(server.mcp(&call(1, "create_slot", slot)).send());
    let mut log = saki.log(looked + 1).await;
    while log.last().is_none_or(|request| request["method"] != "POST") {
        log = saki.log(log.len() + 1).await;
    }
    calling.abort();
    while server.access_line()["outcome"] != "cancelled" {}
    assert_eq!(lines(&path).len(), 1, "the write has not ended");
    server.serving.terminate();
    assert_eq!(server.serving.ended().code(), Some(0));
    let line = lines(&path).pop().unwrap();
    assert_eq!(
        (&line["outcome"], &line["outlived_call"]),
        (&json!("done"), &json!(true))
    );
    assert_eq!(
        line["changes"]["slots"].as_array().unwrap().len(),
        1,
        "{line}"
    );
}

#[tokio::test]
async fn the_file_is_its_owners_alone_and_is_opened_anew_at_sighup() {
    let mut audited = Audited::start(&[]);
    let path = audited.files.path("audit.jsonl");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    audited.call("create_post", draft("One")).await;
    let rotated = audited.files.path("audit.1");
    std::fs::rename(&path, &rotated).unwrap();
    audited.call("create_post", draft("Two")).await;
    assert_eq!(lines(&rotated).len(), 2);
    audited.server.serving.hang_up();
    while !path.exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    audited.call("create_post", draft("Three")).await;
    assert_eq!((lines(&rotated).len(), lines(&path).len()), (2, 1));
    assert_eq!(mode(&path), 0o600);

    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    audited.server.serving.hang_up();
    audited
        .server
        .serving
        .logged_between("could not be opened anew", "\n");
    let created = audited.call("create_post", draft("Four")).await;
    assert_eq!(created["result"]["structuredContent"]["outcome"], "done");
}

#[test]
fn a_file_that_cannot_take_lines_stops_the_start() {
    let files = Files::new();
    let open = files.write("open", "");
    std::fs::set_permissions(&open, PermissionsExt::from_mode(0o644)).unwrap();
    let missing = files.path("missing/audit.jsonl");
    let directory = files.path("");
    for (path, says) in [
        (missing.as_path(), "cannot open it"),
        (directory.as_path(), "no regular file"),
        (Path::new("/dev/null"), "no regular file"),
    ] {
        let path = path.to_str().unwrap();
        let ended = run(
            &[
                "http",
                "--sandbox",
                "--bind",
                "127.0.0.1:0",
                "--audit-log",
                path,
            ],
            &[],
        );
        assert_eq!(ended.code, 1);
        let refusal = ended.stderr;
        assert!(
            refusal.contains(says) && refusal.contains(path),
            "{refusal}"
        );
    }
    let server = HttpProcess::sandbox(&["--audit-log", &open]);
    assert_eq!(
        std::fs::metadata(&open).unwrap().permissions().mode() & 0o777,
        0o600
    );
    drop(server);
}

#[tokio::test]
async fn a_line_that_cannot_be_written_is_an_error_and_the_write_is_done() {
    let files = Files::new();
    let path = files.write("audit.jsonl", &format!("{}\n", " ".repeat(600)));
    let flags = [
        "http",
        "--bind",
        "127.0.0.1:0",
        "--sandbox",
        "--audit-log",
        &path,
    ];
    // No file may grow beyond one block, as on a full disk.
    let limited = command_after("trap '' XFSZ; ulimit -f 1", &flags);
    let mut serving = Serving::of(limited);
    let at = serving.logged_between("Streamable HTTP at ", "/mcp");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = client
        .post(format!("{at}/mcp"))
        .json(&call(1, "create_post", draft("Hi")));
    let (_, created) = json_of(post).await;
    assert_eq!(created["result"]["structuredContent"]["outcome"], "done");
    let error = serving.logged_between("a line of the audit log ", "\n");
    assert!(error.contains("could not be written"), "{error}");
}
