//! Binary `saki-mcp`: `cli::main` runs the command and decides the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    saki_mcp::cli::main()
}
