//! What a handler answers with.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK, LOCATION, VARY};
use actix_web::{HttpRequest, HttpResponse, Responder, ResponseError as _};
use serde::Serialize;

use super::export::Export;
use super::problem::{Problem, catalogue};
use super::xml::{self, XmlAnswer};

/// Room for an answer at first; most fit, and longer ones grow. **Units**: bytes.
const USUAL_ANSWER: usize = 1024;

/// What a caller sees of a resource.
pub trait View: Serialize {
    /// Version of a mutable resource, its `ETag`.
    fn version(&self) -> Option<i32> {
        None
    }
}

impl<V: View> View for &V {
    fn version(&self) -> Option<i32> {
        (**self).version()
    }
}

/// The result of a write, before it is stored and sent.
#[derive(Debug)]
pub struct Written<V> {
    pub(crate) view: V,
    pub(crate) location: Option<String>,
}

impl<V: View> Written<V> {
    /// 201 with the path of the new resource, relative to the base path.
    pub fn created(location: impl Into<String>, view: V) -> Self {
        Self { view, location: Some(location.into()) }
    }

    /// 200 with the resource as it is now.
    pub fn changed(view: V) -> Self {
        Self { view, location: None }
    }
}

/// An answer in bytes: fresh, or the stored first answer to the same key.
#[derive(Debug)]
pub struct Reply {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) next: Option<String>,
    pub(crate) body: Vec<u8>,
    pub(crate) replayed: bool,
    /// Whether a caller that has this answer already may be told so.
    pub(crate) repeatable: bool,
    /// In place of the body, a list as a file.
    pub(crate) export: Option<Box<Export>>,
}

impl Reply {
    /// 200 with a list as a file.
    pub(crate) fn file(export: Export) -> Self {
        Self {
            status: 200,
            location: None,
            etag: None,
            next: None,
            body: Vec::new(),
            replayed: false,
            repeatable: false,
            export: Some(Box::new(export)),
        }
    }

    /// 200 with a view.
    pub fn ok<V: View>(view: &V) -> Result<Self, Problem> {
        Ok(Self {
            status: 200,
            location: None,
            etag: view.version().map(|version| format!("\"{version}\"")),
            next: None,
            body: to_json(view)?,
            replayed: false,
            repeatable: false,
            export: None,
        })
    }

    /// 200 with an answer in which nothing is personal; whoever has one of this tag already is answered 304.
    pub(crate) fn repeatable(body: Vec<u8>, tag: &str) -> Self {
        let etag = Some(format!("\"{tag}\""));
        Self { status: 200, location: None, etag, next: None, body, replayed: false, repeatable: true, export: None }
    }
}

pub(crate) fn to_json<V: Serialize>(view: &V) -> Result<Vec<u8>, Problem> {
    let mut json = Vec::with_capacity(USUAL_ANSWER);
    serde_json::to_writer(&mut json, view).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    Ok(json)
}

/// Whether the caller names this tag among those that it has; the comparison is weak (RFC 9110, 13.1.2).
fn has_already(request: &HttpRequest, etag: &str) -> bool {
    let tags = request.headers().get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    tags.flat_map(|tags| tags.split(',')).map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

impl Responder for Reply {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        if let Some(export) = self.export {
            return export.respond(request);
        }
        if self.repeatable
            && let Some(etag) = self.etag.as_deref().filter(|etag| has_already(request, etag))
        {
            return HttpResponse::NotModified().insert_header((ETAG, etag)).insert_header((CACHE_CONTROL, "no-store")).finish();
        }
        let mut response = HttpResponse::build(StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK));
        let mut body = self.body;
        if let Some(xml) = XmlAnswer::wanted(request) {
            body = match xml.of_json(&body) {
                Ok(document) => document.into_bytes(),
                Err(problem) => return problem.error_response(),
            };
            response.insert_header((CONTENT_TYPE, xml::MEDIA_TYPE)).insert_header((VARY, "accept"));
        } else {
            response.insert_header((CONTENT_TYPE, "application/json"));
        }
        response.insert_header((CACHE_CONTROL, "no-store"));
        if let Some(location) = self.location {
            response.insert_header((LOCATION, location));
        }
        if let Some(etag) = self.etag {
            response.insert_header((ETAG, etag));
        }
        if let Some(next) = self.next {
            response.insert_header((LINK, format!("<{next}>; rel=\"next\"")));
        }
        if self.replayed {
            response.insert_header(("Idempotent-Replayed", "true"));
        }
        response.body(body)
    }
}

/// A file as the answer.
#[derive(Debug)]
pub struct FileReply {
    /// Its media type.
    pub media: &'static str,
    /// Its name, in plain ASCII.
    pub name: String,
    /// Its content.
    pub content: Vec<u8>,
}

impl Responder for FileReply {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, self.media))
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", self.name)))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(self.content)
    }
}
