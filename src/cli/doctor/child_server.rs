//! Child server: starts a server as an entry of a client says, and talks to it in both eras of the protocol.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::saki::Key;

/// How long a server has for everything.
const LIMIT: Duration = Duration::from_secs(5);
/// How much of a line that is no message is shown.
const SHOWN: usize = 60;

/// A server to start.
#[derive(Debug, Clone)]
pub(super) struct ChildCommand {
    pub(super) program: String,
    pub(super) args: Vec<String>,
    /// Its whole environment.
    pub(super) environment: BTreeMap<OsString, OsString>,
    /// Keys that must not show in what it printed.
    pub(super) keys: Vec<Key>,
}

/// The two ways in which clients talk to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Era {
    /// With `initialize`, up to the revision 2025-11-25.
    Handshake,
    /// Without, since 2026-07-28.
    Stateless,
}

/// What a server answered.
#[derive(Debug, Clone)]
pub(super) struct ServerAnswer {
    pub(super) tools: usize,
    /// Why the call that reads the spaces failed, if it was made and did.
    pub(super) call_failure: Option<String>,
}

/// Why a server did not answer as it should.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChildFailure {
    #[error("it could not be started: {0}")]
    NotStarted(io::Error),
    #[error("it ended before it answered{}", .0.as_ref().map(|line| format!(": {line}")).unwrap_or_default())]
    Ended(Option<String>),
    #[error("its standard output has a line that is no message of the protocol: {0:?}")]
    NotProtocol(String),
    #[error("it refused {method}: {message}")]
    Refused {
        method: &'static str,
        message: String,
    },
    #[error("it did not answer within {} seconds", LIMIT.as_secs())]
    NoAnswer,
}

/// Starts the server, lists its tools, and ends it. With the handshake, it also reads the spaces.
pub(super) async fn ask(command: &ChildCommand, era: Era) -> Result<ServerAnswer, ChildFailure> {
    let mut server = Running::start(command)?;
    let answered = timeout(LIMIT, server.converse(era)).await;
    server.end().await;
    match answered {
        Ok(answered) => answered,
        Err(_) => server
            .list
            .take()
            .map_or(Err(ChildFailure::NoAnswer), |tools| {
                // It answers, and only the way to Saki takes too long, which other checks explain.
                Ok(ServerAnswer {
                    tools,
                    call_failure: None,
                })
            }),
    }
}

struct Running {
    child: Child,
    input: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
    errors: tokio::task::JoinHandle<String>,
    keys: Vec<Key>,
    /// How many tools it listed.
    list: Option<usize>,
}

impl Running {
    fn start(command: &ChildCommand) -> Result<Self, ChildFailure> {
        let mut child = Command::new(&command.program)
            .args(&command.args)
            .env_clear()
            .envs(&command.environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(ChildFailure::NotStarted)?;
        let missing = || ChildFailure::NotStarted(io::Error::other("it has no pipes"));
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or_else(missing)?;
        let errors = child.stderr.take().ok_or_else(missing)?;
        Ok(Self {
            child,
            input,
            lines: BufReader::new(output).lines(),
            errors: tokio::spawn(last_line(errors)),
            keys: command.keys.clone(),
            list: None,
        })
    }

    async fn converse(&mut self, era: Era) -> Result<ServerAnswer, ChildFailure> {
        if era == Era::Handshake {
            let client = json!({"name": "saki-mcp doctor", "version": env!("CARGO_PKG_VERSION")});
            let params =
                json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
            self.request(0, "initialize", params).await?;
            self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))
                .await?;
        }
        let params = match era {
            Era::Handshake => json!({}),
            Era::Stateless => json!({"_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "saki-mcp doctor", "version": env!("CARGO_PKG_VERSION")},
                "io.modelcontextprotocol/clientCapabilities": {},
            }}),
        };
        let list = self.request(1, "tools/list", params).await?;
        let tools = list["tools"].as_array().cloned().unwrap_or_default();
        self.list = Some(tools.len());
        let can_list = tools.iter().any(|tool| tool["name"] == "list_spaces");
        let mut call_failure = None;
        if era == Era::Handshake && can_list {
            let params = json!({"name": "list_spaces", "arguments": {}});
            let result = self.request(2, "tools/call", params).await?;
            if result["isError"] == true {
                let text = result["content"][0]["text"].as_str().unwrap_or_default();
                call_failure = Some(self.redact(text.lines().next().unwrap_or_default()));
            }
        }
        Ok(ServerAnswer {
            tools: tools.len(),
            call_failure,
        })
    }

    /// Sends a request and returns its result.
    async fn request(
        &mut self,
        id: u64,
        method: &'static str,
        params: Value,
    ) -> Result<Value, ChildFailure> {
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.send(&request).await?;
        loop {
            let line = match self.lines.next_line().await {
                Ok(Some(line)) => line,
                Ok(None) => return Err(self.ended().await),
                Err(_) => return Err(ChildFailure::NotProtocol("(no UTF-8)".to_owned())),
            };
            let message: Option<Value> = serde_json::from_str(&line).ok();
            let Some(mut message) = message.filter(|message| message["jsonrpc"] == "2.0") else {
                let shown: String = line.chars().take(SHOWN).collect();
                return Err(ChildFailure::NotProtocol(self.redact(&shown)));
            };
            if message["id"] != id {
                continue;
            }
            return match message.get("error") {
                None => Ok(message["result"].take()),
                Some(error) => Err(ChildFailure::Refused {
                    method,
                    message: self.redact(error["message"].as_str().unwrap_or_default()),
                }),
            };
        }
    }

    async fn send(&mut self, message: &Value) -> Result<(), ChildFailure> {
        let Some(input) = &mut self.input else {
            return Err(ChildFailure::Ended(None));
        };
        let line = format!("{message}\n");
        let written = input.write_all(line.as_bytes()).await;
        match written {
            // What it printed before it ended says more.
            Err(_) if message["id"].is_null() => Err(self.ended().await),
            _ => Ok(()),
        }
    }

    /// Why it ended: what it said last.
    async fn ended(&mut self) -> ChildFailure {
        let said = timeout(Duration::from_secs(1), &mut self.errors).await;
        let line = said.ok().and_then(Result::ok).unwrap_or_default();
        let shown: String = line.chars().take(300).collect();
        ChildFailure::Ended(Some(self.redact(&shown)).filter(|line| !line.is_empty()))
    }

    fn redact(&self, text: &str) -> String {
        let start = text.to_owned();
        self.keys.iter().fold(start, |text, key| key.redact(&text))
    }

    /// Ends it as a client does, by closing its input; one that stays is stopped.
    async fn end(&mut self) {
        self.input = None;
        if timeout(Duration::from_millis(500), self.child.wait())
            .await
            .is_err()
        {
            let _ = self.child.start_kill();
        }
    }
}

/// The last line that is not empty.
async fn last_line(errors: impl AsyncRead + Unpin) -> String {
    let mut lines = BufReader::new(errors.take(256 * 1024)).lines();
    let mut last = String::new();
    while let Ok(Some(line)) = lines.next_line().await {
        if !line.trim().is_empty() {
            last = line;
        }
    }
    last
}
