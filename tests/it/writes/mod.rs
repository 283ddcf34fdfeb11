//! What holds for every write: confirmation, policy, idempotency, retries, dry runs, cancellation.

mod accidental_publication;
mod cancellation;
mod confirmation;
mod dry_run;
mod failing_store;
mod idempotency;
mod policy;
mod retry;
