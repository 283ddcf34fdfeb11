//! A fake Saki that answers every request at once with a fixed body, and counts uploaded bytes.

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
use serde_json::json;

/// Bytes of request bodies received so far.
pub(crate) static RECEIVED: AtomicU64 = AtomicU64::new(0);

/// Size of the video that is uploaded.
pub(crate) const VIDEO_SIZE: u64 = 300 * 1024 * 1024;
/// Its first bytes.
pub(crate) const VIDEO_HEADER: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";

const SUBSCRIPTION: &str = r#"{"plan":"team","is_gifted":false,"limits":{"max_spaces":10,"max_posts_per_month":500,"has_analytics":true,"remaining_spaces":8,"remaining_posts":473,"posts_this_month":27},"trial":{"on_trial":false,"ends_at":null},"cancelled":false,"ends_at":null}"#;

static SMALL_PAGE: LazyLock<Bytes> = LazyLock::new(|| page(15));
static LARGE_PAGE: LazyLock<Bytes> = LazyLock::new(|| page(12_000));

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
        _ => Bytes::from_static(SUBSCRIPTION.as_bytes()),
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

/// A page of posts as Saki prints them: 15 rows are 11 kB, 12,000 are 9 MB.
fn page(rows: u64) -> Bytes {
    let post = |id: u64| {
        json!({
            "id": id, "content": "New season, new flavours: come and taste our plum cake on Saturday at the market.",
            "status": 1, "order": 0, "scheduled_at": "2027-04-10T07:00:00.000000Z", "published_at": null,
            "metadata": {"board": "cakes", "title": "Plum cake"}, "imported": false,
            "cluster_id": "9b2f4c0e-5a41-4c2b-8a51-0d4f7f1c3e21", "parent_id": null, "user_id": 3, "account_id": 11,
            "created_at": "2027-04-01T08:00:00.000000Z", "updated_at": "2027-04-02T09:30:00.000000Z",
            "analytics": {"likes": 12, "shares": 3},
            "account": {"id": 11, "name": "Acme Bakery", "handle": "@acme", "social": "instagram", "is_active": true},
            "children": [], "media": [{"id": 5, "type": "image", "url": "https://cdn.example/5.jpg", "mime": "image/jpeg", "width": 1080, "height": 1080}],
        })
    };
    let rows: Vec<_> = (1..=rows).map(post).collect();
    let meta = json!({"current_page": 1, "last_page": 4, "per_page": 15, "total": 60});
    let page =
        json!({"data": rows, "links": {"first": "https://saki.example/api?page=1"}, "meta": meta});
    page.to_string().into()
}
