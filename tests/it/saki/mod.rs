//! The requests that reach Saki, and the dialect that it speaks.

mod dialect_of_create;
mod dialect_of_fields;
mod dialect_of_slots;
mod wire;
