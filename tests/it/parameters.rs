//! No parameter is ignored: for each there are two calls that differ in it alone, and in what reaches Saki.
//!
//! An ignored parameter is worse than an unknown one: a `dry_run` that nobody reads would publish.

use std::collections::BTreeSet;

use saki_mcp::sandbox::{LoggedRequest, SandboxOptions};
use saki_mcp::tools::UploadPaths;
use serde_json::{Map, Value, json};

use crate::calls;
use crate::catalogue::{listed, name};
use crate::differences::differences;
use crate::harness::{Answer, World, object};
use crate::{parameters_of_clusters, parameters_of_posts, parameters_of_rest};

/// Further fields of a tool that passes on what it does not know.
pub(crate) const FURTHER: &str = "(further)";

/// A parameter, and where it shows.
pub(crate) struct Case {
    tool: &'static str,
    /// Path of the parameter in the schema, such as `per_account.metadata.title`.
    parameter: String,
    without: Value,
    with: Value,
    shows: Shows,
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

/// The space, of a tool that looks into all of them unless one is named.
pub(crate) fn all_spaces(tool: &'static str, other: &'static str) -> Case {
    let change = json!({"space_id": "Acme Coffee"});
    case(tool, "space_id", json!({}), change, Shows::Spared(other))
}

fn cases() -> Vec<Case> {
    let mut cases = parameters_of_rest::cases();
    cases.extend(parameters_of_posts::cases());
    cases.extend(parameters_of_clusters::cases("create_post"));
    cases.extend(parameters_of_clusters::cases("update_cluster"));
    let shows = || Shows::Answer("/outcome", json!("preview"));
    let dry = |(tool, arguments)| {
        case(
            tool,
            "dry_run",
            arguments,
            json!({"dry_run": true}),
            shows(),
        )
    };
    cases.extend(calls::writes().into_iter().map(dry));
    let (tool, arguments) = calls::full().remove(6);
    let again = json!({"allow_repeat": true});
    let shows = Shows::SecondTime("/outcome", json!("done"));
    cases.push(case(tool, "allow_repeat", arguments, again, shows));
    let made_up = |(tool, arguments)| {
        let with = json!({"confirmation": "sure"});
        let shows = Shows::Refused("`confirmation`: \"sure\" is none");
        case(tool, "confirmation", arguments, with, shows)
    };
    cases.extend(calls::asking().into_iter().map(made_up));
    cases
}

impl Shows {
    fn in_one_of(&self, log: &[LoggedRequest], answer: &Answer) -> bool {
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

fn shown(log: &[LoggedRequest]) -> String {
    let line = |logged: &LoggedRequest| {
        let body = logged.body.clone().unwrap_or_default();
        let query = logged.query.as_deref().unwrap_or_default();
        format!("  {} {}?{query} {body}", logged.method, logged.path)
    };
    log.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn every_parameter_shows_in_what_reaches_saki_and_only_because_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    parameters_of_posts::fill(folder.path());
    let host = parameters_of_posts::host().await;
    let root = folder.path().to_owned();
    let world = World::with(SandboxOptions::default(), |settings| {
        settings.upload_paths = UploadPaths::Below(vec![root]);
        settings.fetch = host.reached();
    })
    .await;
    let fresh = world.sandbox().state(Clone::clone);
    let mut breaches = Vec::new();
    for case in cases() {
        let call = async |arguments: &Value| -> (Answer, Vec<LoggedRequest>) {
            world.forget().await;
            world.sandbox().edit(|state| *state = fresh.clone());
            world.sandbox().clear_log();
            let arguments = parameters_of_posts::in_place(arguments, folder.path(), &host);
            let mut answer = world.call(case.tool, arguments.clone()).await;
            if let Shows::SecondTime(..) = case.shows {
                answer = world.call(case.tool, arguments).await;
            }
            (answer, world.sandbox().log())
        };
        let mut breach =
            |what: String| breaches.push(format!("{} {}: {what}", case.tool, case.parameter));
        let (answer, log) = call(&case.without).await;
        if case.shows.in_one_of(&log, &answer) {
            breach(format!("shows without being given\n{}", shown(&log)));
        }
        let (answer, log) = call(&case.with).await;
        if answer.failed && !matches!(case.shows, Shows::Refused(_)) {
            breach(format!("refused: {}", answer.text));
        } else if !case.shows.in_one_of(&log, &answer) {
            breach(format!("does not show\n{}", shown(&log)));
        }
    }
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn the_two_calls_of_a_case_differ_in_its_parameter_alone() {
    for case in cases() {
        let differ = differences(&case.without, &case.with);
        assert!(!differ.is_empty(), "{} {}", case.tool, case.parameter);
        for path in differ {
            let is_meant = path == case.parameter
                || path.starts_with(&format!("{}.", case.parameter))
                || case.parameter == FURTHER;
            assert!(
                is_meant,
                "{} {}: {path} differs too",
                case.tool, case.parameter
            );
        }
    }
}

#[tokio::test]
async fn every_parameter_of_every_tool_has_a_case() {
    let mut wanted = BTreeSet::new();
    let tools = listed().await;
    let create = tools.iter().find(|tool| name(tool) == "create_post");
    let create = &create.unwrap()["inputSchema"];
    for tool in &tools {
        for parameter in parameters(&tool["inputSchema"], create) {
            wanted.insert(format!("{} {parameter}", name(tool)));
        }
    }
    let had: BTreeSet<String> = cases()
        .iter()
        .map(|case| format!("{} {}", case.tool, case.parameter))
        .collect();
    let missing: Vec<_> = wanted.difference(&had).collect();
    let stale: Vec<_> = had.difference(&wanted).collect();
    assert!(missing.is_empty(), "no case: {missing:#?}");
    assert!(stale.is_empty(), "no such parameter: {stale:#?}");
}

/// The paths of the values that stand in the schema, of objects and lists only what is in them.
fn parameters(schema: &Value, create: &Value) -> Vec<String> {
    fn find(roots: [&Value; 2], path: &str, schema: &Value, found: &mut Vec<String>) {
        // What is told as "As above." is the parameter of that name above, or in turn the one of create_post.
        let [root, create] = roots.map(|root| &root["properties"]);
        let name = path.rsplit('.').next().unwrap();
        let schema = match schema["description"] == "As above." {
            true => &root[name],
            false => schema,
        };
        let schema = match schema["description"] == "As in create_post." {
            true => &create[name],
            false => schema,
        };
        assert!(schema.is_object(), "{path} is nowhere above");
        let empty = Map::new();
        let properties = schema["properties"].as_object().unwrap_or(&empty);
        if let Some(items) = schema.get("items") {
            return find(roots, path, items, found);
        }
        if properties.is_empty() && !path.is_empty() {
            found.push(path.to_owned());
        }
        for (name, property) in properties {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            find(roots, &path, property, found);
        }
        if path.is_empty() && schema["additionalProperties"] == true {
            found.push(FURTHER.to_owned());
        }
    }
    let mut found = Vec::new();
    find([schema, create], "", schema, &mut found);
    found
}
