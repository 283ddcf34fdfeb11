//! The `saki-mcp` binary.

fn main() {}
