//! Change answers: the answer of a write that is one request, with the resource as Saki left it.

use std::borrow::Cow;
use std::marker::PhantomData;

use futures::FutureExt;
use reqwest::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::WriteAnswer;
use crate::saki::{Endpoint, Error, Reply, lenient_json};
use crate::tools::resource_path::{Collection, collection};
use crate::tools::space_scoped::SpaceScoped;
use crate::tools::tool_result::{UntrustedContent, WithSaki};
use crate::tools::{CallRecord, Failure, FieldMapper, Tools};
use crate::write::effects::Effects;

/// 202: Saki accepted the call and may not have done it yet.
const ACCEPTED: u16 = 202;
const NOT_SHOWN: &str = "True: it is so, and Saki does not show it.";

/// The answer of a tool whose whole write is one change.
pub(crate) type Changed<E> = WriteAnswer<SpaceScoped<E>>;

/// The thing as Saki left it.
pub(crate) type ChangeAnswer<E> = WithSaki<<E as Endpoint>::Response, ChangeFacts<E>>;

/// What a change adds to what Saki says of it.
#[derive(Debug)]
pub(crate) struct ChangeFacts<E> {
    /// Whether Saki does not show the thing, so that the verb and its id stand for it.
    is_bodiless: bool,
    /// Whether Saki answered with something else than the thing.
    has_other_shape: bool,
    subject: Option<Subject>,
    /// The thing that is gone, as it was.
    pub(crate) removed: Vec<Value>,
    pub(crate) warnings: Vec<String>,
    note: Option<String>,
    request: PhantomData<fn() -> E>,
}

/// What a request is about: the last field of its path, and its value.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) field: &'static str,
    pub(crate) id: Value,
}

impl Tools {
    /// Sends a change, and answers with the thing as Saki left it.
    pub(crate) async fn send_change<E: Endpoint + Clone + 'static>(
        &self,
        effects: Effects,
        request: &E,
        mapper: &(impl FieldMapper + Sync),
    ) -> Result<ChangeAnswer<E>, Failure> {
        match self.try_change(effects, request).await {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.render_failure(error, mapper).await),
        }
    }

    /// The same for a caller that looks at the error itself.
    pub(crate) async fn try_change<E: Endpoint + Clone + 'static>(
        &self,
        effects: Effects,
        request: &E,
    ) -> Result<ChangeAnswer<E>, Error> {
        let subject = Subject::of(request);
        let request = request.clone();
        let (saki, directory) = (self.saki.clone(), self.directory.clone());
        // Boxed, so that detached writes are compiled once and not for every endpoint.
        let made = effects.made();
        let send = async move {
            let reply = directory.invalidated_by(saki.send(&request)).await?;
            if let Some(kind) = made {
                let id = lenient_json::integer(&Value::Object(reply.clone().into_one()), "id");
                CallRecord::note_made(kind, id);
            }
            Ok::<_, Error>(reply)
        }
        .boxed();
        let reply = self.run_detached(effects, send).await?;
        Ok(answer(subject, reply))
    }
}

fn answer<E: Endpoint>(subject: Option<Subject>, reply: Reply) -> ChangeAnswer<E> {
    let warning = reply.was_already_deleted().then(|| {
        "Saki's answer was lost, and when asked again it no longer had this, so it is gone."
            .to_owned()
    });
    let is_shown = reply.body.is_some() && E::METHOD != Method::DELETE;
    let note = reply
        .body
        .is_none()
        .then(|| after_change::<E>(subject.as_ref(), reply.status));
    let facts = ChangeFacts {
        is_bodiless: !is_shown,
        has_other_shape: reply.has_other_shape(),
        subject,
        removed: Vec::new(),
        warnings: warning.into_iter().collect(),
        note,
        request: PhantomData,
    };
    WithSaki::new(facts, reply.into_one())
}

/// The note after a change whose reply has no body.
fn after_change<E: Endpoint>(subject: Option<&Subject>, status: u16) -> String {
    let target = collection::<E>();
    if let (Method::DELETE, Some(collection), Some(subject)) = (E::METHOD, target, subject)
        && status != ACCEPTED
    {
        let one = collection.singular();
        let (id, done) = (&subject.id, past_participle::<E>());
        return format!("The {one} {id} is {done} in Saki. No other call is needed.");
    }
    let creates = E::METHOD == Method::POST;
    let shows = match creates {
        true => "whether it is there",
        false => "the present state",
    };
    let tool = match target {
        Some(Collection::Posts) if !creates => Some("get_post"),
        Some(Collection::Spaces) if !creates => Some("get_space"),
        other => other.and_then(Collection::list_tool),
    };
    match tool {
        Some(tool) => {
            format!("Saki accepted the call but returned no body; {tool} shows {shows}.")
        }
        None => "Saki accepted the call but returned no body.".to_owned(),
    }
}

impl Subject {
    fn of<E: Endpoint>(request: &E) -> Option<Self> {
        let field = subject_field::<E>()?;
        let id = serde_json::to_value(request).ok()?.get(field)?.clone();
        Some(Self { field, id })
    }
}

fn subject_field<E: Endpoint>() -> Option<&'static str> {
    let mut segments = E::PATH.rsplit('/');
    segments.find_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

impl<E> ChangeFacts<E> {
    /// Whether Saki shows the thing.
    pub(crate) fn shows_thing(&self) -> bool {
        !self.is_bodiless
    }
}

/// New content is the caller's; removed and unexpected content may be written by others.
impl<E> UntrustedContent for ChangeFacts<E> {
    fn has_untrusted_content(&self) -> bool {
        self.has_other_shape || !self.removed.is_empty()
    }
}

/// What a request does to its subject: the key of its answer where Saki does not show the subject, and what it means.
fn done<E: Endpoint>() -> (&'static str, &'static str) {
    match E::METHOD {
        Method::POST => ("created", NOT_SHOWN),
        Method::DELETE if collection::<E>() == Some(Collection::Accounts) => {
            ("disconnected", "True: it is no longer connected.")
        }
        Method::DELETE => ("deleted", "True: it is gone."),
        _ => ("updated", NOT_SHOWN),
    }
}

/// The past participle of what a request does to its subject.
fn past_participle<E: Endpoint>() -> &'static str {
    done::<E>().0
}

impl<E: Endpoint> Serialize for ChangeFacts<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.is_bodiless {
            map.serialize_entry(past_participle::<E>(), &true)?;
            if let Some(Subject { field, id }) = &self.subject {
                map.serialize_entry(field, id)?;
            }
        }
        if !self.removed.is_empty() {
            map.serialize_entry("removed", &self.removed)?;
        }
        if !self.warnings.is_empty() {
            map.serialize_entry("warnings", &self.warnings)?;
        }
        if let Some(note) = &self.note {
            map.serialize_entry("note", note)?;
        }
        map.end()
    }
}

impl<E: Endpoint> JsonSchema for ChangeFacts<E> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        E::schema_name()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut properties = Map::new();
        let mut describe = |name: &str, description: &str, kind: &str| {
            let schema = json!({"type": kind, "description": description});
            properties.insert(name.to_owned(), schema);
        };
        let (key, meaning) = done::<E>();
        describe(key, meaning, "boolean");
        if let Some(field) = subject_field::<E>() {
            describe(field, "The id that was named.", "integer");
        }
        describe("note", "What is now true.", "string");
        json_schema!({"type": "object", "properties": properties})
    }
}
