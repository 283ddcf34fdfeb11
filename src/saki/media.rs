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
        let media = Value::Object(reply.clone().into_one());
        if let (Some(id), Some(kind)) = (
            lenient_json::integer(&media, "id"),
            lenient_json::text(&media, "type"),
        ) {
            dialect.set_media_type(MediaId(id), &kind);
        }
        Ok(reply)
    }

    async fn upload_as(&self, field: &str, request: &UploadMedia) -> Result<Reply, Error> {
        let retryable = RetryableRequest::new(request, request_parts(request)?.path);
        let path = &retryable.path;
        let attempt = || async {
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

async fn multipart_form(field: &str, request: &UploadMedia) -> Result<Form, Error> {
    let unreadable = |error: std::io::Error| Error::InvalidRequest(error.to_string());
    let (body, length) = (request.file.open)().await.map_err(unreadable)?;
    let part = Part::stream_with_length(body, length)
        .file_name(request.file.name.clone())
        .mime_str(&request.file.mime)
        .map_err(|error| Error::InvalidRequest(error.to_string()))?;
    let mut form = Form::new();
    for (name, value) in &request.more {
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
    /// File to delete.
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
