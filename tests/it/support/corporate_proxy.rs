//! A company's network: a site whose certificate only an authority of its own vouches for, and a CONNECT proxy before it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// What the proxy says to a CONNECT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProxyAnswer {
    Tunnel,
    /// A tunnel for those who send these credentials, in Base64.
    TunnelFor(&'static str),
    Forbidden,
}

/// Both, on ports of their own.
pub(crate) struct CorporateProxy {
    /// File with the authority, in PEM.
    pub(crate) authority: PathBuf,
    /// The same in DER.
    pub(crate) authority_der: PathBuf,
    /// Port of the site, whose names are localhost and saki.test.
    pub(crate) site_port: u16,
    pub(crate) proxy: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    _folder: TempDir,
    _runtime: Runtime,
}

impl CorporateProxy {
    /// A site that passes everything on to the plain server at `origin`.
    pub(crate) fn before(origin: &str, answer: ProxyAnswer) -> Self {
        let origin: SocketAddr = origin
            .trim_start_matches("http://")
            .split('/')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (authority, acceptor) = certificates();
        let [pem, der] = ["authority.pem", "authority.der"].map(|name| folder.path().join(name));
        std::fs::write(&pem, authority.pem()).unwrap();
        std::fs::write(&der, authority.der()).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listen = || runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let (site, proxy) = (listen(), listen());
        let (site_address, proxy_address) =
            (site.local_addr().unwrap(), proxy.local_addr().unwrap());
        let requests = Arc::<Mutex<Vec<String>>>::default();
        runtime.spawn(serve_site(site, acceptor, origin));
        runtime.spawn(serve_proxy(proxy, site_address, answer, requests.clone()));
        Self {
            authority: pem,
            authority_der: der,
            site_port: site_address.port(),
            proxy: proxy_address,
            requests,
            _folder: folder,
            _runtime: runtime,
        }
    }

    /// The first lines of all requests to the proxy.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn certificates() -> (CertifiedIssuer<'static, KeyPair>, TlsAcceptor) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = ["localhost", "saki.test"].map(str::to_owned).to_vec();
    let site = CertificateParams::new(names).unwrap();
    let site = site.signed_by(&key, &authority).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![site.der().clone()], key)
        .unwrap();
    (authority, TlsAcceptor::from(Arc::new(config)))
}

async fn serve_site(listener: TcpListener, acceptor: TlsAcceptor, origin: SocketAddr) {
    while let Ok((stream, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                return;
            };
            let mut server = TcpStream::connect(origin).await.unwrap();
            let _ = copy_bidirectional(&mut stream, &mut server).await;
        });
    }
}

async fn serve_proxy(
    listener: TcpListener,
    site: SocketAddr,
    answer: ProxyAnswer,
    requests: Arc<Mutex<Vec<String>>>,
) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let requests = requests.clone();
        tokio::spawn(async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => return,
                }
            }
            let head = String::from_utf8(head).unwrap();
            let first = head.lines().next().unwrap().to_owned();
            requests.lock().unwrap().push(first);
            let is_let_in = match answer {
                ProxyAnswer::Tunnel => true,
                ProxyAnswer::TunnelFor(credentials) => head.contains(credentials),
                ProxyAnswer::Forbidden => false,
            };
            let status = match (answer, is_let_in) {
                (_, true) => "200 OK",
                (ProxyAnswer::Forbidden, _) => "403 Forbidden",
                _ => "407 Proxy Authentication Required",
            };
            let line = format!("HTTP/1.1 {status}\r\n\r\n");
            let _ = stream.write_all(line.as_bytes()).await;
            if is_let_in {
                let mut site = TcpStream::connect(site).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut site).await;
            }
        });
    }
}
