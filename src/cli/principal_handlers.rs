//! Handlers of principals: each principal and Saki key has tools of its own, and each set of limits a handler over them.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use super::build_server::Server;
use super::caller_limits::{CallerLimits, KEY_LABEL};
use super::key_list::KeyList;
use crate::saki::{BaseUrl, Client, ConnectionPool, Key};
use crate::server::{Identity, McpHandler};
use crate::tools::{Confirm, Settings, Tools};
use crate::transport::ReloadedFile;
use crate::transport::auth::{
    Caller, CallerError, CallerHandlers, Principal, RefusalCause, RefusedCall, Scope, Setting,
};
use crate::write::policy::{Limit, Mode, Policy};

/// Principals whose caches are kept. For one that was dropped, they are read anew.
const MAX_PRINCIPALS: usize = 512;
/// Handlers that are kept, one for each set of limits of each principal.
const MAX_HANDLERS: usize = 1024;

/// Builds and keeps the handlers of an HTTP server.
#[derive(Debug)]
pub(super) struct PrincipalHandlers {
    /// Who is not told apart gets this one.
    shared: Arc<McpHandler>,
    connection_pool: ConnectionPool,
    base_url: BaseUrl,
    configured_key: Option<Key>,
    identity: Identity,
    keys: Option<Arc<ReloadedFile<KeyList>>>,
    takes_header_keys: bool,
    principals: Recent<PrincipalKey, Tools>,
    handlers: Recent<(PrincipalKey, Limits), Arc<McpHandler>>,
}

/// A principal with the hash of a Saki key.
type PrincipalKey = (Option<String>, [u8; 32]);

/// Everything that limits a caller, as it was given.
type Limits = (Vec<Setting>, Vec<Setting>, Option<Scope>);

impl PrincipalHandlers {
    pub(super) fn new(
        server: &Server,
        keys: Option<Arc<ReloadedFile<KeyList>>>,
        takes_header_keys: bool,
    ) -> Self {
        Self {
            shared: Arc::clone(&server.handler),
            connection_pool: server.connection_pool.clone(),
            base_url: server.base_url.clone(),
            configured_key: server.key.clone(),
            identity: server.identity.clone(),
            keys,
            takes_header_keys,
            principals: Recent::new(MAX_PRINCIPALS),
            handlers: Recent::new(MAX_HANDLERS),
        }
    }

    /// The Saki key with which the calls of a caller are made.
    fn key(&self, caller: &Caller) -> Result<Option<Key>, CallerError> {
        let keys = self.keys.as_ref().map(|keys| keys.current());
        let listed = |label: &str| keys.as_ref().and_then(|keys| keys.get(label)).cloned();
        let label = caller.settings.iter().find(|one| one.name == KEY_LABEL);
        match (&caller.saki_key, label) {
            (Some(_), Some(_)) => Err(CallerError::BadRequest(
                "the operator chose the Saki key of this token: leave X-Saki-Api-Key out".to_owned(),
            )),
            (Some(given), None) => {
                let key = Key::new(given.expose_secret());
                let unusable = |why| CallerError::SakiKey(format!("X-Saki-Api-Key: {why}"));
                key.map(|key| Some(key.with_origin("the header X-Saki-Api-Key")))
                    .map_err(unusable)
            }
            (None, Some(label)) => listed(&label.value).map(Some).ok_or_else(|| {
                CallerError::Forbidden(format!(
                    "the key list of this server no longer has the label {}, which your token names: ask its operator",
                    label.value
                ))
            }),
            (None, None) => {
                let own = caller.principal.name().and_then(listed);
                let key = own.or_else(|| self.configured_key.clone());
                match key {
                    None if self.takes_header_keys => Err(CallerError::SakiKey(
                        "this server has no Saki key for you: send yours in the header X-Saki-Api-Key".to_owned(),
                    )),
                    key => Ok(key),
                }
            }
        }
    }

    /// The tools of a principal with a key, under the limits of the installation alone.
    fn tools(&self, caller: &Caller, id: &PrincipalKey, key: Option<Key>) -> Tools {
        if caller.principal == Principal::Anyone {
            return self.shared.tools().clone();
        }
        self.principals.get_or(id, || {
            let client = Client::new(self.connection_pool.clone(), self.base_url.clone());
            let client = match key {
                Some(key) => client.with_key(Ok(key)),
                None => client,
            };
            let settings = Settings {
                principal: caller.principal.id(),
                ..self.settings().clone()
            };
            self.shared.tools().for_principal(client, settings)
        })
    }

    fn settings(&self) -> &Settings {
        self.shared.tools().settings()
    }

    /// The settings of the installation with further limits.
    fn limited(&self, limits: &[Setting]) -> Result<(Policy, Confirm), String> {
        let settings = self.settings();
        let given = CallerLimits::parse(limits, settings.timezone.as_ref())?;
        let policy = given
            .policy
            .into_iter()
            .fold(settings.policy.clone(), Policy::limited);
        let empty = [("space", policy.spaces()), ("account", policy.accounts())];
        if let Some((kind, _)) = empty
            .into_iter()
            .find(|(_, ids)| ids.is_some_and(|ids| ids.is_empty()))
        {
            return Err(format!(
                "no {kind} is left: the limits of the server, of the token and of the request have no {kind} in common"
            ));
        }
        let confirm = given.confirm.into_iter();
        Ok((policy, confirm.fold(settings.confirm, Confirm::stricter)))
    }
}

