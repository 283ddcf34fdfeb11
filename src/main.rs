//! The `saki-mcp` binary; everything it does lives in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    saki_mcp::cli::main()
}
