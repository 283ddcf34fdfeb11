//! Share links: addresses of file services that lead to a page about the file, and how to get the file itself.

use url::Url;

/// How to get a direct URL for a link that led to a web page.
pub(super) fn direct_url(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let is_of = |domain: &str| {
        let rest = host.strip_suffix(domain);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if is_of("drive.google.com") || is_of("docs.google.com") {
        return match drive_id(url) {
            Some(id) => format!(
                "pass https://drive.google.com/uc?export=download&id={id}, and share the file with anyone who has the link"
            ),
            None => "share the file itself, not its folder, and pass https://drive.google.com/uc?export=download&id=FILE_ID".to_owned(),
        };
    }
    let how = if is_of("dropbox.com") {
        "pass the same link with `dl=1` instead of `dl=0`"
    } else if is_of("1drv.ms") || is_of("onedrive.live.com") || is_of("sharepoint.com") {
        "pass the same link with `download=1` added to its query"
    } else if is_of("github.com") {
        "pass the link of \"Raw\" on that page"
    } else if is_of("icloud.com") || is_of("photos.app.goo.gl") || is_of("photos.google.com") {
        "this service has no direct links, so download the file and pass its `path` or its content as `data`"
    } else {
        "pass the direct link of the file, e.g. \"copy image address\" on that page, or download it and pass its `path` or its content as `data`"
    };
    how.to_owned()
}

/// The id of a file in `/file/d/ID/view` or `?id=ID`.
fn drive_id(url: &Url) -> Option<String> {
    let mut segments = url.path_segments()?;
    let in_path = segments
        .find(|segment| *segment == "d")
        .and_then(|_| segments.next());
    let in_query = || {
        url.query_pairs()
            .find(|(name, _)| name == "id")
            .map(|(_, id)| id.into_owned())
    };
    let id = in_path.map(str::to_owned).or_else(in_query)?;
    let is_plain = id
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    (is_plain && !id.is_empty()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        "https://drive.google.com/file/d/1a-B_c/view?usp=sharing",
        "export=download&id=1a-B_c,"
    )]
    #[case("https://drive.google.com/open?id=1aB", "export=download&id=1aB,")]
    #[case("https://drive.google.com/drive/folders/1aB", "id=FILE_ID")]
    #[case("https://drive.google.com/open?id=a%20%3Cb", "id=FILE_ID")]
    #[case("https://www.dropbox.com/s/x/a.png?dl=0", "`dl=1`")]
    #[case("https://acme.sharepoint.com/:i:/g/x", "`download=1`")]
    #[case("https://github.com/a/b/blob/main/a.png", "\"Raw\"")]
    #[case("https://www.icloud.com/iclouddrive/x", "no direct links")]
    #[case("https://notdropbox.com/a", "direct link of the file")]
    fn a_share_link_is_explained_by_its_service(#[case] url: &str, #[case] how: &str) {
        let text = direct_url(&url.parse().unwrap());
        assert!(text.contains(how), "{text}");
    }
}
