//! The fault matrix: every fault of the sandbox, under every tool, over stdio and `/mcp`, on variants of Saki.
//!
//! Each call has exactly one answer, writes once at most, claims nothing that is not so, and shows no key; the next call
//! is answered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use futures::StreamExt;
use http::{Method, Request};
use http_body_util::BodyExt;
use saki_mcp::saki::ClientOptions;
use saki_mcp::sandbox::variant::RefusalMark;
use saki_mcp::sandbox::{
    Database, Fault, FaultKind, LoggedRequest, RunningSandbox, Sandbox, SandboxOptions, Variant,
};
use saki_mcp::server::McpHandler;
use saki_mcp::tools::{Confirm, Settings};
use saki_mcp::transport::http::{HttpOptions, router};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::support::example_calls;
use crate::support::faults::{late, status};
use crate::support::fixture_server::call;
use crate::support::line_client::Lines;
use crate::support::planted_key::{Log, shown_part};
use crate::support::reference_replies::own_request;
use crate::support::server_under_test::{KEY, NOW, quick};
use crate::support::unresponsive_saki::server_with;

/// How many random variants are tried; `SAKI_VARIANTS` sets another number.
const VARIANTS: u64 = 2;

/// Every kind of fault, those that carry a text with the key in it.
fn faults() -> Vec<(String, FaultKind)> {
    let echo = format!("Server Error for Bearer {KEY}");
    let mut faults: Vec<(String, FaultKind)> = [
        ("drop before", FaultKind::DropBefore),
        ("drop after", FaultKind::DropAfter),
        ("truncate", FaultKind::Truncate),
        ("empty", FaultKind::Empty),
        ("html", FaultKind::Html),
        ("garbage", FaultKind::Garbage),
        ("502 late", late(502)),
        (
            "json",
            FaultKind::Json {
                body: json!({"data": {"note": echo}}),
            },
        ),
        (
            "refused in body",
            status(200, json!({"success": false, "error": echo})),
        ),
        ("page", status(200, json!(format!("<html>{echo}</html>")))),
        (
            "422",
            status(422, json!({"message": echo, "errors": {"name": [echo]}})),
        ),
        (
            "500 page",
            status(500, json!(format!("<html>{echo}</html>"))),
        ),
    ]
    .map(|(name, kind)| (name.to_owned(), kind))
    .into();
    for code in [401, 403, 404, 408, 409, 413, 419, 429, 503] {
        faults.push((code.to_string(), status(code, json!({"message": echo}))));
    }
    let with_header = |code, name, value: &str| Fault::status(code).header(name, value).kind;
    faults.push((
        "302".to_owned(),
        with_header(302, "Location", &format!("https://a.example/?key={KEY}")),
    ));
    faults.push((
        "429 long".to_owned(),
        with_header(429, "Retry-After", "3600"),
    ));
    faults
}

/// Delays beyond the patience of the client.
fn delays() -> Vec<(String, FaultKind)> {
    let delay = |after_write| FaultKind::Delay {
        ms: 600_000,
        after_write,
    };
    vec![
        ("delay before".to_owned(), delay(false)),
        ("delay after".to_owned(), delay(true)),
    ]
}

/// Which requests of a call a fault hits.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Hits {
    /// The first one, whatever it is.
    First,
    /// The one that the tool is for, once.
    OwnOnce,
    /// The one that the tool is for, each time.
    OwnAlways,
}

/// A client that sees what is sent, and not only what it asked for.
enum Transport {
    Stdio(Box<Lines>),
    Mcp(Router),
}

impl Transport {
    /// Sends a call; its answer, with everything that came since the last one.
    async fn messages(&mut self, message: &Value) -> (String, Vec<Value>) {
        match self {
            Self::Stdio(lines) => {
                lines.send(message).await;
                let (mut text, mut messages) = (String::new(), Vec::new());
                loop {
                    let line = lines.line().await;
                    let message_of_server: Value = serde_json::from_str(&line).unwrap();
                    let is_answer = message_of_server["id"] == message["id"];
                    text.push_str(&line);
                    messages.push(message_of_server);
                    if is_answer {
                        return (text, messages);
                    }
                }
            }
            Self::Mcp(router) => {
                let request = Request::post("/mcp")
                    .header("host", "127.0.0.1")
                    .header("content-type", "application/json")
                    .header("accept", "application/json, text/event-stream")
                    .body(Body::from(message.to_string()))
                    .unwrap();
                let response = router.clone().oneshot(request).await.unwrap();
                let headers = format!("{:?}", response.headers());
                let bytes = response.into_body().collect().await.unwrap().to_bytes();
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
                let mut messages: Vec<Value> = data
                    .filter_map(|data| serde_json::from_str(data).ok())
                    .collect();
                messages.extend(serde_json::from_str::<Value>(&text));
                (headers + &text, messages)
            }
        }
    }
}

/// A server over a variant, and how a client reaches it.
struct Stage {
    running: RunningSandbox,
    transport: Transport,
    log: Arc<Log>,
    last_id: u64,
}

