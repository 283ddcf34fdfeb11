//! JSON web keys (RFC 7517): the public keys of an issuer, and what ring verifies with them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;

/// More keys than any issuer has.
const MAX_KEYS: usize = 64;

/// An algorithm of a signature; there are no symmetric ones, so that no public key can pass for a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
}

impl Algorithm {
    pub(super) fn named(alg: &str) -> Option<Self> {
        Some(match alg {
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "PS256" => Self::Ps256,
            "PS384" => Self::Ps384,
            "PS512" => Self::Ps512,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            "EdDSA" | "Ed25519" => Self::EdDsa,
            _ => return None,
        })
    }
}

/// The public keys of an issuer.
#[derive(Debug, Default)]
pub(super) struct KeySet(Vec<PublicKey>);

/// A public key with which signatures are checked.
#[derive(Debug)]
pub(super) struct PublicKey {
    kid: Option<String>,
    /// The only algorithm that it may be used with, if it names one.
    algorithm: Option<Algorithm>,
    material: Material,
}

#[derive(Debug)]
enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// An uncompressed point.
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Deserialize)]
struct JsonKeySet {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct JsonWebKey {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// The keys of a JWKS document; those that this server cannot use are left out. None where no document is.
    pub(super) fn parse(json: &[u8]) -> Option<Self> {
        let JsonKeySet { keys } = serde_json::from_slice(json).ok()?;
        let keys = keys.into_iter().take(MAX_KEYS).filter_map(|key| {
            let key: JsonWebKey = serde_json::from_value(key).ok()?;
            PublicKey::read(key)
        });
        Some(Self(keys.collect()))
    }

    pub(super) fn has(&self, kid: Option<&str>) -> bool {
        kid.is_none() || self.0.iter().any(|key| key.kid.as_deref() == kid)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key with this id; for a token without an id, the only key of its algorithm.
    pub(super) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<&PublicKey> {
        let mut fitting = self
            .0
            .iter()
            .filter(|key| (kid.is_none() || key.kid.as_deref() == kid) && key.is_for(algorithm));
        let key = fitting.next()?;
        (kid.is_some() || fitting.next().is_none()).then_some(key)
    }
}

impl PublicKey {
    fn read(key: JsonWebKey) -> Option<Self> {
        if key.usage.is_some_and(|usage| usage != "sig") {
            return None;
        }
        let decode = |part: Option<&str>| URL_SAFE_NO_PAD.decode(part?.trim_end_matches('=')).ok();
        let point = |size: usize| {
            let (x, y) = (decode(key.x.as_deref())?, decode(key.y.as_deref())?);
            (x.len() == size && y.len() == size).then(|| [vec![4], x, y].concat())
        };
        let material = match (key.kty.as_str(), key.crv.as_deref()) {
            ("RSA", _) => Material::Rsa {
                n: decode(key.n.as_deref())?,
                e: decode(key.e.as_deref())?,
            },
            ("EC", Some("P-256")) => Material::P256(point(32)?),
            ("EC", Some("P-384")) => Material::P384(point(48)?),
            ("OKP", Some("Ed25519")) => Material::Ed25519(decode(key.x.as_deref())?),
            _ => return None,
        };
        let algorithm = match key.alg.as_deref() {
            None => None,
            Some(alg) => Some(Algorithm::named(alg)?),
        };
        Some(Self {
            kid: key.kid,
            algorithm,
            material,
        })
    }

    fn is_for(&self, algorithm: Algorithm) -> bool {
        let kind_fits = match algorithm {
            Algorithm::Es256 => matches!(self.material, Material::P256(_)),
            Algorithm::Es384 => matches!(self.material, Material::P384(_)),
            Algorithm::EdDsa => matches!(self.material, Material::Ed25519(_)),
            _ => matches!(self.material, Material::Rsa { .. }),
        };
        kind_fits && self.algorithm.is_none_or(|only| only == algorithm)
    }

