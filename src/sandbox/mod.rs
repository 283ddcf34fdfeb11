//! A small stateful Saki in memory: what newcomers try, what the demo shows, and the test bed.
//!
//! It shares the client's addresses and never its opinion of a body: a handler is mounted at the
//! method and path that a request type declares, and judges plain JSON by rules written from the
//! reference. Start at `route.rs`, then read one resource, such as `slots.rs`.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

mod accounts;
mod answer;
mod call;
mod control;
mod door;
mod faults;
mod intake;
mod log;
mod media;
mod options;
mod posts;
mod queue;
mod route;
mod rules;
mod seed;
mod serve;
mod slots;
mod spaces;
mod store;
mod subscription;
mod webhooks;

#[cfg(test)]
mod tests;

pub use accounts::Account;
pub use faults::{Fault, Kind};
pub use intake::Upload;
pub use log::Logged;
pub use media::Media;
pub use options::{Activate, CreateReply, Forms, MediaTypes, SandboxOptions, World};
pub use posts::{Post, Status};
pub use route::Mounted;
pub use slots::Slot;
pub use spaces::Space;
pub use store::{FOREIGN_SPACE, State, Table};
pub use webhooks::Webhook;

/// A handle to one sandbox; a clone is another handle to the same.
#[derive(Clone)]
pub struct Sandbox {
    shared: Arc<Shared>,
}

struct Shared {
    options: Arc<SandboxOptions>,
    held: Mutex<Held>,
}

/// What one lock guards.
struct Held {
    state: State,
    log: log::Log,
    faults: Vec<Fault>,
}

impl Sandbox {
    /// A sandbox with the world that the options name, relative to their clock's present.
    pub fn new(options: SandboxOptions) -> Self {
        let state = seed::world(options.world, options.clock.now());
        let held = Held {
            state,
            log: log::Log::default(),
            faults: Vec::new(),
        };
        Self {
            shared: Arc::new(Shared {
                options: Arc::new(options),
                held: Mutex::new(held),
            }),
        }
    }

    /// The API below `/api` and the sandbox's own addresses below `/_sandbox`.
    ///
    /// Dropped connections are clean only under [`serve`](Self::serve); elsewhere the body breaks off.
    pub fn router(&self) -> Router {
        control::routes()
            .fallback(door::enter)
            .layer(DefaultBodyLimit::disable())
            .with_state(self.clone())
    }

    /// Starts a sandbox on a free port of the loopback interface.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub async fn start(options: SandboxOptions) -> io::Result<Running> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let sandbox = Self::new(options);
        let shutdown = CancellationToken::new();
        tokio::spawn(sandbox.clone().serve(listener, shutdown.clone()));
        Ok(Running {
            sandbox,
            base_url: format!("{origin}/api"),
            origin,
            _stop: shutdown.drop_guard(),
        })
    }

    /// Serves until `shutdown`; calls under way then have a second to end.
    ///
    /// # Errors
    ///
    /// None at present; a connection that fails ends alone.
    pub async fn serve(self, listener: TcpListener, shutdown: CancellationToken) -> io::Result<()> {
        serve::run(self.router(), listener, shutdown).await
    }

    /// Looks at what the sandbox holds, with everything published that is due by now.
    pub fn state<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        let mut held = self.held();
        held.state.publish_due(self.shared.options.clock.now());
        look(&held.state)
    }

    /// Changes what the sandbox holds, past all rules.
    pub fn edit<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let mut held = self.held();
        held.state.look_again();
        change(&mut held.state)
    }

    /// The calls so far, in the order of their arrival.
    pub fn log(&self) -> Vec<Logged> {
        self.held().log.entries()
    }

    /// InvalidateOnDrop the calls so far.
    pub fn clear_log(&self) {
        self.held().log.clear();
    }

    /// Orders a fault.
    pub fn fault(&self, fault: Fault) {
        self.held().faults.push(fault);
    }

    /// Takes back every fault that still waits.
    pub fn clear_faults(&self) {
        self.held().faults.clear();
    }

    /// Every address of the API, derived from what is mounted.
    pub fn endpoints() -> Vec<Mounted> {
        route::Routes::all().mounted()
    }

    /// A handler that panicked changed nothing that the next one relies on, so a poisoned lock is taken.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.shared
            .held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A sandbox that serves; dropping it stops it.
pub struct Running {
    /// The sandbox itself.
    pub sandbox: Sandbox,
    /// Address for the client, such as `http://127.0.0.1:4010/api`.
    pub base_url: String,
    /// Address for `/_sandbox`, such as `http://127.0.0.1:4010`.
    pub origin: String,
    _stop: DropGuard,
}
