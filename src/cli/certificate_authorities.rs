//! Certificate authorities beside those of the system: `--ca-cert`, and `SSL_CERT_FILE` where the system's verifier does not read it.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::saki::CertificateAuthority;

/// The variable that OpenSSL and most of its users read.
pub(super) const SSL_CERT_FILE: &str = "SSL_CERT_FILE";

/// The authorities to trust in addition.
///
/// A file that was named with the flag and holds none is an error; one named by `SSL_CERT_FILE` only a warning.
pub(super) fn read(flag: Option<&Path>) -> anyhow::Result<Vec<CertificateAuthority>> {
    let mut authorities = match flag {
        Some(path) => read_file(path)?,
        None => Vec::new(),
    };
    match ssl_cert_file() {
        Some(Err(problem)) => tracing::warn!("{problem:#}"),
        // The verifiers of macOS and Windows do not know the variable; the one of the other systems reads it itself.
        Some(Ok(more)) if cfg!(any(windows, target_vendor = "apple")) => authorities.extend(more),
        _ => {}
    }
    Ok(authorities)
}

/// What the file named by `SSL_CERT_FILE` holds; `None` when the variable is not set.
pub(super) fn ssl_cert_file() -> Option<anyhow::Result<Vec<CertificateAuthority>>> {
    let path = PathBuf::from(std::env::var_os(SSL_CERT_FILE)?);
    let read = read_file(&path)
        .with_context(|| format!("{SSL_CERT_FILE} names a file that cannot be used"));
    Some(read)
}

/// The certificates of a file in PEM or DER.
fn read_file(path: &Path) -> anyhow::Result<Vec<CertificateAuthority>> {
    let name = path.display();
    let bytes = std::fs::read(path)
        .with_context(|| format!("the file of certificates {name} cannot be read"))?;
    let certificates: Vec<CertificateDer<'static>> = match bytes.first() {
        // A certificate in DER is an ASN.1 sequence.
        Some(0x30) => vec![CertificateDer::from(bytes)],
        _ => CertificateDer::pem_slice_iter(&bytes)
            .collect::<Result<_, _>>()
            .with_context(|| format!("the file of certificates {name} is damaged"))?,
    };
    if certificates.is_empty() {
        bail!(
            "the file {name} holds no certificate. Expected PEM, with lines such as -----BEGIN CERTIFICATE-----, or DER"
        );
    }
    let mut authorities = Vec::new();
    for certificate in certificates {
        let mut store = RootCertStore::empty();
        (store.add(certificate.clone()))
            .with_context(|| format!("a certificate in {name} cannot be read"))?;
        authorities.push(
            CertificateAuthority::from_der(&certificate)
                .with_context(|| format!("a certificate in {name} cannot be read"))?,
        );
    }
    Ok(authorities)
}
