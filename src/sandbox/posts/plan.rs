//! What a create or cluster call asks for, read from either published form by the reference's rules.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::answer::Refusal;
use super::super::call::Call;
use super::super::options::Forms;
use super::super::rules::{Check, Field};
use super::super::store::State;

/// The posts that a call asks for.
pub(super) struct Plan {
    pub(super) at: Option<Timestamp>,
    pub(super) is_draft: bool,
    pub(super) items: Vec<Item>,
}

/// The post of one account.
pub(super) struct Item {
    pub(super) account_id: u64,
    /// The post, or the parts of a thread; never empty.
    pub(super) parts: Vec<Part>,
    pub(super) metadata: Option<Map<String, Value>>,
}

/// Text and files of one part.
pub(super) struct Part {
    pub(super) content: String,
    pub(super) media: Vec<u64>,
}

/// Reads the form that is spoken; where both are, a body with a field of the overview page alone is in its form.
pub(super) fn read(state: &State, call: &Call) -> Result<Plan, Refusal> {
    let has = |name: &str| call.body.contains_key(name);
    let is_overview = match call.options.forms {
        Forms::ReferenceOnly => false,
        Forms::OverviewOnly => true,
        Forms::Both => !has("items") && !has("is_draft") && (has("content") || has("account_ids")),
    };
    let mut check = Check::default();
    let plan = match is_overview {
        true => overview(state, call, &mut check),
        false => reference(state, call, &mut check),
    };
    check.done()?;
    Ok(plan)
}

fn overview(state: &State, call: &Call, check: &mut Check) -> Plan {
    let field = |name| Field::of(&call.body, name);
    check.required(&field("content"));
    let content = check.text(&field("content")).unwrap_or_default();
    check.required(&field("account_ids"));
    let mut seen = Vec::new();
    let mut items = Vec::new();
    for row in check.rows(&field("account_ids")) {
        let account_id = account(state, call, check, &row, &mut seen);
        items.push(Item {
            account_id,
            parts: vec![Part {
                content: content.to_owned(),
                media: Vec::new(),
            }],
            metadata: None,
        });
    }
    let at = check.date(&field("scheduled_at"));
    Plan {
        at,
        is_draft: false,
        items,
    }
}

fn reference(state: &State, call: &Call, check: &mut Check) -> Plan {
    let field = |name| Field::of(&call.body, name);
    check.required(&field("space_id"));
    if check
        .id(&field("space_id"))
        .is_some_and(|id| id != call.space_id())
    {
        check.unknown(&field("space_id"));
    }
    let at = check.integer(&field("at"));
    let instant = at.and_then(|at| Timestamp::from_second(at).ok());
    if at.is_some() && instant.is_none() {
        check.unknown(&field("at"));
    }
    let is_draft = check.boolean(&field("is_draft"));
    check.required(&field("items"));
    let mut seen = Vec::new();
    let rows = check.rows(&field("items"));
    let items = rows
        .iter()
        .map(|row| item(state, call, check, row, &mut seen));
    Plan {
        items: items.collect(),
        at: instant,
        is_draft: is_draft.unwrap_or(false),
    }
}

fn item(
    state: &State,
    call: &Call,
    check: &mut Check,
    row: &Field<'_>,
    seen: &mut Vec<u64>,
) -> Item {
    let account_id = account(state, call, check, &row.below("account_id"), seen);
    let social = check.text(&row.below("social"));
    let real = state
        .accounts
        .get(account_id)
        .map(|account| account.social.as_str());
    if social.is_some() && real.is_some() && social != real {
        check.unknown(&row.below("social"));
    }
    let mut parts = vec![part(state, call, check, &row.below("main"))];
    for child in check.rows(&row.below("children")) {
        parts.push(part(state, call, check, &child));
    }
    let metadata = row.below("metadata");
    for flag in [
        "allow_comments",
        "allow_duet",
        "allow_stitch",
        "branded_content",
        "brand_organic",
    ] {
        check.boolean(&metadata.below(flag));
    }
    for address in ["link", "cover_image_url"] {
        check.url(&metadata.below(address));
    }
    for text in ["topic_tag", "post_type", "privacy_level", "title"] {
        check.text(&metadata.below(text));
    }
    Item {
        account_id,
        parts,
        metadata: check.object(&metadata),
    }
}

fn account(
    state: &State,
    call: &Call,
    check: &mut Check,
    field: &Field<'_>,
    seen: &mut Vec<u64>,
) -> u64 {
    if !check.required(field) {
        return 0;
    }
    let Some(id) = check.id(field) else {
        return 0;
    };
    match state.accounts.get(id) {
        Some(account) if account.space_id == call.space_id() => {
            if seen.contains(&id) {
                check.repeated(field);
            } else if !account.is_active {
                check.refuse(
                    field,
                    format!("The account @{} is not active.", account.handler),
                );
            }
        }
        _ => check.unknown(field),
    }
    seen.push(id);
    id
}

/// A part needs text or media; which of them is missing cannot be told, so the text is.
fn part(state: &State, call: &Call, check: &mut Check, field: &Field<'_>) -> Part {
    let media = field.below("media");
    let rows = check.rows(&media);
    let content = field.below("content");
    if rows.is_empty() {
        check.required(&content);
    }
    let files = rows
        .iter()
        .map(|row| file(state, call, check, row))
        .collect();
    Part {
        content: check.text(&content).unwrap_or_default().to_owned(),
        media: files,
    }
}

fn file(state: &State, call: &Call, check: &mut Check, row: &Field<'_>) -> u64 {
    let (id, kind) = (row.below("id"), row.below("type"));
    check.required(&id);
    let number = check.id(&id);
    let file = number.and_then(|number| state.media.get(number));
    if number.is_some() && file.is_none() {
        check.unknown(&id);
    }
    check.required(&kind);
    if let Some(word) = check.text(&kind) {
        let types = &call.options.media_types;
        let is_other = types.must_match && file.is_some_and(|file| file.kind != word);
        if is_other || !types.words.iter().any(|known| known == word) {
            check.unknown(&kind);
        }
    }
    number.unwrap_or(0)
}
