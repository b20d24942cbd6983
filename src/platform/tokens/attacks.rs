//! Tokens that must be refused, each with the reason.

use aws_lc_rs::hmac;
use serde_json::{Value, json};
use uuid::Uuid;

use super::tests::{AUDIENCE, CLIENT, Forge, ISSUER, b64, sign_with};
use super::{MAX_TOKEN_LEN, TokenError as E};
use crate::platform::keys::tests::fresh_ring;

/// What is tried, the token, and why it is refused.
pub(super) type Attack = (String, String, E);

pub(super) fn all(f: &Forge) -> Vec<Attack> {
    [algorithms(f), headers(f), header_texts(f), identities(f), times(f), claim_texts(f), forgeries(f), forms(f)].concat()
}

fn in_header(f: &Forge, table: Vec<(&str, Value, E)>) -> Vec<Attack> {
    table
        .into_iter()
        .map(|(member, value, reason)| {
            let name = format!("header {member} {value}");
            (name, f.header_with(member, value), reason)
        })
        .collect()
}

fn in_claims(f: &Forge, table: Vec<(&str, Value, E)>) -> Vec<Attack> {
    table
        .into_iter()
        .map(|(member, value, reason)| {
            let name = format!("claim {member} {value}");
            (name, f.claims_with(member, value), reason)
        })
        .collect()
}

fn named(table: Vec<(&str, String, E)>) -> Vec<Attack> {
    table.into_iter().map(|(name, token, reason)| (name.to_owned(), token, reason)).collect()
}

fn algorithms(f: &Forge) -> Vec<Attack> {
    in_header(
        f,
        vec![
            ("alg", json!("none"), E::Algorithm),
            ("alg", json!("None"), E::Algorithm),
            ("alg", json!(""), E::Algorithm),
            ("alg", json!("eddsa"), E::Algorithm),
            ("alg", json!("EDDSA"), E::Algorithm),
            ("alg", json!("EdDSA "), E::Algorithm),
            // A Cyrillic letter.
            ("alg", json!("\u{415}dDSA"), E::Algorithm),
            ("alg", json!("RS256"), E::Algorithm),
            ("alg", json!("ES256"), E::Algorithm),
            ("alg", json!("HS512"), E::Algorithm),
            ("alg", Value::Null, E::Header),
            ("alg", json!(["EdDSA"]), E::Header),
        ],
    )
}

fn headers(f: &Forge) -> Vec<Attack> {
    let foreign = fresh_ring().token_signing.current().id().to_string();
    let with_nul = format!("{}\0", f.kid());
    in_header(
        f,
        vec![
            ("typ", json!("JWT"), E::Type),
            ("typ", json!("id+jwt"), E::Type),
            ("typ", json!("AT+JWT"), E::Type),
            ("kid", json!(foreign), E::UnknownKey),
            ("kid", json!("../../../dev/null"), E::UnknownKey),
            ("kid", json!("' OR '1'='1"), E::UnknownKey),
            ("kid", json!(with_nul), E::UnknownKey),
            ("kid", json!(1), E::Header),
            ("jku", json!("https://evil.example/jwks"), E::Header),
            ("x5u", json!("https://evil.example/x"), E::Header),
            ("x5c", json!(["MIIB"]), E::Header),
            ("jwk", json!({"kty": "OKP"}), E::Header),
            ("crit", json!(["exp"]), E::Header),
            ("b64", json!(false), E::Header),
            ("zip", json!("DEF"), E::Header),
            // Announces a nested token.
            ("cty", json!("JWT"), E::Header),
        ],
    )
}

