//! The integration tests, one binary: a module per topic, each talking to the server as an MCP client does.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

mod accounts;
mod cancel;
mod create_accounts;
mod create_content;
mod create_post;
mod create_replies;
mod create_times;
mod elsewhere;
mod failures;
mod fixture;
mod harness;
mod held;
mod hostile;
mod learning;
mod learning_words;
mod lists;
mod media;
mod posts;
mod progress;
mod property;
mod queue;
mod slots;
mod spaces;
mod subscription;
mod transport_guard;
mod transport_http;
mod transport_http_shutdown;
mod transport_sse;
mod transport_stdio;
mod update_cluster;
mod update_post;
mod webhooks;
