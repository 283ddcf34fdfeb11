//! Uploads to the sandbox.

use http::Method;
use reqwest::multipart::{Form, Part};
use rstest::rstest;
use serde_json::json;

use crate::support::sandbox_client::{TestClient, field_errors, send};

fn file(field: &str) -> Form {
    let part = Part::bytes(b"GIF89a\x40\x01\xf0\x00 and so on".to_vec());
    let part = part.file_name("cat.gif").mime_str("image/gif").unwrap();
    Form::new()
        .text("alt", "A cat")
        .part(field.to_owned(), part)
}

#[tokio::test]
async fn an_upload_is_hashed_and_described_and_can_be_deleted() {
    let client = TestClient::seeded().await;
    let request = client
        .request(Method::POST, "/media")
        .multipart(file("file"));
    let (status, reply) = send(request).await;
    let media = &reply["data"];
    assert_eq!(status, 201, "{reply}");
    assert_eq!(
        (&media["type"], &media["mime"], &media["alt"]),
        (&json!("image"), &json!("image/gif"), &json!("A cat"))
    );
    assert_eq!(
        (&media["width"], &media["height"], &media["size"]),
        (&json!(320), &json!(240), &json!(20))
    );
    let logged = &client.sandbox().log()[0];
    assert_eq!(
        (logged.uploads[0].size, logged.uploads[0].sha256.len()),
        (20, 64)
    );
    assert_eq!(logged.body, Some(json!({"alt": "A cat"})));
    let path = format!("/media/{}", media["id"]);
    assert_eq!(client.delete(&path).await.0, 204);
    assert_eq!(client.delete(&path).await.0, 404);
}

#[rstest]
#[case("media", "file", "media")]
#[case("files[]", "file", "files")]
#[case("files[]", "files", "files")]
#[case("file", "file[]", "file")]
#[tokio::test]
async fn an_upload_under_another_field_name_is_refused(
    #[case] expected: &str,
    #[case] sent: &str,
    #[case] named: &str,
) {
    let client = TestClient::with(|options| options.upload_field = expected.into()).await;
    let upload = |field: &str| {
        send(
            client
                .request(Method::POST, "/media")
                .multipart(file(field)),
        )
    };
    let (status, reply) = upload(sent).await;
    assert_eq!((status.as_u16(), field_errors(&reply)[0].0), (422, named));
    assert_eq!(upload(expected).await.0, 201);
}

#[rstest]
#[case("filename=\"cat.gif\"", 201)]
#[case("filename*=UTF-8''cat.gif", 422)]
#[tokio::test]
async fn a_file_needs_a_plain_file_name(#[case] name: &str, #[case] expected: u16) {
    let client = TestClient::seeded().await;
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; {name}\r\nContent-Type: image/gif\r\n\r\nGIF89a\r\n--b--\r\n"
    );
    let request = client.request(Method::POST, "/media");
    let request = request
        .header("content-type", "multipart/form-data; boundary=b")
        .body(body);
    assert_eq!(send(request).await.0, expected);
}

#[tokio::test]
async fn a_large_upload_is_counted_and_not_kept() {
    let client = TestClient::seeded().await;
    let part = Part::bytes(vec![7; 3 << 20]).file_name("film.mp4");
    let form = Form::new().part("file", part.mime_str("video/mp4").unwrap());
    let (status, reply) = send(client.request(Method::POST, "/media").multipart(form)).await;
    assert_eq!(
        (status.as_u16(), &reply["data"]["size"]),
        (201, &json!(3 << 20))
    );
    assert_eq!(reply["data"]["type"], "video");
}
