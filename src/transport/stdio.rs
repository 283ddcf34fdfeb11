//! Stdio transport: one MCP client on standard input and output, until EOF or a shutdown.

use std::io;
use std::sync::Arc;

use rmcp::service::ServerInitializeError;
use rmcp::transport::stdio_pipes;
use rmcp::{ServerHandler, ServiceExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use super::output_queue;
use super::shutdown::StdioShutdown;
use super::stdio_line_transport::LineTransport;

/// Serves `handler` on standard input and output until EOF or until `shutdown` is cancelled.
///
/// Pending requests are then answered within [`GRACE_PERIOD`](super::GRACE_PERIOD). Without any, it returns at once.
/// A read of a terminal or a file can outlive this function on a blocking thread: end the runtime with `shutdown_timeout`.
///
/// # Errors
///
/// When a standard stream cannot be used, or when writing fails for another reason than a client that has gone away.
pub async fn serve<H>(handler: Arc<H>, shutdown: CancellationToken) -> io::Result<()>
where
    H: ServerHandler,
{
    #[cfg(unix)]
    if let Some((reader, writer)) = sockets()? {
        return serve_on(reader, writer, handler, shutdown).await;
    }
    let (reader, writer) = stdio_pipes();
    serve_on(reader, writer, handler, shutdown).await
}

/// Serves `handler` on any pair of byte streams, like [`serve`]. EOF cancels `shutdown` too.
///
/// # Errors
///
/// When writing fails for another reason than a client that has gone away.
pub async fn serve_on<R, W, H>(
    reader: R,
    writer: W,
    handler: Arc<H>,
    shutdown: CancellationToken,
) -> io::Result<()>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
    H: ServerHandler,
{
    let phases = StdioShutdown::new(&shutdown);
    let (output, writer_task) = output_queue::start(writer);
    let transport = LineTransport::new(reader, output, phases.clone());

    let service = async {
        let ct = phases.abort.child_token();
        let result = match handler.serve_with_ct(transport, ct).await {
            Ok(running) => running.waiting().await.map(drop).map_err(io::Error::from),
            Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
            Err(ServerInitializeError::Cancelled) => Ok(()),
            Err(error) => Err(io::Error::other(error)),
        };
        phases.input_ended.cancel();
        result
    };
    let writing = async {
        let result = writer_task
            .await
            .map_err(io::Error::from)
            .and_then(|result| result);
        phases.stop_reading.cancel();
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    };

    tokio::select! {
        (service, writing) = async { tokio::join!(service, writing) } => service.and(writing),
        () = phases.deadline(&shutdown) => {
            tracing::warn!("stopped with pending requests or unread answers");
            Ok(())
        }
    }
}

/// Standard input and output as sockets, if both are: Node starts its children that way.
#[cfg(unix)]
fn sockets() -> io::Result<Option<(tokio::net::UnixStream, tokio::net::UnixStream)>> {
    use std::os::fd::AsFd;

    let reader = socket(io::stdin().as_fd())?;
    let writer = socket(io::stdout().as_fd())?;
    Ok(reader.zip(writer))
}

/// A clone of the descriptor as a non-blocking stream, if it is a socket.
#[cfg(unix)]
fn socket(fd: std::os::fd::BorrowedFd<'_>) -> io::Result<Option<tokio::net::UnixStream>> {
    use std::os::unix::fs::FileTypeExt;

    let file = std::fs::File::from(fd.try_clone_to_owned()?);
    if !file.metadata()?.file_type().is_socket() {
        return Ok(None);
    }
    let stream = std::os::unix::net::UnixStream::from(std::os::fd::OwnedFd::from(file));
    stream.set_nonblocking(true)?;
    tokio::net::UnixStream::from_std(stream).map(Some)
}
