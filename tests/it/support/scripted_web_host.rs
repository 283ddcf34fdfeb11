//! A web host of the test's own that answers byte by byte what the test wants, and names that lead to it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use saki_mcp::write::media::fetch::{FetchOptions, LookupFuture, NetworkScope, Resolver};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::fixture_server::within;

/// A part of an answer.
#[derive(Clone)]
pub(crate) enum Part {
    Bytes(Vec<u8>),
    Pause(Duration),
    /// The same bytes again and again, until the client goes.
    Endless(Vec<u8>),
    /// Nothing more, until the client goes.
    Silence,
}

/// A whole answer of a file.
pub(crate) fn file(headers: &str, body: &[u8]) -> Vec<Part> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    );
    vec![Part::Bytes([head.as_bytes(), body].concat())]
}

/// An answer that leads elsewhere.
pub(crate) fn leads_to(location: &str) -> Vec<Part> {
    let head = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
    vec![Part::Bytes(head.into_bytes())]
}

/// A running host; a clone is the same one.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) address: SocketAddr,
    paths: Arc<Mutex<HashMap<String, Vec<Part>>>>,
    heads: Arc<Mutex<Vec<String>>>,
    open: Arc<AtomicUsize>,
}

impl Host {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = Self {
            address: listener.local_addr().unwrap(),
            paths: Arc::default(),
            heads: Arc::default(),
            open: Arc::default(),
        };
        let all = host.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let host = all.clone();
                host.open.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    // A client that goes away ends its connection, which is what is counted.
                    let _ = host.answer(stream).await;
                    host.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        host
    }

    pub(crate) fn says(&self, path: &str, parts: Vec<Part>) -> &Self {
        self.paths.lock().unwrap().insert(path.to_owned(), parts);
        self
    }

    /// Address of a path, as `http://127.0.0.1:PORT/path`.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The heads of the requests that came.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    pub(crate) async fn has_no_connection(&self) {
        within(async {
            while self.open.load(Ordering::SeqCst) > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }

    /// What lets a server fetch from here and from nowhere else that is not public.
    pub(crate) fn reached(&self) -> FetchOptions {
        FetchOptions {
            scope: NetworkScope::PublicAnd(vec![self.address]),
            resolver: Arc::new(Names::to(&[("cdn.test", vec![self.address])])),
            ..FetchOptions::default()
        }
    }

    async fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let path = head.split(' ').nth(1).unwrap().to_owned();
        self.heads.lock().unwrap().push(head);
        let none = vec![Part::Bytes(
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec(),
        )];
        let parts = self.paths.lock().unwrap().get(&path).cloned();
        for part in parts.unwrap_or(none) {
            match part {
                Part::Bytes(bytes) => stream.write_all(&bytes).await?,
                Part::Pause(time) => tokio::time::sleep(time).await,
                Part::Endless(bytes) => loop {
                    stream.write_all(&bytes).await?;
                },
                Part::Silence => {
                    stream.read_u8().await?;
                }
            }
        }
        stream.shutdown().await
    }
}

/// Names that lead where the test wants, and elsewhere the next time they are asked for.
#[derive(Debug, Default)]
pub(crate) struct Names(Mutex<HashMap<String, Vec<Vec<SocketAddr>>>>);

impl Names {
    pub(crate) fn to(names: &[(&str, Vec<SocketAddr>)]) -> Self {
        let names = names
            .iter()
            .map(|(name, to)| ((*name).to_owned(), vec![to.clone()]));
        Self(Mutex::new(names.collect()))
    }

    /// A name that leads from one to the next; the last one stays.
    pub(crate) fn rebinding(name: &str, to: &[SocketAddr]) -> Self {
        let to = to.iter().map(|address| vec![*address]).collect();
        Self(Mutex::new(HashMap::from([(name.to_owned(), to)])))
    }
}

impl Resolver for Names {
    fn addresses(&self, host: &str) -> LookupFuture {
        let mut names = self.0.lock().unwrap();
        let found = names.get_mut(host).map(|to| match to.len() {
            1 => to[0].clone(),
            _ => to.remove(0),
        });
        Box::pin(std::future::ready(Ok(found.unwrap_or_default())))
    }
}
