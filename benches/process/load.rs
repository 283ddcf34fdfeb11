//! Load over HTTP: 1, 32 and 1,000 connections, on one and two servers, with and without login and a shared store.
//!
//! ```sh
//! cargo bench --bench process -- load
//! ```
//!
//! The store needs `redis-server`; without it, its lines are left out. Two servers share the processors of one here, so
//! their lines show what sharing costs, and not what a second machine brings.

use std::fmt::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::calls;
use crate::child::Server;
use crate::figures::number;
use crate::http::{Endpoint, connection};

/// Limits that the largest of them stays below.
const LIMITS: [&str; 3] = [
    "--max-connections=3000",
    "--max-calls=3000",
    "--max-calls-per-principal=3000",
];
const SECRET: &str = "a secret of the benchmark with 32 or more characters";
const LONGEST_START: Duration = Duration::from_secs(10);

/// How the servers are set up.
#[derive(Debug, Clone, Copy)]
struct Setup {
    servers: usize,
    login: bool,
    store: bool,
}

const SETUPS: [Setup; 5] = [
    Setup {
        servers: 1,
        login: false,
        store: false,
    },
    Setup {
        servers: 1,
        login: true,
        store: false,
    },
    Setup {
        servers: 1,
        login: false,
        store: true,
    },
    Setup {
        servers: 1,
        login: true,
        store: true,
    },
    Setup {
        servers: 2,
        login: true,
        store: true,
    },
];

/// What is called: a read that Saki answers at once, and a draft in the sandbox, which is known again when it is asked for twice.
#[derive(Debug, Clone, Copy)]
enum Work {
    Read,
    Draft,
}

impl Work {
    const fn name(self) -> &'static str {
        match self {
            Self::Read => "get_subscription",
            Self::Draft => "create_post, a draft",
        }
    }

    /// Connections, each with one call at a time. A month of drafts in a second would measure only the look at Saki that
    /// a create makes while the store is new.
    const fn widths(self) -> &'static [usize] {
        match self {
            Self::Read => &[1, 32, 1000],
            Self::Draft => &[1, 32],
        }
    }

    /// Calls at a width: about a second of them, and at least two on each connection.
    fn calls(self, width: usize) -> usize {
        let most = match self {
            Self::Read => 8_000,
            Self::Draft => 320,
        };
        (most / width).max(2) * width
    }

    fn body(self, id: usize, salt: usize) -> String {
        match self {
            Self::Read => calls::call(id, "get_subscription", "{}"),
            Self::Draft => {
                let arguments = format!(
                    r#"{{"space_id":1,"account_ids":[11],"content":"Draft {salt}-{id}","publish":"draft"}}"#
                );
                calls::call(id, "create_post", &arguments)
            }
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Read => "473",
            // And not replayed.
            Self::Draft => r#""outcome":"done""#,
        }
    }
}

/// Prints the table.
pub(crate) fn measure(binary: &Path, upstream: &str) -> anyhow::Result<String> {
    let directory = tempfile::tempdir()?;
    let mut table = String::from(
        "| call | servers | login | store | connections | calls/s | p50, ms | p99, ms | memory of all servers, MiB |\n|---|--:|---|---|--:|--:|--:|--:|--:|\n",
    );
    for work in [Work::Read, Work::Draft] {
        for setup in SETUPS {
            // One of its own, since each sandbox begins with the same ids.
            let store = match setup.store {
                true => Redis::start(directory.path())?,
                false => None,
            };
            if setup.store && store.is_none() {
                eprintln!("no redis-server: {setup:?} is left out");
                continue;
            }
            let sandbox = match work {
                Work::Read => None,
                Work::Draft => Some(Sandbox::start(binary)?),
            };
            let upstream = sandbox
                .as_ref()
                .map_or(upstream, |sandbox| &sandbox.address);
            let servers =
                Servers::start(binary, setup, store.as_ref(), directory.path(), upstream)?;
            // A store that is new has the first create wait for what other servers may tell it.
            servers.load(work, 1, 1)?;
            for &width in work.widths() {
                let count = work.calls(width);
                let (rate, p50, p99) = servers.load(work, count, width)?;
                let memory: f64 = servers.memory();
                let yes = |is_so: bool| if is_so { "yes" } else { "" };
                writeln!(
                    table,
                    "| {} | {} | {} | {} | {width} | {} | {} | {} | {} |",
                    work.name(),
                    setup.servers,
                    yes(setup.login),
                    yes(setup.store),
                    number(rate),
                    number(p50),
                    number(p99),
                    number(memory)
                )?;
                eprintln!(
                    "{} {setup:?} {width}: {} calls/s",
                    work.name(),
                    number(rate)
                );
            }
        }
    }
    Ok(table)
}

