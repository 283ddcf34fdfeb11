//! Uploaded media in the sandbox: upload and delete; the bytes of a file are not kept.

use serde_json::{Value, json};

use super::api_request::ApiRequest;
use super::api_response::{ApiError, ApiResponse, HandlerResult, timestamp_json};
use super::body_parser::MultipartFile;
use super::database::Database;
use super::records::StoredMedia;
use super::route_table::RouteTable;
use crate::saki;

pub(super) fn mount(routes: &mut RouteTable) {
    routes.mount::<saki::media::UploadMedia>(upload);
    routes.mount::<saki::media::DeleteMedia>(delete);
}

/// The file inside of a post, with its position among the post's media.
pub(super) fn media_json(media: &StoredMedia, order: usize) -> Value {
    json!({
        "id": media.id, "type": media.kind,
        "url": format!("https://media.saki.example/{}/{}", media.id, media.name),
        "mime": media.mime, "width": media.width, "height": media.height, "size": media.size,
        "alt": media.alt, "order": order,
    })
}

fn upload(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let file = uploaded_file(request)?;
    let alt = request.body.get("alt").and_then(Value::as_str);
    let (width, height) = image_dimensions(&file.head).unzip();
    let media = db.media.insert(|id| StoredMedia {
        id,
        kind: media_kind(&file.mime).to_owned(),
        name: file.filename.clone(),
        mime: file.mime.clone(),
        width,
        height,
        size: file.size,
        alt: alt.map(str::to_owned),
        created_at: request.now,
    });
    let mut json = media_json(media, 0);
    json["created_at"] = timestamp_json(media.created_at);
    Ok(ApiResponse::created(json))
}

/// The file in the expected form field; PHP parses `files[]` as a list named `files`.
fn uploaded_file(request: &ApiRequest) -> Result<&MultipartFile, ApiError> {
    let field = request.options.upload_field.as_str();
    let (name, is_list) = match field.strip_suffix("[]") {
        Some(name) => (name, true),
        None => (field, false),
    };
    if let Some(file) = request.uploads.iter().find(|file| file.field == field) {
        return Ok(file);
    }
    let has_text = request.body.get(name).is_some_and(|text| !text.is_null());
    let has_other_form = |file: &MultipartFile| file.field.trim_end_matches("[]") == name;
    let is_sent = has_text || request.uploads.iter().any(has_other_form);
    let rule = match (is_sent, is_list) {
        (false, _) => "is required",
        (true, true) => "must be an array",
        (true, false) => "must be a file",
    };
    let message = format!("The {} field {rule}.", name.replace('_', " "));
    Err(ApiError::validation(name, message))
}

fn media_kind(mime: &str) -> &'static str {
    match mime.split('/').next() {
        Some("image") => "image",
        Some("video") => "video",
        _ => "document",
    }
}

/// Width and height of a PNG or GIF, from its header.
fn image_dimensions(head: &[u8]) -> Option<(u64, u64)> {
    if head.starts_with(b"\x89PNG\r\n\x1a\n") && head.len() >= 24 {
        let number = |at: usize| {
            head[at..at + 4]
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
        };
        return Some((number(16), number(20)));
    }
    if head.starts_with(b"GIF8") && head.len() >= 10 {
        let number = |at: usize| u64::from(head[at]) | u64::from(head[at + 1]) << 8;
        return Some((number(6), number(8)));
    }
    None
}

fn delete(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let id = request.find(&db.media, "media_id")?.id;
    db.media.remove(id);
    for post in db.posts.values_mut() {
        post.media.retain(|media_id| *media_id != id);
    }
    Ok(ApiResponse::empty(204))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_of_a_png_or_gif_has_its_dimensions() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\xb0\0\0\x02\x76";
        assert_eq!(image_dimensions(png), Some((1200, 630)));
        assert_eq!(
            image_dimensions(b"GIF89a\x40\x01\xf0\x00"),
            Some((320, 240))
        );
        assert_eq!(image_dimensions(b"\xff\xd8\xff\xe0 a photo"), None);
    }
}
