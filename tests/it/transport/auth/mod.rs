//! Authentication over HTTP, on the real binary: who comes in, with which Saki key, and what nobody sees of another.

mod access_tokens;
mod fair_share;
mod isolation;
mod issuer_keys;
mod own_tokens;
mod request_limits;
mod saki_keys;
mod session_principals;
mod start;
