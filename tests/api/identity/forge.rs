//! Makes tokens that must be refused, out of one that would be accepted.

use std::sync::Arc;

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use crate::support::issuer::{TestKey, b64};

/// What is tried, and the whole value of the Authorization header.
pub type Attack = (String, String);

/// Order of the group of Ed25519, little endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0x10,
];
/// Order of the group of P-256, big endian.
const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e,
    0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// A key that is trusted, and a token of it that is accepted.
pub struct Forge {
    pub key: Arc<TestKey>,
    pub header: Value,
    pub claims: Value,
    pub now: i64,
}

impl Forge {
    pub fn good(&self) -> String {
        self.key.token(&self.header.to_string(), &self.claims.to_string())
    }

    fn with_header(&self, member: &str, value: Value) -> String {
        let mut header = self.header.clone();
        header[member] = value;
        self.key.token(&header.to_string(), &self.claims.to_string())
    }

    fn with_claim(&self, member: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[member] = value;
        self.key.token(&self.header.to_string(), &claims.to_string())
    }

    /// Everything that is tried.
    pub fn attacks(&self) -> Vec<Attack> {
        let tokens = [
            self.algorithms(),
            self.shared_secrets(),
            self.header_members(),
            self.header_texts(),
            self.identities(),
            self.audiences(),
            self.times(),
            self.claim_texts(),
            self.signatures(),
            self.forms(),
        ]
        .concat();
        let bearer = tokens.into_iter().map(|(name, token)| (name, format!("Bearer {token}")));
        bearer.chain(self.schemes()).collect()
    }

    fn in_header(&self, member: &str, values: Vec<Value>) -> Vec<Attack> {
        values.into_iter().map(|value| (format!("header {member}={value}"), self.with_header(member, value))).collect()
    }

    fn in_claim(&self, member: &str, values: Vec<Value>) -> Vec<Attack> {
        values.into_iter().map(|value| (format!("claim {member}={value}"), self.with_claim(member, value))).collect()
    }

    fn algorithms(&self) -> Vec<Attack> {
        let own = self.key.algorithm();
        let names = [
            "none",
            "None",
            "nOnE",
            "NONE",
            "",
            "HS256",
            "HS384",
            "HS512",
            "RS256",
            "RS384",
            "RS512",
            "PS256",
            "ES256",
            "ES256K",
            "ES384",
            "ES512",
            "EdDSA",
            "eddsa",
            "rs256",
            "Ed448",
            "\u{415}dDSA",
            "RS256 ",
            "dir",
            "A256GCM",
        ];
        let mut attacks = self.in_header("alg", names.iter().filter(|name| **name != own).map(|name| json!(name)).collect());
        attacks.extend(self.in_header("alg", vec![Value::Null, json!([own]), json!(1), json!({ "alg": own })]));
        for none in ["none", "None", "nOnE", "NONE"] {
            let header = json!({ "alg": none, "typ": self.header["typ"], "kid": self.key.kid });
            let unsigned = format!("{}.{}.", b64(header.to_string()), b64(self.claims.to_string()));
            attacks.push((format!("{none} without signature"), unsigned));
        }
        attacks
    }

