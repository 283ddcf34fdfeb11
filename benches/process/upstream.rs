//! A fake Saki that answers every request at once, and counts uploaded bytes.
//!
//! Below the address of a [`World`], each space has so many posts and accounts.

use std::convert::Infallible;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};

/// Bytes of request bodies received so far.
pub(crate) static RECEIVED: AtomicU64 = AtomicU64::new(0);

/// Size of the video that is uploaded.
pub(crate) const VIDEO_SIZE: u64 = 300 * 1024 * 1024;
/// Its first bytes.
pub(crate) const VIDEO_HEADER: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";

const SUBSCRIPTION: &str = r#"{"plan":"team","is_gifted":false,"limits":{"max_spaces":10,"max_posts_per_month":500,"has_analytics":true,"remaining_spaces":8,"remaining_posts":473,"posts_this_month":27},"trial":{"on_trial":false,"ends_at":null},"cancelled":false,"ends_at":null}"#;

/// How much a Saki holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct World {
    pub(crate) spaces: u64,
    /// Of each space.
    pub(crate) accounts: u64,
    /// Of each space.
    pub(crate) posts: u64,
    pub(crate) posts_per_page: u64,
}

impl World {
    /// The address of a Saki that holds so much.
    pub(crate) fn address(self, upstream: &str) -> String {
        let Self {
            spaces,
            accounts,
            posts,
            posts_per_page,
        } = self;
        format!("{upstream}/world/{spaces}/{accounts}/{posts}/{posts_per_page}")
    }
}

static SMALL_PAGE: LazyLock<Bytes> = LazyLock::new(|| page(1..16, 1, 1).into());
static LARGE_PAGE: LazyLock<Bytes> = LazyLock::new(|| page(1..12_001, 1, 1).into());

/// Starts it in its own thread and returns its address.
pub(crate) fn start() -> anyhow::Result<String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = format!("http://{}", listener.local_addr()?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    std::thread::spawn(move || runtime.block_on(serve(listener)));
    Ok(address)
}

async fn serve(listener: std::net::TcpListener) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let connection =
            http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer));
        tokio::spawn(connection);
    }
}

async fn answer(
    request: Request<Incoming>,
) -> Result<Response<BoxBody<Bytes, Infallible>>, Infallible> {
    if request.uri().path() == "/film.mp4" {
        return Ok(Response::new(video()));
    }
    let body = match request.uri().path() {
        "/spaces/1/posts" => SMALL_PAGE.clone(),
        "/spaces/2/posts" => LARGE_PAGE.clone(),
        "/spaces" => list((1..=2).map(space)).into(),
        "/spaces/1/accounts" | "/spaces/2/accounts" => list((11..13).map(account)).into(),
        path => match path.strip_prefix("/world/") {
            Some(rest) => in_world(rest, request.uri().query()).into(),
            None => Bytes::from_static(SUBSCRIPTION.as_bytes()),
        },
    };
    let mut body_received = request.into_body();
    while let Some(Ok(frame)) = body_received.frame().await {
        if let Some(data) = frame.data_ref() {
            RECEIVED.fetch_add(data.len() as u64, Ordering::Relaxed);
        }
    }
    let mut response = Response::new(Full::new(body).boxed());
    response.headers_mut().insert(
        hyper::header::CONTENT_TYPE,
        hyper::header::HeaderValue::from_static("application/json"),
    );
    Ok(response)
}

/// A video of 300 MiB, as a web host sends it.
fn video() -> BoxBody<Bytes, Infallible> {
    const CHUNK: usize = 64 * 1024;
    let mut start = VIDEO_HEADER.to_vec();
    start.resize(CHUNK, 0);
    let rest = std::iter::repeat_n(Bytes::from(vec![0; CHUNK]), VIDEO_SIZE as usize / CHUNK - 1);
    let chunks = std::iter::once(Bytes::from(start)).chain(rest);
    let chunks = chunks.map(|chunk| Ok(Frame::data(chunk)));
    BodyExt::boxed(StreamBody::new(futures::stream::iter(chunks)))
}

/// The answer to what follows `/world/` in a path.
fn in_world(path: &str, query: Option<&str>) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    let counts: Vec<u64> = parts.iter().take(4).flat_map(|part| part.parse()).collect();
    let &[spaces, accounts, posts, posts_per_page] = &*counts else {
        return SUBSCRIPTION.to_owned();
    };
    match &parts[4..] {
        ["spaces"] => list((1..=spaces).map(space)),
        ["spaces", _, "accounts"] => list((11..11 + accounts).map(account)),
        ["spaces", _, "posts"] => {
            let pairs = query.unwrap_or_default().split('&');
            let mut asked = pairs.filter_map(|pair| pair.strip_prefix("page=")?.parse().ok());
            let number: u64 = asked.next_back().unwrap_or(1);
            let first = (number - 1) * posts_per_page + 1;
            let last = posts.div_ceil(posts_per_page).max(1);
            page(first..(first + posts_per_page).min(posts + 1), number, last)
        }
        ["spaces", _, _] => list(std::iter::empty()),
        _ => SUBSCRIPTION.to_owned(),
    }
}

fn list(rows: impl Iterator<Item = Value>) -> String {
    json!({"data": rows.collect::<Vec<_>>()}).to_string()
}

fn space(id: u64) -> Value {
    json!({"id": id, "name": format!("Space {id}"), "timezone": "Europe/Berlin"})
}

fn account(id: u64) -> Value {
    json!({"id": id, "name": "Acme Bakery", "handle": format!("@acme{id}"), "social": "instagram", "is_active": true})
}

/// A page of posts as Saki prints them: 15 rows are 11 kB, 12,000 are 9 MB.
fn page(ids: std::ops::Range<u64>, number: u64, last: u64) -> String {
    let post = |id: u64| {
        json!({
            "id": id, "content": "New season, new flavours: come and taste our plum cake on Saturday at the market.",
            "status": 1, "order": 0, "scheduled_at": "2027-04-10T07:00:00.000000Z", "published_at": null,
            "metadata": {"board": "cakes", "title": "Plum cake"}, "imported": false,
            "cluster_id": "9b2f4c0e-5a41-4c2b-8a51-0d4f7f1c3e21", "parent_id": null, "user_id": 3, "account_id": 11,
            "created_at": "2027-04-01T08:00:00.000000Z", "updated_at": "2027-04-02T09:30:00.000000Z",
            "analytics": {"likes": 12, "shares": 3},
            "account": account(11),
            "children": [], "media": [{"id": 5, "type": "image", "url": "https://cdn.example/5.jpg", "mime": "image/jpeg", "width": 1080, "height": 1080}],
        })
    };
    let rows: Vec<_> = ids.map(post).collect();
    let meta = json!({"current_page": number, "last_page": last, "per_page": rows.len(), "total": last * rows.len() as u64});
    json!({"data": rows, "links": {"first": "https://saki.example/api?page=1"}, "meta": meta})
        .to_string()
}
