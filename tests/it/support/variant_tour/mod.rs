//! The tour of a variant: calls every tool of one variant, and notes what an answer loses, invents or does twice.

mod correcting_model;
mod dry_runs;
mod other_writes;
mod partly;
mod post_writes;
mod reads;
mod refusals;
mod shown_facts;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jsonschema::Validator;
use saki_mcp::sandbox::variant::{PartRefusal, SlotDay};
use saki_mcp::sandbox::{Database, PostStatus, SandboxOptions, StoredPost, Variant};
use serde_json::{Value, json};

use crate::support::server_under_test::{Answer, World};
use correcting_model::corrected;

/// What a tour of a variant found.
pub(crate) struct Findings {
    /// What is wrong; nothing where all is well.
    pub(crate) findings: Vec<String>,
    /// How many tools were called.
    pub(crate) calls: usize,
    /// For each refusal that a model can correct, the calls that it took to get through.
    pub(crate) calls_to_get_through: Vec<u32>,
}

/// Tours one variant.
pub(crate) async fn tour(variant: Variant) -> Findings {
    let world = World::with(SandboxOptions::of_variant(variant.clone()), |_| {}).await;
    world.sandbox().edit(add_failed_thread);
    let schemas = output_schemas(&world).await;
    let mut tour = Tour {
        world,
        variant,
        schemas,
        findings: Vec::new(),
        calls: 0,
        calls_to_get_through: Vec::new(),
    };
    tour.reads().await;
    tour.dry_runs().await;
    tour.post_writes().await;
    tour.other_writes().await;
    tour.refusals().await;
    if tour.variant.part_refusal != PartRefusal::Never {
        tour.partly().await;
    }
    Findings {
        findings: tour.findings,
        calls: tour.calls,
        calls_to_get_through: tour.calls_to_get_through,
    }
}

struct Tour {
    world: World,
    variant: Variant,
    schemas: &'static BTreeMap<String, Validator>,
    findings: Vec<String>,
    calls: usize,
    calls_to_get_through: Vec<u32>,
}

/// Why the last post of the failed thread did not go out.
const FAILURE_OF_THREAD: &str = "X refused the second post: the link is broken.";

/// A failed thread, beside the failed post of the seeded world.
fn add_failed_thread(db: &mut Database) {
    let failed = db
        .posts
        .values()
        .find(|post| post.status == PostStatus::Failed);
    let failed = failed.cloned().unwrap();
    let metadata = json!({"error": FAILURE_OF_THREAD});
    let first = StoredPost {
        content: "Two things about water.".to_owned(),
        cluster_id: "5f0c1f0e-failed-thread".to_owned(),
        metadata: metadata.as_object().cloned(),
        ..failed
    };
    let first = db.posts.insert(|id| StoredPost { id, ..first }).clone();
    let part = StoredPost {
        content: "Soft water & a coarse grind.".to_owned(),
        parent_id: Some(first.id),
        order: 1,
        metadata: None,
        ..first.clone()
    };
    let part = db.posts.insert(|id| StoredPost { id, ..part }).id;
    db.posts.get_mut(first.id).unwrap().children.push(part);
}

/// The output schemas of all tools; they are the same on every variant.
async fn output_schemas(world: &World) -> &'static BTreeMap<String, Validator> {
    static SCHEMAS: OnceLock<BTreeMap<String, Validator>> = OnceLock::new();
    let tools = world.tools().await;
    SCHEMAS.get_or_init(|| {
        let validator = |tool: rmcp::model::Tool| {
            let schema = Value::Object((*tool.output_schema.unwrap()).clone());
            (
                tool.name.to_string(),
                jsonschema::validator_for(&schema).unwrap(),
            )
        };
        tools.into_iter().map(validator).collect()
    })
}

impl Tour {
    /// Calls a tool; its structured content, that of a failure too, fits the tool's output schema.
    async fn call(&mut self, tool: &str, arguments: Value) -> Answer {
        self.calls += 1;
        let answer = self.world.call(tool, arguments).await;
        if !(answer.failed && answer.json.is_null())
            && let Err(error) = self.schemas[tool].validate(&answer.json)
        {
            let what = format!(
                "does not fit its schema: {error} at {}",
                error.instance_path()
            );
            self.check(false, tool, &what, &answer);
        }
        answer
    }

    fn note(&mut self, finding: impl Into<String>) {
        self.findings
            .push(finding.into().chars().take(900).collect());
    }

    fn check(&mut self, holds: bool, tool: &str, what: &str, answer: &Answer) {
        if !holds {
            let text = if answer.failed {
                answer.text.clone()
            } else {
                answer.json.to_string()
            };
            self.note(format!("{tool}: {what}: {text}"));
        }
    }

    fn state<R>(&self, read: impl FnOnce(&Database) -> R) -> R {
        self.world.sandbox().state(read)
    }

    /// All that the variant holds, to see whether anything was changed.
    fn whole_state(&self) -> String {
        self.state(|db| format!("{db:?}"))
    }

    fn last_post(&self) -> u64 {
        let last = |db: &Database| db.posts.values().map(|post| post.id).max();
        self.state(last).unwrap_or_default()
    }

    fn has_numbered_days(&self) -> bool {
        use SlotDay::{SundayIs0, SundayIs1, SundayIs7};
        matches!(self.variant.slot_day, SundayIs0 | SundayIs1 | SundayIs7)
    }

    /// A call, corrected at most twice by what its refusal names.
    async fn corrected_call(&mut self, tool: &str, mut arguments: Value) -> Answer {
        let mut answer = self.call(tool, arguments.clone()).await;
        for _ in 0..2 {
            if !answer.failed {
                break;
            }
            let Some(next) = corrected(&arguments, &answer.text) else {
                break;
            };
            arguments = next;
            answer = self.call(tool, arguments.clone()).await;
        }
        answer
    }
}

/// The English word of a stored day.
fn day(weekday: &Value) -> String {
    weekday.as_str().unwrap_or_default().to_lowercase()
}

fn id(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// The ids of rows, sorted.
fn ids(rows: &Value) -> Vec<u64> {
    let rows = rows.as_array().into_iter().flatten();
    sorted(rows.filter_map(|row| id(&row["id"])))
}

fn list(ids: &Value) -> Vec<u64> {
    ids.as_array()
        .into_iter()
        .flatten()
        .filter_map(id)
        .collect()
}

fn column(rows: &Value, field: &str) -> Vec<String> {
    let rows = rows.as_array().into_iter().flatten();
    rows.filter_map(|row| row[field].as_str().map(str::to_owned))
        .collect()
}

fn sorted(ids: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut ids: Vec<u64> = ids.collect();
    ids.sort_unstable();
    ids
}

fn rows(answer: &Answer) -> Vec<Value> {
    answer.json["data"].as_array().cloned().unwrap_or_default()
}

/// The name of a space, under either of its fields.
fn name_of(space: &Value) -> Option<&str> {
    space["name"].as_str().or(space["title"].as_str())
}
