//! A client's end of an HTTP+SSE session.

use serde_json::Value;

use crate::support::fixture_server::{Events, Server, initialize, within};

/// A client's end of a session.
pub(crate) struct Session {
    pub(crate) events: Events,
    pub(crate) address: String,
}

impl Session {
    /// Opens the stream and reads where messages go.
    pub(crate) async fn open(server: &Server) -> Self {
        let mut events = Events::open(server.get("/sse")).await;
        let (name, address) = events.next().await.unwrap();
        assert_eq!(name, "endpoint");
        assert!(address.starts_with("/message?sessionId="), "{address}");
        Self { events, address }
    }

    /// A session that has shaken hands.
    pub(crate) async fn begin(server: &Server) -> Self {
        let mut session = Self::open(server).await;
        session.send(server, &initialize("2024-11-05")).await;
        session.events.message().await;
        session
    }

    async fn post(&self, server: &Server, message: &Value) -> u16 {
        let post = server.post(&self.address, message.to_string());
        within(post.send()).await.unwrap().status().as_u16()
    }

    pub(crate) async fn send(&self, server: &Server, message: &Value) {
        assert_eq!(self.post(server, message).await, 202);
    }
}
