//! The servers that somebody might use instead, installed from npm and PyPI into `target/peers`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::subject::{Kind, Subject};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers");
/// The official SDK of TypeScript.
pub(crate) const TYPESCRIPT: (&str, &str) = ("@modelcontextprotocol/sdk", "1.32.2");
/// The best known framework of Python; it makes a server out of an OpenAPI file.
pub(crate) const FASTMCP: (&str, &str) = ("fastmcp", "4.2.3");

/// Installs them if needed. Needs Node 18 and Python 3.10.
pub(crate) fn install() -> anyhow::Result<[Subject; 2]> {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers");
    std::fs::create_dir_all(&installed)?;
    Ok([typescript(&installed)?, fastmcp(&installed)?])
}

fn typescript(installed: &Path) -> anyhow::Result<Subject> {
    let (name, version) = TYPESCRIPT;
    let flags = [
        "--no-save",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--loglevel=error",
    ];
    let mut npm = Command::new("npm");
    npm.arg("install")
        .arg("--prefix")
        .arg(installed)
        .args(flags);
    run(npm.arg(format!("{name}@{version}")))?;
    // Node looks for packages beside the script.
    let script = installed.join("typescript_server.mjs");
    std::fs::copy(Path::new(FOLDER).join("typescript_server.mjs"), &script)?;
    Ok(peer("TypeScript SDK", "node".into(), script, 1_500))
}

fn fastmcp(installed: &Path) -> anyhow::Result<Subject> {
    let (name, version) = FASTMCP;
    let environment = installed.join("python");
    run(Command::new("python3")
        .args(["-m", "venv"])
        .arg(&environment))?;
    let python = environment.join("bin/python");
    let quiet = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    run(Command::new(&python)
        .args(quiet)
        .arg(format!("{name}=={version}")))?;
    let script = Path::new(FOLDER).join("fastmcp_server.py");
    Ok(peer("FastMCP", python.into(), script, 200))
}

fn peer(name: &str, program: OsString, script: PathBuf, calls: usize) -> Subject {
    let script = script.into();
    Subject::new(name, Kind::Peer { program, script }, calls)
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{command:?} could not be started"))?;
    ensure!(status.success(), "{command:?}: {status}");
    Ok(())
}
