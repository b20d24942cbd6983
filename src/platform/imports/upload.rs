//! A file as the body of a request.

use std::time::Duration;

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;

use super::table::{ImportFormat, Table};
use super::{UNKNOWN_FORMAT, csv_file, ndjson_file, xlsx_file};
use crate::platform::body::read_within;
use crate::platform::permit::Admission;
use crate::platform::problem::Problem;

/// Longest file taken. **Units**: bytes.
pub const FILE_LIMIT: usize = 8 << 20;
/// Longest time a file may take to arrive.
const FILE_DEADLINE: Duration = Duration::from_secs(30);

/// A file that was sent; its Content-Type says what it is.
pub(super) struct Upload {
    format: ImportFormat,
    charset: Option<String>,
    bytes: Bytes,
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = format_of(content_type);
        let encoding = request.headers().get(CONTENT_ENCODING);
        let is_encoded = encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
        let payload = payload.take();
        let admission = Admission::of(request);
        Box::pin(async move {
            Admission::wait(admission).await;
            let Some((format, charset)) = kind.filter(|_| !is_encoded) else { return Err(UNKNOWN_FORMAT.problem()) };
            Ok(Self { format, charset, bytes: read_within(payload, FILE_LIMIT, FILE_DEADLINE).await? })
        })
    }
}

fn format_of(content_type: &str) -> Option<(ImportFormat, Option<String>)> {
    let mut parts = content_type.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_ascii_lowercase();
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_owned())
    });
    let format = match media.as_str() {
        "application/ndjson" | "application/jsonl" => Some(ImportFormat::Ndjson),
        other => ImportFormat::ALL.iter().copied().find(|format| format.media() == other),
    };
    format.map(|format| (format, charset))
}

impl Upload {
    /// Its content, for the comparison with a repeated request.
    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Reads it.
    pub(super) fn table(&self) -> Result<Table, Problem> {
        let charset = self.charset.as_deref();
        match self.format {
            ImportFormat::Csv => csv_file::read(&self.bytes, charset),
            ImportFormat::Xlsx => xlsx_file::read(&self.bytes),
            ImportFormat::Ndjson => ndjson_file::read(&self.bytes, charset),
        }
    }
}
