//! List and read requests: one resource, or a list with all its pages, in one space or in several.

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::directory::{KnownSpace, rows};
use super::space_scoped::SpacesScoped;
use super::tool_result::WithSaki;
use super::{Failure, Tools, empty_reply_notes};
use crate::saki::pagination::{List, has_row_list};
use crate::saki::{Endpoint, lenient_json};

/// A list of Saki's, with what it means that it is empty.
pub(crate) type Listed<T> = WithSaki<List<T>, ListFacts>;

/// What is added to a list.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct ListFacts {
    /// What it means that there are no rows, where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

/// A row of a list that may be about several spaces.
pub(crate) type RowOfSpace<T> = WithSaki<T, SpaceOfRow>;

/// The space of a row, where rows of several spaces are listed.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub(crate) struct SpaceOfRow {
    #[serde(flatten)]
    space: Option<RowSpace>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct RowSpace {
    /// Id of its space, where rows of several spaces are listed.
    space_id: u64,
    /// Name of its space, where rows of several spaces are listed.
    space: Option<String>,
}

impl Tools {
    /// Reads one thing.
    pub(crate) async fn read<E: Endpoint>(
        &self,
        request: &E,
    ) -> Result<WithSaki<E::Response>, Failure> {
        let thing = self.saki.send(request).await?.into_one();
        Ok(WithSaki::plain(thing))
    }

    /// Reads a list with all its pages; `empty` says what it means that there are no rows.
    pub(crate) async fn list<E, T>(&self, request: E, empty: String) -> Result<Listed<T>, Failure>
    where
        E: Endpoint<Response = List<T>> + Clone,
        T: JsonSchema,
    {
        let list = self.saki.all_pages(request).await?;
        let note = empty_reply_notes::is_empty_list(&list).then_some(empty);
        Ok(WithSaki::new(ListFacts { note }, list))
    }

    /// Reads a list in every space that is meant; where there are several, each row names its space.
    pub(crate) async fn list_in<E, T>(
        &self,
        request: SpacesScoped<E>,
    ) -> Result<Listed<RowOfSpace<T>>, Failure>
    where
        E: Endpoint<Response = List<T>> + Clone + DeserializeOwned,
        T: JsonSchema,
    {
        let requests = request.resolve_all(self).await?;
        let spaces: Vec<KnownSpace> = requests.iter().map(|(space, _)| space.clone()).collect();
        let (list, note) = self.rows_of(requests).await?;
        let empty = empty_reply_notes::is_empty_list(&list)
            .then(|| empty_reply_notes::empty_list::<E>(&spaces));
        let note = note.or(empty);
        Ok(WithSaki::new(ListFacts { note }, list))
    }

    async fn rows_of<E, T>(
        &self,
        requests: Vec<(KnownSpace, E)>,
    ) -> Result<(Map<String, Value>, Option<String>), Failure>
    where
        E: Endpoint<Response = List<T>> + Clone,
    {
        let requests = match <[_; 1]>::try_from(requests) {
            Ok([(_, request)]) => return Ok((self.saki.all_pages(request).await?, None)),
            Err(requests) => requests,
        };
        let (mut all, mut unread) = (Vec::new(), Vec::new());
        for (space, request) in requests {
            let list = self.saki.all_pages(request).await?;
            if !has_row_list(&list) {
                unread.push(format!("the space {}", space.label()));
            }
            let of_space = SpaceOfRow::of(&space);
            all.extend(rows(&list).iter().map(|row| match row {
                Value::Object(row) => json!(RowOfSpace::<T>::new(of_space.clone(), row.clone())),
                other => other.clone(),
            }));
        }
        let list = Map::from_iter([("data".to_owned(), Value::Array(all))]);
        let note =
            (!unread.is_empty()).then(|| empty_reply_notes::not_a_list(&unread.join(" and ")));
        Ok((list, note))
    }

    /// The row of a list with this id, since Saki has no way to read some things alone; nothing where it is not shown.
    pub(crate) async fn row_by_id<E: Endpoint + Clone>(
        &self,
        request: E,
        id: u64,
    ) -> Result<Option<Map<String, Value>>, Failure> {
        Ok(row_of(id, self.readable_rows(request).await?))
    }

    /// The rows of a list; none where it cannot be read.
    pub(crate) async fn readable_rows<E: Endpoint + Clone>(
        &self,
        request: E,
    ) -> Result<Vec<Map<String, Value>>, Failure> {
        match self.saki.all_pages(request).await {
            Ok(list) => Ok(rows(&list)
                .iter()
                .filter_map(Value::as_object)
                .cloned()
                .collect()),
            // Under `--space`, only the list proves that it is of this space.
            Err(error) if self.policy().spaces().is_some() => Err(error.into()),
            Err(_) => Ok(Vec::new()),
        }
    }
}

/// The row with this id.
pub(crate) fn row_of(id: u64, rows: Vec<Map<String, Value>>) -> Option<Map<String, Value>> {
    let mut rows = rows.into_iter();
    rows.find(|row| lenient_json::integer(row, "id") == Some(id))
}

impl SpaceOfRow {
    /// The same with another spelling of the name.
    pub(crate) fn map_name(mut self, change: impl FnOnce(&str) -> String) -> Self {
        if let Some(space) = &mut self.space {
            space.space = space.space.as_deref().map(change);
        }
        self
    }

    pub(crate) fn of(space: &KnownSpace) -> Self {
        Self {
            space: Some(RowSpace {
                space_id: space.id,
                space: space.name.clone(),
            }),
        }
    }
}
