//! Uploaded files in the sandbox: their facts are kept, their bytes are not.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::call::{Call, Row, stamp};
use super::intake::Upload;
use super::route::Routes;
use super::store::State;
use crate::saki;

/// An uploaded file.
#[derive(Debug, Clone)]
pub struct Media {
    /// Id of the file.
    pub id: u64,
    /// Kind of the file: `image`, `video` or `document`.
    pub kind: String,
    /// Name of the file, as it was uploaded.
    pub name: String,
    /// MIME type, as the upload named it.
    pub mime: String,
    /// Width in pixels, where the first bytes show it.
    pub width: Option<u64>,
    /// Height in pixels, where the first bytes show it.
    pub height: Option<u64>,
    /// Size in bytes.
    pub size: u64,
    /// Description for people who do not see the file.
    pub alt: Option<String>,
    /// When the file was uploaded.
    pub created_at: Timestamp,
}

impl Row for Media {
    const MODEL: &'static str = "Media";
    fn space_id(&self) -> Option<u64> {
        None
    }
}

pub(super) fn mount(routes: &mut Routes) {
    routes.mount::<saki::media::UploadMedia>(upload);
    routes.mount::<saki::media::DeleteMedia>(delete);
}

/// A file as it stands in a post, at a place among the others.
pub(super) fn show(media: &Media, order: usize) -> Value {
    json!({
        "id": media.id, "type": media.kind,
        "url": format!("https://media.saki.example/{}/{}", media.id, media.name),
        "mime": media.mime, "width": media.width, "height": media.height, "size": media.size,
        "alt": media.alt, "order": order,
    })
}

fn upload(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let file = wanted(call)?;
    let alt = call.body.get("alt").and_then(Value::as_str);
    let (width, height) = dimensions(&file.head).unzip();
    let id = state.media.add(|id| Media {
        id,
        kind: kind(&file.mime).to_owned(),
        name: file.filename.clone(),
        mime: file.mime.clone(),
        width,
        height,
        size: file.size,
        alt: alt.map(str::to_owned),
        created_at: call.now,
    });
    let mut shown = state
        .media
        .get(id)
        .map_or(Value::Null, |media| show(media, 0));
    shown["created_at"] = stamp(call.now);
    Ok(Answer::created(shown))
}

/// The file under the name that is wanted; PHP reads `files[]` as a list named `files`.
fn wanted(call: &Call) -> Result<&Upload, Refusal> {
    let wanted = call.options.upload_field.as_str();
    let (root, is_list) = match wanted.strip_suffix("[]") {
        Some(root) => (root, true),
        None => (wanted, false),
    };
    if let Some(file) = call.uploads.iter().find(|file| file.field == wanted) {
        return Ok(file);
    }
    let one_of_them = |file: &Upload| file.field.trim_end_matches("[]") == root;
    let is_text = call.body.get(root).is_some_and(|text| !text.is_null());
    let is_there = is_text || call.uploads.iter().any(one_of_them);
    let what = match (is_there, is_list) {
        (false, _) => "is required",
        (true, true) => "must be an array",
        (true, false) => "must be a file",
    };
    let message = format!("The {} field {what}.", root.replace('_', " "));
    Err(Refusal::of(root, message))
}

fn kind(mime: &str) -> &'static str {
    match mime.split('/').next() {
        Some("image") => "image",
        Some("video") => "video",
        _ => "document",
    }
}

/// Width and height of a PNG or GIF, which stand in its first bytes.
fn dimensions(head: &[u8]) -> Option<(u64, u64)> {
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

fn delete(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let id = call.find(&state.media, "media_id")?.id;
    state.media.remove(id);
    for post in state.posts.values_mut() {
        post.media.retain(|media_id| *media_id != id);
    }
    Ok(Answer::nothing(204))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_of_a_png_or_gif_show_its_dimensions() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\xb0\0\0\x02\x76";
        assert_eq!(dimensions(png), Some((1200, 630)));
        assert_eq!(dimensions(b"GIF89a\x40\x01\xf0\x00"), Some((320, 240)));
        assert_eq!(dimensions(b"\xff\xd8\xff\xe0 a photo"), None);
    }
}
