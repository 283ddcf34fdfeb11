//! A Saki that is not reached: nothing was sent, so everything is tried again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use saki_mcp::saki::ClientOptions;
use saki_mcp::sandbox::{Sandbox, SandboxOptions};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::support::example_calls::webhook;
use crate::support::fixture_server::within;
use crate::support::media_files::PNG;
use crate::support::server_under_test::{NOW, TRIES, connect, endless};
use crate::support::unresponsive_saki::{LONG, ask, call, server_with};

async fn local() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

#[tokio::test]
async fn an_unreachable_saki_is_tried_four_times_and_reported_as_not_sent() {
    let address = local().await.local_addr().unwrap();
    let base = format!("http://{address}/api");
    for (tool, asked) in [
        ("get_subscription", json!({})),
        ("create_webhook", webhook()),
        ("upload_media", json!({"data": PNG})),
        ("delete_media", json!({"media_id": 1})),
    ] {
        let answer = ask(&base, LONG, tool, asked).await;
        assert_eq!(answer.meta["class"], "not_sent", "{}", answer.text);
        assert!(answer.text.contains("after 4 tries"), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_write_gets_through_once_as_soon_as_saki_listens() {
    let listener = local().await;
    let address = listener.local_addr().unwrap();
    drop(listener);
    let options = SandboxOptions::default();
    options.clock.set(NOW.parse().unwrap());
    let sandbox = Sandbox::new(options);
    let base = format!("http://{address}/api");
    let http = ClientOptions {
        bypass_proxies: true,
        retry: endless(),
        ..ClientOptions::default()
    };
    for (tool, asked) in [
        ("create_webhook", webhook()),
        ("upload_media", json!({"data": PNG})),
    ] {
        sandbox.clear_log();
        let client = connect(server_with(&base, http.clone(), Default::default())).await;
        let stop = CancellationToken::new();
        let opens = async {
            // Long enough for some tries; were there none, the call would go through all the same.
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            let listener = TcpListener::bind(address).await.unwrap();
            sandbox.clone().serve(listener, stop.clone()).await.unwrap();
        };
        let asks = async {
            let answer = call(&client, tool, asked).await;
            stop.cancel();
            answer
        };
        let (answer, ()) = within(async { tokio::join!(asks, opens) }).await;
        assert!(!answer.failed, "{}", answer.text);
        assert_eq!(sandbox.log().len(), 1);
        drop(client);
    }
}

/// A listener that counts its callers, says `word` to each, and hangs up.
async fn rude(word: &'static [u8]) -> (String, Arc<AtomicU32>) {
    let listener = local().await;
    let base = format!("https://{}/api", listener.local_addr().unwrap());
    let count = Arc::new(AtomicU32::new(0));
    let counted = count.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            // What the caller said is read first, so that hanging up does not take the word back.
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 4096]).await;
            let _ = stream.write_all(word).await;
        }
    });
    (base, count)
}

#[tokio::test]
async fn a_broken_tls_handshake_is_retried_and_a_refused_one_is_not() {
    for (word, expected) in [
        (&b""[..], TRIES),
        // An alert: the certificate is not known.
        (b"\x15\x03\x03\x00\x02\x02\x2e", 1),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", 1),
    ] {
        let (base, count) = rude(word).await;
        let answer = ask(&base, LONG, "create_webhook", webhook()).await;
        assert_eq!(answer.meta["class"], "not_sent", "{}", answer.text);
        assert_eq!(count.load(Ordering::SeqCst), expected, "{}", answer.text);
    }
}
