//! For whom and why a caller calls: two headers that a token may state too.

use std::borrow::Cow;

use actix_web::http::header::HeaderMap;
use percent_encoding::percent_decode_str;

use super::{header, invalid_header};
use crate::platform::hint::Hint;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::holds_pesel;

/// A header for the audit log: 1 to 200 characters as sent, percent-encoded UTF-8 where they are not ASCII.
fn free_text(headers: &HeaderMap, name: &str) -> Result<Option<String>, Problem> {
    let Some(sent) = header(headers, name)?.map(str::trim) else { return Ok(None) };
    let value = percent_decoded(sent).ok_or_else(|| {
        let hint = Hint::new(
            "po każdym % musi mieć dwie cyfry szesnastkowe, razem w UTF-8",
            "must have two hexadecimal digits after each %, in UTF-8 together",
        );
        invalid_header(name, hint)
    })?;
    if holds_pesel(&value) {
        let hint = Hint::new(
            "zawiera PESEL, który nie może stać w rejestrze dostępu",
            "holds a PESEL, which must not stand in the access register",
        );
        return Err(invalid_header(name, hint));
    }
    if (1..=200).contains(&sent.len()) && !value.contains(char::is_control) && !value.trim().is_empty() {
        return Ok(Some(value));
    }
    // Left out it would be allowed in places; sent and empty it is a fault of the system that calls.
    let hint = Hint::new(
        "musi mieć od 1 do 200 znaków, tak jak go wysłano, i żadnych sterujących",
        "must have 1 to 200 characters as it is sent, and no control characters",
    );
    Err(invalid_header(name, hint))
}

/// What a percent-encoded text says; nothing where it is malformed.
fn percent_decoded(text: &str) -> Option<String> {
    let is_digit = |digit: Option<&u8>| digit.is_some_and(u8::is_ascii_hexdigit);
    let bytes = text.as_bytes();
    let well_formed = (0..bytes.len())
        .filter(|place| bytes[*place] == b'%')
        .all(|place| is_digit(bytes.get(place + 1)) && is_digit(bytes.get(place + 2)));
    if !well_formed {
        return None;
    }
    percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned)
}

/// What a header states, or the token; where both do, they must agree, because the token was signed by somebody who knows.
pub(super) fn stated(headers: &HeaderMap, name: &str, claim: Option<&str>) -> Result<Option<String>, Problem> {
    match (claim, free_text(headers, name)?) {
        (None, header) => Ok(header),
        (Some(claim), Some(header)) if header != claim => Err(catalogue::CONTRADICTS_TOKEN.problem().with("header", name)),
        (Some(claim), _) => Ok(Some(claim.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_is_read_or_refused() {
        for (text, read) in [
            ("art. 33 ust. 8", Some("art. 33 ust. 8")),
            ("pomoc%20spo%C5%82eczna", Some("pomoc społeczna")),
            ("50%25", Some("50%")),
            ("50%", None),
            ("50%2", None),
            ("50%zz", None),
            ("%C5", None),
            ("%FF%FE", None),
        ] {
            assert_eq!(percent_decoded(text).as_deref(), read, "{text}");
        }
    }
}
