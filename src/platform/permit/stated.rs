//! For whom and why a caller calls: two headers that a token may state too.

use actix_web::http::header::HeaderMap;
use percent_encoding::percent_decode_str;

use super::{header, invalid_header};
use crate::platform::hint::Hint;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::holds_pesel;

/// A header for the audit log: 1 to 200 printable ASCII characters as sent, kept decoded where they are percent-encoded.
fn free_text(headers: &HeaderMap, name: &str) -> Result<Option<String>, Problem> {
    let Some(sent) = header(headers, name)?.map(str::trim) else { return Ok(None) };
    let value = percent_decoded(sent).unwrap_or_else(|| sent.to_owned());
    if holds_pesel(&value) || holds_pesel(sent) {
        let hint = Hint::new(
            "zawiera PESEL, którego rejestr dostępu nie może zawierać",
            "holds a PESEL, which must not stand in the access register",
        );
        return Err(invalid_header(name, hint));
    }
    if (1..=200).contains(&sent.len()) && sent.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(Some(value));
    }
    // Left out it would be allowed in places; sent and empty it is a fault of the system that calls.
    let hint = Hint::new(
        "musi mieć od 1 do 200 drukowalnych znaków ASCII; inne litery zakodowane procentowo",
        "must have 1 to 200 printable ASCII characters; other letters percent-encoded",
    );
    Err(invalid_header(name, hint))
}

/// What a percent-encoded text says; nothing where it is plain after all, such as "50% of the rent".
fn percent_decoded(text: &str) -> Option<String> {
    let is_digit = |digit: Option<&u8>| digit.is_some_and(u8::is_ascii_hexdigit);
    let bytes = text.as_bytes();
    let well_formed = (0..bytes.len())
        .filter(|place| bytes[*place] == b'%')
        .all(|place| is_digit(bytes.get(place + 1)) && is_digit(bytes.get(place + 2)));
    if !well_formed {
        return None;
    }
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    (!decoded.contains(char::is_control) && !decoded.trim().is_empty()).then(|| decoded.into_owned())
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
    fn what_is_percent_encoded_is_told_from_plain_text() {
        for (text, read) in [
            ("art. 33 ust. 8", Some("art. 33 ust. 8")),
            ("pomoc%20spo%C5%82eczna", Some("pomoc społeczna")),
            ("50%25", Some("50%")),
            ("50%", None),
            ("50%2", None),
            ("50%zz", None),
            ("%C5", None),
            ("%FF%FE", None),
            ("a%00b", None),
            ("%20%E2%80%83", None),
        ] {
            assert_eq!(percent_decoded(text).as_deref(), read, "{text}");
        }
    }
}
