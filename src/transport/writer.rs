//! One task that writes everything queued in one go, so that many answers cost one system call.

use std::io;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Lines that may wait for a client which reads slowly; after that its next line is not read.
const QUEUE: usize = 256;

/// Starts the task; it ends when every sender is dropped and all is written, or when writing fails.
pub(super) fn start<W>(writer: W) -> (mpsc::Sender<Vec<u8>>, JoinHandle<io::Result<()>>)
where
    W: AsyncWrite + Send + Unpin + 'static,
{
    let (queue, queued) = mpsc::channel(QUEUE);
    (queue, tokio::spawn(write(queued, writer)))
}

async fn write<W>(mut queued: mpsc::Receiver<Vec<u8>>, mut writer: W) -> io::Result<()>
where
    W: AsyncWrite + Unpin,
{
    let mut lines = Vec::with_capacity(QUEUE);
    while queued.recv_many(&mut lines, QUEUE).await > 0 {
        match lines.as_slice() {
            [line] => writer.write_all(line).await?,
            lines => writer.write_all(&lines.concat()).await?,
        }
        writer.flush().await?;
        lines.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    #[tokio::test]
    async fn everything_queued_is_written_in_order_before_the_task_ends() {
        let (writer, mut reader) = tokio::io::duplex(16);
        let (queue, written) = start(writer);
        let reading = tokio::spawn(async move {
            let mut text = String::new();
            reader.read_to_string(&mut text).await.unwrap();
            text
        });
        for number in 0..1000 {
            queue
                .send(format!("{number}\n").into_bytes())
                .await
                .unwrap();
        }
        drop(queue);
        written.await.unwrap().unwrap();
        let text = reading.await.unwrap();
        assert!(text.lines().eq((0..1000).map(|number| number.to_string())));
    }

    #[tokio::test]
    async fn a_client_that_does_not_read_fills_the_queue_and_no_more() {
        let (writer, _reader) = tokio::io::duplex(16);
        let (queue, _written) = start(writer);
        let mut taken = 0;
        while queue.try_send(vec![b'x'; 64]).is_ok() || taken < QUEUE {
            tokio::task::yield_now().await;
            taken += 1;
            assert!(taken <= 2 * QUEUE + 1, "the queue has no bound");
        }
    }

    #[tokio::test]
    async fn a_client_that_went_away_ends_the_task_with_an_error() {
        let (writer, reader) = tokio::io::duplex(16);
        drop(reader);
        let (queue, written) = start(writer);
        queue.send(b"x\n".to_vec()).await.unwrap();
        assert!(written.await.unwrap().is_err());
    }
}
