//! Confirmation: writes that a person or a second call has to allow.

mod changed_meanwhile;
mod command_line;
mod elicitation;
mod over_transports;
mod questions;
mod returned_state;
mod second_call;
mod unanswered;
