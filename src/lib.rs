//! `saki-mcp` puts Saki, a social-media scheduler, behind the Model Context Protocol.

pub mod saki;
pub mod sandbox;
pub mod transport;
pub mod write;
