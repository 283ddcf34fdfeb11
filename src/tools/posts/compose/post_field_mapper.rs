//! Field mapper of posts: a field in Saki's 422 becomes the parameter of `create_post` or `update_cluster`.

use serde_json::{Value, json};

use crate::saki::posts::ClusterBody;
use crate::tools::posts::args::{CreatePostArgs, Metadata, PerAccount};
use crate::tools::{FieldMapper, MappedField, value_at};
use crate::write::account_ref::AccountRef;
use crate::write::post_plan::PostPlan;
use crate::write::when::When;

/// Saki's names and ours. A `#` is a place in a list, the first of Saki's is the account's; `*` is whatever follows.
const NAMES: [(&str, &str); 24] = [
    ("items", "account_ids"),
    ("items.#", "account_ids"),
    ("items.#.account_id", "account_ids"),
    ("items.#.social", "account_ids"),
    ("items.#.main", "content"),
    ("items.#.main.content", "content"),
    ("items.#.main.media", "media"),
    ("items.#.main.media.#", "media.#"),
    ("items.#.main.media.#.id", "media.#.media_id"),
    ("items.#.main.media.#.type", "media.#.media_id"),
    ("items.#.children", "thread"),
    ("items.#.children.#", "thread.#"),
    ("items.#.children.#.content", "thread.#.content"),
    ("items.#.children.#.media", "thread.#.media"),
    ("items.#.children.#.media.#", "thread.#.media.#"),
    ("items.#.children.#.media.#.id", "thread.#.media.#.media_id"),
    (
        "items.#.children.#.media.#.type",
        "thread.#.media.#.media_id",
    ),
    ("items.#.metadata", "metadata"),
    ("items.#.metadata.*", "metadata.*"),
    ("account_ids.#", "account_ids"),
    ("at", "scheduled_at"),
    ("scheduled_at", "scheduled_at"),
    ("is_draft", "publish"),
    ("status", "publish"),
];

/// One call that makes or changes posts, as it was asked for and as it was sent.
pub(crate) struct PostFields<'a> {
    pub(crate) args: &'a CreatePostArgs,
    pub(crate) body: &'a ClusterBody,
    pub(crate) planned: &'a PostPlan,
    pub(crate) space_id: u64,
    /// How many of its posts are new.
    pub(crate) new_post_count: u64,
}

impl FieldMapper for PostFields<'_> {
    fn map_field(&self, field: &str) -> MappedField {
        let Some((parameter, item_index)) = to_parameter(field) else {
            let given = (field == "content").then(|| json!(self.args.content));
            return MappedField {
                field: field.to_owned(),
                given: given.filter(|given| !given.is_null()),
                ..MappedField::default()
            };
        };
        let account = item_index.and_then(|item_index| self.planned.accounts.get(item_index));
        let hint = self.hint(&parameter, account);
        let given = self.given(field, &parameter);
        let single = item_index.and_then(|item_index| *self.planned.per_account.get(item_index)?);
        let single =
            single.and_then(|index| Some((index, self.args.per_account.as_ref()?.get(index)?)));
        let field = match single {
            Some((index, entry)) if is_overridden(entry, &parameter) => {
                format!("per_account.{index}.{parameter}")
            }
            _ => parameter,
        };
        let inline_file_path = self.inline_file_path(&field);
        MappedField {
            account: account.map(AccountRef::label),
            given,
            hint: hint.filter(|_| inline_file_path.is_none()),
            field: inline_file_path.unwrap_or(field),
        }
    }

    fn post_count(&self) -> u64 {
        self.new_post_count
    }
}

