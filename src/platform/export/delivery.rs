//! The finished file as an answer, whole or from where a download broke off.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, IF_RANGE, RANGE, VARY,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::columns::Totals;
use super::forms::Form;
use super::spool::Content;
use crate::platform::secrets::hexadecimal;

/// A list as a file.
#[derive(Debug)]
pub(crate) struct Export {
    pub(super) form: Form,
    /// Name of the file without its ending.
    pub(super) name: String,
    pub(super) totals: Totals,
    pub(super) content: Content,
}

impl Export {
    /// The answer: the whole, or the part that is asked for.
    pub(crate) fn respond(self, request: &HttpRequest) -> HttpResponse<BoxBody> {
        let Self { form, name, totals, content } = self;
        let etag = format!("\"{}\"", hexadecimal(&content.sha256));
        let range = range_of(request.headers(), &etag, content.length);
        let mut response = HttpResponse::build(if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK });
        response
            .insert_header((CONTENT_TYPE, form.content_type()))
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{}\"", form.ending())))
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((VARY, "accept"))
            .insert_header((ACCEPT_RANGES, "bytes"))
            .insert_header((ETAG, etag))
            // Of the whole, also where a part is sent (RFC 9530, section 3).
            .insert_header(("repr-digest", format!("sha-256=:{}:", STANDARD.encode(content.sha256))))
            .insert_header(("pai-row-count", totals.rows.to_string()))
            .insert_header(("pai-control-totals", control_totals(&totals)));
        match range {
            None => response.body(content),
            Some((first, last)) => {
                response.insert_header((CONTENT_RANGE, format!("bytes {first}-{last}/{}", content.length)));
                response.body(content.part(first, last))
            }
        }
    }
}

/// Sums by the heads of their columns, as a JSON object of decimal strings.
fn control_totals(totals: &Totals) -> String {
    let sums: Map<String, Value> = totals.sums.iter().map(|(head, sum)| (head.clone(), Value::String(sum.to_string()))).collect();
    Value::Object(sums).to_string()
}

/// The part that is asked for; nothing where the whole is to be sent, as a server may always do (RFC 9110, section 14.2).
fn range_of(headers: &HeaderMap, etag: &str, length: u64) -> Option<(u64, u64)> {
    let header = |name| headers.get(name).and_then(|value: &actix_web::http::header::HeaderValue| value.to_str().ok());
    let range = header(RANGE)?;
    // Of a file that has changed meanwhile, the rest would not fit.
    if header(IF_RANGE).is_some_and(|known| known != etag) {
        return None;
    }
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let end = length.checked_sub(1)?;
    let (first, last) = match (first, last) {
        ("", suffix) => (length.saturating_sub(suffix.parse().ok().filter(|count| *count > 0)?), end),
        (first, "") => (first.parse().ok()?, end),
        (first, last) => (first.parse().ok()?, last.parse::<u64>().ok()?.min(end)),
    };
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn a_part_is_sent_of_what_is_still_the_same() {
        for (range, if_range, part) in [
            ("bytes=0-", None, Some((0, 99))),
            ("bytes=40-", Some("\"a\""), Some((40, 99))),
            ("bytes=40-", Some("\"b\""), None),
            ("bytes=40-49", None, Some((40, 49))),
            ("bytes=40-400", None, Some((40, 99))),
            ("bytes=-10", None, Some((90, 99))),
            ("bytes=-1000", None, Some((0, 99))),
            ("bytes=100-", None, None),
            ("bytes=50-40", None, None),
            ("bytes=-0", None, None),
            ("bytes=0-1,5-6", None, None),
            ("rows=0-", None, None),
            ("bytes=x-", None, None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, HeaderValue::from_static(range));
            if let Some(known) = if_range {
                headers.insert(IF_RANGE, HeaderValue::from_static(known));
            }
            assert_eq!(range_of(&headers, "\"a\"", 100), part, "{range} {if_range:?}");
            assert_eq!(range_of(&headers, "\"a\"", 0), None, "nothing has no part");
        }
    }
}
