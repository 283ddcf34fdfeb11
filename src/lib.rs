//! `saki-mcp` puts [Saki](https://usesaki.com), a social-media scheduler, behind the Model Context Protocol.
//!
//! ```text
//! main ─► cli ─► transport ─► server ─► tools ─► write ─► saki
//!           └──► sandbox ─────────────────────────────────►┘
//! ```
//!
//! An arrow means "may import"; skipping ahead is allowed, looking back is not, and a test checks it.
//! Each layer has one file per resource, under the same name: `saki/posts`, `tools/posts`, `sandbox/posts`.
//!
//! | module | what lives there |
//! |---|---|
//! | [`cli`] | one file per sub-command; the only place that reads flags and environment |
//! | [`transport`] | bytes in, an MCP handler out: stdio, Streamable HTTP, the older HTTP+SSE; no word about Saki |
//! | [`server`] | what an MCP client sees, and the stages of one call in order |
//! | [`tools`] | what an agent can do, and what it is told when that fails |
//! | [`mod@write`] | what writes share: times that cannot go wrong, media, what a write is going to do |
//! | [`saki`] | a typed REST client, usable alone: a request is a type, and the type is the endpoint |
//! | [`sandbox`] | a small stateful Saki in memory, for newcomers, the demo and the tests |
//!
//! Where to start: `saki/endpoint.rs`, then one resource through all layers, such as slots
//! (`saki/slots.rs`, `tools/slots.rs`, `sandbox/slots.rs`), then `server/dispatch.rs`.
//!
//! A read: arguments ─► tool ─► present.
//! A write: arguments ─► prepare (reads only) ─► policy ─► dry run? ─► confirm ─► replay? ─► send ─► present.
//!
//! Where this differs from what one would expect of the API:
//! `update_cluster` keeps what is left out, accounts and time included, since a plain change of text is the commoner wish.
//! What TLS itself refuses is not tried again, since it comes out the same.
//! Switching an account is never sent twice, since a Saki that only flips the flag would flip it back.
//! A repeat is answered before a person is asked, since nothing is sent; what it repeats was asked about.

pub mod cli;
pub mod saki;
pub mod sandbox;
pub mod server;
pub mod tools;
pub mod transport;
pub mod write;
