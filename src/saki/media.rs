//! Media: the multipart upload of files that posts show.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::dialect::negotiate;
use super::field_errors::FieldError;
use super::retry::RetryableRequest;
use super::{Client, Endpoint, Error, MediaId, Reply, lenient_json, request_parts};

/// An uploaded file, with the fields that a post shows of it (reference: posts.index).
#[derive(Debug, Serialize, JsonSchema)]
pub struct Media {
    /// Id of the file.
    pub id: MediaId,
    /// Kind of the file, e.g. "image".
    #[serde(rename = "type")]
    pub kind: String,
    /// Address of the file.
    pub url: String,
    /// MIME type.
    pub mime: String,
    /// Width in pixels.
    pub width: Option<u64>,
    /// Height in pixels.
    pub height: Option<u64>,
    /// Size in bytes.
    pub size: Option<u64>,
    /// Description for people who do not see the file.
    pub alt: Option<String>,
    /// Position among the media of the post.
    pub order: Option<u64>,
}

/// Uploads a file as `multipart/form-data`; the reference does not document the field name.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct UploadMedia {
    /// The file.
    #[serde(skip)]
    #[schemars(with = "String")]
    pub file: UploadFile,
    /// Further fields, sent as they are.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Endpoint for UploadMedia {
    type Response = Media;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/media";
}

/// A file that can be read from its start more than once, since an upload may be retried or sent under another field name.
#[derive(Clone)]
pub struct UploadFile {
    /// Plain ASCII name, without a path.
    pub name: String,
    /// MIME type.
    pub mime: String,
    /// Opens the content from its start.
    pub open: OpenBody,
}

/// Opens a body from its start, with its length in bytes.
pub type OpenBody = Arc<
    dyn Fn() -> Pin<Box<dyn Future<Output = std::io::Result<(reqwest::Body, u64)>> + Send>>
        + Send
        + Sync,
>;

impl fmt::Debug for UploadFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadFile")
            .field("name", &self.name)
            .field("mime", &self.mime)
            .finish_non_exhaustive()
    }
}

/// Common names of the upload field.
const FIELD_NAMES: [&str; 8] = [
    "file",
    "media",
    "files[]",
    "media[]",
    "image",
    "upload",
    "attachment",
    "video",
];

impl Client {
    /// Uploads a file under the field name that this Saki wants.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Error::InvalidRequest`] when the file cannot be read.
    pub async fn upload_media(&self, request: &UploadMedia) -> Result<Reply, Error> {
        let dialect = self.dialect();
        let known = dialect.learned().upload_field.clone();
        let preferred = known.unwrap_or_else(|| FIELD_NAMES[0].to_owned());
        let alternative = |errors: &[FieldError], sent: &String| Ok(other_field_name(errors, sent));
        let send = |field: String| async move { self.upload_as(&field, request).await };
        let (accepted, reply) = negotiate(preferred, alternative, send).await?;
        dialect.learned().upload_field = Some(accepted);
        if let Some((id, Some(kind))) = reply.body.as_ref().and_then(uploaded_file) {
            dialect.set_media_type(id, &kind);
        }
        Ok(reply)
    }

    async fn upload_as(&self, field: &str, request: &UploadMedia) -> Result<Reply, Error> {
        let retryable = RetryableRequest::new(request, request_parts(request)?.path);
        let path = &retryable.path;
        let attempt = || async {
            self.turn().await;
            let form = multipart_form(field, request).await?;
            let builder = self.request(&UploadMedia::METHOD, path, None)?;
            let builder = builder
                .multipart(form)
                .timeout(self.options().upload_timeout);
            self.round_trip(builder, UploadMedia::METHOD, path.clone())
                .await
        };
        retryable.run(&self.options().retry, attempt).await
    }
}

/// The id of an uploaded file and its type, in whatever envelope an answer has them.
pub fn uploaded_file(answer: &Value) -> Option<(MediaId, Option<String>)> {
    const FILE: [&str; 14] = [
        "data",
        "media",
        "file",
        "files",
        "result",
        "upload",
        "uploads",
        "attachment",
        "attachments",
        "image",
        "images",
        "video",
        "videos",
        "asset",
    ];
    match answer {
        Value::Array(rows) => match rows.as_slice() {
            [only] => uploaded_file(only),
            _ => None,
        },
        Value::Object(fields) => {
            let mut ids = ["id", "media_id", "file_id"]
                .iter()
                .filter_map(|name| lenient_json::integer(fields, name));
            match ids.next() {
                Some(id) => Some((MediaId(id), lenient_json::text(fields, "type"))),
                None => {
                    let by_id = || {
                        fields
                            .iter()
                            .find_map(|(name, file)| name.parse::<u64>().ok().map(|_| file))
                    };
                    let mut named = FILE.iter().filter_map(|name| fields.get(*name));
                    named
                        .find_map(uploaded_file)
                        .or_else(|| uploaded_file(by_id()?))
                }
            }
        }
        _ => None,
    }
}

