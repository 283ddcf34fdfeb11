//! Confirmation of one call: a person answers a question (elicitation), or a second call carries a confirmation token.
//!
//! A client of 2026-07-28 that declares elicitation gets the question as a result and calls again with the answer. An older one gets
//! it as a request in the middle of the call. Without elicitation the caller repeats the call with a token, and no person is involved.

mod channel;
mod elicitation;
mod form;
mod refusals;
mod token;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt;
use futures::future::BoxFuture;
use rmcp::model::CallToolRequestParams;
use rmcp::service::{RequestContext, ServiceError};
use rmcp::{Peer, RoleServer};
use serde_json::{Map, Value};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::tools::{Answered, Ask, CONFIRMATION, Confirm, ConfirmedBy, Failure, ToolTraits, Tools};
use crate::write::confirmation_question::Question;
use crate::write::quote_text::quote_truncated;
use crate::write::shared_store::{RETENTION_TEXT, SharedStore};
use channel::{ConfirmChannel, call_fingerprint};
use form::FormReply;
pub(super) use refusals::ended_unanswered;
use token::{ConfirmationTokenError, TokenKind, TokenStore};

const FORGOTTEN: &str = "The servers may have lost an earlier answer to it.";
const CHANGED: &str = "It has changed since the last question.";

/// The confirmations of all calls.
#[derive(Debug, Clone)]
pub(super) struct Confirmations {
    tokens: Arc<TokenStore>,
    shutdown: CancellationToken,
}

/// The confirmation of one call.
#[derive(Debug)]
pub(super) struct CallConfirmation {
    tokens: Arc<TokenStore>,
    tools: Tools,
    channel: ConfirmChannel,
    /// The call that a token is bound to; nothing where this call needs no token.
    call_fingerprint: Option<String>,
    token: Option<String>,
    request_state: Option<String>,
    /// Whether the call carries a yes; a no has refused it already.
    has_reply: bool,
    /// What a person agreed to in the middle of this call.
    agreed: Mutex<Option<String>>,
    deadline: Instant,
    awaits_reply: AtomicBool,
    shutdown: CancellationToken,
}

impl Confirmations {
    /// Confirmations whose tokens are redeemed once among all that share `store`.
    pub(super) fn new(store: Arc<dyn SharedStore>, shutdown: CancellationToken) -> Self {
        Self {
            tokens: Arc::new(TokenStore::new(store)),
            shutdown,
        }
    }

    /// Cancelled on shutdown, when no answer can arrive any more; it ends open questions at once.
    pub(super) fn shutdown_token(&self) -> &CancellationToken {
        &self.shutdown
    }

    /// Reads token, request state and reply from a call, and removes the latter two from the request.
    ///
    /// # Errors
    ///
    /// When the token is made up, even where none is needed, since the caller expects something of it; or when the reply is a no.
    pub(super) async fn for_call(
        &self,
        tools: &Tools,
        request: &mut CallToolRequestParams,
        context: &RequestContext<RoleServer>,
        traits: &ToolTraits,
        arguments: &Map<String, Value>,
    ) -> Result<CallConfirmation, Failure> {
        let token = arguments.get(CONFIRMATION).and_then(Value::as_str);
        // Some clients send an empty text instead of leaving a parameter out.
        let token = token.map(str::trim).filter(|token| !token.is_empty());
        if let Some(malformed) = token.filter(|token| !token::resembles_code(token)) {
            return Err(refusals::malformed(malformed));
        }
        let channel = ConfirmChannel::of_client(context);
        // Arguments may hold whole files, so the fingerprint is taken only where a token is bound to it.
        let needs_token = tools.settings().confirm != Confirm::Never
            && channel.needs_second_call()
            && traits.takes_confirmation;
        let replies = request.input_responses.take();
        let reply = replies.and_then(|mut replies| replies.remove(form::FORM_KEY));
        let confirmation = CallConfirmation {
            tokens: Arc::clone(&self.tokens),
            tools: tools.clone(),
            channel,
            call_fingerprint: needs_token.then(|| {
                let principal = tools.settings().principal.as_deref();
                call_fingerprint(&request.name, arguments, tools.key_fingerprint(), principal)
            }),
            token: token.map(str::to_owned),
            request_state: request.request_state.take(),
            has_reply: reply.is_some(),
            agreed: Mutex::default(),
            deadline: Instant::now() + tools.settings().confirm_timeout,
            awaits_reply: AtomicBool::new(false),
            shutdown: self.shutdown.clone(),
        };
        if let Some(reply) = reply
            && matches!(confirmation.channel, ConfirmChannel::InputRequired)
        {
            confirmation
                .redeem_refusal(FormReply::parse(&reply))
                .await?;
        }
        Ok(confirmation)
    }
}

