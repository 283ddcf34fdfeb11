//! Space-scoped requests: the space may be given by id, by name, or not at all.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use super::directory::{KnownSpace, NamedInCall};
use super::resource_path::Collection;
use super::{Failure, Tools};
use crate::saki::{Endpoint, lenient_json};

/// A schema extension: the parameter that `id` stands for, where it is not required.
pub const ID_EXTENSION: &str = "x-id";

/// Description of `space_id` in a tool that works in one space.
pub(crate) const ONE: &str = "Id or exact name, unless accounts or ids seen before tell it.";
const ITSELF: &str = "Id or exact name of the space, if there are several.";
const ALL: &str = "Id or exact name of the space; left out: all spaces.";

/// The arguments of `E`, where `space_id` is an id, an exact name, or left out.
///
/// A tool that works in no space has no `space_id`.
/// With `MANY`, a left-out `space_id` means all spaces.
#[derive(Debug, Clone)]
pub(crate) struct SpaceScoped<E, const MANY: bool = false> {
    arguments: Map<String, Value>,
    request: PhantomData<fn() -> E>,
}

/// The arguments of a reading tool that reads all spaces unless one is named.
pub(super) type SpacesScoped<E> = SpaceScoped<E, true>;

impl<E: Endpoint + DeserializeOwned, const MANY: bool> SpaceScoped<E, MANY> {
    /// The request in the one space that the arguments mean.
    ///
    /// # Errors
    ///
    /// A refusal that lists the spaces when the space is not clear.
    pub(crate) async fn resolve(&self, tools: &Tools) -> Result<E, Failure> {
        if !is_in_space::<E>() {
            return read(self.arguments.clone());
        }
        let directory = &tools.directory;
        let given = directory.or_named_space(self.given(), self.named()).await?;
        self.at(directory.identify_space(given.as_deref()).await?.id)
    }

    /// One request for each space that the arguments mean, together with that space.
    ///
    /// # Errors
    ///
    /// As [`resolve`](SpaceScoped::resolve), for a space that is named.
    pub(crate) async fn resolve_all(&self, tools: &Tools) -> Result<Vec<(KnownSpace, E)>, Failure> {
        let spaces = match tools.directory.or_pinned_space(self.given()) {
            // A single space is not named beside its rows, so its id is enough.
            Some(given) => vec![tools.directory.identify_space(Some(&given)).await?],
            None => tools.directory.every_space().await?,
        };
        spaces
            .into_iter()
            .map(|space| Ok((space.clone(), self.at(space.id)?)))
            .collect()
    }

    /// What the arguments name that the request is about.
    fn named(&self) -> NamedInCall<'_> {
        let ids = [
            ("{post_id}", Collection::Posts),
            ("{slot_id}", Collection::Slots),
            ("{webhook_id}", Collection::Webhooks),
        ];
        let ids = ids.into_iter().filter(|(field, _)| E::PATH.contains(field));
        let id = |field: &str| lenient_json::text(&self.arguments, field.trim_matches(['{', '}']));
        let account = self.arguments.get("account_id").and_then(Value::as_str);
        NamedInCall {
            accounts: account
                .filter(|_| !is_space_itself::<E>())
                .into_iter()
                .collect(),
            ids: ids
                .filter_map(|(field, of)| Some((of, id(field)?)))
                .collect(),
        }
    }

    fn given(&self) -> Option<&str> {
        self.arguments.get("space_id").and_then(Value::as_str)
    }

    fn at(&self, id: u64) -> Result<E, Failure> {
        let mut arguments = self.arguments.clone();
        arguments.insert("space_id".to_owned(), id.into());
        read(arguments)
    }
}

fn is_in_space<E: Endpoint>() -> bool {
    E::PATH.contains("{space_id}")
}

fn is_space_itself<E: Endpoint>() -> bool {
    E::PATH.ends_with("{space_id}")
}

fn read<E: DeserializeOwned>(arguments: Map<String, Value>) -> Result<E, Failure> {
    serde_json::from_value(Value::Object(arguments))
        .map_err(|error| Failure::refused(error.to_string()))
}

impl<'de, E, const MANY: bool> Deserialize<'de> for SpaceScoped<E, MANY> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self {
            arguments: Map::deserialize(deserializer)?,
            request: PhantomData,
        })
    }
}

impl<E: Endpoint, const MANY: bool> JsonSchema for SpaceScoped<E, MANY> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        E::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = E::json_schema(generator);
        if !is_in_space::<E>() {
            return schema;
        }
        let description = match (is_space_itself::<E>(), MANY) {
            (true, _) => ITSELF,
            (false, true) => ALL,
            (false, false) => ONE,
        };
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert(
                "space_id".to_owned(),
                json!({"type": "string", "description": description}),
            );
        }
        if is_space_itself::<E>() {
            schema.insert(ID_EXTENSION.to_owned(), json!("space_id"));
        }
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|field| field != "space_id");
        }
        schema
    }
}
