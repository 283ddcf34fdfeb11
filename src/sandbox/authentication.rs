//! Authentication: the bearer key, and whether the client expects JSON rather than a login page.

use super::api_response::ApiError;

/// Checks the `Authorization` header; without an `accepted_key`, any non-empty key is valid.
pub(super) fn authenticate(
    authorization: Option<&str>,
    accepted_key: Option<&str>,
) -> Result<(), ApiError> {
    let key = match authorization.and_then(|header| header.split_once(' ')) {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
        _ => "",
    };
    if key.is_empty() || accepted_key.is_some_and(|accepted| accepted != key) {
        return Err(ApiError::Unauthenticated);
    }
    Ok(())
}

/// Whether the first type in the `Accept` header is JSON; Laravel ignores the others.
pub(super) fn expects_json(accept: Option<&str>) -> bool {
    let first = accept.and_then(|types| types.split([',', ';']).next());
    first.is_some_and(|kind| kind.contains("/json") || kind.contains("+json"))
}
