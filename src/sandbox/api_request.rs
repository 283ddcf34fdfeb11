//! API request after routing and input parsing, as a route handler receives it.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::api_response::ApiError;
use super::body_parser::MultipartFile;
use super::database::Table;
use super::records::Model;
use super::sandbox_options::SandboxOptions;
use super::variant::IdScope;

/// Name and decoded value of each parameter in the path template.
pub(super) type PathParams = Vec<(&'static str, String)>;

/// One request to a known route; the space of its path exists, and its body is not validated yet.
pub(super) struct ApiRequest {
    pub(super) options: Arc<SandboxOptions>,
    /// Present time in whole seconds.
    pub(super) now: Timestamp,
    pub(super) path_params: PathParams,
    pub(super) query: Map<String, Value>,
    pub(super) body: Map<String, Value>,
    pub(super) uploads: Vec<MultipartFile>,
    /// URL without its query.
    pub(super) url: String,
}

impl ApiRequest {
    /// The value of a path parameter, or an empty text.
    pub(super) fn path_param(&self, name: &str) -> &str {
        let param = self.path_params.iter().find(|(known, _)| *known == name);
        param.map_or("", |(_, value)| value)
    }

    fn id_param(&self, name: &str) -> Option<u64> {
        self.path_param(name).parse().ok()
    }

    /// The space of the path.
    pub(super) fn space_id(&self) -> u64 {
        self.id_param("space_id").unwrap_or(0)
    }

    /// 404 for the record that a path parameter names.
    pub(super) fn not_found(&self, model: &'static str, param: &str) -> ApiError {
        ApiError::ModelNotFound {
            model,
            id: self.path_param(param).to_owned(),
        }
    }

    fn in_space<T: Model>(&self, record: &T) -> bool {
        let lax = self.options.variant.id_scope == IdScope::Lax;
        lax || record.space_id().is_none_or(|id| id == self.space_id())
    }

    /// All records of a table that belong to the space of the path.
    pub(super) fn of_space<'a, T: Model>(&self, table: &'a Table<T>) -> Vec<&'a T> {
        let is_of_space = |record: &&T| record.space_id().is_none_or(|id| id == self.space_id());
        let records = table.values().filter(is_of_space);
        records.collect()
    }

    /// The record that a path parameter names, if it belongs to the space of the path.
    pub(super) fn find<'a, T: Model>(
        &self,
        table: &'a Table<T>,
        param: &str,
    ) -> Result<&'a T, ApiError> {
        let record = self.id_param(param).and_then(|id| table.get(id));
        record
            .filter(|record| self.in_space(*record))
            .ok_or_else(|| self.not_found(T::NAME, param))
    }

    /// Like [`find`](Self::find), for a change of the record.
    pub(super) fn find_mut<'a, T: Model>(
        &self,
        table: &'a mut Table<T>,
        param: &str,
    ) -> Result<&'a mut T, ApiError> {
        let record = self.id_param(param).and_then(|id| table.get_mut(id));
        record
            .filter(|record| self.in_space(&**record))
            .ok_or_else(|| self.not_found(T::NAME, param))
    }
}
