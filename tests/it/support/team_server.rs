//! The binary as an HTTP server of a team, over a Saki that notes which key reached it.

use std::path::PathBuf;

use http::HeaderMap;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::child_process::{Serving, run};
use crate::support::fixture_server::{call, request, within};
use crate::support::recording_saki::RecordingSaki;

/// What a request got.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// A token and its line for the file.
pub(crate) struct NewToken {
    pub(crate) token: String,
    pub(crate) line: String,
}

/// Makes a token with the binary.
pub(crate) fn new_token(arguments: &[&str]) -> NewToken {
    let ended = run(&[&["token", "new"], arguments].concat(), &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let said = ended.stderr.lines().map(str::trim);
    let token = said.clone().find(|line| line.starts_with("saki_mcp_"));
    let token = token.unwrap_or_else(|| panic!("no token in {}", ended.stderr));
    // Nothing else is on standard output, so that it can be added to the file.
    let line = ended.stdout.strip_suffix('\n').unwrap();
    assert!(line.starts_with(&format!("{}: ", arguments[0])), "{line}");
    assert!(!line.contains('\n') && !line.contains(token), "{line}");
    NewToken {
        token: token.to_owned(),
        line: line.to_owned(),
    }
}

/// The binary, its files and its Saki.
pub(crate) struct TeamServer {
    pub(crate) base: String,
    pub(crate) saki: RecordingSaki,
    pub(crate) serving: Serving,
    pub(crate) files: Files,
    client: reqwest::Client,
}

/// The files of an operator.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Writes a file that only its owner may access.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        let new = self.path(&format!("{name}.new"));
        std::fs::write(&new, text).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&new, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
        std::fs::rename(&new, &path).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

impl TeamServer {
    /// Serves with these flags; the Saki has a world for each of the keys, and the first is the configured one.
    pub(crate) async fn start(files: Files, keys: &[&str], flags: &[&str]) -> Self {
        Self::with_environment(files, keys, flags, &[("SAKI_API_KEY", keys[0])]).await
    }

    pub(crate) async fn with_environment(
        files: Files,
        keys: &[&str],
        flags: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let saki = RecordingSaki::start(keys).await;
        let arguments = [&["http", "--bind", "127.0.0.1:0"], flags].concat();
        let base_url = [("SAKI_BASE_URL", saki.base.as_str())];
        let environment = [&base_url, environment].concat();
        let mut serving = Serving::start(&arguments, &environment);
        let base = serving.logged_between("Streamable HTTP at ", "/mcp");
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            base,
            saki,
            serving,
            files,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.base))
    }

    pub(crate) fn post(&self, path: &str, message: &Value) -> RequestBuilder {
        self.client
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .body(message.to_string())
    }

    /// A message to an address, with these headers.
    pub(crate) async fn send(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        message: &Value,
    ) -> Reply {
        let mut post = self.post(path, message);
        for (name, value) in headers {
            post = post.header(*name, *value);
        }
        reply(post).await
    }

    /// A call of a tool at `/mcp`.
    pub(crate) async fn call(
        &self,
        headers: &[(&str, &str)],
        tool: &str,
        arguments: Value,
    ) -> Reply {
        self.send("/mcp", headers, &call(1, tool, arguments)).await
    }

    /// A call with a token.
    pub(crate) async fn call_as(&self, token: &str, tool: &str, arguments: Value) -> Reply {
        let bearer = format!("Bearer {token}");
        self.call(&[("authorization", &bearer)], tool, arguments)
            .await
    }

    /// A text as the body of a message, with a token.
    pub(crate) async fn post_as(&self, token: &str, body: &str) -> Reply {
        let post = self.post("/mcp", &json!(null)).bearer_auth(token);
        reply(post.body(body.to_owned())).await
    }

    /// The names of the tools that a request is shown.
    pub(crate) async fn tools(&self, headers: &[(&str, &str)]) -> Vec<String> {
        let list = self
            .send("/mcp", headers, &request(1, "tools/list", json!({})))
            .await;
        assert_eq!(list.status, 200, "{list:?}");
        let tools = list.body["result"]["tools"].as_array().unwrap().iter();
        tools
            .map(|tool| tool["name"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Asks again and again until it gets this status, as after a change of a file.
    pub(crate) async fn until(&self, token: &str, status: u16) {
        let mut tries = 0;
        while self.call_as(token, "list_spaces", json!({})).await.status != status {
            tries += 1;
            assert!(tries < 300, "it stays another status than {status}");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }

    /// Ends the process, and returns all that it logged.
    pub(crate) fn log(mut self) -> String {
        self.serving.terminate();
        self.serving.ended();
        self.serving.logged.join("\n")
    }
}

pub(crate) async fn reply(request: RequestBuilder) -> Reply {
    let response = within(request.send()).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = within(response.text()).await.unwrap();
    Reply {
        status,
        headers,
        body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
    }
}

impl Reply {
    /// The structured content of a call that succeeded.
    pub(crate) fn ok(&self) -> &Value {
        assert_eq!(self.status, 200, "{self:?}");
        let result = &self.body["result"];
        assert_ne!(result["isError"], true, "{self:?}");
        &result["structuredContent"]
    }

    /// The text of a call that failed.
    pub(crate) fn failed(&self) -> &str {
        assert_eq!(self.status, 200, "{self:?}");
        assert_eq!(self.body["result"]["isError"], true, "{self:?}");
        self.body["result"]["content"][0]["text"].as_str().unwrap()
    }

    /// The refusal of a request: its word and its sentence.
    pub(crate) fn refused(&self, status: u16) -> (&str, &str) {
        assert_eq!(self.status, status, "{self:?}");
        let field = |name: &str| self.body[name].as_str().unwrap();
        (field("error"), field("error_description"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }
}