impl PostFields<'_> {
    /// What was given there, in the agent's own words where Saki was sent others.
    fn given(&self, field: &str, parameter: &str) -> Option<Value> {
        match parameter {
            "account_ids" => None,
            "publish" => Some(json!(self.planned.mode.word())),
            "scheduled_at" => self.planned.when.as_ref().map(When::utc).map(Value::String),
            _ => {
                let field = match field.strip_suffix(".type") {
                    Some(media) => format!("{media}.id"),
                    None => field.to_owned(),
                };
                let sent = serde_json::to_value(self.body).ok()?;
                value_at(&sent, &field).cloned()
            }
        }
    }

    /// The place of a file that the call brought along, which has no id in it.
    fn inline_file_path(&self, field: &str) -> Option<String> {
        let path = field.strip_suffix(".media_id")?;
        let files = self.args.files();
        let (path, _) = files
            .iter()
            .find(|(known, item)| known == path && item.media_id.is_none())?;
        Some(path.clone())
    }

    /// The call that shows what could be given instead.
    fn hint(&self, parameter: &str, account: Option<&AccountRef>) -> Option<String> {
        let space = self.space_id;
        if parameter == "account_ids" {
            Some(format!(
                "list_accounts with `space_id: {space}` shows the accounts there are."
            ))
        } else if parameter.ends_with("media_id") {
            Some("upload_media uploads a file and returns its id.".to_owned())
        } else if parameter == "metadata.board_id" {
            let account = account?.id;
            Some(format!(
                "list_boards with `space_id: {space}` and `account_id: {account}` shows the boards there are."
            ))
        } else {
            None
        }
    }
}

/// Our name for a field of Saki's, and which item of the request it is in.
fn to_parameter(field: &str) -> Option<(String, Option<usize>)> {
    let steps: Vec<&str> = field.split('.').collect();
    NAMES.iter().find_map(|(saki, parameter)| {
        let (mut places, mut rest) = (Vec::new(), "");
        let segments: Vec<&str> = saki.split('.').collect();
        if segments.len() > steps.len() || segments.len() < steps.len() && !saki.ends_with('*') {
            return None;
        }
        for (at, (segment, step)) in segments.iter().zip(&steps).enumerate() {
            match *segment {
                // Laravel writes a star where it means every place.
                "#" if *step == "*" || step.parse::<usize>().is_ok() => places.push(*step),
                "*" => rest = &field[steps[..at].iter().map(|step| step.len() + 1).sum()..],
                segment if segment == *step => {}
                _ => return None,
            }
        }
        let is_of_item = saki.contains(".#") && matches!(steps[0], "items" | "account_ids");
        let item = is_of_item.then(|| places.remove(0).parse().ok()).flatten();
        let mut places = places.into_iter();
        let name = parameter.split('.').map(|step| match step {
            "#" => places.next().unwrap_or_default(),
            "*" => rest,
            step => step,
        });
        Some((name.collect::<Vec<_>>().join("."), item))
    })
}

/// Whether what is sent under a name came from what was said of a single account.
fn is_overridden(entry: &PerAccount, parameter: &str) -> bool {
    let mut steps = parameter.splitn(2, '.');
    match (steps.next(), steps.next()) {
        (Some("content"), _) => entry.content.is_some(),
        (Some("media"), _) => entry.media.is_some(),
        (Some("thread"), _) => entry.thread.is_some(),
        (Some("metadata"), None) => entry.metadata.is_some(),
        (Some("metadata"), Some(field)) => {
            let own = entry.metadata.as_ref().map(Metadata::fields);
            own.is_some_and(|own| own.contains_key(field))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("items", "account_ids", None)]
    #[case("items.1", "account_ids", Some(1))]
    #[case("items.1.account_id", "account_ids", Some(1))]
    #[case("account_ids.0", "account_ids", Some(0))]
    #[case("items.0.main.content", "content", Some(0))]
    #[case("items.*.main.content", "content", None)]
    #[case("items.2.children.1.content", "thread.1.content", Some(2))]
    #[case("items.0.main.media.3.id", "media.3.media_id", Some(0))]
    #[case("items.0.children.1.media.2.id", "thread.1.media.2.media_id", Some(0))]
    #[case("items.0.metadata.board_id", "metadata.board_id", Some(0))]
    #[case("items.0.metadata.a.b", "metadata.a.b", Some(0))]
    #[case("at", "scheduled_at", None)]
    #[case("is_draft", "publish", None)]
    #[case("status", "publish", None)]
    fn a_field_of_sakis_has_a_name_of_ours(
        #[case] saki: &str,
        #[case] name: &str,
        #[case] item: Option<usize>,
    ) {
        assert_eq!(to_parameter(saki), Some((name.to_owned(), item)));
    }

    #[rstest]
    #[case("items.x.main.content")]
    #[case("items.0.main.content.y")]
    #[case("items.0.colour")]
    #[case("limit")]
    #[case("")]
    fn a_field_that_is_not_known_has_none(#[case] saki: &str) {
        assert_eq!(to_parameter(saki), None);
    }
}
