//! TLS certificate: read from two PEM files, and read anew when they change.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use sha2::{Digest, Sha256};
use tokio_rustls::TlsAcceptor;

use crate::transport::reload_signal::ReloadSignal;
use crate::transport::reloaded_file::ReloadedFile;

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
#[derive(Clone, Debug)]
pub struct TlsCertificate(Arc<ReloadedFile<LoadedCertificate>>);

/// A certificate that can be used, and the hash of the files that it stood in.
struct LoadedCertificate {
    hash: [u8; 32],
    config: Arc<ServerConfig>,
}

impl PartialEq for LoadedCertificate {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

#[derive(Debug)]
struct TlsFiles {
    certificate: PathBuf,
    key: PathBuf,
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
    pub fn load(
        certificate: PathBuf,
        key: PathBuf,
        reload: ReloadSignal,
    ) -> Result<Self, TlsFileError> {
        let files = TlsFiles { certificate, key };
        ReloadedFile::open("the certificate", move || files.load(), reload).map(Self)
    }

    /// An acceptor with the certificate of now.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.0.current().config))
    }
}

impl TlsFiles {
    fn load(&self) -> Result<LoadedCertificate, TlsFileError> {
        let (certificate, key) = (read(&self.certificate)?, read(&self.key)?);
        let hash = Sha256::new()
            .chain_update(certificate.len().to_be_bytes())
            .chain_update(&certificate)
            .chain_update(&key)
            .finalize();
        Ok(LoadedCertificate {
            hash: hash.into(),
            config: Arc::new(self.config(&certificate, &key)?),
        })
    }

    fn config(&self, certificate: &[u8], key: &[u8]) -> Result<ServerConfig, TlsFileError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
        let chain = chain.ok().filter(|chain| !chain.is_empty());
        let chain = chain.ok_or_else(|| TlsFileError::NoCertificate(self.certificate.clone()))?;
        let key = PrivateKeyDer::from_pem_slice(key)
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

fn read(path: &Path) -> Result<Vec<u8>, TlsFileError> {
    std::fs::read(path).map_err(|error| TlsFileError::Unreadable {
        path: path.to_owned(),
        error,
    })
}
