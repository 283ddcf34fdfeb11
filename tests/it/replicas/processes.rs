//! The binary with `--store-url`: how it starts, what it serves, and that two of them are one server for a client.

use std::time::{Duration, Instant};

use reqwest::RequestBuilder;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::child_process::{Alone, run};
use crate::support::fixture_server::{call, json_of, within};
use crate::support::http_process::HttpProcess;
use crate::support::redis_server::RedisServer;
use crate::support::replicas::SECRET;
use crate::support::team_server::Files;

fn start(redis: &RedisServer, saki: &Alone, files: &Files, flags: &[&str]) -> HttpProcess {
    let secret = files.write("secret", SECRET);
    let url = redis.url();
    let environment = [
        ("SAKI_STORE_URL", url.as_str()),
        ("SAKI_STORE_SECRET_FILE", &secret),
        ("SAKI_BASE_URL", &saki.base_url),
    ];
    HttpProcess::start(flags, &environment)
}

#[rstest]
#[case::no_secret("redis://127.0.0.1:1", None, 2, "--store-secret-file")]
#[case::short("redis://127.0.0.1:1", Some("too short"), 1, "at least 32 are needed")]
#[case::other_scheme(
    "http://:planted-pw@127.0.0.1:1",
    Some(SECRET),
    2,
    "expected redis://HOST:PORT"
)]
#[case::unchecked(
    "rediss://:planted-pw@127.0.0.1:1/#insecure",
    Some(SECRET),
    2,
    "always checked"
)]
#[case::half("planted-pw", Some(SECRET), 2, "--store-url cannot be used")]
fn a_store_that_cannot_be_used_is_no_start(
    #[case] url: &str,
    #[case] secret: Option<&str>,
    #[case] code: i32,
    #[case] why: &str,
) {
    let files = Files::new();
    let file = secret.map(|secret| files.write("secret", secret));
    let arguments = ["http", "--sandbox", "--bind", "127.0.0.1:0"];
    let mut environment = vec![("SAKI_STORE_URL", url)];
    environment.extend(
        file.iter()
            .map(|file| ("SAKI_STORE_SECRET_FILE", file.as_str())),
    );
    let ended = run(&arguments, &environment);
    assert_eq!(ended.code, code, "{}", ended.stderr);
    assert!(ended.stderr.contains(why), "{}", ended.stderr);
    assert!(!ended.stderr.contains("planted"), "{}", ended.stderr);
}

#[test]
fn a_secret_file_that_others_can_read_or_that_is_not_there_is_no_start() {
    let files = Files::new();
    let readable = files.write("secret", SECRET);
    #[cfg(unix)]
    std::fs::set_permissions(
        &readable,
        std::os::unix::fs::PermissionsExt::from_mode(0o644),
    )
    .unwrap();
    let url = ["--store-url", "redis://127.0.0.1:1", "--store-secret-file"];
    for (file, why) in [
        (readable.as_str(), "chmod"),
        ("planted-secret", "does not exist"),
    ] {
        let arguments = [&["http", "--sandbox"][..], &url, &[file]].concat();
        let ended = run(&arguments, &[]);
        assert_eq!(ended.code, 1, "{}", ended.stderr);
        assert!(ended.stderr.contains(why), "{}", ended.stderr);
        assert!(!ended.stderr.contains("planted"), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn a_server_starts_without_its_store_and_is_whole_when_it_comes() {
    let (mut redis, saki, files) = (RedisServer::stopped(), Alone::start(&[]), Files::new());
    let server = start(&redis, &saki, &files, &[]);
    let ready = async || json_of(server.get("/readyz")).await;
    let (status, body) = ready().await;
    assert_eq!((status, &body["store"]), (200, &json!("away")), "{body}");
    redis.start_again();
    within(async {
        while ready().await.1["store"] != "reachable" {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn the_older_transport_is_off_beside_a_store_unless_asked_for() {
    let (redis, saki, files) = (RedisServer::stopped(), Alone::start(&[]), Files::new());
    let status = async |server: &HttpProcess| server.get("/sse").send().await.unwrap().status();
    let without = start(&redis, &saki, &files, &[]);
    assert_eq!(status(&without).await, 404);
    let with = start(&redis, &saki, &files, &["--sse"]);
    assert_eq!(status(&with).await, 200);
}

#[tokio::test]
async fn a_principal_of_a_key_is_the_same_at_every_server() {
    let (redis, saki, files) = (RedisServer::start(), Alone::start(&[]), Files::new());
    let flags = ["--key-from-header"];
    let one = start(&redis, &saki, &files, &flags);
    let other = start(&redis, &saki, &files, &flags);
    let answer = async |request: RequestBuilder| -> Value {
        let (status, body) = json_of(request.header("X-Saki-Api-Key", "sk-one")).await;
        assert_eq!(status, 200, "{body}");
        body["result"].clone()
    };
    let mut arguments = json!({"space_id": 2});
    let asked = answer(one.mcp(&call(1, "delete_space", arguments.clone()))).await;
    let confirmation = &asked["structuredContent"]["confirmation"];
    arguments["confirmation"] = confirmation.clone();
    let done = answer(other.mcp(&call(2, "delete_space", arguments.clone()))).await;
    assert_eq!(done["structuredContent"]["outcome"], "done", "{done}");
    let again = answer(one.mcp(&call(3, "delete_space", arguments))).await;
    assert_eq!(again["isError"], true, "{again}");
}

#[tokio::test]
async fn a_wait_that_saki_asks_one_server_for_is_kept_by_the_other() {
    let (redis, saki, files) = (RedisServer::start(), Alone::start(&[]), Files::new());
    let flags = ["--key-from-header"];
    let one = start(&redis, &saki, &files, &flags);
    let other = start(&redis, &saki, &files, &flags);
    let answer = async |server: &HttpProcess, tool: &str| {
        let request = server.mcp(&call(1, tool, json!({})));
        json_of(request.header("X-Saki-Api-Key", "sk-one")).await
    };
    let wait = Duration::from_secs(5);
    let refusal = json!({
        "method": "GET", "path": "/subscription", "count": 1,
        "kind": "status", "status": 429, "headers": {"Retry-After": wait.as_secs().to_string()},
    });
    saki.fault(&refusal).await;
    let begun = Instant::now();
    let refused = answer(&one, "get_subscription");
    let unrefused = async {
        saki.log(1).await;
        // Each server tells and asks twice a second.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let answer = answer(&other, "list_spaces").await;
        (answer, begun.elapsed())
    };
    let (one, (other, elapsed)) = tokio::join!(refused, unrefused);
    for (status, body) in [one, other] {
        assert_eq!(status, 200, "{body}");
        assert_eq!(body["result"]["isError"], false, "{body}");
    }
    assert!(elapsed >= wait, "{elapsed:?}");
}
