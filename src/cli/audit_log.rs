//! Audit log: one JSON line in a file for each call of a tool that writes, also for dry runs and refusals.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, bail};
use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::global_flags::{boolean, path};
use crate::server::EndedWrite;
use crate::tools::{CONFIRMATION, ConfirmedBy};
use crate::transport::ReloadSignal;
use crate::write::changed_ids::ChangedIds;

/// The longest text of an argument that is logged; longer ones are files as a rule.
const MAX_TEXT: usize = 20_000;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Audit log")]
pub(super) struct AuditFlags {
    /// File to which one line of JSON is added for each write, dry run and refusal of a write
    ///
    /// A line says when, who, which tool, which ids changed, how it ended, and who confirmed it: "person", "second_call" (which an assistant can make alone) or "none".
    /// The file is created for its owner alone (mode 0600), and opened anew at SIGHUP, so that it can be rotated.
    /// A line that cannot be written is an error in the log of the server, and does not stop the write.
    #[arg(long, value_name = "FILE", env = "SAKI_AUDIT_LOG", value_parser = path())]
    audit_log: Option<PathBuf>,
    /// Also put the arguments of each write into the audit log, with the texts of posts
    ///
    /// By default, it holds no texts. Of a text over 20,000 characters, such as a file in base64, only the start is logged.
    #[arg(long, env = "SAKI_AUDIT_TEXTS", value_parser = boolean, requires = "audit_log")]
    audit_texts: bool,
}

impl AuditFlags {
    /// Opens the file of the flag, and again at each `reload`.
    pub(super) fn open(&self, mut reload: ReloadSignal) -> anyhow::Result<Option<Arc<AuditLog>>> {
        let Some(path) = &self.audit_log else {
            return Ok(None);
        };
        let file = open(path).with_context(|| format!("--audit-log {}", path.display()))?;
        let log = Arc::new(AuditLog {
            path: path.clone(),
            file: Mutex::new(LogFile {
                file,
                is_torn: false,
            }),
            keeps_texts: self.audit_texts,
        });
        let reopened = Arc::downgrade(&log);
        tokio::spawn(async move {
            loop {
                reload.received().await;
                match reopened.upgrade() {
                    Some(log) => log.reopen(),
                    None => return,
                }
            }
        });
        Ok(Some(log))
    }
}

/// An audit log that is open.
#[derive(Debug)]
pub(super) struct AuditLog {
    path: PathBuf,
    file: Mutex<LogFile>,
    pub(super) keeps_texts: bool,
}

#[derive(Debug)]
struct LogFile {
    file: File,
    /// Whether the last line may stand there in part.
    is_torn: bool,
}

/// One call of a tool that writes.
#[derive(Debug, Serialize)]
struct AuditLine<'a> {
    time: Timestamp,
    request_id: Option<&'a str>,
    principal: Option<&'a str>,
    client: Option<&'a str>,
    tool: &'a str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'static str>,
    /// The status with which Saki refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// The limit that forbade it.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a str>,
    confirmed_by: ConfirmedBy,
    #[serde(skip_serializing_if = "Option::is_none")]
    space_id: Option<&'a str>,
    /// Method and path of the request that was sent or would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<&'a str>,
    /// What it changed or would change.
    changes: &'a ChangedIds,
    /// The ids among the arguments.
    named: &'a Map<String, Value>,
    /// Its caller did not wait for the outcome.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    outlived_call: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<Map<String, Value>>,
}

impl AuditLog {
    /// Adds the line of a write.
    pub(super) fn add(&self, write: &EndedWrite) {
        let failure = write.failure.as_ref();
        let line = AuditLine {
            time: write.begun,
            request_id: write.http.request_id.as_deref(),
            principal: write.principal.as_deref(),
            client: write.http.client.as_deref(),
            tool: &write.tool,
            outcome: write.outcome.name(),
            class: failure.and_then(|failure| failure.class),
            status: failure.and_then(|failure| failure.status),
            policy: failure.and_then(|failure| failure.policy.as_deref()),
            confirmed_by: write.notes.confirmed_by,
            space_id: write.notes.space_id.as_deref(),
            request: write.notes.request.as_deref(),
            changes: &write.notes.changes,
            named: &write.named,
            outlived_call: write.outlived_call,
            arguments: write.arguments.as_ref().map(logged_arguments),
        };
        let written = serde_json::to_vec(&line)
            .map_err(io::Error::from)
            .and_then(|line| self.file().add(line));
        if let Err(error) = written {
            tracing::error!(
                request_id = line.request_id,
                tool = line.tool,
                outcome = line.outcome,
                "a line of the audit log {} could not be written: {error}",
                self.path.display()
            );
        }
    }

    fn reopen(&self) {
        match open(&self.path) {
            Ok(file) => {
                *self.file() = LogFile {
                    file,
                    is_torn: false,
                }
            }
            Err(error) => tracing::error!(
                "the audit log {} could not be opened anew, so the file of before stays in use: {error:#}",
                self.path.display()
            ),
        }
    }

    fn file(&self) -> MutexGuard<'_, LogFile> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LogFile {
    /// Adds a line in one piece, since other processes may write to the same file.
    fn add(&mut self, mut line: Vec<u8>) -> io::Result<()> {
        line.push(b'\n');
        if self.is_torn {
            line.insert(0, b'\n');
        }
        self.is_torn = true;
        self.file.write_all(&line)?;
        self.is_torn = false;
        Ok(())
    }
}

/// Opens a file to add lines to, which from now on only its owner may read.
fn open(path: &Path) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // A pipe would wait here for its reader.
    if std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        bail!("it is no regular file; name a file to which lines can be added");
    }
    let file = options.open(path).context("cannot open it")?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata()?.permissions().mode();
        if mode & 0o077 != 0 {
            let own = std::fs::Permissions::from_mode(0o600);
            file.set_permissions(own)
                .context("others can read it, and its mode cannot be set to 0600")?;
        }
    }
    Ok(file)
}

/// The arguments without what confirms a write, and with long texts cut.
fn logged_arguments(arguments: &Map<String, Value>) -> Map<String, Value> {
    let logged = arguments.iter().filter(|(name, _)| *name != CONFIRMATION);
    logged
        .map(|(name, value)| (name.clone(), cut(value)))
        .collect()
}

fn cut(value: &Value) -> Value {
    match value {
        Value::String(text) => match text.char_indices().nth(MAX_TEXT) {
            None => value.clone(),
            Some((end, _)) => {
                Value::String(format!("{}… ({} bytes in all)", &text[..end], text.len()))
            }
        },
        Value::Array(items) => items.iter().map(cut).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            Value::Object(fields.map(|(name, one)| (name.clone(), cut(one))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_TEXT, logged_arguments};
    use serde_json::json;

    #[test]
    fn a_confirmation_is_left_out_and_a_long_text_is_cut() {
        let long = "ü".repeat(MAX_TEXT + 1);
        let arguments = json!({"content": "Hi", "confirmation": "k7", "media": [{"data": long}]});
        let logged = json!(logged_arguments(arguments.as_object().unwrap()));
        let cut = format!("{}… ({} bytes in all)", "ü".repeat(MAX_TEXT), long.len());
        assert_eq!(logged, json!({"content": "Hi", "media": [{"data": cut}]}));
    }
}