impl Ask for CallConfirmation {
    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Answered, Failure>> {
        match &self.channel {
            ConfirmChannel::Elicitation(peer) => self.ask_by_elicitation(peer, question).boxed(),
            ConfirmChannel::InputRequired => self.ask_by_result(question).boxed(),
            ConfirmChannel::Token(why) => self.ask_by_token(question, why).boxed(),
        }
    }

    fn refuse_repeated(&self) -> BoxFuture<'_, Result<(), Failure>> {
        let refuse = async {
            match self.is_redeemed().await {
                true => Err(refusals::used()),
                false => Ok(()),
            }
        };
        refuse.boxed()
    }
}

impl CallConfirmation {
    /// Whether the call answers a question of an earlier call, since when Saki's data may have changed.
    pub(super) fn is_follow_up(&self) -> bool {
        self.token.is_some() || self.request_state.is_some()
    }

    /// Whether a person is being asked right now, so that nothing can have been sent yet.
    pub(super) fn awaits_reply(&self) -> bool {
        self.awaits_reply.load(Ordering::Relaxed)
    }

    async fn ask_by_elicitation(
        &self,
        peer: &Peer<RoleServer>,
        question: &Question,
    ) -> Result<Answered, Failure> {
        let agreed = lock(&self.agreed).take();
        if agreed.as_ref() == Some(&question.about) {
            return Ok(Answered::Yes(ConfirmedBy::Person));
        }
        let form = form::form(question, agreed.map(|_| CHANGED));
        let timeout = self.deadline.saturating_duration_since(Instant::now());
        self.awaits_reply.store(true, Ordering::Relaxed);
        let reply = tokio::select! {
            reply = elicitation::elicit(peer, form, timeout) => reply,
            () = self.shutdown.cancelled() => return Err(refusals::ended_unanswered()),
        };
        self.awaits_reply.store(false, Ordering::Relaxed);
        let reply = reply.map_err(|error| match error {
            ServiceError::Timeout { .. } => refusals::too_late(),
            ServiceError::McpError(error) => refusals::not_asked(&quote_truncated(&error.message)),
            _ => refusals::not_asked("it gave no answer"),
        })?;
        reply.into_result()?;
        *lock(&self.agreed) = Some(question.about.clone());
        Ok(Answered::AgreedLater)
    }

    async fn ask_by_result(&self, question: &Question) -> Result<Answered, Failure> {
        if !self.has_reply {
            return self.require_input(question, None);
        }
        match self.redeem(TokenKind::RequestState, &question.about).await {
            Ok(()) => Ok(Answered::Yes(ConfirmedBy::Person)),
            Err(ConfirmationTokenError::Used) => Err(refusals::used()),
            Err(ConfirmationTokenError::Expired) => Err(refusals::too_late()),
            Err(ConfirmationTokenError::Changed) => self.require_input(question, Some(CHANGED)),
            Err(ConfirmationTokenError::Forgotten) => self.require_input(question, Some(FORGOTTEN)),
            Err(ConfirmationTokenError::Foreign) => self.require_input(question, None),
            Err(ConfirmationTokenError::Unchecked(error)) => Err(refusals::unchecked(error)),
        }
    }

    fn require_input(
        &self,
        question: &Question,
        preface: Option<&str>,
    ) -> Result<Answered, Failure> {
        let request_state = self.issue_request_state(question)?;
        let result = form::input_required(question, preface, request_state);
        Ok(Answered::InputRequired(Box::new(result)))
    }