    fn shared_secrets(&self) -> Vec<Attack> {
        let mut header = self.header.clone();
        header["alg"] = json!("HS256");
        let message = format!("{}.{}", b64(header.to_string()), b64(self.claims.to_string()));
        let confused =
            |form: &[u8]| format!("{message}.{}", b64(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, form), message.as_bytes())));
        let forms = self.key.public_forms().into_iter();
        forms.map(|(form, bytes)| (format!("HS256 with the public key as {form}"), confused(&bytes))).collect()
    }

    fn header_members(&self) -> Vec<Attack> {
        let attacker = self.key.impostor();
        let mut jwk = attacker.jwk();
        let by_attacker = |member: &str, value: Value, kid: Value| {
            let mut header = self.header.clone();
            header[member] = value;
            header["kid"] = kid;
            attacker.token(&header.to_string(), &self.claims.to_string())
        };
        let kid = json!(self.key.kid);
        let mut attacks = vec![
            ("jwk of the attacker".to_owned(), by_attacker("jwk", jwk.clone(), kid.clone())),
            ("jku of the attacker".to_owned(), by_attacker("jku", json!("https://evil.example/jwks"), kid.clone())),
            ("x5u of the attacker".to_owned(), by_attacker("x5u", json!("https://evil.example/x"), kid.clone())),
            ("x5c of the attacker".to_owned(), by_attacker("x5c", json!(["MIIB"]), kid.clone())),
            ("key of the attacker under the kid".to_owned(), by_attacker("typ", self.header["typ"].clone(), kid)),
        ];
        jwk["kid"] = json!("attacker");
        attacks.push(("jwk and kid of the attacker".to_owned(), by_attacker("jwk", jwk, json!("attacker"))));
        for (member, values) in [
            (
                "kid",
                vec![json!("unknown"), json!("../../../../dev/null"), json!("' OR '1'='1"), json!("' UNION SELECT 'key' --")],
            ),
            ("kid", vec![json!("https://evil.example/key.pem"), json!(format!("{}\0", self.key.kid)), json!(""), json!(1)]),
            ("kid", vec![json!([self.key.kid]), Value::Null, json!("|id"), json!("a".repeat(3000))]),
            ("typ", vec![json!("id+jwt"), json!("JWE"), json!("secevent+jwt"), json!("logout+jwt"), json!("dpop+jwt"), json!(1)]),
            ("typ", vec![json!("client-authentication+jwt"), json!(""), json!("at+jwt "), json!("text/at+jwt"), Value::Null]),
            ("jku", vec![json!("https://evil.example/jwks")]),
            ("crit", vec![json!(["exp"]), json!(["b64"]), json!([])]),
            ("b64", vec![json!(false), json!(true)]),
            ("zip", vec![json!("DEF")]),
            ("cty", vec![json!("JWT")]),
            ("enc", vec![json!("A256GCM")]),
        ] {
            attacks.extend(self.in_header(member, values));
        }
        for member in ["alg", "typ", "kid"] {
            let mut header = self.header.clone();
            header.as_object_mut().expect("an object").remove(member);
            attacks.push((format!("{member} missing"), self.key.token(&header.to_string(), &self.claims.to_string())));
        }
        attacks
    }

    fn header_texts(&self) -> Vec<Attack> {
        let header = self.header.to_string();
        let twice = |member: &str| header.replacen('{', &format!("{{{member},"), 1);
        let texts = [
            ("alg twice", twice(r#""alg":"none""#)),
            ("alg twice, escaped", twice(r#""\u0061lg":"none""#)),
            ("kid twice", twice(r#""kid":"other""#)),
            ("header a list", format!("[{header}]")),
            ("header text", r#""header""#.to_owned()),
            ("header with tail", format!("{header}{{}}")),
            ("header cut", header[..header.len() - 1].to_owned()),
            ("header empty", String::new()),
            ("header with byte order mark", format!("\u{feff}{header}")),
            ("header null", "null".to_owned()),
        ];
        texts.into_iter().map(|(name, text)| (name.to_owned(), self.key.token(&text, &self.claims.to_string()))).collect()
    }

    fn identities(&self) -> Vec<Attack> {
        let issuer = self.claims["iss"].as_str().expect("text");
        let mut attacks = self.in_claim(
            "iss",
            vec![
                json!("https://evil.example"),
                json!(format!("{issuer}/")),
                json!(format!(" {issuer}")),
                json!(issuer.to_uppercase()),
                json!([issuer]),
                json!("built-in"),
                json!(""),
                Value::Null,
            ],
        );
        attacks.extend(self.in_claim(
            "sub",
            vec![
                json!("somebody else"),
                json!("0190ffff-0000-7000-8000-000000000001"),
                json!(7),
                json!({ "id": self.claims["sub"] }),
                json!([self.claims["sub"]]),
                json!("' OR '1'='1"),
                json!(format!("{}\0", self.claims["sub"].as_str().unwrap_or_default())),
                json!("s".repeat(300)),
                json!(""),
                Value::Null,
            ],
        ));
        attacks
    }

    fn audiences(&self) -> Vec<Attack> {
        self.in_claim(
            "aud",
            vec![
                json!("other"),
                json!(""),
                json!("PAI"),
                json!("pai "),
                json!("pai,other"),
                json!("pai other"),
                json!([]),
                json!(["other"]),
                json!([["pai"]]),
                json!(["pai", 1]),
                json!(["pai", null]),
                json!({ "pai": true }),
                json!(vec!["pai"; 60]),
                json!(1),
                Value::Null,
            ],
        )
    }

    fn times(&self) -> Vec<Attack> {
        let now = self.now;
        let mut attacks = self.in_claim(
            "exp",
            vec![
                json!(now - 31),
                json!(0),
                json!(-1),
                json!((now + 60).to_string()),
                json!(1.9e9),
                format!("{}.5", now + 60).parse().expect("a number"),
                json!(i64::MAX),
                json!(u64::MAX),
                json!(1e300),
                json!(now + 3 * 86_400),
                json!(true),
                json!([now + 60]),
                Value::Null,
            ],
        );
        attacks.extend(self.in_claim("nbf", vec![json!(now + 60), json!("now"), json!(i64::MAX), json!(-5.5), json!(now + 601)]));
        attacks.extend(self.in_claim("iat", vec![json!(now + 60), json!("now"), json!(i64::MIN)]));
        attacks
    }

    fn claim_texts(&self) -> Vec<Attack> {
        let claims = self.claims.to_string();
        let twice = |member: &str| claims.replacen('{', &format!("{{{member},"), 1);
        let mut texts = vec![
            ("exp twice".to_owned(), twice(r#""exp":9999999999"#)),
            ("sub twice".to_owned(), twice(r#""sub":"admin""#)),
            ("iss twice".to_owned(), twice(r#""iss":"https://evil.example""#)),
            ("aud twice, escaped".to_owned(), twice(r#""\u0061ud":"x""#)),
            ("a token as payload".to_owned(), self.good()),
            ("payload a list".to_owned(), format!("[{claims}]")),
            ("payload empty".to_owned(), String::new()),
            ("lone surrogate".to_owned(), twice(r#""name":"\ud800""#)),
            ("payload deeply nested".to_owned(), twice(&format!("\"x\":{}{}", "[".repeat(300), "]".repeat(300)))),
        ];
        for claim in ["iss", "sub", "aud", "exp"] {
            let mut without = self.claims.clone();
            without.as_object_mut().expect("an object").remove(claim);
            texts.push((format!("{claim} missing"), without.to_string()));
        }
        let more = [
            ("nonce", json!("n")),
            ("at_hash", json!("h")),
            ("events", json!({})),
            ("cnf", json!({ "jkt": "x" })),
            ("typ", json!("ID")),
        ];
        let mut attacks: Vec<Attack> =
            more.into_iter().map(|(claim, value)| (format!("of another use: {claim}"), self.with_claim(claim, value))).collect();
        attacks.push(("token_use id".to_owned(), self.with_claim("token_use", json!("id"))));
        let header = self.header.to_string();
        attacks.extend(texts.into_iter().map(|(name, text)| (name, self.key.token(&header, &text))));
        attacks
    }

    fn signatures(&self) -> Vec<Attack> {
        let good = self.good();
        let (message, signature) = good.rsplit_once('.').expect("parts");
        let (header, _) = message.split_once('.').expect("parts");
        let bytes = self.key.sign(message.as_bytes());
        let mut flipped = bytes.clone();
        flipped[0] ^= 1;
        let mut other = self.claims.clone();
        other["jti"] = json!("2");
        let signed = |name: &str, bytes: &[u8]| (name.to_owned(), format!("{message}.{}", b64(bytes)));
        let mut attacks = vec![
            signed("one bit flipped", &flipped),
            signed("signature zero", &vec![0; bytes.len()]),
            signed("signature of 255s", &vec![255; bytes.len()]),
            signed("signature empty", &[]),
            signed("signature longer", &[&bytes[..], &[0]].concat()),
            signed("signature with zero in front", &[&[0], &bytes[..]].concat()),
            signed("signature cut", &bytes[..bytes.len() - 1]),
            signed("signature halved", &bytes[..bytes.len() / 2]),
            signed("signature twice", &[&bytes[..], &bytes[..]].concat()),
            signed("signature of the payload alone", &self.key.sign(self.claims.to_string().as_bytes())),
            ("payload exchanged".to_owned(), format!("{header}.{}.{signature}", b64(other.to_string()))),
            ("header as signature".to_owned(), format!("{message}.{header}")),
            ("of a foreign key".to_owned(), self.key.impostor().token(&self.header.to_string(), &self.claims.to_string())),
        ];
        match self.key.algorithm() {
            "ES256" => {
                let (r, s) = bytes.split_at(32);
                attacks.push(signed("r and s are the order", &[P256_ORDER, P256_ORDER].concat()));
                attacks.push(signed("r zero", &[&[0; 32], s].concat()));
                attacks.push(signed("s zero", &[r, &[0; 32]].concat()));
                attacks.push(signed("r and s with lengths of 33", &[&[0], r, &[0], s].concat()));
                attacks.push(signed("r and s as DER", &der(r, s)));
            }
            "EdDSA" => {
                attacks.push(signed("S with the order added", &[&bytes[..32], &plus_order(&bytes[32..])].concat()));
                attacks.push(signed("R neutral, S zero", &[&[1], &[0; 63][..]].concat()));
                attacks.push(signed("of a signature on Ed448's length", &[7; 114]));
            }
            _ => attacks.push(signed("the number one", &[&vec![0; bytes.len() - 1][..], &[1]].concat())),
        }
        attacks
    }

    fn forms(&self) -> Vec<Attack> {
        let good = self.good();
        let (message, signature) = good.rsplit_once('.').expect("parts");
        let (header, payload) = message.split_once('.').expect("parts");
        let list = [
            ("two parts", message.to_owned()),
            ("one part", header.to_owned()),
            ("nothing", String::new()),
            ("only dots", "..".to_owned()),
            ("five parts, as encrypted", format!("{good}.AAAA.AAAA")),
            ("dot at the end", format!("{good}.")),
            ("dot in front", format!(".{good}")),
            ("JSON form", json!({ "payload": payload, "protected": header, "signature": signature }).to_string()),
            ("header padded", format!("{header}=.{payload}.{signature}")),
            ("payload padded", format!("{header}.{payload}==.{signature}")),
            ("signature padded", format!("{good}==")),
            ("space inside", format!("{header}. {payload}.{signature}")),
            ("tab inside", format!("{header}.\t{payload}.{signature}")),
            ("plus sign for minus", format!("{header}.{payload}.+{}", &signature[1..])),
            ("slash in the signature", format!("{header}.{payload}./{}", &signature[1..])),
            ("percent-encoded dot", good.replacen('.', "%2E", 1)),
            ("quoted", format!("\"{good}\"")),
            ("two tokens", format!("{good} {good}")),
            ("two tokens with a comma", format!("{good},{good}")),
            ("scheme twice", format!("Bearer {good}")),
            ("oversized", format!("{good}{}", "A".repeat(9000))),
            ("oversized payload", self.with_claim("x", json!("x".repeat(9000)))),
        ];
        list.into_iter().map(|(name, token)| (name.to_owned(), token)).collect()
    }

    fn schemes(&self) -> Vec<Attack> {
        let good = self.good();
        let schemes = ["Basic", "DPoP", "Token", "JWT", "Digest", "Bearer:"];
        let mut attacks: Vec<Attack> =
            schemes.into_iter().map(|scheme| (format!("scheme {scheme}"), format!("{scheme} {good}"))).collect();
        attacks.push(("no scheme".to_owned(), good.clone()));
        attacks.push(("scheme joined".to_owned(), format!("Bearer{good}")));
        attacks.push(("only the scheme".to_owned(), "Bearer".to_owned()));
        attacks
    }
}

/// The other representative of a number modulo the order, which must not count as the same signature.
fn plus_order(number: &[u8]) -> Vec<u8> {
    let mut carry = 0_u16;
    let sum = number.iter().zip(ORDER).map(|(a, b)| {
        let sum = u16::from(*a) + u16::from(b) + carry;
        carry = sum >> 8;
        sum.to_le_bytes()[0]
    });
    sum.collect()
}

fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let number = |value: &[u8]| {
        let value = if value[0] >= 128 { [&[0], value].concat() } else { value.to_vec() };
        [&[2, u8::try_from(value.len()).expect("short")], &value[..]].concat()
    };
    let body = [number(r), number(s)].concat();
    [&[0x30, u8::try_from(body.len()).expect("short")], &body[..]].concat()
}
