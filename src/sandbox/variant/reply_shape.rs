//! Reply shapes of a variant: the envelope around a resource, a list, or nothing.

use http::Method;
use serde_json::{Map, Value, json};

use super::{
    DeleteReply, ListOrder, ListShape, RefusalMark, ShowReply, SubscriptionShape, Variant,
    WriteReply,
};
use crate::sandbox::api_response::{ApiResponse, ResponseBody};

const MESSAGE: &str = "The action was successful.";

impl Variant {
    /// The reply of a handler in this variant's shape.
    pub(in crate::sandbox) fn shape_reply(
        &self,
        method: &Method,
        path_template: &str,
        mut response: ApiResponse,
    ) -> ApiResponse {
        if *self == Self::default() {
            return response;
        }
        if response.status == 422 {
            response = self.shape_refusal(method, path_template, response);
        }
        if [403, 404, 422].contains(&response.status) {
            return self.mark_refusal(response);
        }
        if response.status >= 300 {
            return response;
        }
        if path_template == "/subscription" {
            if let ResponseBody::Json(body) = &mut response.body {
                *body = self.subscription(body.take());
            }
            return response;
        }
        let name = resource_name(path_template);
        let is_list = *method == Method::GET && !path_template.ends_with('}');
        if let ResponseBody::Json(body) = &mut response.body {
            self.shape_resources(body, is_list);
        }
        let answers_with_posts = *method == Method::POST && name == "post" || name == "cluster";
        match (method.as_str(), response.body) {
            (_, ResponseBody::Json(body)) if answers_with_posts => {
                response.body = ResponseBody::Json(body)
            }
            ("GET", ResponseBody::Json(body)) if is_list => {
                response.body = ResponseBody::Json(self.list(name, body));
            }
            ("GET", ResponseBody::Json(body)) => {
                response.body = ResponseBody::Json(self.shown(name, unwrapped(body)));
            }
            ("DELETE", _) => return self.deleted(response.status),
            (_, ResponseBody::Json(body)) => response.body = self.written(name, unwrapped(body)),
            (_, other) => response.body = other,
        }
        response
    }

    fn shown(&self, name: &str, resource: Value) -> Value {
        match self.show_reply {
            ShowReply::Data => json!({ "data": resource }),
            ShowReply::Bare => resource,
            ShowReply::DataAndMessage => json!({"data": resource, "message": MESSAGE}),
            ShowReply::SuccessAndData => json!({"success": true, "data": resource}),
            ShowReply::Named => json!({ name: resource }),
            ShowReply::ListOfOne => json!([resource]),
            ShowReply::DataListOfOne => json!({"data": [resource]}),
            ShowReply::KeyedById => json!({"data": by_id(vec![resource], |resource| resource)}),
        }
    }

    fn written(&self, name: &str, resource: Value) -> ResponseBody {
        let id = resource.get("id").cloned();
        ResponseBody::Json(match self.write_reply {
            WriteReply::AsShown => self.shown(name, resource),
            WriteReply::MessageAndId => json!({"message": MESSAGE, "id": id}),
            WriteReply::OnlyId => json!({"data": {"id": id}}),
            // Without its id a new file could not be used at all.
            _ if name == "media" => self.shown(name, resource),
            WriteReply::OnlyMessage => json!({"message": MESSAGE}),
            WriteReply::EmptyObject => json!({}),
            WriteReply::Nothing => return ResponseBody::Empty,
        })
    }

    fn deleted(&self, status: u16) -> ApiResponse {
        match self.delete_reply {
            DeleteReply::Nothing => ApiResponse::empty(status),
            DeleteReply::EmptyObject => ApiResponse::json(200, json!({})),
            DeleteReply::OnlyMessage => ApiResponse::json(200, json!({"message": MESSAGE})),
            DeleteReply::Success => ApiResponse::json(200, json!({"success": true})),
            DeleteReply::Deleted => ApiResponse::json(200, json!({"deleted": true})),
            DeleteReply::DataTrue => ApiResponse::json(200, json!({"data": true})),
            DeleteReply::DataNull => ApiResponse::json(200, json!({"data": null})),
        }
    }

    fn subscription(&self, mut body: Value) -> Value {
        match self.subscription_shape {
            SubscriptionShape::Bare => return body,
            SubscriptionShape::Data => return json!({ "data": body }),
            SubscriptionShape::SuccessAndData => return json!({"success": true, "data": body}),
            SubscriptionShape::Named => return json!({ "subscription": body }),
            SubscriptionShape::PlanObject => {
                body["plan"] = json!({"id": 3, "name": body["plan"].take()});
            }
            SubscriptionShape::Texts => map_leaves(&mut body, &|leaf| match leaf {
                Value::Bool(flag) => json!(u8::from(*flag).to_string()),
                Value::Number(number) => json!(number.to_string()),
                other => other.clone(),
            }),
            SubscriptionShape::Unlimited => map_leaves(&mut body, &|leaf| match leaf {
                Value::Number(_) => Value::Null,
                other => other.clone(),
            }),
        }
        body
    }

