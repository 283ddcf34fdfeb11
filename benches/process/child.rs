//! The server as a child process, and its memory as `/proc` shows it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}"#;
const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

/// A running server; it is killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) stdin: ChildStdin,
    pub(crate) stdout: BufReader<ChildStdout>,
}

impl Server {
    /// Starts the binary and does not wait until it is ready.
    pub(crate) fn spawn(upstream: &str, arguments: &[&str]) -> anyhow::Result<Self> {
        let mut child = Command::new(crate::binary())
            .args(arguments)
            .env("SAKI_API_KEY", "bench-key-1")
            .env("SAKI_BASE_URL", upstream)
            .env("SAKI_LOG", "warn")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the server could not be started")?;
        let stdin = child.stdin.take().context("no stdin")?;
        let stdout = child.stdout.take().context("no stdout")?;
        let stdout = BufReader::with_capacity(256 * 1024, stdout);
        Ok(Self {
            child,
            stdin,
            stdout,
        })
    }

    /// Starts the binary on stdio and initializes it. The time runs from the start to the answer.
    pub(crate) fn initialized(
        upstream: &str,
        arguments: &[&str],
    ) -> anyhow::Result<(Self, Duration)> {
        let start = Instant::now();
        let mut server = Self::spawn(upstream, arguments)?;
        let answer = server.ask(INITIALIZE)?;
        let took = start.elapsed();
        ensure!(answer.contains("serverInfo"), "initialize: {answer}");
        writeln!(server.stdin, "{INITIALIZED}")?;
        Ok((server, took))
    }

    /// Sends a line and reads the next one.
    pub(crate) fn ask(&mut self, line: &str) -> anyhow::Result<String> {
        self.stdin.write_all(format!("{line}\n").as_bytes())?;
        let mut answer = String::new();
        self.stdout.read_line(&mut answer)?;
        Ok(answer)
    }

    /// Calls a tool that must not fail.
    pub(crate) fn call(&mut self, tool: &str, arguments: &str) -> anyhow::Result<String> {
        let answer = self.ask(&call(1, tool, arguments))?;
        if answer.contains(r#""isError":true"#) || !answer.contains(r#""result""#) {
            bail!("{tool}: {answer}");
        }
        Ok(answer)
    }

    /// Resident memory now and at its peak, in kB; `None` where there is no `/proc`.
    pub(crate) fn memory(&self) -> Option<(u64, u64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let figure = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        Some((figure("VmRSS:")?, figure("VmHWM:")?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A `tools/call` request as JSON.
pub(crate) fn call(id: u64, tool: &str, arguments: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#
    )
}
