//! Whether a caller takes the form in which an operation answers.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{ACCEPT, HeaderMap};
use actix_web::web::Data;
use serde_json::Value;

use super::openapi::{operations, path_matches};

const JSON: &str = "application/json";

/// The operations that answer something else than JSON, as the contract says.
pub struct OtherMedia(Vec<(String, String, Vec<String>)>);

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
        let others = operations(document).filter_map(|(path, method, operation)| {
            let media = media_of(operation);
            media.iter().any(|media| media != JSON).then(|| (path.to_owned(), method.to_uppercase(), media))
        });
        Self(others.collect())
    }

    fn at<'s>(&'s self, method: &str, path: &str) -> impl Iterator<Item = &'s String> {
        let fits = move |(template, of, _): &&(String, String, Vec<String>)| of == method && path_matches(template, path);
        self.0.iter().filter(fits).flat_map(|(_, _, media)| media)
    }
}

/// Whether the caller takes what the path answers: JSON, except where the contract names a file or a page.
pub(super) fn is_acceptable(request: &ServiceRequest) -> bool {
    if takes(request.headers(), JSON) {
        return true;
    }
    let others = request.app_data::<Data<OtherMedia>>();
    others.is_some_and(|others| others.at(request.method().as_str(), request.path()).any(|media| takes(request.headers(), media)))
}

/// Whether the caller takes a media type.
fn takes(headers: &HeaderMap, media: &str) -> bool {
    weight(headers, media) > 0.0
}

/// How gladly, from 0 for not at all to 1; the most specific range that is named decides (RFC 9110, section 12.5.1).
pub(super) fn weight(headers: &HeaderMap, media: &str) -> f32 {
    let mut ranges =
        headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).peekable();
    if ranges.peek().is_none() {
        return 1.0;
    }
    let kind = media.split('/').next().unwrap_or_default();
    let mut best: Option<(usize, f32)> = None;
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let named = parts.next().unwrap_or_default().to_ascii_lowercase();
        let stated = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok()).filter(|weight| weight.is_finite());
        let wanted = stated.map_or(1.0, |weight| weight.clamp(0.0, 1.0));
        let precision = match named.strip_suffix("/*") {
            Some("*") => 0,
            Some(family) if family == kind => 1,
            None if named == media => 2,
            _ => continue,
        };
        best = Some((precision, wanted)).into_iter().chain(best).max_by_key(|(precision, _)| *precision);
    }
    best.map_or(0.0, |(_, wanted)| wanted)
}