impl Stage {
    async fn new(variant: &Variant, over_http: bool, timeout: Duration, log: &Arc<Log>) -> Self {
        let options = SandboxOptions::of_variant(variant.clone());
        let clock = options.clock.clone();
        clock.set(NOW.parse().unwrap());
        let running = Sandbox::start(options).await.unwrap();
        let http = ClientOptions {
            extra_authorities: Vec::new(),
            timeout,
            upload_timeout: timeout,
            bypass_proxies: true,
            retry: quick(),
        };
        let settings = Settings {
            clock,
            confirm: Confirm::Never,
            reconcile_interval: Duration::from_millis(1),
            ..Settings::default()
        };
        let handler: Arc<McpHandler> = server_with(&running.base_url, http, settings);
        let transport = match over_http {
            true => Transport::Mcp(router(
                handler,
                HttpOptions::default(),
                CancellationToken::new(),
            )),
            false => Transport::Stdio(Box::new(Lines::initialized(handler).await)),
        };
        Self {
            running,
            transport,
            log: Arc::clone(log),
            last_id: 0,
        }
    }

    /// The one answer to a call.
    async fn answer(&mut self, tool: &str, arguments: &Value) -> Result<Value, String> {
        self.last_id += 1;
        let (text, messages) = self
            .transport
            .messages(&call(self.last_id, tool, arguments.clone()))
            .await;
        let text = text + &self.log.take();
        if let Some(part) = shown_part(&text) {
            let at = text.find(&part).unwrap_or_default();
            let shown: String = text[..at].chars().rev().take(200).collect();
            return Err(format!(
                "shows {part} of the key after {:?}",
                shown.chars().rev().collect::<String>()
            ));
        }
        let answers: Vec<&Value> = messages
            .iter()
            .filter(|message| !message["id"].is_null())
            .collect();
        match answers.as_slice() {
            [answer] if answer["id"] == self.last_id && answer["result"]["content"].is_array() => {
                Ok(answer["result"].clone())
            }
            _ => Err(format!("answered with {messages:?}")),
        }
    }

    /// What is wrong with one tool under one fault.
    async fn findings(
        &mut self,
        tool: &str,
        arguments: &Value,
        kind: &FaultKind,
        hits: Hits,
    ) -> Result<(), String> {
        let own = own_request(tool);
        let (method, path) = &own;
        let sandbox = self.running.sandbox.clone();
        sandbox.clear_log();
        let before = sandbox.state(Counts::of);
        let fault = match hits {
            Hits::First => Fault::new(kind.clone()),
            Hits::OwnOnce => Fault::new(kind.clone()).on(method, path),
            Hits::OwnAlways => Fault::new(kind.clone()).on(method, path).times(50),
        };
        sandbox.fault(fault);
        let answer = self.answer(tool, arguments).await;
        sandbox.clear_faults();
        let log = sandbox.log();
        let grown = sandbox.state(Counts::of).beyond(&before);
        let next = self
            .answer("list_spaces", &json!({}))
            .await
            .map_err(|why| format!("the next call {why}"))?;
        if next["isError"] == true {
            return Err(format!(
                "the next call failed: {}",
                next["content"][0]["text"]
            ));
        }
        let answer = answer?;
        if let Some((what, grown)) = grown {
            return Err(format!("made {grown} {what}: {answer}"));
        }
        if *method == Method::GET {
            return Ok(());
        }
        let is_own = |call: &&LoggedRequest| {
            call.method == method.as_str() && call.endpoint.as_deref() == Some(path)
        };
        let own: Vec<&LoggedRequest> = log.iter().filter(is_own).collect();
        let done = own.iter().filter(|call| is_done(call, kind)).count();
        let class = &answer["_meta"]["class"];
        if done > 1 && !REPEATED.contains(&tool) {
            return Err(format!("done {done} times: {answer}"));
        }
        if done > 0 && (class == "rejected" || class == "not_sent") {
            return Err(format!("called {class}, but done {done} times: {answer}"));
        }
        let is_doubtful = own.iter().any(|call| call.fault.is_some());
        if done == 0 && answer["isError"] != true && !(is_doubtful && may_be_done(kind)) {
            return Err(format!("said to be done, and is not: {answer} {own:?}"));
        }
        Ok(())
    }
}

/// Writes that have the same effect twice.
const REPEATED: [&str; 9] = [
    "update_space",
    "update_webhook",
    "delete_space",
    "delete_post",
    "delete_media",
    "delete_slot",
    "delete_webhook",
    "disconnect_account",
    "set_account_active",
];

/// Whether Saki did a request.
fn is_done(call: &LoggedRequest, kind: &FaultKind) -> bool {
    let is_good = call.status.is_none_or(|status| status < 300);
    match (&call.fault, kind) {
        (None, _) => call.status.is_some_and(|status| status < 300),
        (
            Some(_),
            FaultKind::DropBefore
            | FaultKind::Delay {
                after_write: false, ..
            },
        ) => false,
        (Some(_), FaultKind::Status { after_write, .. }) => *after_write,
        (Some(_), _) => is_good,
    }
}

