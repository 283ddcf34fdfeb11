//! Planned request of a write, as its parts: the policy checks them, and the preview shows them.

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::saki::{Endpoint, RequestParts};

/// A request that is going to be sent.
#[derive(Debug, Clone, PartialEq)]
pub enum PlannedRequest {
    /// A request with its query or JSON body.
    Json(RequestParts),
    /// An upload as `multipart/form-data`.
    Upload {
        /// The HTTP method.
        method: Method,
        /// The path, starting with `/`.
        path: &'static str,
        /// The file as a person reads it.
        file: Map<String, Value>,
        /// The form fields beside the file.
        fields: Map<String, Value>,
    },
}

impl PlannedRequest {
    /// An upload of `file` with further form fields.
    pub(crate) fn upload<E: Endpoint>(
        file: Map<String, Value>,
        fields: Map<String, Value>,
    ) -> Self {
        Self::Upload {
            method: E::METHOD,
            path: E::PATH,
            file,
            fields,
        }
    }

    /// The id of the space that holds what it is about.
    pub(crate) fn space_id(&self) -> Option<&str> {
        let (space_id, _) = self.path().strip_prefix("/spaces/")?.split_once('/')?;
        Some(space_id)
    }

    /// The HTTP method.
    pub(crate) fn method(&self) -> &Method {
        match self {
            Self::Json(parts) => &parts.method,
            Self::Upload { method, .. } => method,
        }
    }

    /// The path, starting with `/`.
    pub(crate) fn path(&self) -> &str {
        match self {
            Self::Json(parts) => &parts.path,
            Self::Upload { path, .. } => path,
        }
    }

    /// The encoded query, without `?`.
    pub(super) fn query(&self) -> &str {
        match self {
            Self::Json(parts) => parts.query.as_deref().unwrap_or_default(),
            Self::Upload { .. } => "",
        }
    }

    /// The fields of the JSON body or of the form.
    pub(crate) fn fields(&self) -> Option<&Map<String, Value>> {
        match self {
            Self::Json(parts) => parts.body.as_ref(),
            Self::Upload { fields, .. } => Some(fields),
        }
    }

    /// Method, path, query and body or form, exactly as they are sent.
    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Json(parts) => {
                let mut shown = json!({"method": parts.method.as_str(), "path": parts.path});
                if let Some(query) = &parts.query {
                    shown["query"] = json!(query);
                }
                if let Some(body) = &parts.body {
                    shown["body"] = json!(body);
                }
                shown
            }
            Self::Upload {
                method,
                path,
                file,
                fields,
            } => {
                json!({"method": method.as_str(), "path": path, "file": file, "fields": fields})
            }
        }
    }
}
