//! The operator's policy: what it leaves out, refuses and limits.

mod catalogue;
mod descriptions;
mod property;
mod rate_window;
mod refused_writes;
mod restricted_spaces;
mod time_limits;
