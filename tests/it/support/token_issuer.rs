//! An authorization server: its metadata, its keys, and tokens of every kind.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A key of the issuer.
pub(crate) struct IssuerKey {
    kid: String,
    pair: EcdsaKeyPair,
}

/// A running authorization server.
#[derive(Clone)]
pub(crate) struct Issuer {
    pub(crate) url: String,
    published: Arc<Published>,
}

#[derive(Default)]
struct Published {
    /// What its metadata says it is called.
    name: Mutex<String>,
    keys: Mutex<Vec<Value>>,
    is_away: Mutex<bool>,
    key_fetches: AtomicUsize,
}

impl IssuerKey {
    pub(crate) fn new(kid: &str) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self {
            kid: kid.to_owned(),
            pair: EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap(),
        }
    }

    fn public(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({"kty": "EC", "crv": "P-256", "kid": self.kid, "use": "sig", "alg": "ES256", "x": part(&point[1..33]), "y": part(&point[33..])})
    }

    /// A token with these claims, signed as it should be.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_with_header(
            &json!({"alg": "ES256", "typ": "at+jwt", "kid": self.kid}),
            claims,
        )
    }

    pub(crate) fn sign_with_header(&self, header: &Value, claims: &Value) -> String {
        let message = unsigned(header, claims);
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes());
        format!(
            "{message}.{}",
            URL_SAFE_NO_PAD.encode(signature.unwrap().as_ref())
        )
    }

    /// A token whose symmetric secret is the public key.
    pub(crate) fn sign_with_public_key(&self, claims: &Value) -> String {
        let message = unsigned(&json!({"alg": "HS256", "kid": self.kid}), claims);
        let secret = hmac::Key::new(hmac::HMAC_SHA256, self.pair.public_key().as_ref());
        let signature = hmac::sign(&secret, message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    /// A token without a signature.
    pub(crate) fn unsigned_token(&self, claims: &Value) -> String {
        format!(
            "{}.",
            unsigned(&json!({"alg": "none", "kid": self.kid}), claims)
        )
    }
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

impl Issuer {
    pub(crate) async fn start(keys: &[&IssuerKey]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let published = Arc::new(Published::default());
        (*published.name.lock().unwrap()).clone_from(&url);
        let issuer = Self { url, published };
        issuer.publish(keys);
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks", get(keys_document))
            .with_state(issuer.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        issuer
    }

    /// From now on these are its keys.
    pub(crate) fn publish(&self, keys: &[&IssuerKey]) {
        let keys = keys.iter().map(|key| key.public()).collect();
        *self.published.keys.lock().unwrap() = keys;
    }

    /// From now on it answers nothing but errors, or again.
    pub(crate) fn set_away(&self, is_away: bool) {
        *self.published.is_away.lock().unwrap() = is_away;
    }

    /// From now on its metadata names another issuer.
    pub(crate) fn rename(&self, name: &str) {
        name.clone_into(&mut self.published.name.lock().unwrap());
    }

    pub(crate) fn key_fetches(&self) -> usize {
        self.published.key_fetches.load(Ordering::SeqCst)
    }

    /// The claims of a good token for this resource.
    pub(crate) fn claims(&self, resource: &str, subject: &str, scope: &str) -> Value {
        json!({"iss": self.url, "aud": resource, "sub": subject, "scope": scope, "exp": now() + 300, "iat": now()})
    }

    fn answer(&self, document: Value) -> Response {
        match *self.published.is_away.lock().unwrap() {
            true => StatusCode::BAD_GATEWAY.into_response(),
            false => axum::Json(document).into_response(),
        }
    }
}

async fn metadata(State(issuer): State<Issuer>) -> Response {
    let name = issuer.published.name.lock().unwrap().clone();
    issuer.answer(json!({"issuer": name, "jwks_uri": format!("{}/jwks", issuer.url)}))
}

async fn keys_document(State(issuer): State<Issuer>) -> Response {
    issuer.published.key_fetches.fetch_add(1, Ordering::SeqCst);
    let keys = issuer.published.keys.lock().unwrap().clone();
    issuer.answer(json!({"keys": keys}))
}
