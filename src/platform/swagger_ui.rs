//! Swagger UI: the vendored program on a page of our own, which loads it fast and asks for it once.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock};

use actix_web::web::{Data, Path, ServiceConfig, get};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};
use serde_json::Value;
use utoipa_swagger_ui::Config;

use super::packed::Packed;
use super::problem::catalogue;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const PNG: &str = "image/png";
const PAGE: &str = include_str!("swagger_ui/index.html");

/// What is our own, by name.
const OWN: &[(&str, &str, &str)] = &[
    ("page.css", CSS, include_str!("swagger_ui/page.css")),
    ("swagger-initializer.js", SCRIPT, include_str!("swagger_ui/swagger-initializer.js")),
];
/// What is taken from the vendored program, by name.
const VENDORED: &[(&str, &str)] = &[("swagger-ui-bundle.js", SCRIPT), ("swagger-ui.css", CSS), ("favicon-32x32.png", PNG)];

/// The page, under the empty name, and what it loads.
static FILES: LazyLock<HashMap<&str, Packed>> = LazyLock::new(|| {
    let own = OWN.iter().filter_map(|(name, kind, text)| Some((*name, Packed::of(kind, text.as_bytes().to_vec()).ok()?)));
    let vendored = VENDORED.iter().filter_map(|(name, kind)| Some((*name, vendored(name, kind)?)));
    let mut files: HashMap<&str, Packed> = own.chain(vendored).collect();
    let page = files.iter().fold(PAGE.to_owned(), |page, (name, file)| {
        page.replace(&format!("{{{{{name}}}}}"), &format!("{name}?{}", file.query()))
    });
    files.extend(Packed::of(HTML, page.into_bytes()).ok().map(|page| ("", page)));
    files
});

fn vendored(name: &str, content_type: &'static str) -> Option<Packed> {
    let file = utoipa_swagger_ui::serve(name, Arc::new(Config::default())).ok()??;
    Packed::of(content_type, file.bytes.into_owned()).ok()
}

/// Compresses the files beside what else is done at the start, so that no visitor waits for it.
///
/// # Errors
/// When the system gives no thread; the first visitor waits then.
pub fn prepare() -> std::io::Result<()> {
    std::thread::Builder::new().name("swagger-ui".to_owned()).spawn(|| LazyLock::force(&FILES)).map(drop)
}

/// The contract as it is shown: serialised and compressed when it is first asked for.
pub struct Shown {
    /// Its text: the tree takes many times the memory.
    text: String,
    packed: OnceLock<Option<Packed>>,
}

impl Shown {
    /// Shows this document.
    pub fn new(document: &Value) -> Self {
        Self { text: document.to_string(), packed: OnceLock::new() }
    }
}

/// The page, its files, and the contract that it shows.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/swagger-ui/{file}", get().to(file))
        .route("/swagger-ui/", get().to(page))
        .route("/openapi.json", get().to(document))
        .route("/swagger-ui", get().to(to_page))
        .route("/", get().to(to_page));
}

async fn document(request: HttpRequest, shown: Data<Shown>) -> HttpResponse {
    let pack = || Packed::of("application/json", shown.text.clone().into_bytes()).ok();
    respond(shown.packed.get_or_init(pack).as_ref(), &request)
}

async fn page(request: HttpRequest) -> HttpResponse {
    respond(FILES.get(""), &request)
}

async fn file(request: HttpRequest, name: Path<String>) -> HttpResponse {
    let name = if *name == "index.html" { "" } else { name.as_str() };
    respond(FILES.get(name), &request)
}

fn respond(file: Option<&Packed>, request: &HttpRequest) -> HttpResponse {
    file.map_or_else(|| catalogue::NOT_FOUND.problem().error_response(), |file| file.respond(request))
}

async fn to_page() -> HttpResponse {
    HttpResponse::TemporaryRedirect().insert_header(("location", "/swagger-ui/")).finish()
}
