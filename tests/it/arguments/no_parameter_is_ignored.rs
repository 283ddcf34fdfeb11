//! No parameter is ignored: for each there are two calls that differ in it alone, and in what reaches Saki.
//!
//! An ignored parameter is worse than an unknown one: a `dry_run` that nobody reads would publish.

use std::collections::BTreeSet;

use saki_mcp::sandbox::{LoggedRequest, SandboxOptions};
use saki_mcp::tools::UploadPaths;
use serde_json::{Map, Value, json};

use crate::support::example_calls;
use crate::support::json_diff::differences;
use crate::support::parameter_cases::{
    Case, FURTHER, Shows, case, clusters, other_resources, posts,
};
use crate::support::server_under_test::{Answer, World};
use crate::support::tool_list::{listed, name};

fn cases() -> Vec<Case> {
    let mut cases = other_resources::cases();
    cases.extend(posts::cases());
    cases.extend(clusters::cases("create_post"));
    cases.extend(clusters::cases("update_cluster"));
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
    cases.extend(example_calls::writes().into_iter().map(dry));
    let (tool, arguments) = example_calls::full().remove(6);
    let again = json!({"allow_repeat": true});
    let shows = Shows::SecondTime("/outcome", json!("done"));
    cases.push(case(tool, "allow_repeat", arguments, again, shows));
    let made_up = |(tool, arguments)| {
        let with = json!({"confirmation": "sure"});
        let shows = Shows::Refused("`confirmation`: \"sure\" was not issued by this server");
        case(tool, "confirmation", arguments, with, shows)
    };
    cases.extend(example_calls::asking().into_iter().map(made_up));
    cases
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
async fn every_parameter_reaches_saki_and_only_when_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    posts::fill(folder.path());
    let host = posts::host().await;
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
            world.clear_memory().await;
            world.sandbox().edit(|state| *state = fresh.clone());
            world.sandbox().clear_log();
            let arguments = posts::in_place(arguments, folder.path(), &host);
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
