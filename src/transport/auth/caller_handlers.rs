//! Handlers of callers: which MCP handler serves a request, decided outside of the transports.

use std::fmt::Debug;
use std::sync::Arc;

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

    /// Checks the settings of a token's line.
    ///
    /// # Errors
    ///
    /// What is wrong, in a sentence.
    fn check_settings(&self, settings: &[Setting]) -> Result<(), String>;
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
