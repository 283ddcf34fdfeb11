//! The real binary as a child process, in an environment of the test's own.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

use crate::support::fixture_server::initialize;

/// A hang is a failure, not a test that never ends.
const BOUND: Duration = Duration::from_secs(60);

/// A command that runs the binary, and what is set in its environment beside a bare `PATH` and `HOME`.
pub(crate) fn command(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_saki-mcp"));
    command.env_clear().args(arguments);
    for name in ["PATH", "SystemRoot", "LLVM_PROFILE_FILE"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command
        .env("HOME", env!("CARGO_TARGET_TMPDIR"))
        // The keyring of the person who runs the tests is no test subject.
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .envs(environment.iter().copied());
    command
}

/// The same command after a line of shell, such as a limit on what the process may use.
pub(crate) fn command_after(line: &str, arguments: &[&str]) -> Command {
    let binary = command(arguments, &[]);
    let set = |(name, value): (&OsStr, Option<&OsStr>)| Some((name.to_owned(), value?.to_owned()));
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("{line}; exec \"$0\" \"$@\"")])
        .arg(binary.get_program())
        .args(binary.get_args())
        .env_clear()
        .envs(binary.get_envs().filter_map(set));
    shell
}

/// What a command did that ended by itself.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the binary to its end, its input empty.
pub(crate) fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    run_with(arguments, environment, "")
}

/// Runs the binary to its end with an input.
pub(crate) fn run_with(arguments: &[&str], environment: &[(&str, &str)], input: &str) -> Ended {
    let output = assert_cmd::Command::from_std(command(arguments, environment))
        .write_stdin(input)
        .timeout(BOUND)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}

/// A binary that serves.
pub(crate) struct Serving {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    log: Receiver<String>,
    readers: Vec<JoinHandle<()>>,
    /// All lines that standard output had so far.
    pub(crate) said: Vec<String>,
    /// All lines that standard error had so far.
    pub(crate) logged: Vec<String>,
}

fn lines(stream: impl Read + Send + 'static) -> (Receiver<String>, JoinHandle<()>) {
    let (sender, receiver) = channel();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { break };
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    (receiver, reader)
}

impl Serving {
    pub(crate) fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::of(command(arguments, environment))
    }

    /// Started by a command of the test's own.
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (said, out) = lines(child.stdout.take().unwrap());
        let (log, err) = lines(child.stderr.take().unwrap());
        Self {
            input: child.stdin.take(),
            child,
            lines: said,
            log,
            readers: vec![out, err],
            said: Vec::new(),
            logged: Vec::new(),
        }
    }

    /// Started on standard input and output, and initialized.
    pub(crate) fn initialized(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut serving = Self::start(arguments, environment);
        serving.ask(&initialize("2025-11-25"));
        serving
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).and_then(|()| input.flush()).unwrap();
    }

    pub(crate) fn send(&mut self, message: &Value) {
        self.write(format!("{message}\n").as_bytes());
    }

    /// The next line of standard output, as JSON.
    pub(crate) fn answer(&mut self) -> Value {
        let line = self.lines.recv_timeout(BOUND).unwrap();
        self.said.push(line.clone());
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"))
    }

    pub(crate) fn ask(&mut self, message: &Value) -> Value {
        self.send(message);
        self.answer()
    }

    /// The text between `before` and the next `after` in the first line of the log that has it.
    pub(crate) fn logged_between(&mut self, before: &str, after: &str) -> String {
        loop {
            let line = self.next_log_line();
            if let Some((_, rest)) = line.split_once(before) {
                return rest.split(after).next().unwrap().to_owned();
            }
        }
    }

    /// The next line of the log.
    pub(crate) fn next_log_line(&mut self) -> String {
        let line = self.log.recv_timeout(BOUND).unwrap();
        self.logged.push(line.clone());
        line
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks the process to end, as a service manager does.
    #[cfg(unix)]
    pub(crate) fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    /// Asks the process to read its files anew.
    #[cfg(unix)]
    pub(crate) fn hang_up(&self) {
        self.signal(rustix::process::Signal::HUP);
    }

    // At once: a program that sends it would take milliseconds, in which a race is won.
    #[cfg(unix)]
    fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), signal)
            .unwrap();
    }

    pub(crate) fn close_input(&mut self) {
        self.input = None;
    }

    /// Waits for the end, with everything that was still said.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let mut waited = Duration::ZERO;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                waited < BOUND,
                "it does not end; its log: {:#?}",
                self.logged
            );
            std::thread::sleep(Duration::from_millis(10));
            waited += Duration::from_millis(10);
        };
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        self.said.extend(self.lines.try_iter());
        self.logged.extend(self.log.try_iter());
        status
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // A test that failed must leave nothing behind; one that went well has waited for the end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `saki-mcp sandbox` as a process of its own.
pub(crate) struct Alone {
    /// Address for `SAKI_BASE_URL`.
    pub(crate) base_url: String,
    origin: String,
    client: reqwest::Client,
    _serving: Serving,
}

impl Alone {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let all = [&["sandbox", "--bind", "127.0.0.1:0"], arguments].concat();
        let mut serving = Serving::start(&all, &[]);
        let origin = format!(
            "http://{}",
            serving.logged_between("Saki at http://", "/api")
        );
        // reqwest wants a provider of TLS even for plain http; a second installation is refused, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            base_url: format!("{origin}/api"),
            origin,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            _serving: serving,
        }
    }

    pub(crate) async fn fault(&self, fault: &Value) {
        let url = format!("{}/_sandbox/faults", self.origin);
        let response = self.client.post(url).json(fault).send().await.unwrap();
        assert_eq!(response.status(), 201);
    }

    pub(crate) async fn clear_faults(&self) {
        let url = format!("{}/_sandbox/faults", self.origin);
        let response = self.client.delete(url).send().await.unwrap();
        assert!(response.status().is_success());
    }

    /// What reached it, once that are `many` calls.
    pub(crate) async fn log(&self, many: usize) -> Vec<Value> {
        let url = format!("{}/_sandbox/log", self.origin);
        for _ in 0..6000 {
            let response = self.client.get(&url).send().await.unwrap();
            let log: Vec<Value> = response.json().await.unwrap();
            if log.len() >= many {
                return log;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{many} calls did not arrive");
    }
}
