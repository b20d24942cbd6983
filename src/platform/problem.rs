//! What a refused request answers: RFC 9457 problem details with a stable code.
//!
//! Each slice lists its own codes with [`problems!`]; `app` joins the lists
//! into the catalogue that the service publishes under `/api/v1/errors`.

pub mod catalogue;
mod passing;
mod render;

pub use render::{Locale, ProblemView, render};

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Map, Value};
use std::fmt;

use super::hint::Hint;
use super::rate_limit::UsedUp;

/// One entry of the error catalogue.
#[derive(Debug)]
pub struct Definition {
    /// `<slice>.<rule>`; never renamed.
    pub code: &'static str,
    /// HTTP status it is answered with.
    pub status: u16,
    /// What happened, in Polish.
    pub title_pl: &'static str,
    /// What happened, in English.
    pub title_en: &'static str,
    /// What to do about it, in Polish; `{name}` stands for an extra member.
    pub fix_pl: &'static str,
    /// What to do about it, in English; `{name}` stands for an extra member.
    pub fix_en: &'static str,
}

impl Definition {
    /// A problem of this definition.
    pub fn problem(&'static self) -> Problem {
        Problem {
            definition: self,
            fields: Vec::new(),
            extras: Map::new(),
            retry_after: None,
            limited: None,
            constraint: None,
            cause: None,
        }
    }

    /// A problem of this definition that points to a field of the body (`""` is the body itself).
    pub fn at(&'static self, pointer: impl Into<String>) -> Problem {
        self.problem().and(pointer, self, None)
    }
}

/// Lists the error codes of a slice and the database constraints that mean them.
#[macro_export]
macro_rules! problems {
    ($($name:ident = $code:literal, $status:literal, pl: $pl:literal, en: $en:literal, fix_pl: $fix_pl:literal, fix_en: $fix_en:literal;)*) => {
        $(
            #[doc = $en]
            pub static $name: $crate::platform::problem::Definition = $crate::platform::problem::Definition {
                code: $code, status: $status, title_pl: $pl, title_en: $en, fix_pl: $fix_pl, fix_en: $fix_en,
            };
        )*
        /// The codes listed here.
        pub static PROBLEMS: &[&$crate::platform::problem::Definition] = &[$(&$name),*];
    };
}

/// A database constraint, the code it means, and the field of the body it is about.
pub type Constraint = (&'static str, &'static Definition, &'static str);

/// What is wrong with one field.
#[derive(Clone, Debug)]
pub struct FieldProblem {
    /// JSON pointer into the body, or the name of a query parameter.
    pub pointer: String,
    /// What is wrong.
    pub definition: &'static Definition,
    /// What is expected; never personal data.
    pub hint: Option<Hint>,
}

/// A refused or failed request.
#[derive(Clone, Debug)]
pub struct Problem {
    pub(crate) definition: &'static Definition,
    pub(crate) fields: Vec<FieldProblem>,
    pub(crate) extras: Map<String, Value>,
    pub(crate) retry_after: Option<u32>,
    /// The quota that is used up.
    pub(crate) limited: Option<Box<UsedUp>>,
    /// Named constraint that refused; translated at the edge of the transaction.
    pub(crate) constraint: Option<String>,
    /// For the log only, never for the caller.
    pub(crate) cause: Option<String>,
}

impl Problem {
    /// Adds a field that is wrong.
    #[must_use]
    pub fn and(mut self, pointer: impl Into<String>, definition: &'static Definition, hint: Option<Hint>) -> Self {
        self.fields.push(FieldProblem { pointer: pointer.into(), definition, hint });
        self
    }

    /// Adds a machine-readable member that helps the caller.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extras.insert(name.to_owned(), value.into());
        self
    }

    /// Says after how many seconds a repeated call makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Says which quota is used up.
    #[must_use]
    pub fn limited_by(mut self, used_up: UsedUp) -> Self {
        self.limited = Some(Box::new(used_up));
        self
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.definition.code
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.definition.code)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.definition.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The body is rendered by the outermost middleware, which knows language and request id.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        response.extensions_mut().insert(self.clone());
        response
    }
}

/// 405 with the methods that the path has, separated by commas.
pub fn method_not_allowed(allowed: &str) -> HttpResponse {
    let mut response = catalogue::METHOD_NOT_ALLOWED.problem().error_response();
    if let Ok(value) = HeaderValue::from_str(allowed) {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}

impl From<diesel::result::Error> for Problem {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::Error;
        if let Some(seconds) = passing::comes_back_after(&error) {
            return catalogue::UNAVAILABLE.problem().retry_after(seconds).because(&error);
        }
        match &error {
            Error::NotFound => catalogue::NOT_FOUND.problem(),
            Error::DatabaseError(kind, info) => {
                let mut problem = catalogue::INTERNAL.problem().because(format!("{kind:?}: {}", info.message()));
                problem.constraint = info.constraint_name().map(str::to_owned);
                problem
            }
            _ => catalogue::INTERNAL.problem().because(&error),
        }
    }
}
