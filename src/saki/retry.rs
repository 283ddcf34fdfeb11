//! Retry with exponential backoff (429, 5xx, network): only where nothing was done yet or where repeating is harmless.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use reqwest::Method;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{CallTrace, Endpoint, Error, ErrorResponse, NetworkFailure, Reply};

/// How often and how long a request is retried.
#[derive(Debug, Clone)]
pub struct RetryPolicy {
    /// Maximum number of retries.
    pub max_retries: usize,
    /// How long after the first attempt a retry may still begin.
    pub budget: Duration,
    /// The wait before the second attempt; random jitter of up to the same length is added, so that clients do not retry in step.
    pub initial_backoff: Duration,
    /// Factor by which each further wait grows.
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

/// The facts about a request that decide whether it may be retried.
#[derive(Debug)]
pub(super) struct RetryableRequest {
    pub(super) method: Method,
    pub(super) path: String,
    /// Whether sending it twice has the effect of sending it once.
    pub(super) is_idempotent: bool,
}

tokio::task_local! {
    /// Cancelled when no caller waits for the outcome any longer.
    static CANCELLED: CancellationToken;
}

/// Runs a write whose caller may go away: cancellation ends it during a backoff wait if nothing was done yet, and never later.
pub async fn cancel_between_attempts<F: Future>(
    cancelled: CancellationToken,
    write: F,
) -> F::Output {
    CANCELLED.scope(cancelled, write).await
}

impl RetryableRequest {
    pub(super) fn new<E: Endpoint>(request: &E, path: String) -> Self {
        Self {
            method: E::METHOD,
            path,
            is_idempotent: request.is_idempotent(),
        }
    }

    /// Repeats the attempt until there is a reply, or an error where a retry would not help or might double a write.
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
        let mut attempts = 1;
        // The first failure with an unknown outcome: no later failure proves that the write was not done.
        let mut first_unknown: Option<Error> = None;
        loop {
            let error = match attempt().await {
                Ok(reply) => return Ok(reply),
                Err(error) if first_unknown.is_some() && self.is_already_deleted(&error) => {
                    return Ok(Reply::already_deleted());
                }
                Err(error) => error,
            };
            let wait = waits
                .next()
                .filter(|_| self.is_retryable(&error))
                .map(|wait| wait.max(error.retry_after().unwrap_or_default()))
                .filter(|wait| started.elapsed().saturating_add(*wait) <= retry.budget);
            let Some(wait) = wait else {
                return Err(first_unknown.unwrap_or(error).after_attempts(attempts));
            };
            tracing::info!(attempts, ?wait, "retrying after: {error}");
            let nothing_done =
                self.method.is_safe() || first_unknown.is_none() && !error.outcome_unknown();
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = cancelled(), if nothing_done => return Err(error.after_attempts(attempts)),
            }
            if !nothing_done {
                first_unknown.get_or_insert(error);
            }
            attempts += 1;
            CallTrace::note_retry();
        }
    }

    fn is_retryable(&self, error: &Error) -> bool {
        let is_read = self.method.is_safe();
        match error {
            Error::Network { failure, .. } => match failure {
                NetworkFailure::Dns | NetworkFailure::Connect => true,
                // A TLS failure, such as a bad certificate, repeats.
                NetworkFailure::Tls => false,
                NetworkFailure::Timeout | NetworkFailure::Reset => self.is_idempotent,
            },
            Error::Status(response) => match response.status {
                // The rate limit refused it, so nothing was done.
                429 => true,
                408 => is_read,
                status => status >= 500 && self.is_idempotent,
            },
            // An HTML page means a wrong address, so a retry gets the same page.
            Error::NotJson(response) => self.is_idempotent && !(is_read && is_page(response)),
            _ => false,
        }
    }

    /// A 404 in HTML is about the address, not about the resource.
    fn is_already_deleted(&self, error: &Error) -> bool {
        let is_about_resource = |response: &ErrorResponse| !is_page(response);
        self.method == Method::DELETE
            && error.is_not_found()
            && error.response().is_some_and(is_about_resource)
    }
}

/// Whether a body is something other than empty or truncated JSON, such as an HTML page.
fn is_page(response: &ErrorResponse) -> bool {
    let body = response.body.trim_start();
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
