//! Documents for everybody that change with the program only: compressed once, and sent again only when they differ.

use std::io::{self, Read as _};

use actix_web::http::header::{
    AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, Encoding, EntityTag, Header as _, IfNoneMatch, VARY,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::read::GzEncoder;

use super::secrets::digest_hex;

/// Ask each time whether it is still the same.
const ASK_AGAIN: &str = "no-cache";
/// A year: what is addressed by its own hash cannot change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Hexadecimal digits of the hash in tags and addresses.
const TAG_LENGTH: usize = 16;

/// A document in both forms in which it may be sent.
pub struct Packed {
    content_type: &'static str,
    plain: Bytes,
    gzip: Bytes,
    tag: String,
}

impl Packed {
    /// Compresses a document.
    ///
    /// # Errors
    /// None is known for bytes in memory.
    pub fn of(content_type: &'static str, plain: Vec<u8>) -> io::Result<Self> {
        let mut gzip = Vec::new();
        GzEncoder::new(plain.as_slice(), Compression::best()).read_to_end(&mut gzip)?;
        let mut tag = digest_hex(&plain);
        tag.truncate(TAG_LENGTH);
        Ok(Self { content_type, plain: plain.into(), gzip: gzip.into(), tag })
    }

    /// Query by which a page asks for exactly this content.
    pub fn query(&self) -> String {
        format!("v={}", self.tag)
    }

    /// Answers in the form that the caller prefers, or 304 where it has the document already.
    pub fn respond(&self, request: &HttpRequest) -> HttpResponse {
        let gzip = prefers_gzip(request);
        // The forms differ in their bytes, and so in their tags (RFC 9110, section 8.8.3.3).
        let etag = EntityTag::new_strong(if gzip { format!("{}-gzip", self.tag) } else { self.tag.clone() });
        let known = IfNoneMatch::parse(request).is_ok_and(|known| match known {
            IfNoneMatch::Any => true,
            IfNoneMatch::Items(tags) => tags.iter().any(|tag| tag.weak_eq(&etag)),
        });
        let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        let lasting = request.query_string() == self.query();
        response
            .insert_header((ETAG, etag))
            .insert_header((VARY, "accept-encoding"))
            .insert_header((CACHE_CONTROL, if lasting { FOR_EVER } else { ASK_AGAIN }));
        if known {
            return response.finish();
        }
        response.insert_header((CONTENT_TYPE, self.content_type));
        if gzip {
            return response.insert_header((CONTENT_ENCODING, "gzip")).body(self.gzip.clone());
        }
        response.body(self.plain.clone())
    }
}

fn prefers_gzip(request: &HttpRequest) -> bool {
    let offered = [Encoding::gzip(), Encoding::identity()];
    AcceptEncoding::parse(request).is_ok_and(|accepted| accepted.negotiate(offered.iter()) == Some(Encoding::gzip()))
}
