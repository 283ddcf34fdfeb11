//! Retries: which requests are sent again, how often and how long.

mod backoff;
mod end_of_tries;
mod lost_responses;
mod property;
mod unreachable_saki;
