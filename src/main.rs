//! Binary `saki-mcp`: `cli::main` runs the command and decides the exit code.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Settings that jemalloc reads at the start: one arena and small thread caches, since an idle server should be small;
/// a thread of its own that returns free memory after half a second, since nothing else runs when the server is idle.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "jemalloc finds its settings by the name of a symbol"
)]
// SAFETY: jemalloc defines this symbol weakly, as a pointer to a string that ends with a zero byte.
#[unsafe(export_name = "_rjem_malloc_conf")]
static ALLOCATOR_SETTINGS: &[u8] =
    b"narenas:1,tcache_max:8192,dirty_decay_ms:500,muzzy_decay_ms:0,background_thread:true\0";

fn main() -> ExitCode {
    saki_mcp::cli::main()
}
