//! A server as a child process, and its memory as `/proc` shows it.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::calls;
use crate::subject::{Subject, Transport};

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}"#;
const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
/// By then, a server that nobody asks has done what it does in the background, and has given memory back.
pub(crate) const UNTIL_IDLE: Duration = Duration::from_secs(1);
const LONGEST_START: Duration = Duration::from_secs(30);

/// A running server; it is killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) stdin: ChildStdin,
    pub(crate) stdout: BufReader<ChildStdout>,
}

impl Server {
    fn spawn(mut command: Command, upstream: &str) -> anyhow::Result<Self> {
        let openapi = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/openapi.json");
        let mut child = command
            .env("SAKI_API_KEY", "bench-key-1")
            .env("SAKI_BASE_URL", upstream)
            .env("SAKI_LOG", "warn")
            .env("OPENAPI", openapi)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{command:?} could not be started"))?;
        let stdin = child.stdin.take().context("no stdin")?;
        let stdout = child.stdout.take().context("no stdout")?;
        let stdout = BufReader::with_capacity(256 * 1024, stdout);
        Ok(Self {
            child,
            stdin,
            stdout,
        })
    }

    /// Starts a server on stdio and initializes it. The time runs from the start to the answer.
    pub(crate) fn initialized(
        subject: &Subject,
        upstream: &str,
        arguments: &[&str],
    ) -> anyhow::Result<(Self, Duration)> {
        let mut command = subject.command(Transport::Stdio).context("no server")?;
        command.args(arguments);
        let start = Instant::now();
        let mut server = Self::spawn(command, upstream)?;
        let answer = server.ask(INITIALIZE)?;
        let took = start.elapsed();
        ensure!(answer.contains("serverInfo"), "initialize: {answer}");
        writeln!(server.stdin, "{INITIALIZED}")?;
        Ok((server, took))
    }

    /// Starts a server on HTTP, and waits until it listens. Returns its port.
    pub(crate) fn listening(subject: &Subject, upstream: &str) -> anyhow::Result<(Self, u16)> {
        // A port that was just bound and closed is not handed out again soon.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let command = subject
            .command(Transport::Http(port))
            .context("no server")?;
        let server =
            Self::on_port(command, upstream, port).with_context(|| subject.name.clone())?;
        Ok((server, port))
    }

    /// Starts a server, and waits until it listens on a port.
    pub(crate) fn on_port(command: Command, upstream: &str, port: u16) -> anyhow::Result<Self> {
        let server = Self::spawn(command, upstream)?;
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if start.elapsed() > LONGEST_START {
                bail!("nothing listens on port {port}");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(server)
    }

    /// Sends a line and reads the next one.
    pub(crate) fn ask(&mut self, line: &str) -> anyhow::Result<String> {
        self.stdin.write_all(format!("{line}\n").as_bytes())?;
        let mut answer = String::new();
        self.stdout.read_line(&mut answer)?;
        Ok(answer)
    }

    /// Calls a tool that must not fail, and whose answer must have a word.
    pub(crate) fn call(&mut self, tool: &str, arguments: &str, word: &str) -> anyhow::Result<()> {
        let answer = self.ask(&calls::call(1, tool, arguments))?;
        calls::check([answer.as_bytes()], [1], word).with_context(|| tool.to_owned())
    }

    /// Resident memory in MiB; `None` where there is no `/proc`.
    pub(crate) fn memory(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kibibytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kibibytes / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
