//! Problem details on the wire, in Polish or English.

use super::{Definition, Problem};
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use actix_web::{FromRequest, HttpRequest};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::types::holds_pesel;

/// Language of titles and details; codes are the same in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    /// Polish, the default.
    Polish,
    /// English.
    English,
}

impl Locale {
    /// The language the caller prefers among the two.
    pub fn of(headers: &HeaderMap) -> Self {
        let Some(wanted) = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()) else {
            return Self::Polish;
        };
        let quality = |language: &str| {
            wanted
                .split(',')
                .filter_map(|item| {
                    let mut parts = item.split(';').map(str::trim);
                    let tag = parts.next()?.to_ascii_lowercase();
                    let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
                    (tag == language || tag.starts_with(&format!("{language}-"))).then_some(weight)
                })
                .fold(0.0_f32, f32::max)
        };
        if quality("en") > quality("pl") { Self::English } else { Self::Polish }
    }
}

impl FromRequest for Locale {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request.headers())))
    }
}

impl Locale {
    /// Its language tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Polish => "pl",
            Self::English => "en",
        }
    }
}

impl Definition {
    /// What happened, in the language given.
    pub fn title(&self, locale: Locale) -> &'static str {
        match locale {
            Locale::Polish => self.title_pl,
            Locale::English => self.title_en,
        }
    }

    /// What to do about it, in the language given.
    pub fn fix(&self, locale: Locale) -> &'static str {
        match locale {
            Locale::Polish => self.fix_pl,
            Locale::English => self.fix_en,
        }
    }
}

/// RFC 9457 problem details.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub struct ProblemView {
    /// Page of the error catalogue.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference", max_length = 200, example = "/api/v1/errors/platform.invalid_body")]
    pub type_: String,
    /// What happened.
    #[schema(max_length = 500)]
    pub title: String,
    /// HTTP status.
    #[schema(minimum = 400, maximum = 599, format = "int32")]
    pub status: u16,
    /// What to do about it.
    #[schema(max_length = 2000)]
    pub detail: String,
    /// Path that was called.
    #[schema(format = "uri-reference", max_length = 2000)]
    pub instance: String,
    /// Stable code, `<slice>.<rule>`.
    #[schema(max_length = 100, example = "platform.invalid_body")]
    pub code: &'static str,
    /// Id of the request, also in the header X-Request-Id.
    pub request_id: Uuid,
    /// What is wrong where.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1000)]
    pub errors: Vec<FieldProblemView>,
    /// Machine-readable members that belong to the code.
    #[serde(flatten)]
    #[schema(inline, additional_properties, value_type = Object)]
    pub extras: Map<String, Value>,
}

/// Most characters of [`ProblemView::instance`].
const LONGEST_INSTANCE: usize = 2000;
/// Most characters of [`FieldProblemView::pointer`].
const LONGEST_POINTER: usize = 500;

/// One thing that is wrong with the request.
#[derive(Serialize, ToSchema)]
#[schema(as = FieldProblem)]
pub struct FieldProblemView {
    /// JSON pointer into the body, or the name of a parameter or header.
    #[schema(max_length = 500)]
    pub pointer: String,
    /// Stable code.
    #[schema(max_length = 100)]
    pub code: &'static str,
    /// What is wrong, for a person.
    #[schema(max_length = 1000)]
    pub message: String,
}

/// Takes out what may be a PESEL that a caller put where none belongs, so that no answer and no proxy's log of it repeats one.
fn without_pesel(text: &str) -> String {
    // A number with a slip of the pen is somebody's, too.
    let is_number = |word: &str| word.len() == 11 && word.bytes().all(|byte| byte.is_ascii_digit());
    let looks = |text: &str| holds_pesel(text) || text.split(|sign: char| !sign.is_alphanumeric()).any(is_number);
    let holds = |text: &str| looks(text) || looks(&percent_decode_str(text).decode_utf8_lossy());
    if !holds(text) {
        return text.to_owned();
    }
    let hidden: Vec<&str> = text.split('/').map(|segment| if holds(segment) { "…" } else { segment }).collect();
    let hidden = hidden.join("/");
    // One that is spread over several segments.
    if holds(&hidden) { "…".to_owned() } else { hidden }
}

/// What of a caller's own words is repeated: enough to find them.
fn first_characters(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
    }
    text
}

/// The problem as the caller gets it.
pub fn render(problem: &Problem, locale: Locale, instance: &str, request_id: Uuid) -> ProblemView {
    let definition = problem.definition;
    let filled = |template: &str| {
        problem.extras.iter().fold(template.to_owned(), |text, (name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text.replace(&format!("{{{name}}}"), &value)
        })
    };
    ProblemView {
        type_: format!("/api/v1/errors/{}", definition.code),
        title: filled(definition.title(locale)),
        status: definition.status,
        detail: filled(definition.fix(locale)),
        instance: first_characters(without_pesel(instance), LONGEST_INSTANCE),
        code: definition.code,
        request_id,
        errors: problem
            .fields
            .iter()
            .map(|field| FieldProblemView {
                pointer: first_characters(without_pesel(&field.pointer), LONGEST_POINTER),
                code: field.definition.code,
                message: match &field.hint {
                    None => filled(field.definition.title(locale)),
                    Some(hint) => format!("{}: {}", filled(field.definition.title(locale)), hint.text(locale)),
                },
            })
            .collect(),
        extras: problem.extras.clone(),
    }
}
