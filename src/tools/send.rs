//! How a request of a tool is sent: reads are dropped with their call, writes run to their end.

use std::future::Future;

use reqwest::Method;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::directory::Space;
use super::space_scoped::SpacesScoped;
use super::{Failure, IdentityMapper, Json, Tools, notes};
use crate::saki::pagination::is_list;
use crate::saki::{Endpoint, Error, Reply, cancel_between_attempts};

impl Tools {
    /// Reads one thing.
    pub(crate) async fn read<E: Endpoint>(
        &self,
        request: &E,
    ) -> Result<Json<E::Response>, Failure> {
        Ok(Json::new(self.saki.send(request).await?.into_one()))
    }

    /// Reads a list with all its pages; `nothing` says what it means that there are no rows.
    pub(crate) async fn list<E: Endpoint + Clone>(
        &self,
        request: E,
        nothing: &str,
    ) -> Result<Json<E::Response>, Failure> {
        let mut list = self.whole_list(request).await?;
        if notes::is_empty_list(&list) {
            notes::add(&mut list, nothing.to_owned());
        }
        Ok(Json::new(list))
    }

    /// Reads a list in every space that is meant; where there are several, each row names its space.
    pub(crate) async fn list_in<E>(
        &self,
        request: SpacesScoped<E>,
    ) -> Result<Json<E::Response>, Failure>
    where
        E: Endpoint + Clone + DeserializeOwned,
    {
        Ok(Json::new(self.rows_in(request).await?))
    }

    /// As [`list_in`](Tools::list_in), for a tool that has more to say.
    pub(crate) async fn rows_in<E>(
        &self,
        request: SpacesScoped<E>,
    ) -> Result<Map<String, Value>, Failure>
    where
        E: Endpoint + Clone + DeserializeOwned,
    {
        let places = request.resolve_all(self).await?;
        let spaces: Vec<_> = places.iter().map(|(space, _)| space.clone()).collect();
        let mut list = self.rows_of(places).await?;
        if notes::is_empty_list(&list) {
            notes::add(&mut list, notes::empty_list::<E>(&spaces));
        }
        Ok(list)
    }

    async fn rows_of<E: Endpoint + Clone>(
        &self,
        mut places: Vec<(Space, E)>,
    ) -> Result<Map<String, Value>, Failure> {
        if places.len() == 1
            && let Some((_, request)) = places.pop()
        {
            return Ok(self.whole_list(request).await?);
        }
        let (mut all, mut unseen) = (Vec::new(), Vec::new());
        for (space, request) in places {
            let mut list = self.whole_list(request).await?;
            if !is_list(&list) {
                unseen.push(format!("the space {}", space.shown()));
            }
            let rows = list.get_mut("data").and_then(Value::as_array_mut);
            for mut row in rows.into_iter().flat_map(std::mem::take) {
                if let Some(row) = row.as_object_mut() {
                    row.insert("space_id".to_owned(), space.id.into());
                    row.insert("space".to_owned(), space.name.clone().into());
                }
                all.push(row);
            }
        }
        let mut list = Map::from_iter([("data".to_owned(), Value::Array(all))]);
        if !unseen.is_empty() {
            notes::add(&mut list, notes::not_a_list(&unseen.join(" and ")));
        }
        Ok(list)
    }

    /// Sends a write and answers with the thing as Saki left it, or with `word` where Saki says nothing about it.
    pub(crate) async fn changed<E>(
        &self,
        word: &str,
        request: E,
    ) -> Result<Map<String, Value>, Failure>
    where
        E: Endpoint + 'static,
    {
        let subject = subject(&request);
        let names = IdentityMapper(serde_json::to_value(&request).unwrap_or_default());
        let saki = self.saki.clone();
        let sent = self.run_detached(async move { saki.send(&request).await });
        match sent.await {
            Ok(reply) => {
                self.lookup_cache.invalidate();
                Ok(changed::<E>(word, subject, reply))
            }
            Err(error) => Err(self.render_failure(error, &names).await),
        }
    }

    /// Runs a write to its end, even when the call that asked for it is cancelled or times out.
    ///
    /// Such a call still ends a wait before which nothing was done.
    pub(crate) async fn run_detached<F, T, E>(&self, write: F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let given_up = CancellationToken::new();
        let write = cancel_between_attempts(given_up.clone(), write);
        let _with_the_call = given_up.drop_guard();
        match self.detached.spawn(write).await {
            Ok(outcome) => outcome,
            Err(broken) => match broken.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => {
                    Err(Error::InvalidRequest("the server is shutting down".to_owned()).into())
                }
            },
        }
    }
}

/// The thing itself, or `{"deleted": true, "post_id": 7}` and what that means where Saki sent no body.
fn changed<E: Endpoint>(
    word: &str,
    subject: Option<(String, Value)>,
    reply: Reply,
) -> Map<String, Value> {
    let warning = reply.was_gone().then(|| {
        json!([
            "Saki's answer was lost, and when asked again it no longer had this, so it is gone."
        ])
    });
    let note = match reply.body {
        None => Some(notes::after_write::<E>(
            word,
            subject.as_ref(),
            reply.status,
        )),
        Some(_) if E::METHOD == Method::DELETE => None,
        Some(_) => return reply.into_one(),
    };
    let mut said = Map::from_iter([(word.to_owned(), Value::Bool(true))]);
    said.extend(subject);
    said.extend(reply.into_one());
    said.extend(warning.map(|warning| ("warnings".to_owned(), warning)));
    note.into_iter()
        .for_each(|note| notes::add(&mut said, note));
    said
}

/// The id that the request is about: the last field of its path.
pub(crate) fn subject<E: Endpoint>(request: &E) -> Option<(String, Value)> {
    let field = E::PATH
        .rsplit('/')
        .find_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))?;
    let value = serde_json::to_value(request).ok()?.get(field)?.clone();
    Some((field.to_owned(), value))
}

/// That something is gone; the id that was named stands beside it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Deleted {
    /// True: it is gone.
    pub deleted: bool,
    /// What is now true.
    pub note: Option<String>,
}
