//! Tool results: the structured result of a tool, with our own fields, Saki's fields as they came, and one schema for both.

use std::borrow::Cow;
use std::marker::PhantomData;

use rmcp::ErrorData;
use rmcp::handler::server::tool::IntoCallToolResult;
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock, InputRequiredResult};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::Error;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::Failure;

/// Where a field of Saki's stands that has the name of one of ours.
const SAKI: &str = "saki";

/// The result of a call that succeeded.
///
/// The macro that declares tools finds the output schema by this name.
#[derive(Debug)]
pub enum Json<T> {
    /// A result with texts that other people may have written; it is marked as untrusted.
    Untrusted(T),
    /// A result without such texts.
    Trusted(T),
    /// There is no result yet: the client is to ask a person first.
    Question(Box<InputRequiredResult>),
}

/// An answer that knows whether it holds texts that other people may have written.
pub trait UntrustedContent {
    /// Whether it holds such texts.
    fn has_untrusted_content(&self) -> bool {
        false
    }
}

impl<T: UntrustedContent> Json<T> {
    /// The result, marked as its own content demands.
    pub(crate) fn new(result: T) -> Self {
        match result.has_untrusted_content() {
            true => Self::Untrusted(result),
            false => Self::Trusted(result),
        }
    }
}

impl<T: Serialize> IntoCallToolResult for Json<T> {
    fn into_call_tool_result(self) -> Result<CallToolResponse, ErrorData> {
        let (result, notice) = match self {
            Self::Untrusted(result) => (result, Some(Failure::UNTRUSTED_TEXT_NOTICE)),
            Self::Trusted(result) => (result, None),
            Self::Question(question) => return Ok((*question).into()),
        };
        let structured = serde_json::to_value(result)
            .map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        // The text copy is put in front at the end of the call, when the result has its final shape.
        let notice = notice.into_iter().map(ContentBlock::text);
        let mut result = CallToolResult::success(notice.collect());
        result.structured_content = Some(structured);
        Ok(result.into())
    }
}

/// An object of Saki's as it came, documented by `T`, behind fields of ours.
///
/// Both stand side by side. A field of Saki's with the name of one of ours stands under `saki`, so that ours cannot be
/// forged and nothing of Saki's is lost.
#[derive(Debug)]
pub(crate) struct WithSaki<T, O = NoFields> {
    pub(crate) ours: O,
    pub(crate) saki: Map<String, Value>,
    documented: PhantomData<fn() -> T>,
}

/// An object to which we add nothing.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct NoFields {}

impl<T, O> WithSaki<T, O> {
    pub(crate) fn new(ours: O, saki: Map<String, Value>) -> Self {
        Self {
            ours,
            saki,
            documented: PhantomData,
        }
    }
}

impl<T> WithSaki<T> {
    /// Saki's object alone.
    pub(crate) fn plain(saki: Map<String, Value>) -> Self {
        Self::new(NoFields {}, saki)
    }
}

impl<T, O: Serialize> Serialize for WithSaki<T, O> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Most results are either ours or Saki's, and large; so nothing is copied that does not have to be.
        if self.saki.is_empty() {
            return self.ours.serialize(serializer);
        }
        let ours = to_map(&self.ours).map_err(S::Error::custom)?;
        if self.saki.keys().any(|name| ours.contains_key(name)) {
            return merge_fields(ours, self.saki.clone()).serialize(serializer);
        }
        serializer.collect_map(ours.iter().chain(&self.saki))
    }
}

impl<T, O: UntrustedContent> UntrustedContent for WithSaki<T, O> {
    fn has_untrusted_content(&self) -> bool {
        self.ours.has_untrusted_content()
    }
}

impl<T: JsonSchema, O: JsonSchema> JsonSchema for WithSaki<T, O> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let ours = O::json_schema(generator);
        merge_schemas(ours, &T::json_schema(generator))
    }
}

/// A serialised struct.
pub(crate) fn to_map(of: &impl Serialize) -> Result<Map<String, Value>, serde_json::Error> {
    match serde_json::to_value(of)? {
        Value::Object(fields) => Ok(fields),
        _ => Err(serde_json::Error::custom("a result is an object")),
    }
}

/// Our own fields, and those of Saki beside them.
pub(crate) fn merge_fields(
    mut own: Map<String, Value>,
    from_saki: Map<String, Value>,
) -> Map<String, Value> {
    let mut hidden = Map::new();
    for (name, value) in from_saki {
        match own.contains_key(&name) {
            true => hidden.insert(name, value),
            false => own.insert(name, value),
        };
    }
    if !hidden.is_empty() {
        match own.shift_remove(SAKI) {
            Some(Value::Object(more)) => hidden.extend(more),
            other => hidden.extend(other.map(|other| (SAKI.to_owned(), other))),
        }
        own.insert(SAKI.to_owned(), Value::Object(hidden));
    }
    own
}

/// The schema of an object that has the properties of two.
pub(crate) fn merge_schemas(mut first: Schema, second: &Schema) -> Schema {
    let more = second.get("properties").and_then(Value::as_object).cloned();
    let properties = first.ensure_object().entry("properties");
    let properties = properties.or_insert_with(|| Value::Object(Map::new()));
    if let Some(properties) = properties.as_object_mut() {
        for (name, property) in more.into_iter().flatten() {
            properties.entry(name).or_insert(property);
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Serialize, JsonSchema)]
    struct Ours {
        outcome: &'static str,
    }

    #[test]
    fn a_field_of_sakis_with_the_name_of_ours_stands_apart() {
        let saki = json!({"id": 7, "outcome": "replayed"});
        let saki = saki.as_object().cloned().unwrap();
        let result = WithSaki::<NoFields, _>::new(Ours { outcome: "done" }, saki);
        assert_eq!(
            serde_json::to_value(&result).unwrap(),
            json!({"outcome": "done", "id": 7, "saki": {"outcome": "replayed"}})
        );
    }
}
