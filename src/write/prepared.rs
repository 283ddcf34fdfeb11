//! A write that is ready to go: everything was looked up, nothing was sent.

use super::effects::Effects;
use super::preview::Preview;

/// What a write is going to do, and what does it.
#[derive(Debug)]
pub struct Prepared<R> {
    /// What goes public, what is lost, what is uploaded.
    pub effects: Effects,
    /// The same for a person.
    pub preview: Preview,
    /// What is sent.
    pub request: R,
}
