//! Reload signal: SIGHUP asks the server to read its files anew.

use std::future::pending;

use tokio::sync::watch;

/// Tells each of its clones that files are to be read anew.
#[derive(Clone, Debug)]
pub struct ReloadSignal {
    signals: Option<watch::Receiver<()>>,
}

impl ReloadSignal {
    /// A signal that never comes.
    pub fn never() -> Self {
        Self { signals: None }
    }

    /// A signal that a test sends.
    #[cfg(test)]
    pub(crate) fn by_hand() -> (watch::Sender<()>, Self) {
        let (sender, receiver) = watch::channel(());
        let signals = Some(receiver);
        (sender, Self { signals })
    }

    /// SIGHUP, which from now on no longer ends the process. Where there is no such signal, it never comes.
    #[cfg(unix)]
    pub fn from_sighup() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        // Not inside the task: until it first runs, a signal would still kill the process.
        let mut sighup = match signal(SignalKind::hangup()) {
            Ok(sighup) => sighup,
            Err(error) => {
                tracing::warn!("cannot listen for SIGHUP: {error}");
                return Self::never();
            }
        };
        let (sender, receiver) = watch::channel(());
        tokio::spawn(async move {
            while sighup.recv().await.is_some() {
                tracing::info!("SIGHUP: files are read anew");
                sender.send_replace(());
            }
        });
        Self {
            signals: Some(receiver),
        }
    }

    /// There is no such signal here, so it never comes.
    #[cfg(not(unix))]
    pub fn from_sighup() -> Self {
        Self::never()
    }

    /// Returns when the signal came since the last time.
    pub async fn received(&mut self) {
        let comes = match &mut self.signals {
            Some(signals) => signals.changed().await.is_ok(),
            None => false,
        };
        if !comes {
            pending().await
        }
    }
}
