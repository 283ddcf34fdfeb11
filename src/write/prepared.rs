//! Prepared write: everything was looked up, nothing was sent.

use super::effects::Effects;
use super::preview::Preview;

/// A write before policy, confirmation and sending.
#[derive(Debug)]
pub struct Prepared<R> {
    /// What goes public, what is deleted, what is uploaded.
    pub effects: Effects,
    /// The same as a person reads it.
    pub preview: Preview,
    /// What is sent.
    pub request: R,
}
