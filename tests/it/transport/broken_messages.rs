//! Messages that are not valid JSON: their client gets an answer to the id that shows, and half a character is replaced.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::fixture_server::json_of;
use crate::support::line_client::Lines;
use crate::support::sandbox_state::bodies;
use crate::support::server_under_test::World;

/// A draft whose text is these bytes of a JSON string, as one line.
fn draft(id: &str, text: &[u8]) -> Vec<u8> {
    let head = r#"{"method":"tools/call","params":{"name":"create_post","arguments":{"space_id":1,"account_ids":[11],"publish":"draft","content":""#;
    let tail = format!(r#""}}}},"jsonrpc":"2.0","id":{id}}}"#);
    [head.as_bytes(), text, tail.as_bytes()].concat()
}

#[rstest]
#[case(&draft("77", b"caf\xe9"))]
#[case(&draft("77", br"cut \ud8"))]
#[case(&draft("77", br"a\qb"))]
#[case(&draft("77", b"a\tb"))]
#[case(&draft("77", b"\x93hi\x94"))]
#[case(&draft("77", b"a\xf0\x9f\x98"))]
#[case(&draft("77", br"it\'s"))]
#[case(br#"{"jsonrpc":"2.0","id":77,"method":"tools/call","params":{"name":"list_posts","arguments":{"page":NaN}}}"#)]
#[case(br#"{"jsonrpc":"2.0","id":77,"method":"tools/call","params":{"name":"list_posts","arguments":{"page":1e999}}}"#)]
#[case(br#"{"jsonrpc":"2.0","id":77,"method":"tools/call","params":{"name":"list_posts","arguments":{"page":1,}}}"#)]
#[case(br#"{"jsonrpc":"2.0","id":77,"method":"tools/call","params":{"name":"list_posts","argum"#)]
#[case(br#"{'jsonrpc': '2.0', 'id': 77, 'method': 'tools/call', 'params': {'name': 'list_posts', 'arguments': {'page': None}}}"#)]
#[case(br#"{"jsonrpc":"2.0","id":77,"method":"tools/call","params":{"name":"list_posts","arguments":{"page":Infinity}}}"#)]
#[case(br#"{"jsonrpc":"2.0","id":77,"method":"tools/call","params":{"name":"list_posts","arguments":{}}}}"#)]
#[case(&draft("77", b"a\0b"))]
#[tokio::test]
async fn what_is_not_json_is_answered_to_its_id(#[case] message: &[u8]) {
    let world = World::new().await;
    let mut lines = Lines::initialized(world.handler.clone()).await;
    lines.write_line(message).await;
    let answer = lines.answer().await;
    assert_eq!(
        (&answer["id"], &answer["error"]["code"]),
        (&json!(77), &json!(-32700))
    );
    let server = world.over_http().await;
    let post = server
        .post("/mcp", message.to_vec())
        .header("accept", "*/*");
    let (status, answer) = json_of(post).await;
    assert_eq!((status, &answer["id"]), (400, &json!(77)));
    assert!(world.writes().is_empty());
}

fn is_replaced(answer: &Value, id: Value, world: &World, text: &str) {
    assert_eq!(answer["id"], id, "{answer}");
    let said = json!(["half a character in `content` as U+FFFD"]);
    assert_eq!(answer["result"]["_meta"]["understood"], said, "{answer}");
    assert_eq!(answer["result"]["structuredContent"]["understood"], said);
    let sent = bodies(world).pop().unwrap();
    assert_eq!(sent["items"][0]["main"]["content"], text);
}

#[rstest]
#[case(br"cut \ud83d", "cut \u{fffd}")]
#[case(br"\uDE00 cut", "\u{fffd} cut")]
#[case(br"\ud83d\ud83d\ude00", "\u{fffd}😀")]
#[case(b"cut \xed\xa0\xbd", "cut \u{fffd}")]
#[tokio::test]
async fn half_a_character_is_replaced_and_said(#[case] bytes: &[u8], #[case] text: &str) {
    let world = World::new().await;
    let mut lines = Lines::initialized(world.handler.clone()).await;
    lines.write_line(&draft("77", bytes)).await;
    is_replaced(&lines.answer().await, json!(77), &world, text);
    lines
        .write_line(&[b"[", &*draft("\"x\"", &[bytes, b"!"].concat()), b"]"].concat())
        .await;
    let text = format!("{text}!");
    is_replaced(&lines.answer().await[0], json!("x"), &world, &text);
}

#[tokio::test]
async fn half_a_character_is_replaced_over_http_too() {
    let world = World::new().await;
    let server = world.over_http().await;
    let post = server
        .post("/mcp", draft("7", br"cut \ud83d"))
        .header("accept", "*/*");
    is_replaced(&json_of(post).await.1, json!(7), &world, "cut \u{fffd}");
}

#[tokio::test]
async fn a_byte_order_mark_before_a_message_is_no_part_of_it() {
    let world = World::new().await;
    let message = [b"\xef\xbb\xbf", &*draft("7", b"A")].concat();
    let mut lines = Lines::initialized(world.handler.clone()).await;
    lines.write_line(&message).await;
    assert_eq!(lines.answer().await["result"]["isError"], false);
    let server = world.over_http().await;
    let post = server.post("/mcp", message).header("accept", "*/*");
    let (status, answer) = json_of(post).await;
    assert_eq!((status, &answer["id"]), (200, &json!(7)), "{answer}");
}

#[tokio::test]
async fn a_replacement_that_the_client_wrote_itself_is_not_mentioned() {
    let world = World::new().await;
    let mut lines = Lines::initialized(world.handler.clone()).await;
    lines
        .write_line(&draft("1", "cut \u{fffd} \\ud83d\\ude00".as_bytes()))
        .await;
    let answer = lines.answer().await;
    assert_eq!(
        answer["result"]["_meta"].get("understood"),
        None,
        "{answer}"
    );
}
