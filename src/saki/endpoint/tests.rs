use super::*;
use rstest::rstest;
use serde_json::json;

#[derive(Serialize, JsonSchema)]
struct Find {
    space_id: Value,
    cluster_id: Value,
    status: Option<String>,
    tag: Vec<String>,
}

impl Endpoint for Find {
    type Response = Value;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/spaces/{space_id}/clusters/{cluster_id}";
}

#[derive(Serialize, JsonSchema)]
struct Replace {
    space_id: u64,
    content: Option<String>,
}

impl Endpoint for Replace {
    type Response = Value;
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/spaces/{space_id}/posts";
    const ALSO_IN_BODY: &'static [&'static str] = &["space_id"];
}

fn find(cluster_id: Value) -> Find {
    Find {
        space_id: json!(1),
        cluster_id,
        status: None,
        tag: vec![],
    }
}

#[test]
fn path_fields_fill_the_path_and_the_rest_is_the_query() {
    let request = Find {
        status: Some("a b&c".into()),
        tag: vec!["x".into(), "ü".into()],
        ..find(json!("k-1"))
    };
    let parts = request_parts(&request).unwrap();
    assert_eq!(parts.path, "/spaces/1/clusters/k-1");
    assert_eq!(
        parts.query.as_deref(),
        Some("status=a+b%26c&tag=x&tag=%C3%BC")
    );
    assert_eq!(parts.body, None);
}

#[test]
fn a_query_without_fields_is_none() {
    assert_eq!(request_parts(&find(json!("k"))).unwrap().query, None);
}

#[test]
fn a_body_keeps_nulls_and_the_path_fields_that_it_also_wants() {
    let parts = request_parts(&Replace {
        space_id: 7,
        content: None,
    })
    .unwrap();
    assert_eq!(parts.path, "/spaces/7/posts");
    assert_eq!(
        json!(parts.body).to_string(),
        r#"{"space_id":7,"content":null}"#
    );
}

#[rstest]
#[case("../../spaces/1")]
#[case("..")]
#[case(".")]
#[case("")]
#[case("a/b?x#y")]
#[case("a\\b")]
#[case("%2e%2e")]
#[case("a\0b")]
#[case("a\nb")]
#[case("a b")]
#[case("a?b")]
#[case("a#b")]
fn an_id_that_is_not_one_plain_segment_is_refused(#[case] id: &str) {
    let refused = request_parts(&find(json!(id)));
    assert!(
        matches!(refused, Err(Error::InvalidPathSegment { field, .. }) if field == "cluster_id")
    );
}

#[test]
fn an_id_has_200_bytes_at_most() {
    assert!(request_parts(&find(json!("a".repeat(200)))).is_ok());
    assert!(request_parts(&find(json!("a".repeat(201)))).is_err());
}

#[rstest]
#[case("9b1d-77", "9b1d-77")]
#[case("..a", "..a")]
#[case("héé:+", "h%C3%A9%C3%A9%3A%2B")]
fn any_other_id_is_percent_encoded(#[case] id: &str, #[case] sent: &str) {
    let parts = request_parts(&find(json!(id))).unwrap();
    assert_eq!(parts.path, format!("/spaces/1/clusters/{sent}"));
}
