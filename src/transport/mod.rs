//! Bytes in, an MCP handler out: stdio, Streamable HTTP and the older HTTP+SSE pair. Nothing here knows Saki.
