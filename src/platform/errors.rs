//! The error catalogue that the `type` of every problem points to.

use actix_web::web::{Data, Path};
use actix_web::{Either, HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::{Definition, Locale, Problem, catalogue};
use super::reply::{Reply, View};
use super::routes::ServiceConfig;

mod page;

/// All codes of the service, joined by `app`.
pub struct Catalogue(pub Vec<&'static Definition>);

/// One error code.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorView {
    /// Stable code, `<slice>.<rule>`.
    #[schema(max_length = 100, example = "platform.not_found")]
    pub code: &'static str,
    /// HTTP status it is answered with.
    #[schema(minimum = 400, maximum = 599, format = "int32")]
    pub status: u16,
    /// What happened, in the language of Accept-Language.
    #[schema(max_length = 500)]
    pub title: &'static str,
    /// What to do about it; `{name}` stands for a member of the problem.
    #[schema(max_length = 2000)]
    pub fix: &'static str,
    /// Both texts in Polish.
    pub polish: ErrorTexts,
    /// Both texts in English.
    pub english: ErrorTexts,
}

/// The texts of an error code in one language.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorTexts {
    /// What happened.
    #[schema(max_length = 500)]
    pub title: &'static str,
    /// What to do about it.
    #[schema(max_length = 2000)]
    pub fix: &'static str,
}

/// The whole error catalogue.
#[derive(Serialize, ToSchema)]
pub struct ErrorsView {
    /// Every code, in the order of the slices.
    #[schema(max_items = 1000)]
    pub items: Vec<ErrorView>,
}

impl View for ErrorView {}
impl View for ErrorsView {}

fn view(definition: &'static Definition, locale: Locale) -> ErrorView {
    ErrorView {
        code: definition.code,
        status: definition.status,
        title: definition.title(locale),
        fix: definition.fix(locale),
        polish: ErrorTexts { title: definition.title_pl, fix: definition.fix_pl },
        english: ErrorTexts { title: definition.title_en, fix: definition.fix_en },
    }
}

/// Lists every error code with its status, meaning and remedy
///
/// Needs no token. A browser gets a page to read.
#[utoipa::path(tag = "errors", responses((status = 200, description = "The error catalogue",
    content((ErrorsView = "application/json"), (String = "text/html")))))]
#[get("/errors")]
pub async fn list_errors(request: HttpRequest, known: Data<Catalogue>) -> Result<Either<HttpResponse, Reply>, Problem> {
    let locale = Locale::of(request.headers());
    if page::is_wanted(request.headers()) {
        return Ok(Either::Left(page::catalogue(&known.0, locale)));
    }
    Reply::ok(&ErrorsView { items: known.0.iter().map(|definition| view(definition, locale)).collect() }).map(Either::Right)
}

/// Explains one error code; the `type` of a problem points here
///
/// Needs no token. A browser gets a page to read.
#[utoipa::path(tag = "errors",
    params(("code" = String, Path, description = "Stable code", example = "platform.not_found", max_length = 100, pattern = "^[a-z_]+\\.[a-z_0-9]+$")),
    responses((status = 200, description = "The error code", content((ErrorView = "application/json"), (String = "text/html")))))]
#[get("/errors/{code}")]
pub async fn get_error(
    request: HttpRequest,
    code: Path<String>,
    known: Data<Catalogue>,
) -> Result<Either<HttpResponse, Reply>, Problem> {
    let definition =
        known.0.iter().find(|definition| definition.code == code.as_str()).ok_or_else(|| catalogue::NOT_FOUND.problem())?;
    let locale = Locale::of(request.headers());
    if page::is_wanted(request.headers()) {
        return Ok(Either::Left(page::explanation(definition, locale)));
    }
    Reply::ok(&view(definition, locale)).map(Either::Right)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_errors).service(get_error);
}
