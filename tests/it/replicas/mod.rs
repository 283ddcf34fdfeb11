//! Several servers with one store: what they do together, as one server would.

mod killed_replica;
mod processes;
mod redis_outage;
mod sealed_store;
mod shared_state;
