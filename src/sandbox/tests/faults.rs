use super::*;
use crate::sandbox::{Fault, Kind};
use std::time::{Duration, Instant};

const POSTS: &str = "/spaces/1/posts";

fn count(visit: &Visit) -> usize {
    visit.sandbox().state(|state| state.posts.len())
}

#[tokio::test]
async fn a_status_comes_instead_of_the_answer_and_its_headers_with_it() {
    let visit = Visit::seeded().await;
    let before = count(&visit);
    let fault = Fault::status(429)
        .header("Retry-After", "3")
        .header("X-RateLimit-Remaining", "0");
    visit
        .sandbox()
        .fault(fault.on(&Method::POST, "/spaces/{space_id}/posts"));
    let request = visit
        .request(Method::POST, POSTS)
        .json(&plan(&[11], None, "x"));
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["x-ratelimit-remaining"], "0");
    assert_eq!(
        (
            response.status().as_u16(),
            &response.headers()["retry-after"]
        ),
        (429, &"3".parse().unwrap())
    );
    assert_eq!(count(&visit), before);
    assert_eq!(visit.post(POSTS, plan(&[11], None, "x")).await.0, 201);
    assert_eq!(count(&visit), before + 1);
}

#[tokio::test]
async fn a_server_error_is_html_and_can_come_after_the_write() {
    let visit = Visit::seeded().await;
    let before = count(&visit);
    let kind = Kind::Status {
        status: 502,
        headers: Default::default(),
        body: None,
        after_write: true,
    };
    visit.sandbox().fault(Fault::new(kind));
    let (status, page) = visit.post(POSTS, plan(&[11], None, "x")).await;
    assert_eq!((status.as_u16(), count(&visit)), (502, before + 1));
    assert!(page.as_str().unwrap().contains("Bad Gateway"));
}

#[tokio::test]
async fn a_dropped_connection_sends_no_byte_and_the_next_call_is_well() {
    let visit = Visit::seeded().await;
    let before = count(&visit);
    // The connection is in use already, as in a real session.
    visit.get("/spaces").await;
    visit.sandbox().fault(Fault::new(Kind::DropBefore));
    let sent = visit
        .request(Method::POST, POSTS)
        .json(&plan(&[11], None, "x"))
        .send()
        .await;
    assert!(sent.unwrap_err().is_request());
    assert_eq!(count(&visit), before);
    visit.sandbox().fault(Fault::new(Kind::DropAfter));
    let sent = visit
        .request(Method::POST, POSTS)
        .json(&plan(&[11], None, "x"))
        .send()
        .await;
    assert!(sent.unwrap_err().is_request());
    assert_eq!(count(&visit), before + 1);
    assert_eq!(visit.get("/spaces").await.0, 200);
    let logged = visit.sandbox().log();
    let seen: Vec<_> = logged
        .iter()
        .map(|call| (call.fault.as_deref(), call.status))
        .collect();
    assert_eq!(
        seen,
        [
            (None, Some(200)),
            (Some("drop_before"), None),
            (Some("drop_after"), None),
            (None, Some(200))
        ]
    );
}

#[tokio::test]
async fn a_truncated_body_breaks_off_after_the_headers() {
    let visit = Visit::seeded().await;
    visit.sandbox().fault(Fault::new(Kind::Truncate));
    let mut response = visit
        .request(Method::POST, POSTS)
        .json(&plan(&[11], None, "x"))
        .send()
        .await
        .unwrap();
    let promised = response.content_length().unwrap();
    assert_eq!(response.status(), 201);
    let mut got = 0;
    let end = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => got += chunk.len() as u64,
            other => break other,
        }
    };
    assert!(
        end.is_err() && got > 0 && got < promised,
        "{end:?} {got} of {promised}"
    );
}

#[tokio::test]
async fn a_reply_can_be_empty_html_garbage_or_another() {
    let visit = Visit::seeded().await;
    let before = count(&visit);
    let other = Kind::Json {
        body: json!({"data": {"0": {"id": "7"}}}),
    };
    for kind in [Kind::Empty, Kind::Html, Kind::Garbage, other] {
        visit.sandbox().fault(Fault::new(kind));
    }
    let create = || visit.post(POSTS, plan(&[11], None, "x"));
    assert_eq!(create().await, (StatusCode::CREATED, json!("")));
    let (status, page) = create().await;
    assert!(status == 200 && page.as_str().unwrap().starts_with("<!DOCTYPE html>"));
    let (status, garbage) = create().await;
    assert!(status == 201 && garbage.is_string());
    assert_eq!(create().await.1, json!({"data": {"0": {"id": "7"}}}));
    assert_eq!(count(&visit), before + 4);
}

#[tokio::test]
async fn a_delay_before_the_write_is_lost_when_the_client_gives_up_and_one_after_it_is_not() {
    let visit = Visit::seeded().await;
    let before = count(&visit);
    let impatient = |after_write| {
        visit.sandbox().fault(Fault::new(Kind::Delay {
            ms: 400,
            after_write,
        }));
        let request = visit
            .request(Method::POST, POSTS)
            .json(&plan(&[11], None, "x"));
        request.timeout(Duration::from_millis(100)).send()
    };
    assert!(impatient(false).await.unwrap_err().is_timeout());
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(count(&visit), before);
    assert!(impatient(true).await.unwrap_err().is_timeout());
    assert_eq!(count(&visit), before + 1);
}

#[tokio::test]
async fn a_delay_delays() {
    let visit = Visit::seeded().await;
    visit.sandbox().fault(Fault::new(Kind::Delay {
        ms: 150,
        after_write: false,
    }));
    let start = Instant::now();
    assert_eq!(visit.get("/spaces").await.0, 200);
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_router_that_somebody_else_serves_breaks_the_connection_too() {
    let visit = Visit::seeded().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/spaces", listener.local_addr().unwrap());
    let router = visit.sandbox().router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let get = || async {
        let request = visit.http.get(&url).bearer_auth("sk_sandbox");
        let response = request.header("accept", "application/json").send().await?;
        response.bytes().await
    };
    visit.sandbox().fault(Fault::new(Kind::DropBefore));
    assert!(get().await.is_err());
    assert!(!get().await.unwrap().is_empty());
}
