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
//! (`saki/slots.rs`, `tools/slots.rs`, `sandbox/slots.rs`), then `server/dispatch.rs` and `tools/pipeline`.
//!
//! A read: arguments ─► tool ─► present.
//! A write: arguments ─► prepare (reads only) ─► policy ─► dry run? ─► replay? ─► confirm ─► send ─► present.
//! A replay is answered before a person is asked: it sends nothing, and what it repeats was asked about.
//!
//! Where this differs from what one would expect of the API:
//! `update_cluster` keeps what is left out, accounts and time included, since a plain change of text is the commoner wish.
//! A request that TLS refuses is not retried, since it fails the same way again.
//! `set_account_active` is never sent twice, since a Saki that only flips the flag would flip it back.
//!
//! # Glossary
//!
//! | word | meaning |
//! |---|---|
//! | space, account, slot, queue, board | Saki's own words; a space holds accounts, posts, slots and webhooks |
//! | cluster | the posts that one create call made, one for each account |
//! | tool | what an agent can call; a write is a tool that changes something |
//! | pipeline | the steps of every write, in `tools/pipeline` |
//! | prepared | a write after all lookups, before anything is sent: effects, preview, request |
//! | effects | what a write will do, as data: live posts, drafts, edits, deletions, uploads |
//! | live post | a post that goes public, at once or at a time |
//! | preview | a write as a person reads it before it happens; the answer of a dry run |
//! | question | what a person is asked before a write that cannot be taken back (MCP elicitation) |
//! | confirmation token | what a second call brings to confirm the first, where no person can be asked |
//! | policy, limit | what the operator forbids; a limit can be added and never taken away |
//! | idempotency key | what two creates share that mean the same; the second is answered with the stored outcome |
//! | replay | an answer from a stored outcome; nothing is sent |
//! | reconciliation | looking for the posts of a create whose answer was lost |
//! | read-back | reading posts after a write, to say whether Saki shows what was asked for |
//! | dialect | what this Saki takes where the reference is silent: form of a create, field names, date formats |
//! | directory | spaces and accounts, cached and resolved by id, name, handle or network |
//! | interpretation | how an ambiguous argument was read; the result names it as `understood` |
//! | detached write | a write that runs to its end although its call was cancelled |
//! | shared store | the key-value store that several replicas could share; in memory today |
//! | variant words of results | `outcome`: done, preview, confirmation_needed, replayed; `class`: rejected, not_sent, unknown_outcome |

pub mod cli;
pub mod saki;
pub mod sandbox;
pub mod server;
pub mod tools;
pub mod transport;
pub mod write;