    /// Whether this key made the signature of a message.
    pub(super) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let with = |algorithm: &'static dyn VerificationAlgorithm, key: &[u8]| {
            let key = UnparsedPublicKey::new(algorithm, key);
            key.verify(message, signature).is_ok()
        };
        let rsa = |parameters: &RsaParameters| match &self.material {
            Material::Rsa { n, e } => {
                let key = RsaPublicKeyComponents { n, e };
                key.verify(parameters, message, signature).is_ok()
            }
            _ => false,
        };
        match (algorithm, &self.material) {
            (Algorithm::Es256, Material::P256(point)) => with(&ECDSA_P256_SHA256_FIXED, point),
            (Algorithm::Es384, Material::P384(point)) => with(&ECDSA_P384_SHA384_FIXED, point),
            (Algorithm::EdDsa, Material::Ed25519(key)) => with(&ED25519, key),
            (Algorithm::Rs256, _) => rsa(&RSA_PKCS1_2048_8192_SHA256),
            (Algorithm::Rs384, _) => rsa(&RSA_PKCS1_2048_8192_SHA384),
            (Algorithm::Rs512, _) => rsa(&RSA_PKCS1_2048_8192_SHA512),
            (Algorithm::Ps256, _) => rsa(&RSA_PSS_2048_8192_SHA256),
            (Algorithm::Ps384, _) => rsa(&RSA_PSS_2048_8192_SHA384),
            (Algorithm::Ps512, _) => rsa(&RSA_PSS_2048_8192_SHA512),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    /// The keys and signatures were made by another implementation.
    const KEYS: &str = r#"{"keys": [
        {"kty": "RSA", "kid": "rsa", "use": "sig", "e": "AQAB", "n": "puFGkxrKWxP3GuA7GOVUIRrRRyEyPHJMxNzgFB0WLmkhjor_3L3MFCdpv_yVpV1O2yoGnNyCh4XKxoik81qapAtFUpQeZKiTjDTU8El-WMj1othtAvt7gQVKqCnFecod2J91Hs8gC-0eSxI1uRsPa_WYPpvqqH1FI5bnndpYQ6cc95WWOkmIYmq1yFuQsHuBmQrju6xiomgxnIkDdTPL1tFThgXxBJNwqWBnyHYNCnrqt7-Q81PHLkefOwlzlMrx7kr0OcpKDdzyHbnMupPWSlIIw3bqOtwbLJqUOPTWV3HEKPtYnf7dGwh3Qpy1Hvq6Nku5ZdvaxZYxJh_Fhaup5w"},
        {"kty": "EC", "kid": "ec", "crv": "P-384", "x": "cK_Yo8Mt9yUEpC80T8xKqtC3gOd3FLrLo7aOLOxnlwa1I6OI3yFDPOjytMJmDRSV", "y": "YVNfWdgL_8Exd66v2j6lntIhSlN7OirjzOUiDuszfqC1QB1Yid_V3onnq2VvXUaa"},
        {"kty": "RSA", "kid": "encryption", "use": "enc", "e": "AQAB", "n": "AQAB"},
        {"kty": "oct", "kid": "secret", "k": "AQAB"},
        {"kty": 7}
    ]}"#;
    const RS256: &str = "Uyqvg0Zg73BZaARRCqmHzLuU_RZ3K_z4ouNgwTUwLr8i-bLIAtR-0UK7WJMGEzvKBQXX1GSHz-E4u6tyWt7-huU7eMdMtkNUab0FT5-8qWZp1TziWFmEPZBY4tWYKHOyKS7riz48v3f5hR5NRKE1ODpwObUmLIRBGTLUNgrU6dT8ZuO8KwWSIq8moeI0PnilQboyjkvog1JzR1p_QdwuM7bzWqAJGkJJ4febVTbllDaxWjinSyUKiS36BbfiNXejPuE64suM88Z-QCQVgcV3-1Kht1puqZNy66a6b_MIjBBw7PrzFtAtVz6s0O50OitO1LjJ1WX_KxKlrXCVKiJ5Mw";
    const PS256: &str = "IGQYnPKWZ1LzfVTrwVM5OW81pPUpL0sYFg8_3Su81QOMPcIAKw4qFowqDuA7a-t0jW4sK5qF-uXnZ8BJSIhkM_pqqxd8zWoSo9ATFfXRWhqmLuEmtCeVfmb592pgXSga_DawD3d9yDfxl6O9BlTs-BpCxxkxVZG6nkceOoz6OaxyGRMLWLBHJD8tU6Z4AdvCgbzZrO5NGig3IsnibWgOHNY9UeogEwbyh90d6Tamik7anlqyaqb8zn03BHmkUH51VwOlNxxd42R2GruRAt_KURaIlK6A3ykzVzjxWJ29UGWW5KN4v8PespXtI-xOY6zKLezgKIlpvDTCSsEyCfYjYQ";
    const ES384: &str = "H73q6zH_dJIbpGvCa97NIrNXIxDksfrJYQOJMH_ob6zdb1KiBK2hfkNEFrSGnt3hT1onksURb-_adJgHI8DM0g53o0grY3R5-tzYyVieqL79py0_Zs_pe3KPRPQNu93t";

    #[rstest]
    #[case("rsa", "RS256", RS256)]
    #[case("rsa", "PS256", PS256)]
    #[case("ec", "ES384", ES384)]
    fn signatures_of_another_implementation_are_verified(
        #[case] kid: &str,
        #[case] alg: &str,
        #[case] signature: &str,
    ) {
        let keys = KeySet::parse(KEYS.as_bytes()).unwrap();
        let algorithm = Algorithm::named(alg).unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let key = keys.find(Some(kid), algorithm).unwrap();
        assert!(key.verifies(algorithm, b"header.payload", &signature));
        assert!(!key.verifies(algorithm, b"header.payloaD", &signature));
        assert!(keys.find(Some("other"), algorithm).is_none());
        assert!(keys.find(None, algorithm).is_some());
    }

    #[test]
    fn keys_for_something_else_are_left_out() {
        let keys = KeySet::parse(KEYS.as_bytes()).unwrap();
        assert!(keys.has(Some("rsa")) && keys.has(Some("ec")));
        assert!(!keys.has(Some("encryption")) && !keys.has(Some("secret")));
        assert!(keys.find(Some("rsa"), Algorithm::Es384).is_none());
        assert!(KeySet::parse(b"<html>").is_none());
    }

    #[rstest]
    #[case("none")]
    #[case("HS256")]
    #[case("rs256")]
    #[case("ES512")]
    fn other_algorithms_do_not_exist_here(#[case] alg: &str) {
        assert_eq!(Algorithm::named(alg), None);
    }
}