impl CallerHandlers<McpHandler> for PrincipalHandlers {
    fn handler(&self, caller: &Caller) -> Result<Arc<McpHandler>, CallerError> {
        let key = self.key(caller)?;
        let id = (
            caller.principal.id(),
            key.as_ref().map(Key::fingerprint).unwrap_or_default(),
        );
        let limits = (caller.settings.clone(), caller.limits.clone(), caller.scope);
        let has_limits = !(limits.0.is_empty() && limits.1.is_empty());
        if caller.principal == Principal::Anyone && !has_limits {
            return Ok(Arc::clone(&self.shared));
        }
        let at = (id, limits);
        if let Some(known) = self.handlers.get(&at) {
            return Ok(known);
        }
        let all = [caller.settings.as_slice(), &caller.limits].concat();
        let (policy, confirm) = self.limited(&all).map_err(CallerError::BadRequest)?;
        let granted = caller.scope.map_or(Mode::ReadOnly, mode_of);
        let identity = Identity {
            has_key: key.is_some(),
            ..self.identity.clone()
        };
        let tools = self.tools(caller, &at.0, key);
        let settings = Settings {
            policy: policy.limited(Limit::Granted(granted)),
            confirm,
            ..tools.settings().clone()
        };
        let handler = self
            .shared
            .with_tools(tools.with_settings(settings), &identity);
        Ok(self.handlers.get_or(&at, || handler))
    }

    fn needed_scope(
        &self,
        handler: &McpHandler,
        tool: &str,
        arguments: &Map<String, Value>,
    ) -> Scope {
        scope_of(handler.needed_mode(tool, arguments))
    }

    fn widest_scope(&self) -> Scope {
        scope_of(self.settings().policy.mode())
    }

    fn call_refused(&self, handler: &McpHandler, call: &RefusedCall<'_>) {
        let why = match call.cause {
            RefusalCause::Scope(Some(held)) => format!("scope {held}"),
            RefusalCause::Scope(None) => "scope none".to_owned(),
            RefusalCause::Limits => "limits of the request".to_owned(),
            RefusalCause::Requests => "--max-calls".to_owned(),
            RefusalCause::CallsOfPrincipal => "--max-calls-per-principal".to_owned(),
            RefusalCause::Batch => "calls in one batch".to_owned(),
        };
        handler.note_refused(call.tool, call.arguments, call.request, why);
    }

    fn check_settings(&self, settings: &[Setting]) -> Result<(), String> {
        if let Some(label) = settings.iter().find(|one| one.name == KEY_LABEL) {
            let keys = self.keys.as_ref().map(|keys| keys.current());
            let keys = keys.ok_or_else(|| format!("{label} needs the flag --keys"))?;
            if keys.get(&label.value).is_none() {
                return Err(format!("the key list has no label {}", label.value));
            }
        }
        self.limited(settings).map(|_| ())
    }
}

/// What a scope allows, as a mode.
fn mode_of(scope: Scope) -> Mode {
    match scope {
        Scope::Read => Mode::ReadOnly,
        Scope::Write => Mode::DraftsOnly,
        Scope::Publish => Mode::Full,
    }
}

pub(super) fn scope_of(mode: Mode) -> Scope {
    match mode {
        Mode::ReadOnly => Scope::Read,
        Mode::DraftsOnly => Scope::Write,
        Mode::Full => Scope::Publish,
    }
}

/// The values that were used last.
#[derive(Debug)]
struct Recent<K, V> {
    capacity: usize,
    used: Mutex<Used<K, V>>,
}

/// The number of the last use, and the values with the number of theirs.
type Used<K, V> = (u64, HashMap<K, (u64, V)>);

impl<K: Eq + Hash + Clone, V: Clone> Recent<K, V> {
    fn new(capacity: usize) -> Self {
        Self {
            capacity,
            used: Mutex::default(),
        }
    }

    fn get(&self, key: &K) -> Option<V> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let (turn, values) = &mut *used;
        *turn += 1;
        let (last_used, value) = values.get_mut(key)?;
        *last_used = *turn;
        Some(value.clone())
    }

    /// The value, which is made if there is none. The one that was not used for the longest time makes room.
    fn get_or(&self, key: &K, make: impl FnOnce() -> V) -> V {
        if let Some(known) = self.get(key) {
            return known;
        }
        let made = make();
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let (turn, values) = &mut *used;
        *turn += 1;
        if values.len() >= self.capacity && !values.contains_key(key) {
            let oldest = values.iter().min_by_key(|(_, (last_used, _))| *last_used);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                values.remove(&oldest);
            }
        }
        // Another request may have made one in the meantime.
        let (_, value) = values.entry(key.clone()).or_insert((*turn, made));
        value.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;

    #[test]
    fn what_was_not_used_for_the_longest_time_makes_room() {
        let recent = Recent::new(2);
        for key in ["a", "b"] {
            recent.get_or(&key, || key);
        }
        assert_eq!(recent.get(&"a"), Some("a"));
        recent.get_or(&"c", || "c");
        assert_eq!(recent.get(&"b"), None);
        assert_eq!(recent.get_or(&"a", || "new"), "a");
    }
}
