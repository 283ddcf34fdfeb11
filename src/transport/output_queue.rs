//! Output queue of stdio: one task writes all queued answers at once, and a full queue is the backpressure on the client.

use std::io;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Answers that can wait for a slow client. While the queue is full, no further line of that client is read.
const CAPACITY: usize = 256;

/// Starts the task. It ends when every sender is dropped and everything is written, or when writing fails.
pub(super) fn start<W>(writer: W) -> (mpsc::Sender<Vec<u8>>, JoinHandle<io::Result<()>>)
where
    W: AsyncWrite + Send + Unpin + 'static,
{
    let (sender, receiver) = mpsc::channel(CAPACITY);
    (sender, tokio::spawn(write(receiver, writer)))
}

async fn write<W>(mut receiver: mpsc::Receiver<Vec<u8>>, mut writer: W) -> io::Result<()>
where
    W: AsyncWrite + Unpin,
{
    let mut lines = Vec::with_capacity(CAPACITY);
    while receiver.recv_many(&mut lines, CAPACITY).await > 0 {
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
        let (queue, task) = start(writer);
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
        task.await.unwrap().unwrap();
        let text = reading.await.unwrap();
        assert!(text.lines().eq((0..1000).map(|number| number.to_string())));
    }

    #[tokio::test]
    async fn a_client_that_does_not_read_fills_the_queue_and_no_more() {
        let (writer, _reader) = tokio::io::duplex(16);
        let (queue, _task) = start(writer);
        let mut attempts = 0;
        while queue.try_send(vec![b'x'; 64]).is_ok() || attempts < CAPACITY {
            tokio::task::yield_now().await;
            attempts += 1;
            assert!(attempts <= 2 * CAPACITY + 1, "the queue has no bound");
        }
    }

    #[tokio::test]
    async fn a_client_that_went_away_ends_the_task_with_an_error() {
        let (writer, reader) = tokio::io::duplex(16);
        drop(reader);
        let (queue, task) = start(writer);
        queue.send(b"x\n".to_vec()).await.unwrap();
        assert!(task.await.unwrap().is_err());
    }
}
