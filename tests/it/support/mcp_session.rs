//! A client's end of a session at `/mcp`.

use saki_mcp::transport::HttpLimits;
use saki_mcp::transport::http::HttpOptions;
use serde_json::{Value, json};

use crate::support::fixture_server::{Events, Server, initialize, within};

/// The revision that knows events with only an id.
pub(crate) const PRIMED: &str = "2025-11-25";

pub(crate) struct McpSession {
    pub(crate) id: String,
    version: String,
}

/// A server with sessions.
pub(crate) async fn with_sessions(change: impl FnOnce(&mut HttpLimits)) -> Server {
    let mut options = HttpOptions {
        sessions: true,
        ..HttpOptions::default()
    };
    change(&mut options.limits);
    Server::start(options).await
}

impl McpSession {
    /// Begins one with this message.
    pub(crate) async fn begin(server: &Server, initialize: Value) -> Self {
        let response = within(server.mcp(&initialize).send()).await.unwrap();
        assert_eq!(response.status(), 200);
        let id = response.headers().get("mcp-session-id");
        let id = id.map(|id| id.to_str().unwrap().to_owned());
        let answer: Value = within(response.json()).await.unwrap();
        let version = answer["result"]["protocolVersion"].as_str().unwrap();
        let session = Self {
            id: id.unwrap(),
            version: version.to_owned(),
        };
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        session.send(server, &ready).await;
        session
    }

    pub(crate) async fn of(server: &Server) -> Self {
        Self::begin(server, initialize(PRIMED)).await
    }

    fn headers(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request
            .header("mcp-session-id", &self.id)
            .header("mcp-protocol-version", &self.version)
    }

    pub(crate) fn post(&self, server: &Server, message: &Value) -> reqwest::RequestBuilder {
        self.headers(server.mcp(message))
    }

    /// Sends what has no answer.
    pub(crate) async fn send(&self, server: &Server, message: &Value) {
        let accepted = within(self.post(server, message).send()).await.unwrap();
        assert_eq!(accepted.status(), 202);
    }

    /// Sends a request whose answer is a stream.
    pub(crate) async fn stream(&self, server: &Server, message: &Value) -> Events {
        Events::open(self.post(server, message)).await
    }

    pub(crate) fn get(&self, server: &Server) -> reqwest::RequestBuilder {
        let get = server.get("/mcp").header("accept", "text/event-stream");
        self.headers(get)
    }

    /// Resumes a stream after this event.
    pub(crate) async fn resume(&self, server: &Server, after: &str) -> Events {
        Events::open(self.get(server).header("last-event-id", after)).await
    }

    pub(crate) fn delete(&self, server: &Server) -> reqwest::RequestBuilder {
        self.headers(server.client.delete(format!("{}/mcp", server.base)))
    }

    /// The status of a small request in the session.
    pub(crate) async fn status(&self, server: &Server) -> u16 {
        let ping = json!({"jsonrpc": "2.0", "id": "ping", "method": "ping"});
        let answer = within(self.post(server, &ping).send()).await.unwrap();
        let status = answer.status().as_u16();
        within(answer.bytes()).await.unwrap();
        status
    }
}

/// What tells the server that nobody waits for the answer any more.
pub(crate) fn cancel(id: u64) -> Value {
    json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}})
}
