//! A Redis of the test's own, which keeps nothing on disk.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// What one key holds.
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) value: Vec<u8>,
    /// In milliseconds; negative where it never expires.
    pub(crate) expires_in: i64,
}

pub(crate) struct RedisServer {
    port: u16,
    child: Option<Child>,
    directory: TempDir,
}

impl RedisServer {
    pub(crate) fn start() -> Self {
        let mut server = Self::stopped();
        server.start_again();
        server
    }

    /// One that does not run yet.
    pub(crate) fn stopped() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            port: free.local_addr().unwrap().port(),
            child: None,
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// Starts it, empty, at the same address as before.
    pub(crate) fn start_again(&mut self) {
        let port = self.port.to_string();
        let arguments = ["--port", &port, "--bind", "127.0.0.1", "--save", ""];
        let child = Command::new("redis-server")
            .args(arguments)
            .args(["--appendonly", "no"])
            .current_dir(self.directory.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let how = "this test needs redis-server on the PATH: apt-get install redis-server, or brew install redis";
        self.child = Some(child.unwrap_or_else(|error| panic!("{how} ({error})")));
        for _ in 0..3000 {
            let pong = self
                .connect()
                .and_then(|mut connection| redis::cmd("PING").query::<String>(&mut connection));
            if pong.is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("redis-server does not answer");
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Lets nobody have an answer for so many milliseconds.
    pub(crate) fn hang(&self, millis: u64) {
        let mut connection = self.connect().unwrap();
        let mut pause = redis::cmd("CLIENT");
        let pause = pause.arg("PAUSE").arg(millis);
        pause.exec(&mut connection).unwrap();
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn connect(&self) -> redis::RedisResult<redis::Connection> {
        redis::Client::open(self.url())?.get_connection()
    }

    /// Everything that it holds.
    pub(crate) fn dump(&self) -> Vec<Entry> {
        let mut connection = self.connect().unwrap();
        let keys: Vec<String> = redis::cmd("KEYS").arg("*").query(&mut connection).unwrap();
        let mut entry = |key: String| Entry {
            value: redis::cmd("GET").arg(&key).query(&mut connection).unwrap(),
            expires_in: redis::cmd("PTTL").arg(&key).query(&mut connection).unwrap(),
            key,
        };
        keys.into_iter().map(&mut entry).collect()
    }

    /// Puts back what an earlier one held.
    pub(crate) fn restore(&self, entries: &[Entry]) {
        let mut connection = self.connect().unwrap();
        for entry in entries {
            let mut set = redis::cmd("SET");
            let set = set.arg(&entry.key).arg(&entry.value).arg("PX");
            set.arg(entry.expires_in).exec(&mut connection).unwrap();
        }
    }

    /// Makes what expires within a time expire now.
    pub(crate) fn expire(&self, within: Duration) {
        let mut connection = self.connect().unwrap();
        for entry in self.dump() {
            if u128::try_from(entry.expires_in).is_ok_and(|left| left <= within.as_millis()) {
                let delete = redis::cmd("DEL").arg(&entry.key).exec(&mut connection);
                delete.unwrap();
            }
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
