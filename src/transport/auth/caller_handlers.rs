//! Handlers of callers: which MCP handler serves a request, decided outside of the transports.

use std::fmt::Debug;
use std::sync::Arc;

use http::request::Parts;
use serde_json::{Map, Value};

use super::principal::{Caller, Principal, Setting};
use super::scope::Scope;

/// Chooses the handler of each caller.
pub trait CallerHandlers<H>: Debug + Send + Sync + 'static {
    /// The handler that serves this caller, within the caller's limits.
    ///
    /// # Errors
    ///
    /// Why no handler serves this request.
    fn handler(&self, caller: &Caller) -> Result<Arc<H>, CallerError>;

    /// The scope that a call needs at least, as far as its arguments say.
    fn needed_scope(&self, handler: &H, tool: &str, arguments: &Map<String, Value>) -> Scope;

    /// The widest scope that any call can need here.
    fn widest_scope(&self) -> Scope;

    /// Learns of a call that was refused before its handler saw it.
    fn call_refused(&self, handler: &H, call: &RefusedCall<'_>);

    /// Checks the settings of a token's line.
    ///
    /// # Errors
    ///
    /// What is wrong, in a sentence.
    fn check_settings(&self, settings: &[Setting]) -> Result<(), String>;
}

/// A call that the transport refused.
#[derive(Debug)]
pub struct RefusedCall<'a> {
    /// The tool, as the call names it.
    pub tool: &'a str,
    /// The arguments, as they were given.
    pub arguments: &'a Map<String, Value>,
    /// The HTTP request that brought the call.
    pub request: &'a Parts,
    /// Why it was refused.
    pub cause: RefusalCause,
}

/// What a call that the transport refused was beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalCause {
    /// The scope of the access token.
    Scope(Option<Scope>),
    /// What the limits of the stream and those of the message have in common.
    Limits,
    /// The requests that are answered at a time.
    Requests,
    /// The calls of one principal at a time.
    CallsOfPrincipal,
    /// The calls of one batch.
    Batch,
}

/// Why no handler serves a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallerError {
    /// A limit or the combination of credentials is not understood.
    BadRequest(String),
    /// The Saki key is missing or cannot be one.
    SakiKey(String),
    /// The operator's files do not allow this caller anything.
    Forbidden(String),
}

/// One handler for everybody.
#[derive(Debug)]
pub(crate) struct SingleHandler<H>(pub(crate) Arc<H>);

impl<H: Debug + Send + Sync + 'static> CallerHandlers<H> for SingleHandler<H> {
    fn handler(&self, caller: &Caller) -> Result<Arc<H>, CallerError> {
        match (&caller.principal, caller.limits.first()) {
            (Principal::Anyone, None) => Ok(Arc::clone(&self.0)),
            (Principal::Anyone, Some(limit)) => Err(CallerError::BadRequest(format!(
                "this server has no limit {limit}"
            ))),
            _ => Err(CallerError::Forbidden(
                "this server tells no callers apart".to_owned(),
            )),
        }
    }

    fn needed_scope(&self, _: &H, _: &str, _: &Map<String, Value>) -> Scope {
        Scope::Publish
    }

    fn widest_scope(&self) -> Scope {
        Scope::Publish
    }

    fn call_refused(&self, _: &H, _: &RefusedCall<'_>) {}

    fn check_settings(&self, _: &[Setting]) -> Result<(), String> {
        Ok(())
    }
}

/// The handlers of a server: one for everybody, or one for each caller.
#[derive(Debug)]
pub struct Handlers<H>(pub(crate) Arc<dyn CallerHandlers<H>>);

impl<H> Clone for Handlers<H> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<H: 'static> Handlers<H> {
    /// The widest scope that any call can need.
    pub fn widest_scope(&self) -> Scope {
        self.0.widest_scope()
    }
}

impl<H: Debug + Send + Sync + 'static> From<Arc<H>> for Handlers<H> {
    fn from(handler: Arc<H>) -> Self {
        Self(Arc::new(SingleHandler(handler)))
    }
}

impl<H> From<Arc<dyn CallerHandlers<H>>> for Handlers<H> {
    fn from(handlers: Arc<dyn CallerHandlers<H>>) -> Self {
        Self(handlers)
    }
}
