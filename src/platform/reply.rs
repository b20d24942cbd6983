//! What a handler answers with.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LINK, LOCATION};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;

use super::problem::{Problem, catalogue};

/// What a caller sees of a resource.
pub trait View: Serialize {
    /// Version of a mutable resource, its `ETag`.
    fn version(&self) -> Option<i32> {
        None
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
}

impl Reply {
    /// 200 with a view.
    pub fn ok<V: View>(view: &V) -> Result<Self, Problem> {
        Ok(Self {
            status: 200,
            location: None,
            etag: view.version().map(|version| format!("\"{version}\"")),
            next: None,
            body: to_json(view)?,
            replayed: false,
        })
    }
}

pub(crate) fn to_json<V: Serialize>(view: &V) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(view).map_err(|error| catalogue::INTERNAL.problem().because(error))
}

impl Responder for Reply {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK));
        response.insert_header((CONTENT_TYPE, "application/json")).insert_header((CACHE_CONTROL, "no-store"));
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
        response.body(self.body)
    }
}
