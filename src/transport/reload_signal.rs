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

    /// SIGHUP, which from now on no longer ends the process. Where there is no such signal, it never comes.
    pub fn from_sighup() -> Self {
        let (sender, receiver) = watch::channel(());
        tokio::spawn(async move {
            if let Err(error) = forward_sighup(&sender).await {
                tracing::warn!("cannot listen for SIGHUP: {error}");
            }
        });
        Self {
            signals: Some(receiver),
        }
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

#[cfg(unix)]
async fn forward_sighup(sender: &watch::Sender<()>) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut sighup = signal(SignalKind::hangup())?;
    while sighup.recv().await.is_some() {
        tracing::info!("SIGHUP: files are read anew");
        sender.send_replace(());
    }
    Ok(())
}

#[cfg(not(unix))]
async fn forward_sighup(_: &watch::Sender<()>) -> std::io::Result<()> {
    Ok(())
}
