//! TLS certificate: read from two PEM files, and read anew when they change.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use crate::transport::reload_signal::ReloadSignal;

/// How often the files are looked at. They are small, and some are replaced by links that no watcher follows.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);

/// A certificate file or key file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsFileError {
    /// A file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// There is no certificate in the file.
    #[error("{} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)", .0.display())]
    NoCertificate(PathBuf),
    /// There is no private key in the file.
    #[error("{} holds no private key in PEM form (-----BEGIN PRIVATE KEY-----); a key with a passphrase cannot be used", .0.display())]
    NoKey(PathBuf),
    /// Both were read and do not belong together, or are of a kind that is not supported.
    #[error("the certificate in {} and the key in {} cannot be used together: {error}", certificate.display(), key.display())]
    Unusable {
        /// The certificate file.
        certificate: PathBuf,
        /// The key file.
        key: PathBuf,
        /// Why.
        error: rustls::Error,
    },
}

/// The certificate of a server with its private key; clones share it.
#[derive(Clone)]
pub struct TlsCertificate {
    files: Arc<TlsFiles>,
    current: watch::Sender<Arc<ServerConfig>>,
}

impl fmt::Debug for TlsCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("TlsCertificate")
            .field(&self.files.certificate)
            .finish()
    }
}

#[derive(Debug)]
struct TlsFiles {
    certificate: PathBuf,
    key: PathBuf,
}

/// What the files held when they were read.
struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Contents {
    fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.certificate.len().to_be_bytes());
        hash.update(&self.certificate);
        hash.update(&self.key);
        hash.finalize().into()
    }
}

impl TlsCertificate {
    /// Reads a certificate, with those that lead to its authority behind it, and its private key.
    ///
    /// The files are read again when they change and at each `reload`. What cannot be used then leaves the one before
    /// in place.
    ///
    /// # Errors
    ///
    /// When the files cannot be read or used.
    pub async fn load(
        certificate: PathBuf,
        key: PathBuf,
        reload: ReloadSignal,
    ) -> Result<Self, TlsFileError> {
        let files = Arc::new(TlsFiles { certificate, key });
        let contents = files.read().await?;
        let config = files.config(&contents)?;
        let current = watch::Sender::new(Arc::new(config));
        tokio::spawn(follow(
            Arc::clone(&files),
            current.clone(),
            contents.hash(),
            reload,
        ));
        Ok(Self { files, current })
    }

    /// An acceptor with the certificate of now.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.current.borrow()))
    }
}

impl TlsFiles {
    async fn read(&self) -> Result<Contents, TlsFileError> {
        Ok(Contents {
            certificate: read(&self.certificate).await?,
            key: read(&self.key).await?,
        })
    }

    fn config(&self, contents: &Contents) -> Result<ServerConfig, TlsFileError> {
        let chain: Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(&contents.certificate).collect();
        let chain = chain.ok().filter(|chain| !chain.is_empty());
        let chain = chain.ok_or_else(|| TlsFileError::NoCertificate(self.certificate.clone()))?;
        let key = PrivateKeyDer::from_pem_slice(&contents.key)
            .map_err(|_| TlsFileError::NoKey(self.key.clone()))?;
        let unusable = |error| TlsFileError::Unusable {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            error,
        };
        let provider = ring::default_provider();
        let certified = CertifiedKey::from_der(chain, key, &provider).map_err(unusable)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

async fn read(path: &Path) -> Result<Vec<u8>, TlsFileError> {
    let contents = tokio::fs::read(path).await;
    contents.map_err(|error| TlsFileError::Unreadable {
        path: path.to_owned(),
        error,
    })
}

/// Replaces the certificate when the files have changed, until the process ends.
async fn follow(
    files: Arc<TlsFiles>,
    current: watch::Sender<Arc<ServerConfig>>,
    mut seen: [u8; 32],
    mut reload: ReloadSignal,
) {
    let mut is_away = false;
    loop {
        tokio::select! {
            () = sleep(LOOK_INTERVAL) => {}
            () = reload.received() => {}
        }
        let contents = match files.read().await {
            Ok(contents) => contents,
            Err(error) => {
                if !std::mem::replace(&mut is_away, true) {
                    tracing::warn!("the certificate of before stays in use: {error}");
                }
                continue;
            }
        };
        is_away = false;
        // Each content is judged once, so that a bad file is not complained of every few seconds.
        if std::mem::replace(&mut seen, contents.hash()) == seen {
            continue;
        }
        match files.config(&contents) {
            Ok(config) => {
                current.send_replace(Arc::new(config));
                tracing::info!("the TLS certificate was read anew");
            }
            Err(error) => tracing::warn!("the certificate of before stays in use: {error}"),
        }
    }
}