/// Whether an answer that Saki did not mean is one of success.
fn may_be_done(kind: &FaultKind) -> bool {
    matches!(kind, FaultKind::Json { .. } | FaultKind::Empty)
}

/// How many records there are of each kind, and how often a text was posted to an account.
struct Counts(BTreeMap<String, usize>);

impl Counts {
    fn of(db: &Database) -> Self {
        let mut counts = BTreeMap::from([
            ("spaces".to_owned(), db.spaces.len()),
            ("files".to_owned(), db.media.len()),
            ("slots".to_owned(), db.slots.len()),
            ("webhooks".to_owned(), db.webhooks.len()),
        ]);
        let heads = db.posts.values().filter(|post| post.parent_id.is_none());
        let clusters: BTreeSet<&str> = heads.map(|post| post.cluster_id.as_str()).collect();
        counts.insert("clusters".to_owned(), clusters.len());
        let mut accounts = BTreeMap::new();
        for post in db.posts.values() {
            *accounts
                .entry(format!("posts of {}", post.account_id))
                .or_default() += 1;
        }
        counts.extend(accounts);
        Self(counts)
    }

    /// What there is more of than one call may make: one record, or one post with one more in its thread.
    fn beyond(&self, before: &Self) -> Option<(String, usize)> {
        self.0.iter().find_map(|(what, count)| {
            let grown = count.saturating_sub(*before.0.get(what).unwrap_or(&0));
            let most = if what.starts_with("posts") { 2 } else { 1 };
            (grown > most).then(|| (what.clone(), grown))
        })
    }
}

/// All tools under one fault on one variant and transport.
async fn walk(
    variant: &Variant,
    over_http: bool,
    (name, kind): &(String, FaultKind),
    hits: Hits,
    log: &Arc<Log>,
) -> (usize, Vec<String>) {
    let timeout = match kind {
        FaultKind::Delay { .. } => Duration::from_millis(200),
        _ => Duration::from_secs(10),
    };
    let mut stage = Stage::new(variant, over_http, timeout, log).await;
    let calls = example_calls::full();
    let mut findings = Vec::new();
    for (tool, arguments) in &calls {
        if let Err(why) = stage.findings(tool, arguments, kind, hits).await {
            let transport = if over_http { "/mcp" } else { "stdio" };
            let why: String = why.chars().take(900).collect();
            findings.push(format!("{tool}, {name} on {hits:?}, {transport}: {why}"));
        }
    }
    (calls.len(), findings)
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The default variant, and random ones that are others in every run.
fn variants() -> Vec<Variant> {
    let first = number("SAKI_FIRST_VARIANT").unwrap_or_else(|| fastrand::u64(..1_000_000));
    let count = number("SAKI_VARIANTS").unwrap_or(VARIANTS);
    // A refusal with 200 cannot be told from a write in the log; the tour of variants is about those.
    let by_status = |seed| Variant {
        refusal_mark: RefusalMark::Status,
        ..Variant::of_seed(seed)
    };
    let random = (first..first + count).map(by_status);
    std::iter::once(Variant::default()).chain(random).collect()
}

async fn no_findings(faults: Vec<(String, FaultKind)>, hits: &[Hits]) {
    let log = Arc::new(Log::begin());
    let is_long = number("SAKI_VARIANTS").is_some();
    let (mut cases, mut found) = (0, Vec::new());
    for (turn, variant) in variants().iter().enumerate() {
        let mut walks = Vec::new();
        for (index, fault) in faults.iter().enumerate() {
            let number = index + turn;
            let place = hits[number % hits.len()];
            for over_http in [false, true] {
                // A short run tries each fault over one transport on each variant.
                if is_long || over_http == (number % 2 == 1) {
                    walks.push(walk(variant, over_http, fault, place, &log));
                }
            }
        }
        // Few at a time, so that only what waits is late.
        let outcomes = futures::stream::iter(walks).buffered(match faults[0].1 {
            FaultKind::Delay { .. } => 12,
            _ => 1,
        });
        for (calls, findings) in outcomes.collect::<Vec<_>>().await {
            cases += calls;
            found.extend(
                findings
                    .iter()
                    .map(|finding| format!("variant {variant}\n  {finding}")),
            );
        }
    }
    eprintln!("{}\n{cases} calls under faults", found.join("\n"));
    assert!(
        found.is_empty(),
        "{} findings in {cases} calls",
        found.len()
    );
    // Tests on other threads may keep a single call from being logged, but not all of them.
    assert!(
        log.taken() > 0,
        "nothing was logged, so no key was searched"
    );
}

#[tokio::test]
async fn every_tool_answers_once_and_truly_under_every_fault() {
    no_findings(faults(), &[Hits::First, Hits::OwnOnce, Hits::OwnAlways]).await;
}

#[tokio::test]
async fn every_tool_answers_once_and_truly_when_saki_is_late() {
    no_findings(delays(), &[Hits::First, Hits::OwnOnce]).await;
}
