use chrono::TimeDelta;
use serde_json::{Value, json};

use super::TokenError as E;
use super::*;
use crate::platform::keys::KeyRing;
use crate::platform::keys::tests::fresh_ring;

pub(super) const ISSUER: &str = "https://pai.example";
pub(super) const AUDIENCE: &str = "pai";
pub(super) const CLIENT: Uuid = Uuid::from_u128(7);
pub(super) const HOUR: Duration = Duration::from_hours(1);

pub(super) struct Forge {
    ring: KeyRing,
    issuer: TokenIssuer,
    pub(super) now: DateTime<Utc>,
}

impl Forge {
    fn new() -> Self {
        let ring = fresh_ring();
        let issuer = TokenIssuer::new(ISSUER, AUDIENCE, &ring.token_signing).expect("issuer");
        let now = DateTime::from_timestamp(1_700_000_000, 0).expect("in range");
        Self { ring, issuer, now }
    }

    pub(super) fn kid(&self) -> String {
        self.ring.token_signing.current().id().to_string()
    }

    pub(super) fn header(&self) -> Value {
        json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": self.kid() })
    }

    pub(super) fn claims(&self) -> Value {
        let now = self.now.timestamp();
        json!({
            "iss": ISSUER, "sub": CLIENT, "client_id": CLIENT, "aud": AUDIENCE,
            "iat": now, "nbf": now, "exp": now + 3600, "jti": Uuid::from_u128(8),
        })
    }

    pub(super) fn header_with(&self, member: &str, value: Value) -> String {
        let mut header = self.header();
        header[member] = value;
        self.signed(&header.to_string(), &self.claims().to_string())
    }

    pub(super) fn claims_with(&self, member: &str, value: Value) -> String {
        let mut claims = self.claims();
        claims[member] = value;
        self.signed(&self.header().to_string(), &claims.to_string())
    }

    pub(super) fn without_claim(&self, member: &str) -> String {
        let mut claims = self.claims();
        claims.as_object_mut().expect("object").remove(member);
        self.signed(&self.header().to_string(), &claims.to_string())
    }

    pub(super) fn without_header(&self, member: &str) -> String {
        let mut header = self.header();
        header.as_object_mut().expect("object").remove(member);
        self.signed(&header.to_string(), &self.claims().to_string())
    }

    /// Signs any texts with the real key: what an attacker could not, so only parsing is tried.
    pub(super) fn signed(&self, header: &str, payload: &str) -> String {
        sign_with(self.ring.token_signing.current().expose(), header, payload)
    }

    /// A token as the issuer makes it.
    pub(super) fn good(&self) -> String {
        self.issuer.issue(CLIENT, self.now, HOUR).expect("token")
    }

    pub(super) fn public_key(&self) -> Vec<u8> {
        let public = &self.issuer.keys[0].public;
        URL_SAFE_NO_PAD.decode(public).expect("base64")
    }

    fn verify(&self, token: &str) -> Result<Claims, E> {
        self.issuer.verify(token, self.now)
    }
}

pub(super) fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn sign_with(pkcs8: &[u8], header: &str, payload: &str) -> String {
    let message = format!("{}.{}", b64(header), b64(payload));
    let key = EncodingKey::from_ed_der(pkcs8);
    let signature = crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA).expect("signature");
    format!("{message}.{signature}")
}

#[test]
fn an_issued_token_is_accepted_until_it_expires() {
    let forge = Forge::new();
    let token = forge.issuer.issue(CLIENT, forge.now, HOUR).expect("token");
    let claims = forge.verify(&token).expect("accepted");
    assert_eq!(claims.client, CLIENT);
    let at = |seconds| forge.now + TimeDelta::seconds(seconds);
    assert!(forge.issuer.verify(&token, at(3629)).is_ok());
    assert_eq!(forge.issuer.verify(&token, at(3630)), Err(E::Expired));
    assert!(forge.issuer.verify(&token, at(-30)).is_ok());
    assert_eq!(forge.issuer.verify(&token, at(-31)), Err(E::NotYetValid));
    // The hand-made token of the attacks below is acceptable before it is spoilt.
    let made = forge.signed(&forge.header().to_string(), &forge.claims().to_string());
    assert!(forge.verify(&made).is_ok());
}

#[test]
fn tokens_differ_and_their_life_is_bounded() {
    let forge = Forge::new();
    let issue = |ttl| forge.issuer.issue(CLIENT, forge.now, ttl);
    assert_ne!(issue(HOUR).expect("token"), issue(HOUR).expect("token"));
    assert!(matches!(issue(Duration::ZERO), Err(IssueError::Ttl)));
    assert!(matches!(issue(MAX_TTL + HOUR), Err(IssueError::Ttl)));
}

#[test]
fn every_attack_is_refused_for_its_own_reason() {
    let forge = Forge::new();
    let attacks = attacks::all(&forge);
    assert_eq!(attacks.len(), 100);
    for (name, token, reason) in attacks {
        assert_eq!(forge.verify(&token), Err(reason), "{name}");
    }
}

#[test]
fn no_changed_letter_of_a_token_is_accepted() {
    let forge = Forge::new();
    let token = forge.issuer.issue(CLIENT, forge.now, HOUR).expect("token");
    for place in 0..token.len() {
        for letter in [b'A', b'B', b'-', b'.'] {
            let mut changed = token.clone().into_bytes();
            if changed[place] != letter {
                changed[place] = letter;
                let changed = String::from_utf8(changed).expect("ASCII");
                assert!(forge.verify(&changed).is_err(), "letter {place}");
            }
        }
    }
}

#[test]
fn tokens_of_an_earlier_key_stay_valid_after_a_rotation() {
    let (old, new) = (KeyRing::generate_text(), KeyRing::generate_text());
    let (old, new) = (old.expect("text"), new.expect("text"));
    let mut rotated: Value = serde_json::from_str(&new).expect("JSON");
    let earlier: Value = serde_json::from_str(&old).expect("JSON");
    let signing = rotated["token_signing"].as_array_mut().expect("list");
    signing.push(earlier["token_signing"][0].clone());
    let issuer = |text: &str| {
        let ring = KeyRing::parse(text).expect("ring");
        TokenIssuer::new(ISSUER, AUDIENCE, &ring.token_signing).expect("issuer")
    };
    let now = Forge::new().now;
    let token = issuer(&old).issue(CLIENT, now, HOUR).expect("token");
    let after = issuer(&rotated.to_string());
    assert!(after.verify(&token, now).is_ok());
    assert_eq!(issuer(&new).verify(&token, now), Err(E::UnknownKey));
    assert_eq!(after.jwks()["keys"].as_array().map(Vec::len), Some(2));
}

#[test]
fn published_keys_verify_a_token_and_hold_nothing_private() {
    let forge = Forge::new();
    let token = forge.issuer.issue(CLIENT, forge.now, HOUR).expect("token");
    let key = forge.issuer.jwks()["keys"][0].clone();
    assert_eq!(key["kid"], json!(forge.kid()));
    assert!(key.get("d").is_none());
    let public = DecodingKey::from_ed_components(key["x"].as_str().expect("x")).expect("key");
    let (message, signature) = token.rsplit_once('.').expect("parts");
    let valid = crypto::verify(signature, message.as_bytes(), &public, Algorithm::EdDSA);
    assert!(valid.expect("base64"));
}
