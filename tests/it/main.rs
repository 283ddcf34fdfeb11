//! The integration tests, one binary: a module per topic, each talking to the server as an MCP client does.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

mod binary;
mod binary_key;
mod binary_serve;
mod binary_settings;
mod calls;
mod catalogue;
mod catalogue_cost;
mod catalogue_parameters;
mod catalogue_schemas;
mod fixture;
mod harness;
mod layers;
mod lines;
mod parameters;
mod parameters_of_clusters;
mod parameters_of_posts;
mod parameters_of_rest;
mod process;
mod replies;
mod replies_mutants;
mod replies_printed;
mod schemas;
mod spaces;
mod transport_guard;
mod transport_http;
mod transport_http_shutdown;
mod transport_sse;
mod transport_stdio;
mod transport_stdio_end;
mod wire;
