//! The integration tests, one binary: a module per topic, each talking to the server as an MCP client does.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

mod accounts;
mod binary;
mod binary_key;
mod binary_serve;
mod binary_settings;
mod calls;
mod cancel;
mod catalogue;
mod catalogue_cost;
mod catalogue_parameters;
mod catalogue_schemas;
mod command_line;
mod create_accounts;
mod create_content;
mod create_post;
mod create_replies;
mod create_times;
mod elsewhere;
mod failures;
mod failures_of_writes;
mod fixture;
mod harness;
mod held;
mod hostile;
mod hostile_sizes;
mod layers;
mod learning;
mod learning_words;
mod lines;
mod lists;
mod media;
mod parameters;
mod parameters_of_clusters;
mod parameters_of_posts;
mod parameters_of_rest;
mod posts;
mod process;
mod progress;
mod property;
mod queue;
mod readme;
mod replies;
mod replies_mutants;
mod replies_printed;
mod schemas;
mod slots;
mod spaces;
mod subscription;
mod transport_guard;
mod transport_http;
mod transport_http_shutdown;
mod transport_sse;
mod transport_stdio;
mod transport_stdio_end;
mod update_cluster;
mod update_cluster_kept;
mod update_post;
mod webhooks;
mod wire;
