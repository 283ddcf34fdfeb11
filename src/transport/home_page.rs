//! Home page at `/`: an HTML page for people, in which the address of the server is filled in.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderValue, header};
use sha2::{Digest, Sha256};

use super::listener::RequestPeer;
use super::public_url::PublicUrl;

/// What stands in the page where the address of the server belongs.
const ADDRESS: &str = "{{address}}";

/// An HTML page that loads nothing; `{{address}}` stands for the address of the server, such as `https://mcp.example.com`.
#[derive(Clone, Debug)]
pub struct HomePage {
    html: Arc<str>,
    /// It permits the page's own styles and scripts, and nothing else.
    security_policy: HeaderValue,
}

impl HomePage {
    /// A page whose `<style>` and `<script>` elements have no attributes and no address in them.
    pub fn new(html: String) -> Self {
        let policy = format!(
            "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            sources(&html, "style"),
            sources(&html, "script"),
        );
        Self {
            html: html.into(),
            // Base64 and the words above are characters that a header can carry.
            security_policy: HeaderValue::from_str(&policy)
                .unwrap_or(HeaderValue::from_static("default-src 'none'")),
        }
    }
}

/// The hashes of all elements of this name.
fn sources(html: &str, element: &str) -> String {
    let (start, end) = (format!("<{element}>"), format!("</{element}>"));
    let contents = html
        .split(&start)
        .skip(1)
        .filter_map(|rest| rest.split(&end).next());
    let hashes: Vec<String> = contents
        .map(|content| {
            let hash = BASE64_STANDARD.encode(Sha256::digest(content));
            format!("'sha256-{hash}'")
        })
        .collect();
    match hashes.is_empty() {
        true => "'none'".to_owned(),
        false => hashes.join(" "),
    }
}

struct Home {
    page: HomePage,
    public_url: Option<PublicUrl>,
}

/// The route `/`.
pub(super) fn routes(page: HomePage, public_url: Option<PublicUrl>) -> Router {
    Router::new()
        .route("/", get(show))
        .with_state(Arc::new(Home { page, public_url }))
}

async fn show(State(home): State<Arc<Home>>, request: Request) -> Response {
    let address = match &home.public_url {
        Some(url) => url.to_string(),
        None => address_of(&request),
    };
    let html = home.page.html.replace(ADDRESS, &escape(&address));
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            home.page.security_policy.clone(),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, html).into_response()
}

/// The address that the browser used.
fn address_of(request: &Request) -> String {
    let peer = request.extensions().get::<RequestPeer>();
    let scheme = match peer.is_some_and(|peer| peer.is_https) {
        true => "https",
        false => "http",
    };
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok());
    let in_uri = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    format!("{scheme}://{}", host.or(in_uri).unwrap_or("localhost"))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