    async fn ask_by_token(&self, question: &Question, why: &str) -> Result<Answered, Failure> {
        if self.tools.settings().confirm == Confirm::Always {
            return Err(refusals::person_required(why));
        }
        let refused = match &self.token {
            None => None,
            Some(_) => match self.redeem(TokenKind::Argument, &question.about).await {
                Ok(()) => return Ok(Answered::Yes(ConfirmedBy::SecondCall)),
                Err(ConfirmationTokenError::Used) => return Err(refusals::used()),
                Err(ConfirmationTokenError::Unchecked(error)) => return Err(refusals::unchecked(error)),
                Err(ConfirmationTokenError::Expired) => Some(format!(
                    "The `confirmation` was older than {RETENTION_TEXT}; this is a new one."
                )),
                Err(ConfirmationTokenError::Forgotten) => Some(
                    "The shared store of the servers has lost records since that `confirmation` was issued, so it may have been used; this is a new one."
                        .to_owned(),
                ),
                Err(ConfirmationTokenError::Changed) => Some(
                    "What would happen has changed since that `confirmation` was issued; this is a new one."
                        .to_owned(),
                ),
                Err(ConfirmationTokenError::Foreign) => Some(
                    "That `confirmation` was not issued by this server for this call with these arguments: an argument differs, or the code was copied wrongly. This is a new one."
                        .to_owned(),
                ),
            },
        };
        let token = self.issue_code(question).await?;
        Ok(Answered::Token { token, refused })
    }

    /// What a token of this call is bound to.
    fn bound_to(&self, kind: TokenKind) -> Option<String> {
        Some(format!("{kind} {}", self.call_fingerprint.as_ref()?))
    }

    fn issue_request_state(&self, question: &Question) -> Result<String, Failure> {
        let settings = self.tools.settings();
        let (now, lifetime) = (settings.clock.now(), settings.confirm_timeout);
        let bound_to = self.bound_to(TokenKind::RequestState);
        bound_to
            .and_then(|bound_to| self.tokens.issue(&bound_to, &question.about, now, lifetime))
            .ok_or_else(refusals::no_randomness)
    }

    async fn issue_code(&self, question: &Question) -> Result<String, Failure> {
        let settings = self.tools.settings();
        let (now, lifetime) = (settings.clock.now(), settings.confirm_timeout);
        let bound_to = (self.bound_to(TokenKind::Argument)).ok_or_else(refusals::no_randomness)?;
        let issued = self
            .tokens
            .issue_code(&bound_to, &question.about, now, lifetime);
        let code = issued.await.map_err(refusals::unchecked)?;
        code.ok_or_else(refusals::no_randomness)
    }

    /// Refuses the call on a no, whatever it would do by now, and uses up the request state, so that nobody can turn the no into a yes.
    async fn redeem_refusal(&self, reply: FormReply) -> Result<(), Failure> {
        let refusal = reply.into_result();
        if refusal.is_err() {
            let _ = self.redeem(TokenKind::RequestState, "").await;
        }
        refusal
    }

    /// Whether the token or request state of this call was redeemed before, as far as the store says.
    async fn is_redeemed(&self) -> bool {
        let now = self.tools.settings().clock.now();
        let code = self.token.as_ref().zip(self.bound_to(TokenKind::Argument));
        let state = self.request_state.as_ref();
        let state = state.zip(self.bound_to(TokenKind::RequestState));
        match (code, state) {
            (Some((code, bound_to)), _) => self.tokens.is_code_redeemed(code, &bound_to, now).await,
            (None, Some((state, bound_to))) => self.tokens.is_redeemed(state, &bound_to, now).await,
            (None, None) => false,
        }
    }

    async fn redeem(&self, kind: TokenKind, about: &str) -> Result<(), ConfirmationTokenError> {
        let now = self.tools.settings().clock.now();
        let bound_to = self.bound_to(kind).ok_or(ConfirmationTokenError::Foreign)?;
        match kind {
            TokenKind::Argument => {
                let code = self.token.as_ref().ok_or(ConfirmationTokenError::Foreign)?;
                self.tokens.redeem_code(code, &bound_to, about, now).await
            }
            TokenKind::RequestState => {
                let token = self
                    .request_state
                    .as_ref()
                    .ok_or(ConfirmationTokenError::Foreign)?;
                self.tokens.redeem(token, &bound_to, about, now).await
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
