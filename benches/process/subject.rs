//! What is measured: this server, another build of it, a peer, or the requests without a server.

use std::ffi::OsString;
use std::process::Command;

/// How a client reaches a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Stdio,
    /// Streamable HTTP on this port of 127.0.0.1.
    Http(u16),
}

/// The binary of this build, unless `BENCH_BINARY` names another.
pub(crate) fn binary() -> OsString {
    std::env::var_os("BENCH_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_saki-mcp").into())
}

/// What kind of server is started.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Direct,
    SakiMcp(OsString),
    /// A script of `benches/peers` and what runs it.
    Peer {
        program: OsString,
        script: OsString,
    },
}

/// A column of the table.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Calls of one round: as many as take about a second.
    pub(crate) calls: usize,
}

impl Subject {
    pub(crate) fn direct() -> Self {
        Self::new("direct", Kind::Direct, 8_000)
    }

    pub(crate) fn saki_mcp() -> Self {
        Self::new("saki-mcp", Kind::SakiMcp(binary()), 4_000)
    }

    pub(crate) fn before(binary: OsString) -> Self {
        Self::new("saki-mcp before", Kind::SakiMcp(binary), 4_000)
    }

    pub(crate) fn new(name: &str, kind: Kind, calls: usize) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            calls,
        }
    }

    pub(crate) fn is_saki_mcp(&self) -> bool {
        matches!(self.kind, Kind::SakiMcp(_))
    }

    /// The command that serves; `None` for the requests without a server.
    pub(crate) fn command(&self, transport: Transport) -> Option<Command> {
        match &self.kind {
            Kind::Direct => None,
            Kind::SakiMcp(binary) => {
                let mut command = Command::new(binary);
                if let Transport::Http(port) = transport {
                    command.args(["http", "--bind", &format!("127.0.0.1:{port}")]);
                }
                Some(command)
            }
            Kind::Peer { program, script } => {
                let mut command = Command::new(program);
                command.arg(script);
                match transport {
                    Transport::Stdio => command.arg("stdio"),
                    Transport::Http(port) => command.args(["http", &port.to_string()]),
                };
                Some(command)
            }
        }
    }
}
