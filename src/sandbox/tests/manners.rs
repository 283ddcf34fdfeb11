use super::*;
use rstest::rstest;

#[rstest]
#[case::no_key(None)]
#[case::empty("Bearer ".into())]
#[case::other_scheme("Basic abc".into())]
#[tokio::test]
async fn a_call_without_a_key_is_unauthenticated(#[case] key: Option<&str>) {
    let visit = Visit::seeded().await;
    let url = format!("{}/spaces", visit.running.base_url);
    let mut request = visit.http.get(url).header("accept", "application/json");
    if let Some(key) = key {
        request = request.header("authorization", key);
    }
    let expected = (
        StatusCode::UNAUTHORIZED,
        json!({"message": "Unauthenticated."}),
    );
    assert_eq!(answer(request).await, expected);
    assert_eq!(visit.get("/spaces").await.0, 200);
}

#[tokio::test]
async fn a_key_can_be_set_and_then_no_other_is_taken() {
    let with = |key: &str| {
        Visit::to(SandboxOptions {
            key: Some(key.into()),
            ..Default::default()
        })
    };
    assert_eq!(with("sk_other").await.get("/spaces").await.0, 401);
    assert_eq!(with("sk_sandbox").await.get("/spaces").await.0, 200);
}

#[rstest]
#[case(None)]
#[case(Some("*/*"))]
#[case(Some("text/html, application/json"))]
#[tokio::test]
async fn who_does_not_ask_for_json_is_sent_to_the_login_page(#[case] accept: Option<&str>) {
    let visit = Visit::seeded().await;
    let url = format!("{}/spaces", visit.running.base_url);
    let mut request = visit.http.get(url).bearer_auth("sk_sandbox");
    if let Some(accept) = accept {
        request = request.header("accept", accept);
    }
    let response = request.send().await.unwrap();
    let login = format!("{}/login", visit.running.origin);
    assert_eq!(response.status(), 302);
    assert_eq!(response.headers()["location"], login.as_str());
    assert!(response.text().await.unwrap().contains("<html"));
}

#[tokio::test]
async fn what_does_not_exist_is_not_found_in_three_ways() {
    let visit = Visit::seeded().await;
    let row = "No query results for model [App\\Models\\Space] 77";
    assert_eq!(
        visit.get("/spaces/77").await,
        (StatusCode::NOT_FOUND, json!({"message": row}))
    );
    let route = "The route api/nope could not be found.";
    assert_eq!(
        visit.get("/nope").await,
        (StatusCode::NOT_FOUND, json!({"message": route}))
    );
    let (status, page) = answer(
        visit
            .http
            .get(format!("{}/v1/spaces", visit.running.origin)),
    )
    .await;
    assert_eq!(status, 404);
    assert!(page.as_str().unwrap().contains("<html"));
}

#[tokio::test]
async fn a_space_of_somebody_else_is_forbidden_and_one_that_is_not_there_is_not_found() {
    let visit = Visit::seeded().await;
    assert_eq!(
        visit.get("/spaces/99/posts").await,
        (
            StatusCode::FORBIDDEN,
            json!({"message": "This action is unauthorized."})
        )
    );
    assert_eq!(visit.get("/spaces/98/posts").await.0, 404);
    assert_eq!(visit.get("/spaces/2/posts").await.0, 200);
}

#[tokio::test]
async fn a_row_of_another_space_is_not_found() {
    let visit = Visit::seeded().await;
    assert_eq!(visit.get("/spaces/1/posts/101").await.0, 200);
    assert_eq!(visit.get("/spaces/2/posts/101").await.0, 404);
    assert_eq!(visit.delete("/spaces/2/webhooks/701").await.0, 404);
    assert_eq!(visit.get("/spaces/1/posts/abc").await.0, 404);
}

#[tokio::test]
async fn another_method_is_not_allowed() {
    let visit = Visit::seeded().await;
    let (status, body) = visit.post("/subscription", json!({})).await;
    let message = "The POST method is not supported for route api/subscription. Supported methods: GET, HEAD.";
    assert_eq!((status.as_u16(), &body["message"]), (405, &json!(message)));
}

#[tokio::test]
async fn an_encoded_slash_is_a_slash() {
    let visit = Visit::seeded().await;
    assert_eq!(visit.get("/spaces/1/posts/101%2F2").await.0, 404);
    assert_eq!(visit.get("/spaces%2F1").await.0, 200);
}

#[rstest]
#[case::broken("{\"name\": ", "application/json")]
#[case::no_json_kind("{\"name\": \"x\"}", "text/plain")]
#[case::a_list("[1, 2]", "application/json")]
#[tokio::test]
async fn a_body_that_cannot_be_read_counts_as_empty(
    #[case] body: &'static str,
    #[case] kind: &str,
) {
    let visit = Visit::seeded().await;
    let request = visit
        .request(Method::POST, "/spaces")
        .header("content-type", kind)
        .body(body);
    let (status, reply) = answer(request).await;
    assert_eq!(
        (status.as_u16(), refused(&reply)),
        (422, vec![("name", "The name field is required.")])
    );
    assert_eq!(visit.post("/spaces", json!({"name": "x"})).await.0, 201);
}

#[tokio::test]
async fn the_first_refusal_is_the_message_and_the_others_are_counted() {
    let visit = Visit::seeded().await;
    let (_, body) = visit.post("/spaces/1/posts", json!({})).await;
    assert_eq!(
        body["message"],
        "The space id field is required. (and 1 more error)"
    );
}

#[tokio::test]
async fn replies_carry_the_rate_limit_and_the_date_of_the_shared_clock() {
    let options = SandboxOptions::default();
    let clock = options.clock.clone();
    let visit = Visit::to(options).await;
    clock.set("2031-01-02T03:04:05Z".parse().unwrap());
    let response = visit.request(Method::GET, "/spaces").send().await.unwrap();
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert!(
        header("date").starts_with("Thu, 02 Jan 2031 03:04:0"),
        "{}",
        header("date")
    );
    assert!(
        header("x-ratelimit-remaining").parse::<u64>().unwrap()
            < header("x-ratelimit-limit").parse().unwrap()
    );
}

#[tokio::test]
async fn other_lists_are_paginated_only_when_told() {
    let visit = Visit::seeded().await;
    let (_, whole) = visit.get("/spaces/1/accounts").await;
    assert!(whole.get("meta").is_none() && whole["data"].as_array().unwrap().len() == 6);
    let visit = Visit::to(SandboxOptions {
        paginate_lists: Some(4),
        ..Default::default()
    })
    .await;
    let (_, second) = visit.get("/spaces/1/accounts?page=2").await;
    assert_eq!(
        (
            second["data"].as_array().unwrap().len(),
            &second["meta"]["last_page"]
        ),
        (2, &json!(2))
    );
}

#[tokio::test]
async fn a_body_of_more_than_eight_megabytes_is_too_large() {
    let visit = Visit::seeded().await;
    let of = |megabytes: usize| json!({"name": "x", "note": "y".repeat(megabytes << 20)});
    assert_eq!(visit.post("/spaces", of(9)).await.0, 413);
    assert_eq!(visit.post("/spaces", of(7)).await.0, 201);
}

#[tokio::test]
async fn a_sandbox_stops_when_it_is_dropped() {
    let Visit { running, http } = Visit::seeded().await;
    let clock = format!("{}/_sandbox/clock", running.origin);
    assert!(http.get(&clock).send().await.is_ok());
    drop(running);
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(http.get(&clock).send().await.is_err());
}
