//! Unreadable heads: hyper refuses one by a status without a body; this puts a body into that answer, as every other error has one.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Bytes;
use bytes::Buf;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connection_timeouts::ConnectionTimeouts;
use super::ready_answer::{ADDRESS_TOO_LONG, HEADERS_TOO_LARGE, ReadyAnswer, UNREADABLE};

/// A stream to a client whose bytes come from hyper.
#[derive(Debug)]
pub(super) struct ExplainingIo<S> {
    stream: S,
    timeouts: ConnectionTimeouts,
    /// Requests whose answers have been sent whole.
    answered: usize,
    /// What is still to be sent of an answer that replaces hyper's.
    replacement: Option<Bytes>,
}

impl<S> ExplainingIo<S> {
    pub(super) fn new(stream: S, timeouts: ConnectionTimeouts) -> Self {
        Self {
            stream,
            timeouts,
            answered: 0,
            replacement: None,
        }
    }

    /// Begins to replace an answer that no request has, which is hyper's own.
    fn look_at(&mut self, bytes: &[u8]) {
        let is_answer = self.timeouts.is_serving() || self.timeouts.requests() > self.answered;
        if !is_answer && self.replacement.is_none() {
            self.replacement = replacement_for(bytes).map(|answer| answer.bytes().into());
        }
    }
}

/// The answer in place of one that begins with these bytes.
fn replacement_for(bytes: &[u8]) -> Option<ReadyAnswer> {
    match bytes.strip_prefix(b"HTTP/1.1 ")?.get(..3)? {
        b"400" => Some(UNREADABLE),
        b"414" => Some(ADDRESS_TOO_LONG),
        b"431" => Some(HEADERS_TOO_LARGE),
        _ => None,
    }
}

impl<S: AsyncWrite + Unpin> ExplainingIo<S> {
    /// Sends the replacement, if there is one; whether it is sent whole now.
    fn poll_replacement(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let Some(rest) = &mut self.replacement else {
            return Poll::Ready(Ok(false));
        };
        while rest.has_remaining() {
            let count = ready!(Pin::new(&mut self.stream).poll_write(context, rest))?;
            if count == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
            rest.advance(count);
        }
        self.replacement = None;
        Poll::Ready(Ok(true))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ExplainingIo<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ExplainingIo<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.look_at(bytes);
        if ready!(self.poll_replacement(context))? {
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.look_at(slices.first().map_or(&[], |slice| slice));
        if ready!(self.poll_replacement(context))? {
            return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
        }
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        // hyper flushes the stream when it has handed over all bytes that it has.
        if !self.timeouts.is_serving() {
            self.answered = self.timeouts.requests();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