fn header_texts(f: &Forge) -> Vec<Attack> {
    let claims = f.claims().to_string();
    let kid = f.kid();
    let rest = format!(r#""alg":"EdDSA","typ":"at+jwt","kid":"{kid}"}}"#);
    let with = |header: &str| f.signed(header, &claims);
    let twice = with(&format!(r#"{{"alg":"none",{rest}"#));
    let escaped = with(&format!(r#"{{"\u0061lg":"none",{rest}"#));
    let list = with(&format!(r#"["EdDSA","at+jwt","{kid}"]"#));
    let tail = with(&format!("{}{{}}", f.header()));
    named(vec![
        ("alg missing", f.without_header("alg"), E::Header),
        ("typ missing", f.without_header("typ"), E::Header),
        ("kid missing", f.without_header("kid"), E::Header),
        ("alg twice", twice, E::Header),
        ("alg twice, escaped", escaped, E::Header),
        ("header as list", list, E::Header),
        ("header with tail", tail, E::Header),
        ("header not JSON", with("{"), E::Header),
        ("header empty", with(""), E::Header),
    ])
}

fn identities(f: &Forge) -> Vec<Attack> {
    in_claims(
        f,
        vec![
            ("iss", json!("https://evil.example"), E::Issuer),
            ("iss", json!(format!("{ISSUER}/")), E::Issuer),
            ("iss", json!([ISSUER]), E::Claims),
            ("aud", json!("other"), E::Audience),
            ("aud", json!(""), E::Audience),
            ("aud", json!([AUDIENCE]), E::Claims),
            ("aud", json!(["other", AUDIENCE]), E::Claims),
            ("sub", json!(7), E::Claims),
            ("sub", Value::Null, E::Claims),
            ("sub", json!({"id": CLIENT}), E::Claims),
            ("sub", json!("admin"), E::Claims),
            ("sub", json!(Uuid::from_u128(9)), E::Claims),
            ("role", json!("administrator"), E::Claims),
        ],
    )
}

fn times(f: &Forge) -> Vec<Attack> {
    let now = f.now.timestamp();
    let mut expired = f.claims();
    for (claim, age) in [("iat", 3700), ("nbf", 3700), ("exp", 30)] {
        expired[claim] = json!(now - age);
    }
    let expired = f.signed(&f.header().to_string(), &expired.to_string());
    let mut attacks = in_claims(
        f,
        vec![
            ("exp", json!(now), E::Claims),
            ("exp", json!((now + 60).to_string()), E::Claims),
            ("exp", json!(1.7e9), E::Claims),
            ("exp", Value::Null, E::Claims),
            ("exp", json!(u64::MAX), E::Claims),
            ("exp", json!(i64::MAX), E::Claims),
            ("nbf", json!(now + 31), E::NotYetValid),
            ("nbf", json!("now"), E::Claims),
            ("iat", json!(now + 31), E::NotYetValid),
            ("iat", json!(i64::MIN), E::Claims),
        ],
    );
    attacks.push(("expired".to_owned(), expired, E::Expired));
    attacks
}

fn claim_texts(f: &Forge) -> Vec<Attack> {
    let header = f.header().to_string();
    let claims = f.claims().to_string();
    let with = |payload: &str| f.signed(&header, payload);
    let twice = |member: &str| with(&claims.replacen('{', &format!("{{{member},"), 1));
    let nested = with(&with(&claims));
    let sub = twice(&format!(r#""sub":"{CLIENT}""#));
    let mut attacks = named(vec![
        ("exp twice", twice(r#""exp":9999999999"#), E::Claims),
        ("sub twice", sub, E::Claims),
        ("aud twice", twice(r#""\u0061ud":"x""#), E::Claims),
        ("payload a token", nested, E::Claims),
        ("payload a list", with("[]"), E::Claims),
        ("lone surrogate", with(r#"{"iss":"\ud800"}"#), E::Claims),
        ("payload empty", with(""), E::Claims),
    ]);
    for claim in ["iss", "sub", "client_id", "aud", "iat", "nbf", "exp", "jti"] {
        let name = format!("{claim} missing");
        attacks.push((name, f.without_claim(claim), E::Claims));
    }
    attacks
}

fn forgeries(f: &Forge) -> Vec<Attack> {
    let claims = f.claims().to_string();
    let payload = b64(&claims);
    let foreign = fresh_ring();
    let foreign = foreign.token_signing.current().expose();
    let foreign = sign_with(foreign, &f.header().to_string(), &claims);
    let header = |alg: &str| b64(json!({"alg": alg, "typ": "at+jwt", "kid": f.kid()}).to_string());
    let message = format!("{}.{payload}", header("HS256"));
    let key = hmac::Key::new(hmac::HMAC_SHA256, &f.public_key());
    let confused = format!("{message}.{}", b64(hmac::sign(&key, message.as_bytes())));
    let unsigned = format!("{}.{payload}.", header("none"));
    let good = f.good();
    let (message, signature) = good.rsplit_once('.').expect("parts");
    let (head, _) = message.split_once('.').expect("parts");
    let other = claims.replace(&CLIENT.to_string(), &Uuid::nil().to_string());
    let exchanged = format!("{head}.{}.{signature}", b64(other));
    let zero = format!("{message}.{}", b64([0; 64]));
    let cut = good[..good.len() - 4].to_owned();
    named(vec![
        ("HS256 with the public key", confused, E::Algorithm),
        ("none without signature", unsigned, E::Algorithm),
        ("foreign key, own kid", foreign, E::Signature),
        ("payload exchanged", exchanged, E::Signature),
        ("signature dropped", format!("{message}."), E::Signature),
        ("signature zero", zero, E::Signature),
        ("signature cut", cut, E::Signature),
        ("signature longer", format!("{good}AAAA"), E::Signature),
        ("signature padded", format!("{good}=="), E::Signature),
        ("header as signature", format!("{message}.{head}"), E::Signature),
    ])
}

fn forms(f: &Forge) -> Vec<Attack> {
    let good = f.good();
    let (message, signature) = good.rsplit_once('.').expect("parts");
    let (header, _) = message.split_once('.').expect("parts");
    let json = json!({"payload": message, "signature": signature}).to_string();
    let too_long = format!("{good}{}", "A".repeat(MAX_TOKEN_LEN));
    let padded = good.replacen('.', "=.", 1);
    let foreign_dot = good.replacen('.', "\u{ff0e}", 1);
    let foreign_letter = format!("{message}.ż{signature}");
    named(vec![
        ("oversized", too_long, E::TooLong),
        ("header padded", padded, E::Malformed),
        ("two parts", message.to_owned(), E::Malformed),
        ("no dot", header.to_owned(), E::Malformed),
        ("empty", String::new(), E::Malformed),
        ("only dots", "...".to_owned(), E::Malformed),
        ("five parts", format!("{good}.x.y"), E::Malformed),
        ("dot at the end", format!("{good}."), E::Malformed),
        ("dot at the start", format!(".{good}"), E::Malformed),
        ("scheme in front", format!("Bearer {good}"), E::Malformed),
        ("line break", format!("{good}\n"), E::Signature),
        ("letter outside ASCII", foreign_letter, E::Signature),
        ("fullwidth dot", foreign_dot, E::Malformed),
        ("JSON form", json, E::Malformed),
    ])
}
