//! Idempotency: the same create twice makes its posts once.

mod at_most_once;
mod repeated_create;
mod repeated_create_in_doubt;
