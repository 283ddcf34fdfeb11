//! Write arguments: the parameters that every write has beside its own.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use super::{TRAITS_EXTENSION, ToolTraits, Write};

/// The parameter by which the second of two calls confirms the first.
pub const CONFIRMATION: &str = "confirmation";

/// A write, and whether it is only to be shown.
#[derive(Debug)]
pub(crate) struct WriteArgs<W> {
    pub(super) write: W,
    pub(super) dry_run: bool,
}

impl<'de, W: DeserializeOwned> Deserialize<'de> for WriteArgs<W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut arguments = Map::deserialize(deserializer)?;
        let dry_run = arguments.shift_remove("dry_run");
        // Whoever is asked has read it already.
        arguments.shift_remove(CONFIRMATION);
        Ok(Self {
            write: W::deserialize(Value::Object(arguments)).map_err(Error::custom)?,
            dry_run: dry_run == Some(Value::Bool(true)),
        })
    }
}

impl<W: Write + JsonSchema> JsonSchema for WriteArgs<W> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        W::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = W::json_schema(generator);
        let properties = schema.ensure_object().entry("properties");
        if let Some(properties) = properties.or_insert_with(|| json!({})).as_object_mut() {
            let description = "Only show what would happen.";
            properties.insert(
                "dry_run".to_owned(),
                json!({"type": "boolean", "description": description}),
            );
            if W::TRAITS.takes_confirmation {
                let description = "From `confirmation_needed`, once the person wants exactly this.";
                properties.insert(
                    CONFIRMATION.to_owned(),
                    json!({"type": "string", "description": description}),
                );
            }
        }
        let traits = json!(ToolTraits::of_write::<W>());
        // In front, since taking out a keyword moves the last one to its place.
        let keywords = schema.ensure_object();
        keywords.shift_insert(0, TRAITS_EXTENSION.to_owned(), traits);
        schema
    }
}
