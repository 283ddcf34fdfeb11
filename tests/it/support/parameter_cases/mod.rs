//! For each parameter two calls that differ in it alone, and where the difference shows.

pub(crate) mod clusters;
pub(crate) mod other_resources;
pub(crate) mod posts;

use saki_mcp::sandbox::LoggedRequest;
use serde_json::{Value, json};

use crate::support::server_under_test::{Answer, object};

/// Further fields of a tool that passes on what it does not know.
pub(crate) const FURTHER: &str = "(further)";

/// A parameter, and where it shows.
pub(crate) struct Case {
    pub(crate) tool: &'static str,
    /// Path of the parameter in the schema, such as `per_account.metadata.title`.
    pub(crate) parameter: String,
    pub(crate) without: Value,
    pub(crate) with: Value,
    pub(crate) shows: Shows,
}

/// Where a parameter shows, and as what.
pub(crate) enum Shows {
    /// A request to this method and path.
    Path(&'static str),
    /// No request to this method and path, which there is without the parameter.
    Spared(&'static str),
    /// A pair of a request's query.
    Query(&'static str),
    /// A place in a request's JSON body.
    Body(String, Value),
    /// A field of an uploaded file.
    File(&'static str, Value),
    /// As `Answer`, when the same call is made a second time.
    SecondTime(&'static str, Value),
    /// A refusal with these words, which there is not without the parameter.
    Refused(&'static str),
    /// A place in the answer, as a JSON pointer, of a parameter that is judged here.
    Answer(&'static str, Value),
}

impl Shows {
    pub(crate) fn in_one_of(&self, log: &[LoggedRequest], answer: &Answer) -> bool {
        match self {
            Self::Spared(path) => return !Self::Path(path).in_one_of(log, answer),
            Self::Refused(words) => return answer.failed && answer.text.contains(words),
            Self::Answer(pointer, value) | Self::SecondTime(pointer, value) => {
                return answer.json.pointer(pointer) == Some(value);
            }
            _ => {}
        }
        log.iter().any(|logged| match self {
            Self::Spared(_) | Self::Refused(_) | Self::Answer(..) | Self::SecondTime(..) => false,
            Self::Path(path) => format!("{} {}", logged.method, logged.path) == *path,
            Self::Query(pair) => {
                let query = logged.query.as_deref().unwrap_or_default();
                query.split('&').any(|given| given == *pair)
            }
            Self::Body(pointer, value) => {
                logged.body.as_ref().and_then(|body| body.pointer(pointer)) == Some(value)
            }
            Self::File(field, value) => {
                let mut files = logged.uploads.iter();
                files.any(|file| serde_json::to_value(file).unwrap()[field] == *value)
            }
        })
    }
}

/// A place in the body, as a JSON pointer.
pub(crate) fn body(pointer: &str, value: impl Into<Value>) -> Shows {
    Shows::Body(pointer.to_owned(), value.into())
}

/// The call `without` the parameter, or with another value, and what `change` makes of it.
pub(crate) fn case(
    tool: &'static str,
    parameter: impl Into<String>,
    without: Value,
    change: Value,
    shows: Shows,
) -> Case {
    let mut with = object(without.clone());
    with.extend(object(change));
    let with = Value::Object(with);
    Case {
        tool,
        parameter: parameter.into(),
        without,
        with,
        shows,
    }
}

/// The space, of a tool that works in one.
pub(crate) fn space(tool: &'static str, without: Value, path: &'static str) -> Case {
    let change = json!({"space_id": "Acme Coffee"});
    case(tool, "space_id", without, change, Shows::Path(path))
}

/// The space, of a tool whose other arguments decide it where it is left out.
pub(crate) fn decided_space(tool: &'static str, without: Value) -> Case {
    let change = json!({"space_id": "Studio North"});
    case(tool, "space_id", without, change, Shows::Refused("space 2"))
}

/// The space, of a tool that looks into all of them unless one is named.
pub(crate) fn all_spaces(tool: &'static str, other: &'static str) -> Case {
    let change = json!({"space_id": "Acme Coffee"});
    case(tool, "space_id", json!({}), change, Shows::Spared(other))
}
