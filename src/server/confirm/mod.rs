//! The person at the other end: asked in the way that their client has, or confirmed by a second call.
//!
//! Clients of 2026-07-28 get the question as a result and call again; older ones that declare elicitation are asked in the
//! middle of the call; with neither, the caller repeats the call with a token, which involves no person.

mod form;
mod in_call;
mod peer;
mod said;
mod states;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use futures::future::BoxFuture;
use rmcp::model::CallToolRequestParams;
use rmcp::service::{RequestContext, ServiceError};
use rmcp::{Peer, RoleServer};
use serde_json::{Map, Value};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::tools::{Answered, Ask, CONFIRMATION, Confirm, Failure, Tools};
use crate::write::question::Question;
use crate::write::quote::quote_truncated;
use form::Reply;
use peer::{Way, call, may_ask};
pub(super) use said::ended_unanswered;
use states::{Bad, States};

const CHANGED: &str = "It has changed since the last question.";

/// The questions of all calls.
#[derive(Debug, Default)]
pub(super) struct Confirmations {
    states: Arc<States>,
    ending: CancellationToken,
}

/// Asks on behalf of one call.
#[derive(Debug)]
pub(super) struct Asker {
    states: Arc<States>,
    tools: Tools,
    way: Way,
    /// What tells this call apart from all others: tool, arguments and key; none where no state is kept of it.
    call: Option<String>,
    token: Option<String>,
    state: Option<String>,
    /// Whether it brings an answer along, of which a no has ended it already.
    agrees: bool,
    /// What a person agreed to in the middle of this call.
    agreed: Mutex<Option<String>>,
    until: Instant,
    waits: AtomicBool,
    ending: CancellationToken,
}

impl Confirmations {
    /// Cancelled by whoever serves when no answer can come any more: open questions then end at once.
    pub(super) fn ending(&self) -> &CancellationToken {
        &self.ending
    }

    /// Takes from a call what belongs to its questions.
    ///
    /// # Errors
    ///
    /// When the token is made up, whether it is needed or not: who writes one expects something of it.
    pub(super) fn of_call(
        &self,
        tools: &Tools,
        request: &mut CallToolRequestParams,
        context: &RequestContext<RoleServer>,
        checked: (&Map<String, Value>, &Map<String, Value>),
    ) -> Result<Asker, Failure> {
        let (schema, arguments) = checked;
        let token = arguments.get(CONFIRMATION).and_then(Value::as_str);
        // Some clients send an empty text for what they leave out.
        let token = token.map(str::trim).filter(|token| !token.is_empty());
        if let Some(made_up) = token.filter(|token| !states::looks_given(token)) {
            return Err(said::made_up(made_up));
        }
        let way = Way::of(context);
        // Arguments may hold whole files, so they are only gone through where a state is bound to them.
        let keeps_state = tools.settings().confirm != Confirm::Never && way.keeps_state();
        let replies = request.input_responses.take();
        let reply = replies.and_then(|mut replies| replies.remove(form::NAME));
        let asker = Asker {
            states: Arc::clone(&self.states),
            tools: tools.clone(),
            way,
            call: (keeps_state && may_ask(schema))
                .then(|| call(&request.name, arguments, tools.key_fingerprint())),
            token: token.map(str::to_owned),
            state: request.request_state.take(),
            agrees: reply.is_some(),
            agreed: Mutex::default(),
            until: Instant::now() + tools.settings().confirm_timeout,
            waits: AtomicBool::new(false),
            ending: self.ending.clone(),
        };
        if let Some(reply) = reply
            && matches!(asker.way, Way::Result)
        {
            asker.heed(Reply::read(&reply))?;
        }
        Ok(asker)
    }
}

impl Ask for Asker {
    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Answered, Failure>> {
        match &self.way {
            Way::Request(peer) => self.by_request(peer, question).boxed(),
            Way::Result => std::future::ready(self.by_result(question)).boxed(),
            Way::None(why) => std::future::ready(self.by_token(question, why)).boxed(),
        }
    }
}

impl Asker {
    /// Whether the call answers a question of an earlier one, since when the world may have changed.
    pub(super) fn answers(&self) -> bool {
        self.token.is_some() || self.state.is_some()
    }

