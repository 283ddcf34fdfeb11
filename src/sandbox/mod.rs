//! Sandbox: a small stateful fake of Saki in memory, for newcomers, the demo and the tests.
//!
//! It shares the methods and paths of the client's request types, but not their structs:
//! a route handler reads plain JSON and validates it by rules written from the API reference.
//! Start with `api_handler.rs`, then read one resource, such as `slots.rs`.
//!
//! Imports run one way, and no file imports this one:
//!
//! ```text
//! records ─► database ─► api_request, validation, paginator ─► resources ─► router, variant ─► api_handler ─► mod
//! ```

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use shared_state::SharedState;

mod accounts;
mod api_handler;
mod api_request;
mod api_response;
mod authentication;
mod body_parser;
mod connections;
mod control_api;
mod database;
mod fault_injection;
mod media;
mod paginator;
mod posts;
mod publisher;
mod queue;
mod records;
mod request_log;
mod route_table;
mod router;
mod sandbox_options;
mod seed;
mod shared_state;
mod slots;
mod spaces;
mod subscription;
mod validation;
pub mod variant;
mod webhooks;

pub use body_parser::MultipartFile;
pub use database::{Database, Table};
pub use fault_injection::{Fault, FaultKind};
pub use records::{
    PostStatus, StoredAccount, StoredMedia, StoredPost, StoredSlot, StoredSpace, StoredWebhook,
};
pub use request_log::LoggedRequest;
pub use route_table::MountedRoute;
pub use sandbox_options::{MediaTypes, SandboxOptions, SeedData};
pub use variant::{ActivateField, CreateForms, CreateReply, Variant};

/// A handle to a sandbox; clones share the same sandbox.
#[derive(Clone)]
pub struct Sandbox {
    shared: Arc<SharedState>,
}

impl Sandbox {
    /// A sandbox with the seed data of the options, relative to their clock.
    pub fn new(options: SandboxOptions) -> Self {
        let db = seed::database(options.seed_data, options.clock.now());
        Self {
            shared: Arc::new(SharedState::new(options, db)),
        }
    }

    /// The router: the API below `/api`, and the control API below `/_sandbox`.
    ///
    /// Only [`serve`](Self::serve) drops a connection without a response; elsewhere the response body fails.
    pub fn router(&self) -> Router {
        control_api::routes()
            .fallback(api_handler::handle)
            .layer(DefaultBodyLimit::disable())
            .with_state(self.shared.clone())
    }

    /// Starts a sandbox on a free port of the loopback interface.
    ///
    /// # Errors
    ///
    /// When no port is free.
    pub async fn start(options: SandboxOptions) -> io::Result<RunningSandbox> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let sandbox = Self::new(options);
        let shutdown = CancellationToken::new();
        tokio::spawn(sandbox.clone().serve(listener, shutdown.clone()));
        Ok(RunningSandbox {
            sandbox,
            base_url: format!("{origin}/api"),
            origin,
            _shutdown: shutdown.drop_guard(),
        })
    }

    /// Serves until `shutdown`; open requests then have one second to finish.
    ///
    /// # Errors
    ///
    /// None at present; an error of one connection ends only that connection.
    pub async fn serve(self, listener: TcpListener, shutdown: CancellationToken) -> io::Result<()> {
        connections::serve(self.router(), listener, shutdown).await
    }

    /// Reads the database, after the publisher has published what is due.
    pub fn state<R>(&self, read: impl FnOnce(&Database) -> R) -> R {
        let mut locked = self.shared.lock();
        locked.db.publish_due(self.shared.options.clock.now());
        read(&locked.db)
    }

    /// Changes the database without validation.
    pub fn edit<R>(&self, change: impl FnOnce(&mut Database) -> R) -> R {
        let mut locked = self.shared.lock();
        locked.db.wake_publisher_at(Timestamp::MIN);
        change(&mut locked.db)
    }

    /// The request log, oldest request first.
    pub fn log(&self) -> Vec<LoggedRequest> {
        self.shared.lock().request_log.entries()
    }

    /// Clears the request log.
    pub fn clear_log(&self) {
        self.shared.lock().request_log.clear();
    }

    /// Adds a fault for later requests.
    pub fn fault(&self, fault: Fault) {
        self.shared.lock().faults.push(fault);
    }

    /// Removes all waiting faults.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// All routes of the API.
    pub fn endpoints() -> Vec<MountedRoute> {
        router::routes().mounted()
    }
}

/// A sandbox that serves requests; dropping it stops the server.
pub struct RunningSandbox {
    /// The sandbox itself.
    pub sandbox: Sandbox,
    /// Base URL for the client, such as `http://127.0.0.1:4010/api`.
    pub base_url: String,
    /// Origin for `/_sandbox`, such as `http://127.0.0.1:4010`.
    pub origin: String,
    _shutdown: DropGuard,
}
