//! How far the files of a call are, told to a client that asked for it.

use std::sync::Arc;
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::ProgressNotificationParam;
use rmcp::service::RequestContext;
use tokio::sync::watch;

use crate::write::media::OnProgress;

/// The bytes of all files of a call: fetched first, then sent.
#[derive(Debug, Clone, Default)]
struct Moved {
    bytes: u64,
    /// None while it is not known how much there is to fetch.
    total: Option<u64>,
    is_sent: bool,
}

/// What one call moves.
#[derive(Debug, Clone)]
pub(super) struct Progress(Arc<watch::Sender<Moved>>);

impl Progress {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Moved::default())))
    }

    /// From now on bytes are sent, and so many are left.
    pub(super) fn sends(&self, left: u64) {
        self.0.send_modify(|moved| {
            moved.total = Some(moved.bytes + left);
            moved.is_sent = true;
        });
    }

    /// What hears of the next file, whose bytes come on top of those of the files before.
    pub(super) fn next(&self) -> OnProgress {
        let moved = Arc::clone(&self.0);
        let before = moved.borrow().bytes;
        Arc::new(move |bytes| moved.send_modify(|moved| moved.bytes = before + bytes))
    }

    /// Tells the client ten times a second; never ends.
    pub(super) async fn report(&self, context: &RequestContext<RoleServer>) {
        let Some(token) = context.meta.get_progress_token() else {
            return std::future::pending().await;
        };
        let mut progress = self.0.subscribe();
        let mut last = 0;
        while progress.changed().await.is_ok() {
            let moved = progress.borrow_and_update().clone();
            // Progress only grows, also where a file is sent a second time under another name.
            if moved.bytes > last {
                last = moved.bytes;
                let mut said = ProgressNotificationParam::new(token.clone(), last as f64);
                said.total = moved.total.map(|total| total as f64);
                said.message = Some(moved.say());
                // A client that is gone is noticed by the call itself.
                let _ = context.peer.notify_progress(said).await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        std::future::pending().await
    }
}

impl Moved {
    fn say(&self) -> String {
        let done = self.bytes / 1024;
        let word = if self.is_sent { "sent" } else { "fetched" };
        match self.total {
            Some(total) => format!("{done} of {} KiB {word}", total.div_ceil(1024)),
            None => format!("{done} KiB {word}"),
        }
    }
}
