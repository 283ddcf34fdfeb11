//! Tests of the typed client against each API dialect of the sandbox.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rstest::rstest;
use saki_mcp::saki::accounts::SetAccountActive;
use saki_mcp::saki::media::{UploadFile, UploadMedia};
use saki_mcp::saki::posts::{ClusterBody, Content, CreatePosts, Item};
use saki_mcp::saki::{AccountId, BaseUrl, Client, ClientOptions, ConnectionPool, Key, SpaceId};
use saki_mcp::sandbox::{ActivateField, CreateForms, RunningSandbox, Sandbox, SandboxOptions};
use serde_json::Map;

async fn client(change: impl FnOnce(&mut SandboxOptions)) -> (RunningSandbox, Client) {
    let mut options = SandboxOptions::default();
    change(&mut options);
    let running = Sandbox::start(options).await.unwrap();
    let base = BaseUrl::new(&running.base_url).unwrap();
    let client = Client::new(ConnectionPool::new(ClientOptions::default()), base);
    (running, client.with_key(Key::new("sk_sandbox_1")))
}

fn tomorrow() -> CreatePosts {
    let item = |id| Item {
        account_id: AccountId(id),
        social: None,
        main: Content {
            content: "Hello".into(),
            media: vec![],
        },
        children: vec![],
        metadata: Map::new(),
    };
    CreatePosts {
        space_id: SpaceId(1),
        body: ClusterBody {
            at: Some(jiff::Timestamp::now().as_second() + 86_400),
            is_draft: false,
            items: vec![item(11), item(12)],
        },
    }
}

#[rstest]
#[case(CreateForms::Both, 1)]
#[case(CreateForms::ReferenceOnly, 1)]
#[case(CreateForms::OverviewOnly, 2)]
#[tokio::test]
async fn the_client_finds_the_accepted_create_form(
    #[case] forms: CreateForms,
    #[case] calls: usize,
) {
    let (running, client) = client(|options| options.create_forms = forms).await;
    let reply = client.send_cluster(&tomorrow()).await.unwrap();
    assert_eq!(reply.into_list()["data"].as_array().unwrap().len(), 2);
    assert_eq!(running.sandbox.log().len(), calls);
    client.send_cluster(&tomorrow()).await.unwrap();
    assert_eq!(running.sandbox.log().len(), calls + 1);
}

#[rstest]
#[case("file")]
#[case("media")]
#[case("files[]")]
#[tokio::test]
async fn the_client_finds_the_field_of_an_upload(#[case] field: &str) {
    let (running, client) = client(|options| options.upload_field = field.into()).await;
    let open = || {
        let body = reqwest::Body::from("GIF89a");
        Box::pin(std::future::ready(Ok((body, 6u64)))) as std::pin::Pin<Box<_>>
    };
    let request = UploadMedia {
        file: UploadFile {
            name: "a.gif".into(),
            mime: "image/gif".into(),
            open: Arc::new(open),
        },
        more: Map::new(),
    };
    client.upload_media(&request).await.unwrap();
    let uploads: Vec<String> = running
        .sandbox
        .log()
        .into_iter()
        .flat_map(|call| call.uploads)
        .map(|file| file.field)
        .collect();
    assert_eq!(uploads.last().unwrap(), field);
}

#[rstest]
#[case(ActivateField::IsActive)]
#[case(ActivateField::Active)]
#[tokio::test]
async fn the_client_finds_the_activate_field(#[case] activate_field: ActivateField) {
    let (running, client) = client(|options| options.activate_field = activate_field).await;
    let request = SetAccountActive {
        space_id: SpaceId(1),
        account_id: AccountId(16),
        is_active: Some(true),
        more: Map::new(),
    };
    client.set_account_active(&request).await.unwrap();
    assert!(
        running
            .sandbox
            .state(|state| state.accounts.get(16).unwrap().is_active)
    );
}

#[tokio::test]
async fn a_thousand_creates_take_seconds() {
    let (running, client) = client(|_| {}).await;
    let start = Instant::now();
    for _ in 0..1000 {
        client.send_cluster(&tomorrow()).await.unwrap();
    }
    assert!(
        start.elapsed() < Duration::from_secs(30),
        "{:?}",
        start.elapsed()
    );
    assert!(running.sandbox.state(|state| state.posts.len()) > 2000);
}
