//! The functions that every call passes, one by one: `cargo bench --bench functions`.

#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot start has nothing to say"
)]

use std::hint::black_box;

use std::collections::BTreeSet;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use rmcp::model::{CallToolResponse, CallToolResult, Tool};
use saki_mcp::saki::posts::ListPosts;
use saki_mcp::saki::{
    BaseUrl, Client, ClientOptions, ConnectionPool, SpaceId, pagination, request_parts,
};
use saki_mcp::server::present::{AnsweredCall, present};
use saki_mcp::server::{Identity, McpHandler, arguments};
use saki_mcp::tools::{Access, Settings, Tools, WriteScope};
use saki_mcp::write::when;
use serde_json::{Map, Value, json};

fn tools() -> Tools {
    let base = BaseUrl::new(BaseUrl::DEFAULT).unwrap();
    let client = Client::new(ConnectionPool::new(ClientOptions::default()), base);
    Tools::new(client, Settings::default())
}

/// A page of 15 posts as Saki prints them, 11 kB.
fn posts() -> Value {
    let row = json!({
        "id": 7, "content": "New season, new flavours: come and taste our plum cake on Saturday at the market.",
        "status": 1, "order": 0, "scheduled_at": "2027-04-10T07:00:00.000000Z", "published_at": null,
        "metadata": {"board": "cakes", "title": "Plum cake"}, "imported": false,
        "cluster_id": "9b2f4c0e-5a41-4c2b-8a51-0d4f7f1c3e21", "parent_id": null, "user_id": 3, "account_id": 11,
        "created_at": "2027-04-01T08:00:00.000000Z", "updated_at": "2027-04-02T09:30:00.000000Z",
        "analytics": {"likes": 12, "shares": 3},
        "account": {"id": 11, "name": "Acme Bakery", "handle": "@acme", "social": "instagram", "is_active": true},
        "children": [], "media": [{"id": 5, "type": "image", "url": "https://cdn.example/5.jpg", "mime": "image/jpeg"}],
    });
    let meta = json!({"current_page": 1, "last_page": 4, "per_page": 15, "total": 60});
    json!({"data": vec![row; 15], "links": {"first": "https://saki.example/api?page=1"}, "meta": meta})
}

fn start(c: &mut Criterion) {
    // rmcp remembers derived schemas for each thread, which a start cannot use.
    c.bench_function("the catalogue of 26 tools, on a new thread", |b| {
        b.iter(|| {
            let handler = McpHandler::new(tools(), &Identity::default());
            std::thread::spawn(move || handler.warm()).join()
        });
    });
}

fn way_in(c: &mut Criterion) {
    let handler = McpHandler::new(tools(), &Identity::default());
    let tool = handler
        .catalogue()
        .iter()
        .find(|tool| tool.name == "create_post")
        .unwrap();
    let given: Map<String, Value> = serde_json::from_value(json!({
        "account_ids": ["@acme", 12, "13"], "content": "Plum cake on Saturday", "publish": "schedule",
        "scheduled_at": "2027-04-10T09:00", "timezone": "Europe/Berlin", "media": [{"media_id": "5"}],
        "thread": [{"content": "Recipe below"}],
    }))
    .unwrap();
    c.bench_function("arguments::validate, create_post", |b| {
        b.iter_batched(
            || given.clone(),
            |given| {
                arguments::validate(
                    &tool.input_schema,
                    given,
                    Access::Write(WriteScope::Unlimited),
                    &BTreeSet::new(),
                )
            },
            BatchSize::SmallInput,
        );
    });
    let request = ListPosts {
        space_id: SpaceId(1),
        status: Some("scheduled".into()),
        account_id: Some("11".into()),
        from: Some("2027-04-10".into()),
        to: Some("2027-04-16".into()),
        page: Some(2),
    };
    c.bench_function("split, list_posts", |b| {
        b.iter(|| request_parts(black_box(&request)));
    });
    let berlin = when::zone("Europe/Berlin").unwrap();
    let context = when::TimeContext {
        timezone: Some("Europe/Berlin"),
        default: Some(&berlin),
        space_zone: Some("America/New_York"),
        now: "2027-04-09T10:00:00Z".parse().unwrap(),
    };
    c.bench_function("when::read, local time", |b| {
        b.iter(|| when::read(black_box("2027-04-10T09:00"), &context));
    });
}

fn way_out(c: &mut Criterion) {
    let text = posts().to_string();
    c.bench_function("serde_json, page of posts", |b| {
        b.iter(|| serde_json::from_str::<Value>(black_box(&text)));
    });
    c.bench_function("pagination::normalize_list, page of posts", |b| {
        b.iter_batched(posts, pagination::normalize_list, BatchSize::SmallInput);
    });
    let handler = McpHandler::new(tools(), &Identity::default());
    let listed = |tool: &&Tool| tool.name == "list_posts";
    let tool = handler.catalogue().iter().find(listed).unwrap();
    let answered = || {
        let mut result = CallToolResult::success(Vec::new());
        result.structured_content = Some(Value::Object(pagination::normalize_list(posts())));
        result.into()
    };
    let call = AnsweredCall::new(tool, handler.catalogue(), &Map::new());
    c.bench_function("present, page of posts", |b| {
        b.iter_batched(
            answered,
            |answered| present(answered, &call),
            BatchSize::SmallInput,
        );
    });
    let CallToolResponse::Complete(presented) = present(answered(), &call) else {
        return;
    };
    c.bench_function("answer to bytes, page of posts", |b| {
        b.iter(|| serde_json::to_vec(black_box(&presented)));
    });
}

criterion_group!(functions, start, way_in, way_out);
criterion_main!(functions);
