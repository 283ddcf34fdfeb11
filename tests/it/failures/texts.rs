//! Every way in which Saki can fail: what an agent reads, and what a program finds beside it.

use std::time::Duration;

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::example_calls::slot;
use crate::support::failure_cases::{self, chapter};
use crate::support::faults::status;
use crate::support::server_under_test::{TRIES, World};
use crate::support::unresponsive_saki::{LONG, ask};

/// Every failure as a model reads it, one chapter each: read it aloud after every change.
#[tokio::test]
async fn every_failure_says_what_happened_and_leads_to_the_next_good_call() {
    let told = [
        failure_cases::arguments().await,
        failure_cases::answers().await,
        statuses().await,
        unreached().await,
        without_key().await,
    ];
    insta::assert_snapshot!(told.concat());
}

/// A refusal quotes the caller, and words of the caller decide nothing about it.
#[tokio::test]
async fn a_refusal_says_once_that_nothing_was_sent_whatever_it_quotes() {
    let world = World::new().await;
    let post = |field: &str, value: Value| {
        let mut post = json!({"space_id": 1, "account_ids": [11], "content": "Fresh beans", "scheduled_at": "2027-05-01T09:00"});
        post[field] = value;
        ("create_post", post)
    };
    for (tool, arguments) in [
        post("account_ids", json!(["nothing was here"])),
        post("scheduled_at", json!("Nothing was planned")),
        post("scheduled_at", json!(" ")),
        post("confirmation", json!("nothing was confirmed")),
        ("get_queue", json!({"space_id": "Nothing was brewed"})),
        ("list_posts", json!({"timezone": " "})),
    ] {
        let answer = world.call(tool, arguments.clone()).await;
        assert!(answer.failed, "{arguments}");
        let sentences = answer.text.matches("Nothing was sent").count();
        assert_eq!(sentences, 1, "{arguments}: {}", answer.text);
    }
    assert!(world.writes().is_empty());
}

/// What is said about every answer of Saki's, for a read and for a write.
async fn statuses() -> String {
    let world = World::new().await;
    let html = json!(
        "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Server   Error</h1></body></html>"
    );
    let invalid = json!({"message": "The weekday field is required. (and 1 more error)",
        "errors": {"weekday": ["The weekday field is required."], "time": ["The time field is required.", "It must be early."]}});
    let answers = [
        (
            "301",
            Fault::new(status(301, json!({"message": "Moved."})))
                .header("Location", "https://usesaki.com/login?next=x"),
        ),
        (
            "400",
            Fault::new(status(400, json!({"error": "Bad weekday"}))),
        ),
        ("401", Fault::status(401)),
        ("402", Fault::status(402)),
        ("403", Fault::status(403)),
        (
            "403 from a guard in front of Saki",
            Fault::new(status(
                403,
                json!("<html><body><h1>Just a moment...</h1></body></html>"),
            )),
        ),
        (
            "407",
            Fault::new(status(407, json!("<html><body>Proxy login</body></html>"))),
        ),
        (
            "404",
            Fault::new(status(
                404,
                json!({"message": "No query results for model [App\\Models\\Slot] 7"}),
            )),
        ),
        (
            "404, in HTML",
            Fault::new(status(404, json!("<html><body>Not Found</body></html>"))),
        ),
        (
            "405",
            Fault::new(status(
                405,
                json!({"message": "The POST method is not supported."}),
            )),
        ),
        ("409", Fault::status(409)),
        ("413", Fault::status(413)),
        (
            "419, in HTML",
            Fault::new(status(419, json!("<html>Page Expired</html>"))),
        ),
        ("422, Laravel's", Fault::new(status(422, invalid))),
        (
            "422, in words only",
            Fault::new(status(422, json!({"message": "Your plan allows 3 slots."}))),
        ),
        (
            "422, a list",
            Fault::new(status(
                422,
                json!({"errors": [{"field": "time", "message": "no"}, {"field": "time", "message": "never"}]}),
            )),
        ),
        (
            "429 with a time to wait",
            Fault::status(429).header("Retry-After", "17"),
        ),
        ("429 without", Fault::status(429)),
        ("500, in HTML", Fault::new(status(500, html))),
        ("500, empty", Fault::new(status(500, json!("")))),
        ("502", Fault::status(502)),
        (
            "503 with a time to wait",
            Fault::status(503).header("Retry-After", "120"),
        ),
        ("200, an HTML page", Fault::new(FaultKind::Html)),
        ("200, broken JSON", Fault::new(FaultKind::Garbage)),
        ("200, half of the body", Fault::new(FaultKind::Truncate)),
        (
            "the connection ends first",
            Fault::new(FaultKind::DropBefore),
        ),
        (
            "the connection ends after",
            Fault::new(FaultKind::DropAfter),
        ),
    ];
    let mut told = String::new();
    for (title, fault) in answers {
        for (tool, arguments, method, path) in [
            ("get_subscription", json!({}), Method::GET, "/subscription"),
            ("create_slot", slot(), Method::POST, "/slots"),
        ] {
            // The clock runs on, and an answer that names a time must name the same one in every run.
            world.clock.set("2027-04-09T10:00:00.010Z".parse().unwrap());
            let fault = fault.clone().on(&method, path).times(TRIES);
            world.sandbox().fault(fault);
            let answer = world.call(tool, arguments).await;
            world.sandbox().clear_faults();
            told += &chapter(&format!("{title}: {tool}"), &answer);
        }
    }
    world
        .sandbox()
        .fault(Fault::new(FaultKind::Empty).times(TRIES));
    told += &chapter(
        "200, empty: get_subscription",
        &world.call("get_subscription", json!({})).await,
    );
    world.ok("create_slot", slot()).await;
    told
}

