//! An identity provider of a test's own: discovery, key set, keys of every kind, and a count of who asks.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pai::platform::config::OutsideIssuer;
use pai::platform::identity::jwk::SignatureAlgorithm;
use serde_json::{Value, json};

pub fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// A key pair with an id.
pub struct TestKey {
    pub kid: String,
    pair: Pair,
}

impl TestKey {
    pub fn rsa(kid: &str) -> Arc<Self> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("an RSA key");
        Arc::new(Self { kid: kid.to_owned(), pair: Pair::Rsa(pair) })
    }

    pub fn ec(kid: &str) -> Arc<Self> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("an EC key");
        Arc::new(Self { kid: kid.to_owned(), pair: Pair::Ec(pair) })
    }

    pub fn ed(kid: &str) -> Arc<Self> {
        Arc::new(Self { kid: kid.to_owned(), pair: Pair::Ed(Ed25519KeyPair::generate().expect("an Ed25519 key")) })
    }

    /// The Ed25519 key that a service signs its own tokens with.
    pub fn of_service(kid: &str, pkcs8: &[u8]) -> Arc<Self> {
        Arc::new(Self { kid: kid.to_owned(), pair: Pair::Ed(Ed25519KeyPair::from_pkcs8(pkcs8).expect("an Ed25519 key")) })
    }

    pub fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::Ec(_) => "ES256",
            Pair::Ed(_) => "EdDSA",
        }
    }

    /// Another key of the same kind under the same id.
    pub fn impostor(&self) -> Arc<Self> {
        match self.pair {
            Pair::Rsa(_) => Self::rsa(&self.kid),
            Pair::Ec(_) => Self::ec(&self.kid),
            Pair::Ed(_) => Self::ed(&self.kid),
        }
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).expect("signature");
                signature
            }
            Pair::Ec(pair) => pair.sign(&random, message).expect("signature").as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// The public key as JSON Web Key.
    pub fn jwk(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::Rsa(pair) => {
                let (n, e) = (pair.public_key().modulus(), pair.public_key().exponent());
                json!({ "kty": "RSA", "n": b64(n.big_endian_without_leading_zero()), "e": b64(e.big_endian_without_leading_zero()) })
            }
            Pair::Ec(pair) => {
                let point = pair.public_key().as_ref();
                json!({ "kty": "EC", "crv": "P-256", "x": b64(&point[1..33]), "y": b64(&point[33..]) })
            }
            Pair::Ed(pair) => json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key()) }),
        };
        jwk["kid"] = json!(self.kid);
        jwk["alg"] = json!(self.algorithm());
        jwk["use"] = json!("sig");
        jwk
    }

    /// Forms of the public key that a careless library takes for a shared secret.
    pub fn public_forms(&self) -> Vec<(&'static str, Vec<u8>)> {
        let der: Vec<u8> = match &self.pair {
            Pair::Rsa(pair) => pair.public_key().as_der().expect("DER").as_ref().to_vec(),
            Pair::Ec(pair) => pair.public_key().as_der().expect("DER").as_ref().to_vec(),
            Pair::Ed(pair) => pair.public_key().as_der().expect("DER").as_ref().to_vec(),
        };
        let raw = match &self.pair {
            Pair::Rsa(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ec(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ed(pair) => pair.public_key().as_ref().to_vec(),
        };
        let lines = base64::engine::general_purpose::STANDARD.encode(&der);
        let lines: Vec<&str> = lines.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"));
        vec![
            ("raw", raw),
            ("DER", der),
            ("PEM", pem.clone().into_bytes()),
            ("PEM without line end", pem.trim_end().as_bytes().to_vec()),
            ("JWK", self.jwk().to_string().into_bytes()),
            ("empty", Vec::new()),
        ]
    }

    /// A token with these very texts.
    pub fn token(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", b64(header), b64(claims));
        format!("{message}.{}", b64(self.sign(message.as_bytes())))
    }

    /// A token with the usual header.
    pub fn access_token(&self, claims: &Value) -> String {
        let header = json!({ "alg": self.algorithm(), "typ": "at+jwt", "kid": self.kid });
        self.token(&header.to_string(), &claims.to_string())
    }
}

/// What the provider does with those who ask.
#[derive(Default)]
pub struct Behaviour {
    pub keys: Vec<Arc<TestKey>>,
    /// Closes every connection without an answer.
    pub is_down: bool,
    /// Answers the key set from another place.
    pub redirects: bool,
    /// Calls itself something else in its discovery document.
    pub claims_to_be: Option<String>,
    /// Key sets given out.
    pub key_sets_asked: u32,
}

/// A running identity provider.
pub struct TestIssuer {
    pub url: String,
    behaviour: Arc<Mutex<Behaviour>>,
    stopped: Arc<AtomicBool>,
}

impl TestIssuer {
    pub fn start(keys: Vec<Arc<TestKey>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/realms/office", listener.local_addr().expect("address"));
        let behaviour = Arc::new(Mutex::new(Behaviour { keys, ..Behaviour::default() }));
        let stopped = Arc::new(AtomicBool::new(false));
        let (shared, base, ended) = (Arc::clone(&behaviour), url.clone(), Arc::clone(&stopped));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                // A caller that goes away is no concern of the provider.
                let _ = stream.and_then(|stream| answer(stream, &base, &shared));
            }
        });
        Self { url, behaviour, stopped }
    }

    pub fn behaviour(&self) -> MutexGuard<'_, Behaviour> {
        self.behaviour.lock().expect("the provider runs")
    }

    /// How a service is told of it.
    pub fn settings(&self) -> OutsideIssuer {
        OutsideIssuer {
            issuer: self.url.clone(),
            audience: "pai".to_owned(),
            algorithms: SignatureAlgorithm::ALL.to_vec(),
            on_behalf_of_claim: "preferred_username".to_owned(),
            purpose_claim: "purpose".to_owned(),
            keys_kept_h: 24,
        }
    }

    /// Claims of a token for a subject.
    pub fn claims(&self, subject: &str, now: i64) -> Value {
        json!({ "iss": self.url, "sub": subject, "aud": "pai", "iat": now, "nbf": now, "exp": now + 600, "jti": "1" })
    }
}

impl Drop for TestIssuer {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        let host = self.url.trim_start_matches("http://").split('/').next().unwrap_or_default().to_owned();
        let _ = TcpStream::connect(host);
    }
}

fn answer(mut stream: TcpStream, base: &str, behaviour: &Mutex<Behaviour>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut request = Vec::new();
    let mut chunk = [0; 2048];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut chunk)? {
            0 => return Ok(()),
            count => request.extend_from_slice(&chunk[..count]),
        }
    }
    let request = String::from_utf8_lossy(&request);
    let path = request.split(' ').nth(1).unwrap_or_default();
    let mut behaviour = behaviour.lock().expect("no panic before");
    if behaviour.is_down {
        return Ok(());
    }
    let body = if path.ends_with("/.well-known/openid-configuration") {
        let issuer = behaviour.claims_to_be.as_deref().unwrap_or(base);
        json!({ "issuer": issuer, "jwks_uri": format!("{base}/keys") })
    } else {
        behaviour.key_sets_asked += 1;
        if behaviour.redirects && path.ends_with("/keys") {
            let head =
                format!("HTTP/1.1 302 Found\r\nLocation: {base}/other-keys\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return stream.write_all(head.as_bytes());
        }
        json!({ "keys": behaviour.keys.iter().map(|key| key.jwk()).collect::<Vec<_>>() })
    };
    let text = body.to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        text.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(text.as_bytes())
}
