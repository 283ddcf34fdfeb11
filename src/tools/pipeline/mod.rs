//! Write pipeline: what each write implements, and the stages that are the same for all.

mod change_answer;
mod confirmation;
mod detached;
mod simple_write;
mod stages;
mod tool_traits;
mod write_answer;
mod write_args;

use std::future::Future;

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use schemars::JsonSchema;
use serde::Serialize;

use super::tool_result::UntrustedContent;
use super::{Failure, Tools};
use crate::saki::Endpoint;
use crate::write::prepared::Prepared;

pub(crate) use change_answer::{ChangeAnswer, ChangeFacts, Changed};
pub(crate) use confirmation::NoConfirmer;
pub use confirmation::{Answered, Ask};
pub(crate) use simple_write::SimpleWrite;
pub(crate) use tool_traits::WriteTraits;
pub use tool_traits::{Access, TRAITS_EXTENSION, ToolTraits, WriteScope, is_read_only};
pub(crate) use write_answer::WriteAnswer;
pub use write_args::CONFIRMATION;
pub(crate) use write_args::WriteArgs;

/// What a tool adds to the pipeline; it is implemented by the tool's parameters.
pub(crate) trait Write: Sized + Send + Sync {
    /// The endpoint of Saki that it calls.
    type Endpoint: Endpoint;
    /// What is sent, as it was prepared.
    type Request: Send;
    /// What the tool answers when it was sent.
    type Answer: Serialize + JsonSchema + UntrustedContent + Send;
    /// What it declares about itself.
    const TRAITS: WriteTraits;

    /// Its texts that people read, with their paths in the arguments.
    fn texts_mut(&mut self) -> Vec<(String, &mut String)> {
        Vec::new()
    }

    /// Looks everything up; it reads only.
    fn prepare(
        &self,
        tools: &Tools,
    ) -> impl Future<Output = Result<Prepared<Self::Request>, Failure>> + Send;

    /// Sends what was prepared.
    fn send(
        &self,
        tools: &Tools,
        prepared: Prepared<Self::Request>,
        context: &RequestContext<RoleServer>,
    ) -> impl Future<Output = Result<WriteAnswer<Self>, Failure>> + Send;

    /// The outcome of an equal call before, for a write whose effects say that it is a replay; nothing where the outcome
    /// no longer holds.
    fn replay(
        &self,
        _: &Tools,
        _: &Prepared<Self::Request>,
    ) -> impl Future<Output = Option<Result<WriteAnswer<Self>, Failure>>> + Send {
        std::future::ready(None)
    }
}
