//! `saki-mcp http` as a process of its own, which logs in JSON.

use serde_json::Value;

use crate::support::child_process::Serving;
use crate::support::fixture_server::with_headers_of;

pub(crate) struct HttpProcess {
    pub(crate) serving: Serving,
    /// `http://ADDRESS`.
    pub(crate) base: String,
    pub(crate) client: reqwest::Client,
}

impl HttpProcess {
    /// Over a sandbox inside it.
    pub(crate) fn sandbox(arguments: &[&str]) -> Self {
        Self::start(arguments, &[("SAKI_SANDBOX", "1")])
    }

    pub(crate) fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let all = [
            &["http", "--bind", "127.0.0.1:0", "--log-format", "json"],
            arguments,
        ]
        .concat();
        let mut serving = Serving::start(&all, environment);
        let base = serving.logged_between("Streamable HTTP at ", "/mcp");
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            serving,
            base,
            client,
        }
    }

    pub(crate) fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.get(format!("{}{path}", self.base))
    }

    pub(crate) fn mcp(&self, message: &Value) -> reqwest::RequestBuilder {
        let post = self
            .client
            .post(format!("{}/mcp", self.base))
            .header("accept", "application/json, text/event-stream")
            .json(message);
        with_headers_of(post, message)
    }

    /// The next line of the log that tells of a call; all lines are JSON.
    pub(crate) fn access_line(&mut self) -> Value {
        loop {
            let line = self.serving.next_log_line();
            let line: Value =
                serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"));
            if line["message"] == "call" {
                return line;
            }
        }
    }
}