    /// Whether a person is being asked right now, so that nothing can have been sent yet.
    pub(super) fn waits(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    async fn by_request(
        &self,
        peer: &Peer<RoleServer>,
        question: &Question,
    ) -> Result<Answered, Failure> {
        let agreed = lock(&self.agreed).take();
        if agreed.as_ref() == Some(&question.about) {
            return Ok(Answered::Yes);
        }
        let form = form::form(question, agreed.map(|_| CHANGED));
        let left = self.until.saturating_duration_since(Instant::now());
        self.waits.store(true, Ordering::Relaxed);
        let answer = tokio::select! {
            answer = in_call::ask(peer, form, left) => answer,
            () = self.ending.cancelled() => return Err(said::ended_unanswered()),
        };
        self.waits.store(false, Ordering::Relaxed);
        let reply = match answer {
            Ok(reply) => reply,
            Err(ServiceError::Timeout { .. }) => return Err(said::too_late()),
            Err(ServiceError::McpError(error)) => {
                return Err(said::not_shown(&quote_truncated(&error.message)));
            }
            Err(_) => return Err(said::not_shown("it gave no answer")),
        };
        reply.agreed()?;
        *lock(&self.agreed) = Some(question.about.clone());
        Ok(Answered::YesByNow)
    }

    fn by_result(&self, question: &Question) -> Result<Answered, Failure> {
        if !self.agrees {
            return self.asking(question, None);
        }
        match self.take(self.state.as_deref(), "result", &question.about) {
            Ok(()) => Ok(Answered::Yes),
            Err(Bad::Used) => Err(said::used()),
            Err(Bad::Expired) => Err(said::too_late()),
            Err(Bad::Changed) => self.asking(question, Some(CHANGED)),
            Err(Bad::Foreign) => self.asking(question, None),
        }
    }

    fn asking(&self, question: &Question, first: Option<&str>) -> Result<Answered, Failure> {
        let state = self.seal("result", question)?;
        Ok(Answered::Asking(Box::new(form::result(
            question, first, state,
        ))))
    }

    fn by_token(&self, question: &Question, why: &str) -> Result<Answered, Failure> {
        if self.tools.settings().confirm == Confirm::Always {
            return Err(said::nobody(why));
        }
        let refused = match &self.token {
            None => None,
            Some(token) => match self.take(Some(token), "token", &question.about) {
                Ok(()) => return Ok(Answered::Yes),
                Err(Bad::Used) => return Err(said::used()),
                Err(Bad::Expired) => {
                    Some("The `confirmation` was older than ten minutes; this is a new one.")
                }
                Err(Bad::Changed) => Some(
                    "What would happen has changed since that `confirmation` was given; this is a new one for what would happen now.",
                ),
                Err(Bad::Foreign) => Some(
                    "The `confirmation` is not one that this server gave for this call and these arguments; this one is.",
                ),
            },
        };
        let token = self.seal("token", question)?;
        Ok(Answered::Token { token, refused })
    }

    /// Tokens and states cannot stand for each other: a caller has seen the one, only a client the other.
    fn bound(&self, kind: &str) -> Option<String> {
        Some(format!("{kind} {}", self.call.as_ref()?))
    }

    fn seal(&self, kind: &str, question: &Question) -> Result<String, Failure> {
        let settings = self.tools.settings();
        let (now, good_for) = (settings.clock.now(), settings.confirm_timeout);
        let sealed = self
            .bound(kind)
            .and_then(|bound| self.states.seal(&bound, &question.about, now, good_for));
        sealed.ok_or_else(|| said::not_shown("this machine gives no random numbers to sign with"))
    }

    /// A no ends the call, whatever it would do by now, and uses the state up, so that nobody can turn it into a yes.
    fn heed(&self, reply: Reply) -> Result<(), Failure> {
        reply.agreed().inspect_err(|_| {
            let _ = self.take(self.state.as_deref(), "result", "");
        })
    }

    fn take(&self, state: Option<&str>, kind: &str, about: &str) -> Result<(), Bad> {
        let now = self.tools.settings().clock.now();
        let (state, bound) = state.zip(self.bound(kind)).ok_or(Bad::Foreign)?;
        self.states.take(state, &bound, about, now)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
