//! Bodies, filters and path ids, parsed into domain types or refused with a pointer.

mod objects;

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::{DeserializeOwned, IgnoredAny};
use uuid::Uuid;

use super::hint::Hint;
use super::permit::Admission;
use super::problem::{Problem, catalogue};
use super::types::PESEL_IN_TEXT;
use super::xml::XmlBody;

/// Longest body taken.
pub const BODY_LIMIT: usize = 1 << 20;
/// Longest time a body may take to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(5);

/// A parsed body: JSON or, where the operation takes it, XML, which stands for the same JSON.
#[derive(Debug)]
pub struct Body<T> {
    /// The parsed value.
    pub value: T,
    /// What was sent, as JSON, for the idempotency hash.
    pub(crate) raw: Bytes,
    /// Names of the fields that were sent, for the audit row.
    pub(crate) fields: Vec<String>,
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        let is_json = media_type.eq_ignore_ascii_case("application/json");
        let xml = if is_json { None } else { XmlBody::of(request, media_type) };
        let encoding = request.headers().get(CONTENT_ENCODING);
        let is_encoded = encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
        let payload = payload.take();
        let admission = Admission::of(request);
        Box::pin(async move {
            Admission::wait(admission).await;
            if (!is_json && xml.is_none()) || is_encoded {
                return Err(catalogue::UNSUPPORTED_MEDIA_TYPE.problem());
            }
            let raw = read_all(payload).await?;
            parse(xml.map_or_else(|| Ok(raw.clone()), |xml| xml.to_json(&raw))?)
        })
    }
}

/// Reads a payload within the limits of size and time.
pub(crate) async fn read_all(payload: Payload) -> Result<Bytes, Problem> {
    read_within(payload, BODY_LIMIT, BODY_DEADLINE).await
}

/// As [`read_all`], within limits of one's own.
pub(crate) async fn read_within(mut payload: Payload, limit: usize, deadline: Duration) -> Result<Bytes, Problem> {
    let read = async {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|error| catalogue::NOT_PARSEABLE.problem().because(error))?;
            if bytes.len() + chunk.len() > limit {
                return Err(catalogue::PAYLOAD_TOO_LARGE.problem());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    };
    tokio::time::timeout(deadline, read)
        .await
        .map_err(|_| catalogue::NOT_PARSEABLE.problem().because("the body did not arrive in time"))?
}

/// Parses a JSON body; syntax is a 400, content a 422 with the field.
pub(crate) fn parse<T: DeserializeOwned>(raw: Bytes) -> Result<Body<T>, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(&raw);
    let value: T = serde_path_to_error::deserialize(objects::Strict(&mut deserializer)).map_err(|error| refuse(&error, &raw))?;
    deserializer.end().map_err(|error| catalogue::NOT_PARSEABLE.problem().because(error))?;
    let fields = field_names(&raw);
    Ok(Body { value, raw, fields })
}

/// The names of the fields that were sent, without their values.
#[expect(clippy::zero_sized_map_values, reason = "serde reads an object into a map, not into a set")]
fn field_names(raw: &[u8]) -> Vec<String> {
    serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(raw).map(|map| map.into_keys().collect()).unwrap_or_default()
}

fn refuse(error: &serde_path_to_error::Error<serde_json::Error>, raw: &[u8]) -> Problem {
    let inner = error.inner();
    // Another type than an enum's text is called a fault of syntax, too; only the whole tells.
    let is_json = || serde_json::from_slice::<serde_json::Value>(raw).is_ok();
    if inner.is_syntax() && is_json() {
        let pointer = pointer_of(error.path());
        return catalogue::INVALID_BODY.problem().and(
            pointer,
            &catalogue::INVALID_FIELD,
            Some(Hint::of_deserializer(&inner.to_string())),
        );
    }
    if inner.is_syntax() || inner.is_eof() || inner.is_io() {
        return catalogue::NOT_PARSEABLE.problem().with("line", inner.line()).with("column", inner.column());
    }
    let mut pointer = pointer_of(error.path());
    let text = inner.to_string();
    // serde appends the position; the pointer says it better.
    let text = text.split(" at line ").next().unwrap_or_default().to_owned();
    if text == PESEL_IN_TEXT {
        return catalogue::PESEL_IN_TEXT.at(pointer);
    }
    if let Some(rest) = text.strip_prefix("unknown field `") {
        let unknown = rest.split('`').next().unwrap_or_default();
        // serde_path_to_error already names the unknown field as the last segment.
        if !pointer.ends_with(&format!("/{unknown}")) {
            pointer = format!("{pointer}/{}", escape(unknown));
        }
        let valid: Vec<&str> = rest.split('`').skip(2).step_by(2).collect();
        let hint = nearest(unknown, &valid).map(Hint::did_you_mean);
        return catalogue::INVALID_BODY.problem().and(pointer, &catalogue::UNKNOWN_FIELD, hint);
    }
    if let Some(rest) = text.strip_prefix("missing field `") {
        let missing = rest.split('`').next().unwrap_or_default();
        return catalogue::INVALID_BODY.problem().and(
            format!("{pointer}/{}", escape(missing)),
            &catalogue::INVALID_FIELD,
            Some(Hint::required()),
        );
    }
    if let Some(rest) = text.strip_prefix("duplicate field `") {
        let twice = rest.split('`').next().unwrap_or_default();
        return catalogue::INVALID_BODY.problem().and(
            format!("{pointer}/{}", escape(twice)),
            &catalogue::INVALID_FIELD,
            Some(Hint::twice()),
        );
    }
    catalogue::INVALID_BODY.problem().and(pointer, &catalogue::INVALID_FIELD, Some(Hint::of_deserializer(&text)))
}

