//! What a file is, by its first bytes and never by its name or by what a server says of it.

use infer::MatcherType;

/// How much of a file shows what it is.
pub(super) const SNIFFED: usize = 8 * 1024;

/// MIME type and usual ending.
///
/// # Errors
///
/// A sentence that names the security rule: only pictures, videos and PDF go out.
pub(super) fn kind(start: &[u8]) -> Result<(&'static str, &'static str), String> {
    if start.is_empty() {
        return Err("is empty".to_owned());
    }
    let found = infer::get(start);
    match found {
        Some(kind)
            if matches!(kind.matcher_type(), MatcherType::Image | MatcherType::Video)
                || kind.extension() == "pdf" =>
        {
            Ok((kind.mime_type(), kind.extension()))
        }
        _ => Err(format!(
            "is not a picture, a video or a PDF by its content{}; a security rule lets only these out, so that no other file leaves by this door",
            found
                .map(|kind| format!(" ({})", kind.mime_type()))
                .unwrap_or_default()
        )),
    }
}