    /// Marks a refusal; from here on its status may be 200.
    fn mark_refusal(&self, mut response: ApiResponse) -> ApiResponse {
        let ResponseBody::Json(body) = &mut response.body else {
            return response;
        };
        match self.refusal_mark {
            RefusalMark::Status => return response,
            RefusalMark::SuccessFalse => body["success"] = json!(false),
            RefusalMark::StatusError => body["status"] = json!("error"),
            RefusalMark::OnlyErrors if body.get("errors").or(body.get("error")).is_some() => {}
            RefusalMark::OnlyErrors => {
                let words = body.get("message").or(body.get("detail")).cloned();
                *body = json!({"errors": [words]});
            }
        }
        response.status = 200;
        response
    }

    fn list(&self, name: &str, mut body: Value) -> Value {
        let mut rows = match body.get_mut("data").map(Value::take) {
            Some(Value::Array(rows)) => rows,
            _ => Vec::new(),
        };
        let meta = body.get("meta").cloned();
        if self.list_order == ListOrder::Reversed && meta.is_none() {
            rows.reverse();
        }
        let named = matches!(name, "space" | "board");
        match (self.list_shape, meta) {
            (ListShape::Bare, None) => rows.into(),
            (ListShape::FlatPaginator, Some(meta)) => with_rows(meta, rows),
            (ListShape::NestedPaginator, Some(meta)) => json!({"data": with_rows(meta, rows)}),
            (ListShape::DataItems, meta) => json!({"data": {"items": rows}, "meta": meta}),
            (ListShape::Named, meta) => json!({plural(name): rows, "meta": meta}),
            (ListShape::NumericKeys, None) => {
                let numbered = rows.into_iter().enumerate();
                let numbered = numbered.map(|(index, row)| (index.to_string(), row));
                json!({"data": numbered.collect::<Map<_, _>>()})
            }
            (ListShape::KeyedById, None) if rows.iter().all(|row| row.get("id").is_some()) => {
                json!({"data": by_id(rows, |row| row)})
            }
            (ListShape::NamesById, None) if named => {
                json!({"data": by_id(rows, name_of)})
            }
            (ListShape::BareNamesById, None) if named => by_id(rows, name_of).into(),
            (ListShape::Simple, Some(meta)) => {
                let more = meta["current_page"].as_u64() < meta["last_page"].as_u64();
                json!({"data": rows, "next_page_url": more.then_some("https://app.usesaki.com/next")})
            }
            (_, None) => json!({ "data": rows }),
            (_, Some(_)) => {
                body["data"] = rows.into();
                body
            }
        }
    }
}

/// The rows of a page beside its numbers.
fn with_rows(mut meta: Value, rows: Vec<Value>) -> Value {
    meta["data"] = rows.into();
    meta
}

fn map_leaves(value: &mut Value, change: &impl Fn(&Value) -> Value) {
    match value {
        Value::Object(fields) => {
            for value in fields.values_mut() {
                map_leaves(value, change);
            }
        }
        leaf => *leaf = change(leaf),
    }
}

/// Rows as a map with their ids as keys.
fn by_id(rows: Vec<Value>, value: impl Fn(Value) -> Value) -> Map<String, Value> {
    let entry = |row: Value| {
        let id = row["id"]
            .as_str()
            .map_or_else(|| row["id"].to_string(), str::to_owned);
        (id, value(row))
    };
    rows.into_iter().map(entry).collect()
}

fn name_of(mut row: Value) -> Value {
    let name = if row["name"].is_null() {
        "title"
    } else {
        "name"
    };
    row[name].take()
}

/// The resource without its envelope.
fn unwrapped(mut body: Value) -> Value {
    body.get_mut("data").map_or(Value::Null, Value::take)
}

/// The resource that an endpoint is about, in the singular.
pub(super) fn resource_name(path_template: &str) -> &'static str {
    let mut segments = path_template.rsplit('/');
    let last = segments.find(|segment| !segment.starts_with('{') && *segment != "activate");
    match last {
        Some("spaces") => "space",
        Some("posts") => "post",
        Some("clusters") => "cluster",
        Some("accounts") => "account",
        Some("boards") => "board",
        Some("slots") => "slot",
        Some("webhooks") => "webhook",
        Some("queue") => "queue",
        _ => "media",
    }
}

fn plural(name: &str) -> String {
    match name {
        "queue" => name.to_owned(),
        _ => format!("{name}s"),
    }
}