/// What is said when Saki is not reached.
async fn unreached() -> String {
    let world = World::new().await;
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let silent = crate::support::unresponsive_saki::Silent::start().await;
    let plain = silent.base.replace("http://", "https://");
    let places = [
        ("refused", format!("http://{closed}/api"), LONG),
        (
            "an unknown host",
            "https://saki.invalid/api".to_owned(),
            LONG,
        ),
        ("no time", silent.base.clone(), Duration::from_millis(200)),
    ];
    let mut told = String::new();
    for (title, base, timeout) in places {
        for (tool, arguments) in [("get_subscription", json!({})), ("create_slot", slot())] {
            let answer = ask(&base, timeout, tool, arguments).await;
            told += &chapter(&format!("{title}: {tool}"), &answer);
        }
    }
    let listens = async {
        loop {
            let (mut stream, _) = silent.request_of_any_kind().await;
            let _ = tokio::io::AsyncWriteExt::write_all(
                &mut stream,
                b"HTTP/1.1 400 Bad Request\r\n\r\n",
            )
            .await;
        }
    };
    let asks = ask(&plain, LONG, "create_slot", slot());
    let answer = tokio::select! { answer = asks => answer, () = listens => unreachable!() };
    told += &chapter("no TLS there: create_slot", &answer);
    assert!(world.writes().is_empty());
    without_reasons(&told)
}

/// The words of the operating system and of the TLS library are not ours.
fn without_reasons(told: &str) -> String {
    let line = |line: &str| match (
        line.find(": ").filter(|_| line.contains(" (")),
        line.rfind("). "),
    ) {
        (Some(_), Some(end)) => {
            let start = line
                .find(" (")
                .map(|at| at + line[at..].find(": ").unwrap_or(0));
            format!("{}: …{}\n", &line[..start.unwrap_or(0)], &line[end..])
        }
        _ => format!("{line}\n"),
    };
    told.lines().map(line).collect()
}

/// A server without a key says how to set one, and asks nobody.
async fn without_key() -> String {
    use saki_mcp::saki::{BaseUrl, Client, ClientOptions, ConnectionPool, Key};
    let world = World::new().await;
    let mut told = String::new();
    for (title, key) in [
        ("no key", None),
        ("a placeholder", Some("your-api-key")),
        ("two lines", Some("sk-planted\nsk")),
    ] {
        let saki = Client::new(
            ConnectionPool::new(ClientOptions::default()),
            BaseUrl::new("https://saki.invalid/api").unwrap(),
        );
        let saki = match key {
            None => saki,
            Some(key) => saki.with_key(Key::new(key)),
        };
        let tools = saki_mcp::tools::Tools::new(saki, Default::default());
        let client = crate::support::server_under_test::connect(saki_mcp::server::McpHandler::new(
            tools,
            &Default::default(),
        ))
        .await;
        assert_eq!(client.list_all_tools().await.unwrap().len(), 27);
        let answer =
            crate::support::unresponsive_saki::call(&client, "get_subscription", json!({})).await;
        told += &chapter(title, &answer);
    }
    assert!(world.writes().is_empty());
    told
}
