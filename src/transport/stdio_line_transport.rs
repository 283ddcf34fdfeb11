//! Stdio transport as rmcp knows it: one JSON-RPC message per line, with a limit on its length and backpressure.
//!
//! The transport of rmcp itself has gaps: it drops a last line without a newline and lines that are too long,
//! does not answer a line that is not JSON, and reads on while its answers pile up.

use std::collections::VecDeque;
use std::io;

use rmcp::RoleServer;
use rmcp::model::{ClientJsonRpcMessage, ErrorData, ServerJsonRpcMessage};
use rmcp::transport::Transport;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::MESSAGE_LIMIT;
use super::auth::Principal;
use super::batch_answers::{BatchAnswers, Outgoing};
use super::message_parser::{self, BYTE_ORDER_MARK, Incoming};
use super::pending_requests::{ConnectionRequests, PendingRequests, cancelled_id};
use super::shutdown::StdioShutdown;

const READ_BUFFER: usize = 64 * 1024;

/// Reads requests from lines, counts them as pending, and puts answers into the output queue.
pub(super) struct LineTransport<R> {
    input: LineReader<R>,
    output: Option<mpsc::Sender<Vec<u8>>>,
    requests: ConnectionRequests,
    /// The rest of a batch, which rmcp takes one by one.
    queued: VecDeque<ClientJsonRpcMessage>,
    batches: BatchAnswers,
    pending: PendingRequests,
    shutdown: StdioShutdown,
}

impl<R: AsyncRead + Unpin> LineTransport<R> {
    pub(super) fn new(reader: R, output: mpsc::Sender<Vec<u8>>, shutdown: StdioShutdown) -> Self {
        let pending = PendingRequests::default();
        Self {
            input: LineReader {
                reader: BufReader::with_capacity(READ_BUFFER, reader),
                line: Vec::new(),
                skipping: false,
                stop: shutdown.stop_reading.clone(),
            },
            output: Some(output),
            requests: ConnectionRequests::new(pending.clone(), Principal::Anyone),
            queued: VecDeque::new(),
            batches: BatchAnswers::default(),
            pending,
            shutdown,
        }
    }

    /// The next message, or `None` at EOF. Cancel safe.
    async fn next_message(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            while let Some(message) = self.queued.pop_front() {
                // There is no limit on the requests of one local client.
                let admitted = self.requests.admit(vec![message]).ok();
                if let Some(message) = admitted.and_then(|mut passed| passed.pop()) {
                    return Some(message);
                }
                tracing::debug!("ignored a message that came before the first request");
            }
            // Backpressure: the output queue must have room first, so a client that does not read its answers is not read.
            let permit = self.output.as_ref()?.reserve().await.ok()?;
            let incoming = match self.input.next().await? {
                ReadLine::TooLong => {
                    let text =
                        format!("Invalid request: the message exceeds {MESSAGE_LIMIT} bytes");
                    let error = ErrorData::invalid_request(text, None);
                    Incoming::One(Err(ServerJsonRpcMessage::error(error, None)))
                }
                ReadLine::Complete => {
                    let line = self.input.line.strip_prefix(BYTE_ORDER_MARK);
                    let line = line.unwrap_or(&self.input.line).trim_ascii();
                    let incoming = (!line.is_empty()).then(|| message_parser::parse(line));
                    self.input.clear_line();
                    match incoming {
                        Some(incoming) => incoming,
                        None => continue,
                    }
                }
            };
            let answer = match incoming {
                Incoming::One(Err(error)) => Some(Outgoing::One(error)),
                Incoming::One(Ok(message)) => {
                    let complete = cancelled_id(&message).and_then(|id| self.batches.cancel(id));
                    self.queued.push_back(message);
                    complete.map(|(outgoing, _)| outgoing)
                }
                Incoming::Batch { messages, errors } => {
                    let outgoing = self.batches.begin(&messages, errors);
                    self.queued.extend(messages);
                    outgoing
                }
            };
            if let Some(outgoing) = answer {
                permit.send(encode(&outgoing).ok()?);
            }
        }
    }
}

impl<R: AsyncRead + Send + Unpin> Transport<RoleServer> for LineTransport<R> {
    type Error = io::Error;

    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let request = self.requests.take_answered(&message);
        let outgoing = self.batches.add(message, request);
        let line = outgoing.map(|(outgoing, requests)| (encode(&outgoing), requests));
        let output = self.output.clone();
        async move {
            let output = output.ok_or(io::ErrorKind::NotConnected)?;
            let Some((line, requests)) = line else {
                return Ok(());
            };
            let sent = output.send(line?).await;
            drop(requests);
            sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
        }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        if !self.shutdown.input_ended.is_cancelled() {
            if let Some(message) = self.next_message().await {
                return Some(message);
            }
            self.shutdown.input_ended.cancel();
        }
        // After `None`, rmcp gives pending requests 5 s and delivers no progress, so it learns of the EOF later.
        tokio::select! {
            () = self.pending.all_answered() => {}
            () = self.shutdown.abort.cancelled() => {}
        }
        None
    }

    async fn close(&mut self) -> io::Result<()> {
        self.output = None;
        Ok(())
    }
}

fn encode(message: &Outgoing) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    Ok(line)
}

enum ReadLine {
    /// The line is in the buffer until [`LineReader::clear_line`].
    Complete,
    TooLong,
}

struct LineReader<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
    /// Whether the rest of a line that is too long is being dropped.
    skipping: bool,
    stop: CancellationToken,
}

impl<R: AsyncRead + Unpin> LineReader<R> {
    /// Reads one line. Cancel safe: a part that was read stays in `line`.
    async fn next(&mut self) -> Option<ReadLine> {
        loop {
            // Lines that are in the read buffer already are still served.
            if self.stop.is_cancelled() && !self.reader.buffer().contains(&b'\n') {
                return None;
            }
            let room = MESSAGE_LIMIT.saturating_sub(self.line.len()) as u64;
            let mut bounded = (&mut self.reader).take(room);
            let read = tokio::select! {
                biased;
                read = bounded.read_until(b'\n', &mut self.line) => read,
                () = self.stop.cancelled() => continue,
            };
            if let Err(error) = read {
                tracing::warn!("the connection ends because reading failed: {error}");
                return None;
            }
            if self.line.ends_with(b"\n") {
                if !self.skipping {
                    return Some(ReadLine::Complete);
                }
                self.skipping = false;
                self.clear_line();
            } else if self.line.len() >= MESSAGE_LIMIT {
                self.clear_line();
                if !std::mem::replace(&mut self.skipping, true) {
                    return Some(ReadLine::TooLong);
                }
            } else if self.line.is_empty() || self.skipping {
                return None;
            } else {
                return Some(ReadLine::Complete);
            }
        }
    }

    fn clear_line(&mut self) {
        self.line.clear();
        self.line.shrink_to(READ_BUFFER);
    }
}
