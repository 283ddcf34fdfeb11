//! `saki-mcp` is a Model Context Protocol (MCP) server for [Saki](https://usesaki.com), a social-media scheduler.
//!
//! ```text
//! main ─► cli ─► transport ─► server ─► tools ─► write ─► saki
//!           └──► sandbox ─────────────────────────────────►┘
//! ```
//!
//! An arrow means "may import". A layer may import every layer to its right and none to its left; a test checks this.
//! Each layer has one file per resource, under the same name: `saki/posts`, `tools/posts`, `sandbox/posts`.
//!
//! | module | content |
//! |---|---|
//! | [`cli`] | one file per sub-command; only this module reads flags and environment variables |
//! | [`transport`] | stdio, Streamable HTTP, the older HTTP+SSE; connects them to an MCP handler and knows nothing about Saki |
//! | [`server`] | what an MCP client sees, and the stages of a call in order |
//! | [`tools`] | the tools that an agent can call, and their error messages |
//! | [`mod@write`] | shared parts of all writes: times, media, policy, effects of a write |
//! | [`saki`] | a typed REST client that can be used alone; each request type is an endpoint |
//! | [`sandbox`] | a small simulated Saki that keeps its state in memory, for newcomers, the demo and the tests |
//!
//! Start with `saki/endpoint.rs`. Then read one resource through all layers, such as slots
//! (`saki/slots.rs`, `tools/slots.rs`, `sandbox/slots.rs`). Then read `server/dispatch.rs` and `tools/pipeline`.
//!
//! A read: arguments ─► tool ─► present.
//! A write: arguments ─► prepare (reads only) ─► policy ─► dry run? ─► replay? ─► confirm ─► send ─► present.
//! A replay is answered before the confirmation: it sends nothing, and the first call was already confirmed.
//!
//! Three behaviours may surprise:
//!
//! - `update_cluster` keeps omitted fields, also accounts and time, because most calls change only the text.
//! - A request that fails in TLS is not retried, because it would fail again in the same way.
//! - `set_account_active` is never sent twice, because a Saki that toggles the flag would switch it back.
//!
//! # Glossary
//!
//! | word | meaning |
//! |---|---|
//! | space, account, slot, queue, board | Saki's own words; a space holds accounts, posts, slots and webhooks |
//! | cluster | the posts that one create call made, one per account |
//! | tool | what an agent can call; a write is a tool that changes something |
//! | pipeline | the steps of every write, in `tools/pipeline` |
//! | prepared | a write after all lookups, before anything is sent: effects, preview, request |
//! | effects | the consequences of a write, as data: live posts, drafts, edits, deletions, uploads |
//! | live post | a post that goes public, at once or at a scheduled time |
//! | preview | a readable description of a write before it is sent; the answer of a dry run |
//! | question | asks a person before a write that cannot be undone (MCP elicitation) |
//! | confirmation token | a second call sends it to confirm the first, when no person can be asked |
//! | principal | who calls: the holder of a token, the subject of an access token, or whoever has a Saki key |
//! | caller | a principal with its Saki key and the limits of one request |
//! | auth method | how a request authenticates: tokens of the server, OAuth, Saki keys of requests |
//! | policy, limit | the operator's restrictions; limits can be added but not removed |
//! | idempotency key | equal for two creates that mean the same; the second gets the stored outcome |
//! | replay | an answer from a stored outcome; nothing is sent |
//! | reconciliation | the search for posts of a create whose answer was lost |
//! | read-back | reads posts after a write and checks whether Saki shows the requested values |
//! | dialect | the formats that this Saki accepts where the reference is silent: create form, field names, date formats |
//! | directory | spaces and accounts, cached and resolved by id, name, handle or network |
//! | interpretation | how an ambiguous argument was read; the result names it as `understood` |
//! | detached write | a write that is completed although its call was cancelled |
//! | replica | one of several servers behind a balancer, with one shared store |
//! | shared store | a key-value store, in memory or in a Redis that all replicas share |
//! | lease | the right to send a write among all replicas; it lapses when its server ends |
//! | lost attempt | a create whose server ended, or that the store forgot; it is looked for before an equal one is sent |
//! | result variants | `outcome`: done, preview, confirmation_needed, replayed; `class`: rejected, partly, not_sent, unknown_outcome |

pub mod cli;
pub mod saki;
pub mod sandbox;
pub mod server;
pub mod tools;
pub mod transport;
pub mod write;
