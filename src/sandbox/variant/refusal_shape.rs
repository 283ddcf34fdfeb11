//! Refusal shapes of a variant: the 422 of a handler in another of the usual forms.

use http::Method;
use serde_json::{Map, Value, json};

use super::{Refusal, Variant};
use crate::sandbox::api_response::{ApiResponse, ResponseBody};

impl Variant {
    /// A 422 under the variant's field names and in its form.
    pub(super) fn shape_refusal(
        &self,
        method: &Method,
        path_template: &str,
        mut response: ApiResponse,
    ) -> ApiResponse {
        let ResponseBody::Json(body) = response.body else {
            return response;
        };
        let renamed = self.renamed_fields(method, path_template);
        let rename = |(field, messages): (&String, &Value)| {
            let messages = messages.as_array();
            let is_prohibited = |text: &Value| {
                text.as_str()
                    .is_some_and(|text| text.contains("prohibited"))
            };
            let prohibited = messages.is_some_and(|messages| messages.iter().any(is_prohibited));
            // A field that is not known at all is named as it was sent.
            let theirs = renamed
                .iter()
                .find(|(_, ours)| ours == field && !prohibited);
            let theirs = theirs.map_or(field.as_str(), |(theirs, _)| theirs);
            let (old, new) = (field.replace('_', " "), theirs.replace('_', " "));
            let messages = messages.into_iter().flatten();
            let texts = messages.filter_map(|text| Some(text.as_str()?.replace(&old, &new)));
            (theirs.to_owned(), texts.collect())
        };
        let errors = body["errors"].as_object().into_iter().flatten().map(rename);
        let errors: Vec<(String, Vec<String>)> = errors.collect();
        let texts = || errors.iter().flat_map(|(_, texts)| texts.iter().cloned());
        let all: Vec<String> = texts().collect();
        let each = |to_json: &dyn Fn(&str, &str) -> Value| -> Value {
            let pairs = errors
                .iter()
                .flat_map(|(field, texts)| texts.iter().map(move |text| (field, text)));
            pairs.map(|(field, text)| to_json(field, text)).collect()
        };
        let map = |to_text: &dyn Fn(&str, &str) -> String| -> Value {
            let field = |(field, texts): &(String, Vec<String>)| {
                let texts = texts.iter().map(|text| to_text(field, text));
                (field.clone(), texts.collect::<Value>())
            };
            errors.iter().map(field).collect::<Map<_, _>>().into()
        };
        let message = all.join(" ");
        response.body = ResponseBody::Json(match self.refusal {
            Refusal::Map => json!({"message": message, "errors": map(&|_, text| text.to_owned())}),
            Refusal::MessageOnly => json!({ "message": message }),
            Refusal::Texts => json!({"message": "The given data was invalid.", "errors": all}),
            Refusal::Objects => {
                json!({"errors": each(&|field, text| json!({"field": field, "message": text}))})
            }
            Refusal::Pointers => json!({"errors": each(&|field, text| {
                let pointer = format!("/{}", field.replace('.', "/"));
                json!({"source": {"pointer": pointer}, "detail": text})
            })}),
            Refusal::Problem => {
                let content_type = "application/problem+json".to_owned();
                response
                    .headers
                    .push(("content-type".to_owned(), content_type));
                json!({
                    "type": "about:blank", "title": "Unprocessable Content", "status": 422, "detail": message,
                    "invalid-params": each(&|field, text| json!({"name": field, "reason": text})),
                })
            }
            Refusal::ErrorText => json!({ "error": message }),
            Refusal::Translated => json!({
                "message": "Die Angaben sind ungültig.",
                "errors": map(&|field, text| translated(field, text)),
            }),
            Refusal::Keys => json!({
                "message": "validation.failed",
                "errors": map(&|_, text| key(text).to_owned()),
            }),
        });
        response
    }
}

fn translated(field: &str, text: &str) -> String {
    match text.ends_with("is required.") {
        true => format!("{field} muss ausgefüllt werden."),
        false => format!("Der Wert von {field} ist ungültig."),
    }
}

fn key(text: &str) -> &'static str {
    match text {
        _ if text.ends_with("is required.") => "validation.required",
        _ if text.ends_with("is prohibited.") => "validation.prohibited",
        _ => "validation.invalid",
    }
}
