//! One call as a handler sees it, and the lists it answers with.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Refusal};
use super::intake::Upload;
use super::options::SandboxOptions;
use super::store::Table;

/// One call: its path is known and its space checked, its body is plain JSON that nobody has judged.
pub(super) struct Call {
    pub(super) options: Arc<SandboxOptions>,
    /// The present second.
    pub(super) now: Timestamp,
    /// What stood in the place of each field of the path template.
    pub(super) path: Vec<(&'static str, String)>,
    pub(super) query: Map<String, Value>,
    pub(super) body: Map<String, Value>,
    pub(super) uploads: Vec<Upload>,
    /// The whole address without its query.
    pub(super) address: String,
}

/// A row that a path can name.
pub(super) trait Row {
    /// Name of the Laravel model.
    const MODEL: &'static str;
    /// The space that the row belongs to; none for what belongs to the whole key.
    fn space_id(&self) -> Option<u64>;
}

impl Call {
    fn raw(&self, field: &str) -> &str {
        let given = self.path.iter().find(|(name, _)| *name == field);
        given.map_or("", |(_, value)| value)
    }

    /// The space of the path, which is known to exist.
    pub(super) fn space_id(&self) -> u64 {
        self.raw("space_id").parse().unwrap_or(0)
    }

    /// The text of a path field.
    pub(super) fn text(&self, field: &str) -> &str {
        self.raw(field)
    }

    /// The refusal of a row that does not exist.
    pub(super) fn missing(&self, model: &'static str, field: &str) -> Refusal {
        Refusal::Missing {
            model,
            id: self.raw(field).to_owned(),
        }
    }

    /// The row that a path field names, where it exists in the space of the path.
    pub(super) fn find<'a, T: Row>(
        &self,
        table: &'a Table<T>,
        field: &str,
    ) -> Result<&'a T, Refusal> {
        let row = self.raw(field).parse().ok().and_then(|id| table.get(id));
        row.filter(|row| row.space_id().is_none_or(|id| id == self.space_id()))
            .ok_or_else(|| self.missing(T::MODEL, field))
    }

    /// As [`find`](Self::find), to change the row.
    pub(super) fn find_mut<'a, T: Row>(
        &self,
        table: &'a mut Table<T>,
        field: &str,
    ) -> Result<&'a mut T, Refusal> {
        self.find(table, field)?;
        let row = self.raw(field).parse().ok();
        row.and_then(|id| table.get_mut(id))
            .ok_or_else(|| self.missing(T::MODEL, field))
    }

    /// A list that is split into pages only where the options say so.
    pub(super) fn list<T>(&self, rows: Vec<T>, show: impl Fn(T) -> Value) -> Answer {
        match self.options.paginate_lists {
            Some(per_page) => self.page(rows, per_page, show),
            None => Answer::one(rows.into_iter().map(show).collect()),
        }
    }

    /// One page of a list, as Laravel's length-aware paginator prints it.
    pub(super) fn page<T>(&self, rows: Vec<T>, per_page: u64, show: impl Fn(T) -> Value) -> Answer {
        let per_page = per_page.max(1);
        let asked = self.query.get("page").and_then(Value::as_str);
        let page = asked.and_then(|page| page.parse().ok()).unwrap_or(1).max(1);
        let total = rows.len() as u64;
        let last = total.div_ceil(per_page).max(1);
        let skipped = (page - 1u64).saturating_mul(per_page);
        let data: Vec<Value> = rows
            .into_iter()
            .skip(usize::try_from(skipped).unwrap_or(usize::MAX))
            .take(usize::try_from(per_page).unwrap_or(usize::MAX))
            .map(show)
            .collect();
        let from = (!data.is_empty()).then_some(skipped + 1);
        let to = from.map(|from| from + data.len() as u64 - 1);
        let url = |page: u64| format!("{}?page={page}", self.address);
        let previous = (page > 1).then(|| url(page - 1));
        let next = (page < last).then(|| url(page + 1));
        let mut links =
            vec![json!({"url": previous, "label": "&laquo; Previous", "active": false})];
        links.extend((1..=last).map(
            |number| json!({"url": url(number), "label": number.to_string(), "active": number == page}),
        ));
        links.push(json!({"url": next, "label": "Next &raquo;", "active": false}));
        Answer::json(
            200,
            json!({
                "data": data,
                "links": {"first": url(1), "last": url(last), "prev": previous, "next": next},
                "meta": {
                    "current_page": page, "from": from, "last_page": last, "links": links,
                    "path": self.address, "per_page": per_page, "to": to, "total": total,
                },
            }),
        )
    }
}

/// A time as Laravel prints it.
pub(super) fn stamp(at: Timestamp) -> Value {
    Value::String(at.strftime("%Y-%m-%dT%H:%M:%S.000000Z").to_string())
}

/// A time as Laravel prints it, or null.
pub(super) fn stamp_or_null(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, stamp)
}
