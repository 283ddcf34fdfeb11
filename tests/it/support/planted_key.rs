//! The planted key: a search of all output for it, the log of the test's own thread included.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;

use crate::support::server_under_test::KEY;

/// The part of the key that a text shows: a part of eight characters, or of its base64.
pub(crate) fn shown_part(text: &str) -> Option<String> {
    let encoded = STANDARD.encode(format!("Bearer {KEY}"));
    let secret = KEY.trim_start_matches("sk-");
    let parts = secret
        .as_bytes()
        .windows(8)
        .map(|part| String::from_utf8_lossy(part).into_owned());
    parts
        .chain([encoded[12..24].to_owned()])
        .find(|part| text.contains(part.as_str()))
}

/// Everything that is logged on this thread, at every level, until it is dropped.
pub(crate) struct Log {
    lines: Lines,
    taken: AtomicUsize,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn begin() -> Self {
        let lines = Lines::default();
        let writer = lines.clone();
        let layer = fmt::layer()
            .with_ansi(false)
            .with_writer(move || writer.clone());
        let levels = Targets::new().with_default(LevelFilter::TRACE);
        let subscriber = tracing_subscriber::registry().with(layer).with(levels);
        let log = Self {
            lines,
            taken: AtomicUsize::new(0),
            _guard: tracing::subscriber::set_default(subscriber),
        };
        tracing::callsite::rebuild_interest_cache();
        log
    }

    /// Bytes that were logged and taken so far.
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// What was logged since the last time.
    pub(crate) fn take(&self) -> String {
        let lines = std::mem::take(&mut *self.lines.0.lock().unwrap());
        self.taken.fetch_add(lines.len(), Ordering::Relaxed);
        String::from_utf8_lossy(&lines).into_owned()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