fn escape(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}

fn pointer_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Map { key } => format!("{pointer}/{}", escape(key)),
        Segment::Seq { index } => format!("{pointer}/{index}"),
        Segment::Enum { .. } | Segment::Unknown => pointer,
    })
}

/// The name among `valid` that a slip of the pen is nearest to.
pub(crate) fn nearest<'a>(wrong: &str, valid: &[&'a str]) -> Option<&'a str> {
    valid
        .iter()
        .map(|name| (edit_distance(&wrong.to_lowercase(), &name.to_lowercase()), *name))
        .min()
        .filter(|(distance, name)| *distance <= name.len().max(3) / 2)
        .map(|(_, name)| name)
}

fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, character) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (column, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(character != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

/// The ids of the path, in their order; a malformed id is a missing resource.
#[derive(Clone, Debug)]
pub struct PathId<T = Uuid>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for PathId<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let path = actix_web::web::Path::<T>::extract(request)
            .into_inner()
            .map(|path| Self(path.into_inner()))
            .map_err(|_| catalogue::NOT_FOUND.problem());
        after_admission(request, path)
    }
}

fn after_admission<T: 'static>(
    request: &HttpRequest,
    outcome: Result<T, Problem>,
) -> LocalBoxFuture<'static, Result<T, Problem>> {
    let admission = Admission::of(request);
    Box::pin(async move {
        Admission::wait(admission).await;
        outcome
    })
}

/// Refuses a body whose `id` is not that of the path.
///
/// # Errors
/// `platform.invalid_body` at `/id`.
pub fn same_id(path: Uuid, body: Option<Uuid>) -> Result<(), Problem> {
    match body {
        Some(id) if id != path => Err(catalogue::INVALID_BODY.problem().and(
            "/id",
            &catalogue::INVALID_FIELD,
            Some(Hint::new("nie jest identyfikatorem ze ścieżki", "is not the id of the path")),
        )),
        _ => Ok(()),
    }
}

/// The filters of a list. Unknown names are refused by the permit, which knows the contract.
#[derive(Clone, Debug)]
pub struct Filter<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Filter<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(request.query_string().as_bytes()));
        let filter = serde_path_to_error::deserialize(pairs).map(Self).map_err(|error| {
            let name = error.path().to_string();
            // A fault of the whole, such as two filters that exclude each other, has no name.
            let name = if name == "." { String::new() } else { name };
            let hint = Hint::of_deserializer(&error.into_inner().to_string());
            catalogue::INVALID_PARAMETER.problem().and(name, &catalogue::INVALID_PARAMETER, Some(hint))
        });
        after_admission(request, filter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Sample {
        #[serde(rename = "plannedPlaces")]
        _planned_places: i32,
    }

    fn refused(json: &'static str) -> Problem {
        parse::<Sample>(Bytes::from_static(json.as_bytes())).expect_err("must be refused")
    }

    #[test]
    fn an_unknown_field_names_the_nearest_valid_one() {
        let problem = refused(r#"{"plannedPlace": 9}"#);
        assert_eq!(problem.fields[0].pointer, "/plannedPlace");
        assert_eq!(problem.fields[0].hint, Some(Hint::did_you_mean("plannedPlaces")));
    }

    #[test]
    fn a_missing_field_is_pointed_at() {
        assert_eq!(refused("{}").fields[0].pointer, "/plannedPlaces");
    }

    #[test]
    fn broken_json_is_not_parseable() {
        assert_eq!(refused(r#"{"plannedPlaces": 9"#).code(), "platform.not_parseable");
        assert_eq!(refused(r#"{"plannedPlaces": 9} x"#).code(), "platform.not_parseable");
    }

    #[test]
    fn the_refused_value_is_not_repeated() {
        let problem = refused(r#"{"plannedPlaces": "85010112345"}"#);
        assert!(!format!("{problem:?}").contains("85010112345"));
    }
}
