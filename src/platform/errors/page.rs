//! The error catalogue for people: what a browser shows where a system gets JSON.
//!
//! All texts are constants of the program, so nothing needs escaping but the
//! places of machine-readable members (`{name}`), which are written as such.

use actix_web::HttpResponse;
use actix_web::http::header::{ACCEPT, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, HeaderMap, VARY};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::platform::problem::{Definition, Locale};
use crate::platform::secrets::digest;

const STYLE: &str = "body{font:1.05rem/1.6 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}\
h1{font-size:1.7rem;line-height:1.25}code{background:#f0f0f0;padding:.1em .35em;border-radius:.2em}li{margin:.6rem 0}a{color:#0b4f9e}";

/// Whether the caller would rather have a page than JSON: browsers name `text/html`, systems do not.
pub fn is_wanted(headers: &HeaderMap) -> bool {
    let ranges = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let named = ranges.map(|range| range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    named.into_iter().find(|media| media == "text/html" || media == "application/json").is_some_and(|media| media == "text/html")
}

/// One error code.
pub fn explanation(definition: &Definition, locale: Locale) -> HttpResponse {
    let (remedy, all) = match locale {
        Locale::Polish => ("Co zrobić", "Wszystkie kody błędów"),
        Locale::English => ("What to do", "All error codes"),
    };
    let Definition { code, status, .. } = definition;
    let (title, fix) = (text(definition.title(locale)), text(definition.fix(locale)));
    let body = format!(
        "<h1>{title}</h1><p><code>{code}</code> · HTTP {status}</p><h2>{remedy}</h2><p>{fix}</p>\
         <p><a href=\"/api/v1/errors\">{all}</a></p>"
    );
    page(locale, &format!("{code} – {}", definition.title(locale)), &body)
}

/// All codes.
pub fn catalogue(known: &[&Definition], locale: Locale) -> HttpResponse {
    let title = match locale {
        Locale::Polish => "Kody błędów",
        Locale::English => "Error codes",
    };
    let entries: Vec<String> = known.iter().map(|definition| entry(definition, locale)).collect();
    page(locale, title, &format!("<h1>{title}</h1><ul>{}</ul>", entries.concat()))
}

fn entry(definition: &Definition, locale: Locale) -> String {
    let Definition { code, status, .. } = definition;
    let title = text(definition.title(locale));
    format!("<li><a href=\"/api/v1/errors/{code}\"><code>{code}</code></a> · {status}<br>{title}</li>")
}

/// A text of the catalogue; what the problem fills in is shown as a gap with its name.
fn text(template: &str) -> String {
    let escaped = template.replace('&', "&amp;").replace('<', "&lt;");
    escaped.replace('{', "<var>⟨").replace('}', "⟩</var>")
}

fn page(locale: Locale, title: &str, body: &str) -> HttpResponse {
    let language = locale.tag();
    let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('{', "⟨").replace('}', "⟩");
    let style = BASE64_STANDARD.encode(digest(STYLE.as_bytes()));
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_LANGUAGE, language))
        .insert_header((VARY, "Accept, Accept-Language"))
        .insert_header((CONTENT_SECURITY_POLICY, format!("default-src 'none'; style-src 'sha256-{style}'; frame-ancestors 'none'")))
        .body(format!(
            "<!doctype html><html lang=\"{language}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <title>{title}</title><style>{STYLE}</style><body>{body}</body></html>"
        ))
}
