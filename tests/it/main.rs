//! The integration tests, one binary: a folder per subject, each talking to the server as an MCP client does.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

mod architecture;
mod arguments;
mod catalogue;
mod cli;
mod docs;
mod failures;
mod media;
mod replicas;
mod replies;
mod saki;
mod sandbox;
mod support;
mod time;
mod tools;
mod transport;
mod variants;
mod writes;
