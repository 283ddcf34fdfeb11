//! Reloaded files: settings that an operator changes while the server runs; a file that cannot be read keeps the old ones.

use std::fmt::{self, Debug};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::transport::reload_signal::ReloadSignal;

/// How often a file is looked at. It is small, and a mounted volume tells nobody of a change.
const INTERVAL: Duration = Duration::from_secs(1);

type Load<T> = Box<dyn Fn() -> Result<T, String> + Send + Sync>;

/// What a file says, as of its last good version.
pub struct ReloadedFile<T> {
    load: Load<T>,
    current: RwLock<Arc<T>>,
}

impl<T: PartialEq + Send + Sync + 'static> ReloadedFile<T> {
    /// Loads the file now, and from then on again and again until it is dropped, at once at each `reload`.
    ///
    /// # Errors
    ///
    /// What is wrong with the file at the start.
    pub fn open(
        load: impl Fn() -> Result<T, String> + Send + Sync + 'static,
        reload: ReloadSignal,
    ) -> Result<Arc<Self>, String> {
        Self::open_every(INTERVAL, load, reload)
    }

    fn open_every(
        interval: Duration,
        load: impl Fn() -> Result<T, String> + Send + Sync + 'static,
        mut reload: ReloadSignal,
    ) -> Result<Arc<Self>, String> {
        let current = RwLock::new(Arc::new(load()?));
        let file = Arc::new(Self {
            load: Box::new(load),
            current,
        });
        let watched = Arc::downgrade(&file);
        tokio::spawn(async move {
            let mut last_error = None;
            loop {
                tokio::select! {
                    () = tokio::time::sleep(interval) => {}
                    () = reload.received() => {}
                }
                let Some(file) = watched.upgrade() else {
                    return;
                };
                let read = tokio::task::spawn_blocking(move || file.reload()).await;
                let error = read.unwrap_or(Ok(())).err();
                if let Some(error) = error
                    .as_ref()
                    .filter(|error| last_error.as_ref() != Some(*error))
                {
                    tracing::error!("{error}. What it said before still holds");
                }
                last_error = error;
            }
        });
        Ok(file)
    }

    fn reload(&self) -> Result<(), String> {
        let new = (self.load)()?;
        if *self.current() != new {
            let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
            *current = Arc::new(new);
        }
        Ok(())
    }

    /// What the file says.
    pub fn current(&self) -> Arc<T> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }
}

impl<T> Debug for ReloadedFile<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReloadedFile").finish_non_exhaustive()
    }
}

/// Who may access a file that decides who comes in, or that is a key.
#[derive(Clone, Copy, Debug)]
pub enum FileAccess {
    /// Nobody but its owner may change it.
    ChangedByOwner,
    /// The same, and only its owner and group may read it.
    ReadByGroup,
}

/// Checks who may access a file.
///
/// # Errors
///
/// A sentence with the command that puts it right.
#[cfg(unix)]
pub fn check_access(path: &Path, access: FileAccess) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(path);
    let metadata = metadata.map_err(|error| format!("{}: {error}", path.display()))?;
    let (forbidden, repair) = match access {
        FileAccess::ChangedByOwner => (0o022, "go-w"),
        FileAccess::ReadByGroup => (0o027, "g-w,o-rwx"),
    };
    match metadata.mode() & forbidden {
        0 => Ok(()),
        _ => Err(format!(
            "{} has the mode {:o}: other users of this machine have access. Run: chmod {repair} {}",
            path.display(),
            metadata.mode() & 0o777,
            path.display()
        )),
    }
}

/// Checks nothing where files have no modes.
#[cfg(not(unix))]
pub fn check_access(_: &Path, _: FileAccess) -> Result<(), String> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn at_a_signal_the_file_is_read_without_waiting_for_the_next_look() {
        let (signal, reload) = ReloadSignal::by_hand();
        let version = Arc::new(AtomicU32::new(1));
        let read = Arc::clone(&version);
        let load = move || Ok(read.load(Ordering::SeqCst));
        let never = Duration::from_secs(60 * 60 * 24);
        let file = ReloadedFile::open_every(never, load, reload).unwrap();
        version.store(2, Ordering::SeqCst);
        assert_eq!(*file.current(), 1);
        signal.send_replace(());
        while *file.current() != 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
