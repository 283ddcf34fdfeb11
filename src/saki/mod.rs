//! A typed REST client for Saki, usable alone.

pub mod clock;
