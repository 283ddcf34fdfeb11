//! When a request is made again: where nothing can have been done yet, or where doing it twice does no harm.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use reqwest::Method;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Answer, Endpoint, Error, Lost, Reply};

/// How often and how patiently a request is made again.
#[derive(Debug, Clone)]
pub struct RetryPolicy {
    /// How often it is made again, at most.
    pub max_retries: usize,
    /// How long after its start it may still be made again.
    pub budget: Duration,
    /// The wait before the second try; up to as much again is added by chance, so that clients do not come in step.
    pub initial_backoff: Duration,
    /// How many times longer each further wait is.
    pub backoff_factor: f32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_retries: 3,
            budget: Duration::from_secs(20),
            initial_backoff: Duration::from_millis(250),
            backoff_factor: 2.0,
        }
    }
}

impl RetryPolicy {
    fn backoff(&self) -> impl Iterator<Item = Duration> + use<> {
        ExponentialBuilder::default()
            .with_max_times(self.max_retries)
            .with_min_delay(self.initial_backoff)
            .with_factor(self.backoff_factor)
            .with_jitter()
            .build()
    }
}

/// What a request is, for the question whether it may be made again.
#[derive(Debug)]
pub(super) struct RetryableRequest {
    pub(super) method: Method,
    pub(super) path: String,
    /// Whether Saki is left the same when it comes twice.
    pub(super) is_idempotent: bool,
}

tokio::task_local! {
    /// Cancelled when nobody waits for the outcome any longer.
    static CANCELLED: CancellationToken;
}

/// Runs a write whose caller may go; it ends in a wait before which nothing was done, and runs on otherwise.
pub async fn cancel_between_attempts<F: Future>(
    cancelled: CancellationToken,
    write: F,
) -> F::Output {
    CANCELLED.scope(cancelled, write).await
}

impl RetryableRequest {
    pub(super) fn of<E: Endpoint>(request: &E, path: String) -> Self {
        Self {
            method: E::METHOD,
            path,
            is_idempotent: request.is_idempotent(),
        }
    }

    /// Tries until there is a reply, or an error that another try would not mend or might double.
    pub(super) async fn run<F>(
        &self,
        retry: &RetryPolicy,
        attempt: impl Fn() -> F,
    ) -> Result<Reply, Error>
    where
        F: Future<Output = Result<Reply, Error>>,
    {
        let started = Instant::now();
        let mut waits = retry.backoff();
        let mut tries = 1;
        // The first failure after which Saki may have done what was asked: no later one undoes that.
        let mut open: Option<Error> = None;
        loop {
            let error = match attempt().await {
                Ok(reply) => return Ok(reply),
                Err(error) if open.is_some() && self.is_already_deleted(&error) => {
                    return Ok(Reply::gone());
                }
                Err(error) => error,
            };
            let wait = waits
                .next()
                .filter(|_| self.is_retryable(&error))
                .map(|wait| wait.max(error.retry_after().unwrap_or_default()))
                .filter(|wait| started.elapsed().saturating_add(*wait) <= retry.budget);
            let Some(wait) = wait else {
                return Err(open.unwrap_or(error).after(tries));
            };
            tracing::info!(tries, ?wait, "trying again, since {error}");
            let is_undone = self.method.is_safe() || open.is_none() && !error.outcome_unknown();
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = cancelled(), if is_undone => return Err(error.after(tries)),
            }
            if !is_undone {
                open.get_or_insert(error);
            }
            tries += 1;
        }
    }

    fn is_retryable(&self, error: &Error) -> bool {
        let is_read = self.method.is_safe();
        match error {
            Error::Network { lost, .. } => match lost {
                Lost::Dns | Lost::Connect => true,
                // What TLS itself finds wrong, a certificate above all, it finds wrong again.
                Lost::Tls => false,
                Lost::Timeout | Lost::Reset => self.is_idempotent,
            },
            Error::Status(answer) => match answer.status {
                // Refused at the door, so nothing was done.
                429 => true,
                408 => is_read,
                status => status >= 500 && self.is_idempotent,
            },
            // A page says that the address is wrong, and will be the same page the next time.
            Error::NotJson(answer) => self.is_idempotent && !(is_read && is_page(answer)),
            _ => false,
        }
    }

    /// A 404 in HTML speaks of the address, not of the thing.
    fn is_already_deleted(&self, error: &Error) -> bool {
        let is_about_it = |answer: &Answer| !is_page(answer);
        self.method == Method::DELETE
            && error.is_not_found()
            && error.answer().is_some_and(is_about_it)
    }
}

/// Whether an answer is something else than JSON that broke off or never began.
fn is_page(answer: &Answer) -> bool {
    let body = answer.body.trim_start();
    !body.is_empty() && !body.starts_with(['{', '['])
}

async fn cancelled() {
    match CANCELLED.try_with(CancellationToken::clone) {
        Ok(token) => token.cancelled().await,
        Err(_) => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