/// Servers of one setup, and how a client reaches them.
struct Servers {
    servers: Vec<Server>,
    endpoints: Vec<Endpoint>,
}

impl Servers {
    fn start(
        binary: &Path,
        setup: Setup,
        store: Option<&Redis>,
        directory: &Path,
        upstream: &str,
    ) -> anyhow::Result<Self> {
        let (mut servers, mut endpoints) = (Vec::new(), Vec::new());
        let (tokens, secret) = (directory.join("tokens"), directory.join("secret"));
        let mut token = None;
        if setup.login {
            let made = Command::new(binary)
                .args(["token", "new", "anna"])
                .output()?;
            private_file(&tokens, &made.stdout)?;
            let said = String::from_utf8(made.stderr)?;
            let word = said
                .split_whitespace()
                .find(|word| word.starts_with("saki_mcp_"));
            token = Some(word.context("no token")?.to_owned());
        }
        private_file(&secret, SECRET.as_bytes())?;
        for _ in 0..setup.servers {
            let port = free_port()?;
            let mut command = Command::new(binary);
            command.args(["http", "--bind", &format!("127.0.0.1:{port}")]);
            command.args(LIMITS);
            if setup.login {
                command.arg("--auth-tokens").arg(&tokens);
            }
            if let Some(store) = store {
                command.args(["--store-url", &format!("redis://127.0.0.1:{}", store.port)]);
                command.arg("--store-secret-file").arg(&secret);
            }
            servers.push(Server::on_port(command, upstream, port)?);
            endpoints.push(Endpoint {
                port,
                token: token.clone(),
            });
        }
        Ok(Self { servers, endpoints })
    }

    /// Calls per second, and the median and the slowest hundredth of their times in milliseconds.
    fn load(&self, work: Work, count: usize, width: usize) -> anyhow::Result<(f64, f64, f64)> {
        let each = count / width;
        let start = Instant::now();
        let answers = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..width)
                .map(|worker| {
                    let endpoint = &self.endpoints[worker % self.endpoints.len()];
                    let bodies = worker * each..(worker + 1) * each;
                    let bodies = bodies.map(move |id| work.body(id, count * width));
                    scope.spawn(move || connection(endpoint, bodies))
                })
                .collect();
            let mut answers = Vec::new();
            for worker in workers {
                answers.extend(worker.join().ok().context("a connection panicked")??);
            }
            anyhow::Ok(answers)
        })?;
        let took = start.elapsed().as_secs_f64();
        let bodies = answers.iter().map(|answer| answer.body.as_slice());
        calls::check(bodies, 0..count, work.word())?;
        let mut times: Vec<f64> = answers
            .iter()
            .map(|answer| answer.took.as_secs_f64() * 1e3)
            .collect();
        times.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        Ok((count as f64 / took, at(0.5), at(0.99)))
    }

    fn memory(&self) -> f64 {
        self.servers.iter().filter_map(Server::memory).sum()
    }
}

/// A process that ends when this is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // The process may have exited already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Redis {
    port: u16,
    _process: Running,
}

impl Redis {
    /// `None` where there is no `redis-server`.
    fn start(directory: &Path) -> anyhow::Result<Option<Self>> {
        let port = free_port()?;
        let started = Command::new("redis-server")
            .args([
                "--port",
                &port.to_string(),
                "--save",
                "",
                "--appendonly",
                "no",
            ])
            .current_dir(directory)
            .stdout(Stdio::null())
            .spawn();
        let Ok(process) = started else {
            return Ok(None);
        };
        let process = Running(process);
        wait_for(port)?;
        Ok(Some(Self {
            port,
            _process: process,
        }))
    }
}

struct Sandbox {
    address: String,
    _process: Running,
}

impl Sandbox {
    fn start(binary: &Path) -> anyhow::Result<Self> {
        let port = free_port()?;
        let process = Command::new(binary)
            .args(["sandbox", "--bind", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let process = Running(process);
        wait_for(port)?;
        Ok(Self {
            address: format!("http://127.0.0.1:{port}/api"),
            _process: process,
        })
    }
}

/// A port that was just bound and closed is not handed out again soon.
fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn wait_for(port: u16) -> anyhow::Result<()> {
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        ensure!(
            start.elapsed() < LONGEST_START,
            "nothing listens on port {port}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn private_file(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, content)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o600))?;
    }
    Ok(())
}
