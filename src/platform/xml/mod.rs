//! The same messages as XML: what an operation takes and answers in JSON, in another spelling.
//!
//! Types, fields and bounds come from the contract, so that the two spellings cannot differ: a document is turned into the
//! JSON that it stands for before anything looks at it, an answer is turned into XML after everything is done, and the
//! published schema (XSD 1.0) is written from the same types. A slice only names elements and operations ([`Dialect`]).
//! This module knows no message.

mod contract;
mod list;
mod plain;
mod reading;
mod schema;
mod vocabulary;
mod writing;

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT;
use actix_web::web::{Bytes, Data};
use serde_json::Value;

use super::accept::weight;
use super::openapi::{operations, path_matches};
use super::problem::{Problem, catalogue};
pub use contract::document_xml;
pub(crate) use list::ListAsXml;
use vocabulary::Vocabulary;

/// Media type of XML.
pub const MEDIA_TYPE: &str = "application/xml";
/// An older name of the same (RFC 7303, section 9.2).
const OLD_MEDIA_TYPE: &str = "text/xml";
const JSON: &str = "application/json";

/// A type of the contract that is one of several, told apart by a member beside it.
pub struct Choice {
    /// Its name in the contract.
    pub schema: &'static str,
    /// The member of the same object whose value says which of them it is, and is the name of the element.
    pub by: &'static str,
    /// Value of that member and the type that belongs to it.
    pub alternatives: fn() -> Vec<(&'static str, String)>,
}

/// What a slice lets be written as XML.
pub struct Dialect {
    /// Namespace of all elements.
    pub namespace: &'static str,
    /// Version of the published schema.
    pub version: u32,
    /// What the published schema says of itself.
    pub about: &'static str,
    /// Elements that a document begins with, and the types of the contract that they hold.
    pub roots: &'static [(&'static str, &'static str)],
    /// Lists: the element that holds them, the element of a record, and its type in the contract.
    pub lists: &'static [(&'static str, &'static str, &'static str)],
    /// Names of members that hold several values, and the element of one of these.
    pub items: &'static [(&'static str, &'static str)],
    /// Types that are one of several.
    pub choices: &'static [Choice],
    /// Operations that take and answer XML.
    pub operations: &'static [&'static str],
}

/// An operation in XML.
struct Spoken {
    method: String,
    path: String,
    takes: Option<&'static str>,
    answers: Option<&'static str>,
}

/// The XML of the service: types, elements, operations and the published schema; by default of nothing.
#[derive(Default)]
pub struct Interchange {
    vocabulary: Arc<Vocabulary>,
    spoken: Vec<Spoken>,
    lists: Vec<(String, Arc<ListAsXml>)>,
    schema: String,
    version: u32,
}

impl Interchange {
    /// Reads from the contract what a dialect names.
    ///
    /// # Panics
    /// When the dialect names what the contract has not; the tests of the contract would tell first.
    pub fn of(document: &Value, dialect: &Dialect) -> Self {
        let vocabulary = Arc::new(Vocabulary::of(document, dialect));
        let (mut spoken, mut lists) = (Vec::new(), Vec::new());
        for (path, method, operation) in operations(document) {
            let id = operation["operationId"].as_str().unwrap_or_default();
            if !dialect.operations.contains(&id) {
                continue;
            }
            let (takes, answers) = (contract::taken(operation), contract::answered(operation));
            let root = |schema: Option<&str>| dialect.roots.iter().find(|(_, of)| Some(*of) == schema).map(|(name, _)| *name);
            spoken.push(Spoken {
                method: method.to_uppercase(),
                path: path.to_owned(),
                takes: root(takes),
                answers: root(answers),
            });
            let of_page = contract::listed(operation);
            if let Some(list) = dialect.lists.iter().find(|(.., of)| Some(*of) == of_page) {
                lists.push((id.to_owned(), Arc::new(ListAsXml::of(Arc::clone(&vocabulary), list))));
            }
        }
        let schema = schema::written(&vocabulary, dialect);
        Self { vocabulary, spoken, lists, schema, version: dialect.version }
    }

    /// The published schema of a version.
    pub fn schema(&self, version: u32) -> Option<&str> {
        (version == self.version).then_some(self.schema.as_str())
    }

    /// What the list of an operation looks like as XML.
    pub(crate) fn list(&self, operation: &str) -> Option<Arc<ListAsXml>> {
        self.lists.iter().find(|(id, _)| id == operation).map(|(_, list)| Arc::clone(list))
    }

    fn spoken(&self, request: &HttpRequest) -> Option<&Spoken> {
        let method = request.method().as_str();
        self.spoken.iter().find(|spoken| spoken.method == method && path_matches(&spoken.path, request.path()))
    }
}

/// How a body in XML is read.
pub(crate) struct XmlBody {
    interchange: Data<Interchange>,
    root: &'static str,
}

impl XmlBody {
    /// What the operation of a request takes, where the body is XML and it takes that.
    pub(crate) fn of(request: &HttpRequest, media_type: &str) -> Option<Self> {
        if ![MEDIA_TYPE, OLD_MEDIA_TYPE].iter().any(|known| media_type.eq_ignore_ascii_case(known)) {
            return None;
        }
        let interchange = request.app_data::<Data<Interchange>>()?.clone();
        let root = interchange.spoken(request)?.takes?;
        Some(Self { interchange, root })
    }

    /// The JSON that a document stands for.
    ///
    /// # Errors
    /// `platform.xml_not_parseable`, `platform.xml_not_plain`, and `platform.invalid_body` where an element is unknown,
    /// twice or in a wrong place; what is missing or out of bounds is for the reader of the JSON to refuse.
    pub(crate) fn to_json(&self, document: &[u8]) -> Result<Bytes, Problem> {
        let value = reading::read(&self.interchange.vocabulary, self.root, document)?;
        serde_json::to_vec(&value).map(Bytes::from).map_err(|error| catalogue::INTERNAL.problem().because(error))
    }
}

/// How an answer is spelt in XML.
pub(crate) struct XmlAnswer {
    interchange: Data<Interchange>,
    root: &'static str,
}

impl XmlAnswer {
    /// Where the operation of a request answers XML and the caller prefers that to JSON.
    pub(crate) fn wanted(request: &HttpRequest) -> Option<Self> {
        let headers = request.headers();
        let names_xml = |value: &actix_web::http::header::HeaderValue| value.as_bytes().windows(3).any(|part| part == b"xml");
        // Most callers say nothing of XML, and are not to wait for the search.
        if !headers.get_all(ACCEPT).any(names_xml) || weight(headers, MEDIA_TYPE) <= weight(headers, JSON) {
            return None;
        }
        let interchange = request.app_data::<Data<Interchange>>()?.clone();
        let root = interchange.spoken(request)?.answers?;
        Some(Self { interchange, root })
    }

    /// The document that stands for an answer in JSON.
    ///
    /// # Errors
    /// `platform.internal` when the answer is not what the contract says.
    pub(crate) fn of_json(&self, json: &[u8]) -> Result<String, Problem> {
        let failed = |error: &dyn std::fmt::Display| catalogue::INTERNAL.problem().because(error);
        let value: Value = serde_json::from_slice(json).map_err(|error| failed(&error))?;
        writing::document(&self.interchange.vocabulary, self.root, &value).map_err(|error| failed(&error))
    }
}
