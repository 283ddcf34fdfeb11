//! What is no request, or is none of this server: every answer is an error in JSON.

use reqwest::Method;
use rstest::rstest;
use saki_mcp::transport::http::HttpOptions;
use serde_json::Value;

use crate::support::fixture_server::{Server, add, json_of, text};
use crate::support::raw_connection::RawConnection;

const HEAD: &str = "POST /mcp HTTP/1.1\r\nhost: localhost\r\n";

async fn started() -> Server {
    Server::start(HttpOptions::default()).await
}

/// The only answer to some bytes, whose connection is closed then: its status and the word of its error.
async fn refusal_of(server: &Server, bytes: String) -> (u16, Value) {
    let mut connection = RawConnection::open(&server.base).await;
    connection.send(bytes).await;
    let answer = connection.until_closed().await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-type: application/json"), "{head}");
    assert!(head.contains("connection: close"), "{head}");
    let body: Value = serde_json::from_str(body).unwrap();
    assert!(body["error_description"].is_string(), "{body}");
    (head[9..12].parse().unwrap(), body["error"].clone())
}

#[rstest]
#[case::no_http("\x16\x03\x01\x02garbage\r\n\r\n".to_owned())]
#[case::version("GET /healthz HTTP/3.0\r\n\r\n".to_owned())]
#[case::no_version("GET /\r\n\r\n".to_owned())]
#[case::address("GET /a\0b HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned())]
#[case::header(format!("{HEAD}no colon\r\n\r\n"))]
#[case::folded(format!("{HEAD}x-a: b\r\n c\r\n\r\n"))]
#[case::two_lengths(format!("{HEAD}content-length: 4\r\ncontent-length: 5\r\n\r\nabcde"))]
#[case::signed_length(format!("{HEAD}content-length: +4\r\n\r\nabcd"))]
#[case::unknown_coding(format!("{HEAD}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n"))]
#[case::coding_not_last(format!("{HEAD}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n"))]
#[tokio::test]
async fn what_cannot_be_read_is_answered_in_json(#[case] bytes: String) {
    let server = started().await;
    assert_eq!(
        refusal_of(&server, bytes).await,
        (400, "invalid_http".into())
    );
}

#[rstest]
#[case::address(format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(65_535)), 414, "address_too_long")]
#[case::header(format!("{HEAD}x-long: {}", "a".repeat(65_536)), 431, "headers_too_large")]
#[case::headers(format!("{HEAD}{}\r\n", "x: a\r\n".repeat(101)), 431, "headers_too_large")]
#[tokio::test]
async fn a_head_that_is_too_large_is_answered_in_json(
    #[case] bytes: String,
    #[case] status: u16,
    #[case] error: &str,
) {
    let server = started().await;
    assert_eq!(
        refusal_of(&server, bytes).await,
        (status, error.to_owned().into())
    );
}

#[tokio::test]
async fn what_cannot_be_read_after_a_request_is_answered_after_it() {
    let server = started().await;
    for at_once in [true, false] {
        let mut connection = RawConnection::open(&server.base).await;
        let message = add(1).to_string();
        let rest = "no request\r\n\r\n";
        let sent = if at_once { rest } else { "" };
        connection
            .post(message.len(), &format!("{message}{sent}"))
            .await;
        let (status, answer) = connection.answer().await;
        assert_eq!((status, text(&answer)), (200, "5"), "at once: {at_once}");
        if !at_once {
            connection.send(rest).await;
            let (status, answer) = connection.answer().await;
            assert_eq!((status, &answer["error"]), (400, &"invalid_http".into()));
        }
    }
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_answered_in_json() {
    let server = started().await;
    for (method, paths) in [
        (Method::GET, &["/mcp", "/message"][..]),
        (Method::POST, &["/sse", "/healthz", "/readyz"]),
        (Method::DELETE, &["/mcp", "/sse", "/message", "/healthz"]),
    ] {
        for path in paths {
            let request = reqwest::Client::new();
            let request = request.request(method.clone(), format!("{}{path}", server.base));
            let (status, body) = json_of(request).await;
            let error = &body["error"];
            assert_eq!(
                (status, error),
                (405, &"method_not_allowed".into()),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn a_message_without_one_session_is_answered_in_json() {
    let server = started().await;
    for address in ["/message", "/message?sessionId=1&sessionId=2"] {
        let (status, body) = json_of(server.post(address, add(1).to_string())).await;
        assert_eq!((status, &body["error"]), (400, &"invalid_request".into()));
        let text = body["error_description"].as_str().unwrap();
        assert!(text.contains("sessionId"), "{text}");
    }
}
