//! One JSON-RPC message a line over any pair of byte streams, as rmcp wants a transport.
//!
//! rmcp has one of its own; it drops a last line without a newline and a line that is too long, says nothing to a line that is not JSON, and reads on while its answers pile up.

use std::io;

use rmcp::RoleServer;
use rmcp::model::{ClientJsonRpcMessage, ErrorData, ServerJsonRpcMessage};
use rmcp::transport::Transport;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::in_flight::{Calls, InFlight};
use super::{MESSAGE_LIMIT, malformed};

const READ_BUFFER: usize = 64 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The signals by which a connection ends.
#[derive(Clone, Debug)]
pub(super) struct End {
    /// Given from outside: read no further.
    pub(super) stop_reading: CancellationToken,
    /// Given by the transport: nothing more comes in, what is in flight is being finished.
    pub(super) reached: CancellationToken,
    /// Given from outside: wait no longer for calls in flight.
    pub(super) give_up: CancellationToken,
}

/// The transport: lines in, calls counted, answers into the writer's queue.
pub(super) struct Lines<R> {
    input: Input<R>,
    output: Option<mpsc::Sender<Vec<u8>>>,
    calls: Calls,
    in_flight: InFlight,
    end: End,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(reader: R, output: mpsc::Sender<Vec<u8>>, end: End) -> Self {
        let in_flight = InFlight::default();
        Self {
            input: Input {
                reader: BufReader::with_capacity(READ_BUFFER, reader),
                line: Vec::new(),
                skipping: false,
                stop: end.stop_reading.clone(),
            },
            output: Some(output),
            calls: Calls::new(in_flight.clone()),
            in_flight,
            end,
        }
    }

    /// The next message, or nothing at the end of the input. Cancel safe.
    async fn next_message(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            // A place in the queue comes first: a client that does not read its answers is not read either.
            let place = self.output.as_ref()?.reserve().await.ok()?;
            let refusal = match self.input.next().await? {
                Incoming::TooLong => {
                    let text =
                        format!("Invalid request: the message exceeds {MESSAGE_LIMIT} bytes");
                    ServerJsonRpcMessage::error(ErrorData::invalid_request(text, None), None)
                }
                Incoming::Line => {
                    let line = self.input.line.strip_prefix(BYTE_ORDER_MARK);
                    let line = line.unwrap_or(&self.input.line).trim_ascii();
                    let message = if line.is_empty() {
                        None
                    } else {
                        Some(serde_json::from_slice(line).map_err(|_| malformed::answer(line)))
                    };
                    self.input.forget_line();
                    match message {
                        None => continue,
                        Some(Ok(message)) if self.calls.admit(&message) => return Some(message),
                        Some(Ok(_)) => {
                            tracing::debug!("ignored a message that came before any request");
                            continue;
                        }
                        Some(Err(refusal)) => refusal,
                    }
                }
            };
            tracing::warn!("answered a line that is no JSON-RPC message with an error");
            place.send(encode(&refusal).ok()?);
        }
    }
}

impl<R: AsyncRead + Send + Unpin> Transport<RoleServer> for Lines<R> {
    type Error = io::Error;

    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let call = self.calls.answered(&message);
        let line = encode(&message);
        let output = self.output.clone();
        async move {
            let output = output.ok_or(io::ErrorKind::NotConnected)?;
            let sent = output.send(line?).await;
            drop(call);
            sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
        }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        if !self.end.reached.is_cancelled() {
            if let Some(message) = self.next_message().await {
                return Some(message);
            }
            self.end.reached.cancel();
        }
        // rmcp gives calls in flight 5 s from here on and delivers no progress, so it hears of the end later.
        tokio::select! {
            () = self.in_flight.idle() => {}
            () = self.end.give_up.cancelled() => {}
        }
        None
    }

    async fn close(&mut self) -> io::Result<()> {
        self.output = None;
        Ok(())
    }
}

fn encode(message: &ServerJsonRpcMessage) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    Ok(line)
}

enum Incoming {
    /// A line is in the buffer, until it is forgotten.
    Line,
    TooLong,
}

struct Input<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
    skipping: bool,
    stop: CancellationToken,
}

impl<R: AsyncRead + Unpin> Input<R> {
    /// Reads one line. Cancel safe: what was read so far stays in `line`.
    async fn next(&mut self) -> Option<Incoming> {
        loop {
            // Lines that were read already are still served.
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
                tracing::warn!(%error, "reading failed, which ends the connection");
                return None;
            }
            if self.line.ends_with(b"\n") {
                if !self.skipping {
                    return Some(Incoming::Line);
                }
                self.skipping = false;
                self.forget_line();
            } else if self.line.len() >= MESSAGE_LIMIT {
                self.forget_line();
                if !std::mem::replace(&mut self.skipping, true) {
                    return Some(Incoming::TooLong);
                }
            } else if self.line.is_empty() || self.skipping {
                return None;
            } else {
                return Some(Incoming::Line);
            }
        }
    }

    fn forget_line(&mut self) {
        self.line.clear();
        self.line.shrink_to(READ_BUFFER);
    }
}