async fn multipart_form(field: &str, request: &UploadMedia) -> Result<Form, Error> {
    let unreadable = |error: std::io::Error| Error::InvalidRequest(error.to_string());
    let (body, length) = (request.file.open)().await.map_err(unreadable)?;
    let part = Part::stream_with_length(body, length)
        .file_name(request.file.name.clone())
        .mime_str(&request.file.mime)
        .map_err(|error| Error::InvalidRequest(error.to_string()))?;
    let mut form = Form::new();
    for (name, value) in &request.more {
        // Another name would be sent as `name*=`, which PHP does not read, so the field would be lost in silence.
        if name.is_empty()
            || name.contains(|c: char| !c.is_ascii_alphanumeric() && !"_-.[]".contains(c))
        {
            let name = name.escape_debug();
            return Err(Error::InvalidRequest(format!(
                "a form cannot carry a field of the name \"{name}\"; use letters, digits, _ and -"
            )));
        }
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        form = form.text(name.clone(), text);
    }
    Ok(form.part(field.to_owned(), part))
}

/// The field name that a refusal requests for the file; never the one that was sent.
fn other_field_name(errors: &[FieldError], sent: &str) -> Option<String> {
    let bare = |name: &str| name.trim_end_matches("[]").to_owned();
    errors.iter().find_map(|field_error| {
        let mut segments = field_error.field.split('.');
        let root = segments.next()?;
        let wants_list = segments.next().is_some()
            || root == bare(sent) && FIELD_NAMES.contains(&format!("{root}[]").as_str());
        let name = if wants_list {
            format!("{root}[]")
        } else {
            root.to_owned()
        };
        let known = FIELD_NAMES.iter().any(|field| bare(field) == root);
        (known && name != sent && !(sent.ends_with("[]") && root == bare(sent))).then_some(name)
    })
}

/// Deletes a file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteMedia {
    /// File to delete: id from upload_media or a post's `media`.
    pub media_id: MediaId,
}

impl Endpoint for DeleteMedia {
    type Response = ();
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/media/{media_id}";
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case(json!({"id": 5, "type": "image"}), Some("image"))]
    #[case(json!({"data": {"id": "5"}}), None)]
    #[case(json!({"files": [{"id": 5, "type": "image"}]}), Some("image"))]
    #[case(json!({"data": {"media": [{"id": 5}]}}), None)]
    #[case(json!({"media_id": 5, "message": "Uploaded."}), None)]
    #[case(json!({"id": 5, "data": {"url": "https://…"}}), None)]
    #[case(json!({"success": true, "5": {"id": 5, "type": "image"}}), Some("image"))]
    #[case(json!([{"media": {"id": 5}}]), None)]
    fn the_id_of_a_file_is_found_in_any_envelope(
        #[case] answer: Value,
        #[case] kind: Option<&str>,
    ) {
        let found = uploaded_file(&answer);
        assert_eq!(found, Some((MediaId(5), kind.map(str::to_owned))));
    }

    #[rstest]
    #[case(json!({"message": "Uploaded.", "user": {"id": 5}}))]
    #[case(json!({"files": [{"id": 5}, {"id": 6}]}))]
    #[case(json!({"url": "https://…"}))]
    fn what_names_no_file_or_several_has_no_id(#[case] answer: Value) {
        assert_eq!(uploaded_file(&answer), None);
    }

    #[rstest]
    #[case("file", "media", Some("media"))]
    #[case("file", "files.0", Some("files[]"))]
    #[case("file", "files", Some("files"))]
    #[case("files", "files", Some("files[]"))]
    #[case("media", "media", Some("media[]"))]
    #[case("file", "file", None)]
    #[case("files[]", "files", None)]
    #[case("files[]", "files.0", None)]
    #[case("file", "alt", None)]
    fn a_refusal_names_the_field_that_the_file_is_wanted_under(
        #[case] sent: &str,
        #[case] refused: &str,
        #[case] next: Option<&str>,
    ) {
        let errors = [FieldError {
            field: refused.into(),
            message: "required".into(),
        }];
        assert_eq!(other_field_name(&errors, sent).as_deref(), next);
    }
}
