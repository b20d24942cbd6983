//! Whether a caller takes the form in which an operation answers.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{ACCEPT, HeaderMap};
use actix_web::web::Data;
use serde_json::Value;

use super::openapi::{operations, path_matches};

const JSON: &str = "application/json";

/// The operations that answer something else than JSON, as the contract says.
pub struct OtherMedia(Vec<(String, Vec<String>)>);

impl OtherMedia {
    /// Reads them from the contract.
    pub fn of(document: &Value) -> Self {
        let media_of = |operation: &Value| -> Vec<String> {
            let answers = operation["responses"].as_object().into_iter().flatten();
            let successes = answers.filter(|(status, _)| status.starts_with('2'));
            successes
                .flat_map(|(_, answer)| answer["content"].as_object().into_iter().flatten())
                .map(|(media, _)| media.clone())
                .collect()
        };
        let others = operations(document).filter_map(|(path, _, operation)| {
            let media = media_of(operation);
            media.iter().any(|media| media != JSON).then(|| (path.to_owned(), media))
        });
        Self(others.collect())
    }

    fn at<'s>(&'s self, path: &str) -> impl Iterator<Item = &'s String> {
        self.0.iter().filter(move |(template, _)| path_matches(template, path)).flat_map(|(_, media)| media)
    }
}

/// Whether the caller takes what the path answers: JSON, except where the contract names a file or a page.
pub(super) fn is_acceptable(request: &ServiceRequest) -> bool {
    if takes(request.headers(), JSON) {
        return true;
    }
    let others = request.app_data::<Data<OtherMedia>>();
    others.is_some_and(|others| others.at(request.path()).any(|media| takes(request.headers(), media)))
}

/// Whether the caller takes a media type; the most specific range that is named decides (RFC 9110, section 12.5.1).
fn takes(headers: &HeaderMap, media: &str) -> bool {
    let mut ranges =
        headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).peekable();
    if ranges.peek().is_none() {
        return true;
    }
    let kind = media.split('/').next().unwrap_or_default();
    let mut best: Option<(usize, bool)> = None;
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let named = parts.next().unwrap_or_default().to_ascii_lowercase();
        let wanted = !parts.any(|part| part.strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok()) == Some(0.0));
        let precision = match named.strip_suffix("/*") {
            Some("*") => 0,
            Some(family) if family == kind => 1,
            None if named == media => 2,
            _ => continue,
        };
        best = Some((precision, wanted)).into_iter().chain(best).max_by_key(|(precision, _)| *precision);
    }
    best.is_some_and(|(_, wanted)| wanted)
}
