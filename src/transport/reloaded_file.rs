//! Reloaded files: what an operator changes while the server runs; a file that cannot be used keeps what was read before.

use std::fmt::{self, Debug, Display};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::reload_signal::ReloadSignal;

/// How often a file is looked at. It is small, and a mounted volume tells nobody of a change.
const INTERVAL: Duration = Duration::from_secs(1);

type Load<T> = Box<dyn Fn() -> Result<T, String> + Send + Sync>;

/// What a file says, or several that belong together, as of the last good version.
pub struct ReloadedFile<T> {
    /// How the log calls it.
    what: &'static str,
    load: Load<T>,
    current: RwLock<Arc<T>>,
}

impl<T: PartialEq + Send + Sync + 'static> ReloadedFile<T> {
    /// Loads the file now, and from then on again and again until it is dropped, at once at each `reload`.
    ///
    /// `what` is the name of the file in the log, such as "the token file".
    ///
    /// # Errors
    ///
    /// What is wrong with the file at the start.
    pub fn open<E: Display>(
        what: &'static str,
        load: impl Fn() -> Result<T, E> + Send + Sync + 'static,
        reload: ReloadSignal,
    ) -> Result<Arc<Self>, E> {
        Self::open_every(INTERVAL, what, load, reload)
    }

    fn open_every<E: Display>(
        interval: Duration,
        what: &'static str,
        load: impl Fn() -> Result<T, E> + Send + Sync + 'static,
        mut reload: ReloadSignal,
    ) -> Result<Arc<Self>, E> {
        let current = RwLock::new(Arc::new(load()?));
        let file = Arc::new(Self {
            what,
            load: Box::new(move || load().map_err(|error| error.to_string())),
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
                // A fault that stays is told once.
                if let Some(error) = error
                    .as_ref()
                    .filter(|now| last_error.as_ref() != Some(*now))
                {
                    tracing::error!(
                        "{what} cannot be used, so the earlier one stays in use: {error}"
                    );
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
            tracing::info!("{} was read anew", self.what);
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn at_a_signal_the_file_is_read_without_waiting_for_the_next_look() {
        let (signal, reload) = ReloadSignal::by_hand();
        let version = Arc::new(AtomicU32::new(1));
        let read = Arc::clone(&version);
        let load = move || Ok::<_, String>(read.load(Ordering::SeqCst));
        let never = Duration::from_secs(60 * 60 * 24);
        let file = ReloadedFile::open_every(never, "the file", load, reload).unwrap();
        version.store(2, Ordering::SeqCst);
        assert_eq!(*file.current(), 1);
        signal.send_replace(());
        while *file.current() != 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
