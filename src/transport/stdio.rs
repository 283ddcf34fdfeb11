//! The server on standard input and output, as MCP clients start it.

use std::io;
use std::sync::Arc;

use rmcp::service::ServerInitializeError;
use rmcp::transport::stdio_pipes;
use rmcp::{ServerHandler, ServiceExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use super::lines::{End, Lines};
use super::{GRACE, LAST_WORDS, writer};

/// Serves `handler` on standard input and output until the input ends or `shutdown` is cancelled.
///
/// Then calls in flight finish, within [`GRACE`]; when there are none it returns at once.
/// A read of a terminal or a file may outlive this function on a blocking thread: end the runtime with `shutdown_timeout`.
///
/// # Errors
///
/// When a standard stream cannot be used, or when the output fails other than by the client's going away.
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

/// Serves `handler` on any pair of byte streams, in the way of [`serve`]; at the end of the input `shutdown` is cancelled too.
///
/// # Errors
///
/// When the output fails other than by the client's going away.
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
    let end = End {
        stop_reading: shutdown.child_token(),
        reached: CancellationToken::new(),
        give_up: CancellationToken::new(),
    };
    let (output, written) = writer::start(writer);
    let lines = Lines::new(reader, output, end.clone());

    let served = async {
        let ct = end.give_up.child_token();
        let served = match handler.serve_with_ct(lines, ct).await {
            Ok(running) => running.waiting().await.map(drop).map_err(io::Error::from),
            Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
            Err(ServerInitializeError::Cancelled) => Ok(()),
            Err(error) => Err(io::Error::other(error)),
        };
        end.reached.cancel();
        served
    };
    let written = async {
        let written = written
            .await
            .map_err(io::Error::from)
            .and_then(|written| written);
        end.stop_reading.cancel();
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    };
    let deadline = async {
        end.reached.cancelled().await;
        // The only client is gone, and with it whoever could be asked.
        shutdown.cancel();
        tokio::time::sleep(GRACE - LAST_WORDS).await;
        end.give_up.cancel();
        tokio::time::sleep(LAST_WORDS).await;
    };

    tokio::select! {
        (served, written) = async { tokio::join!(served, written) } => served.and(written),
        () = deadline => {
            tracing::warn!("stopped with calls in flight or answers unread");
            Ok(())
        }
    }
}

/// Standard input and output as sockets, which is what Node hands to a child; nothing when one of them is none.
#[cfg(unix)]
fn sockets() -> io::Result<Option<(tokio::net::UnixStream, tokio::net::UnixStream)>> {
    use std::os::fd::AsFd;

    let reader = socket(io::stdin().as_fd())?;
    let writer = socket(io::stdout().as_fd())?;
    Ok(reader.zip(writer))
}

/// The descriptor's clone as a stream that does not block, if it is a socket.
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
