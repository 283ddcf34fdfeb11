//! What holds for every write: confirmation, policy, idempotency, retries, dry runs, cancellation.

mod accidental_publication;
mod cancellation;
mod confirmation;
mod dry_run;
mod idempotency;
mod policy;
mod retry;
