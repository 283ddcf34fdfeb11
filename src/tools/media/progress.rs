//! Progress notifications: how many bytes of the files of a call are transferred.

use std::sync::Arc;
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::ProgressNotificationParam;
use rmcp::service::RequestContext;
use tokio::sync::watch;

use crate::tools::LastProgress;
use crate::write::media::OnProgress;

/// The bytes of all files of a call: fetched first, then sent.
#[derive(Debug, Clone, Default)]
struct Transferred {
    bytes: u64,
    /// None while it is not known how much there is to fetch.
    total: Option<u64>,
    is_sent: bool,
}

/// The progress of one call.
#[derive(Debug, Clone)]
pub(super) struct Progress(Arc<watch::Sender<Transferred>>);

impl Progress {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Transferred::default())))
    }

    /// From now on bytes are sent, and so many are left.
    pub(super) fn begin_sending(&self, left: u64) {
        self.0.send_modify(|transferred| {
            transferred.total = Some(transferred.bytes + left);
            transferred.is_sent = true;
        });
    }

    /// The callback for the next file, whose bytes are added to those of the files before.
    pub(super) fn next_file(&self) -> OnProgress {
        let transferred = Arc::clone(&self.0);
        let before = transferred.borrow().bytes;
        Arc::new(move |bytes| {
            transferred.send_modify(|transferred| transferred.bytes = before + bytes)
        })
    }

    /// Notifies the client ten times a second; never ends.
    pub(super) async fn report(
        &self,
        context: &RequestContext<RoleServer>,
        last_progress: &LastProgress,
    ) {
        let Some(token) = context.meta.get_progress_token() else {
            return std::future::pending().await;
        };
        let mut progress = self.0.subscribe();
        let mut last = 0;
        while progress.changed().await.is_ok() {
            let transferred = progress.borrow_and_update().clone();
            // Progress only grows, also where a file is sent a second time under another name.
            if transferred.bytes > last {
                last = transferred.bytes;
                let mut notification = ProgressNotificationParam::new(token.clone(), last as f64);
                notification.total = transferred.total.map(|total| total as f64);
                notification.message = Some(transferred.message());
                // A client that is gone is noticed by the call itself.
                let _ = context.peer.notify_progress(notification).await;
                last_progress.note();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        std::future::pending().await
    }
}

impl Transferred {
    fn message(&self) -> String {
        let done = self.bytes / 1024;
        let word = if self.is_sent { "sent" } else { "fetched" };
        match self.total {
            Some(total) => format!("{done} of {} KiB {word}", total.div_ceil(1024)),
            None => format!("{done} KiB {word}"),
        }
    }
}
