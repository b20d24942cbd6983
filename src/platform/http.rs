//! The outermost middleware: request id, span, headers, metrics, and problems in the caller's language.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError};
use chrono::{DateTime, Utc};
use tracing::Instrument;
use tracing::field::Empty;
use uuid::Uuid;

use super::accept::is_acceptable;
use super::calls::CalledBy;
use super::clock::{Clock, new_id};
use super::permit::{RequestId, Service};
use super::problem::{Locale, Problem, catalogue, render};
use super::{traces, traffic};

/// Version of the contract, sent with every answer.
pub const API_VERSION: &str = env!("CARGO_PKG_VERSION");

const SECURITY_HEADERS: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
];
/// Who sent no token is told of no error (RFC 6750, section 3.1).
const TOKEN_WANTED: &str = "Bearer realm=\"pai\"";
const TOKEN_REFUSED: &str = "Bearer realm=\"pai\", error=\"invalid_token\"";
/// Swagger UI runs scripts of its own, from here only.
const SWAGGER_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/// Wraps every request.
pub async fn wrap<B: MessageBody + 'static>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let now = request.app_data::<actix_web::web::Data<Clock>>().map_or_else(|| Clock::system().now(), |clock| clock.now());
    let request_id = request
        .headers()
        .get("x-request-id")
        .and_then(|value| Uuid::parse_str(value.to_str().ok()?).ok())
        .unwrap_or_else(|| new_id(now));
    request.extensions_mut().insert(RequestId(request_id));
    // What a caller invents in place of a method may be anything, a document number too.
    let method = known_method(request.method());
    let span = tracing::info_span!("request", %request_id, method, route = Empty);
    let traced = traces::request_span(&span, method, request_id, request.headers());
    let traceparent = traces::traceparent(&traced, request.headers(), request_id);
    let path = request.path().to_owned();
    let locale = Locale::of(request.headers());
    let presented = request.headers().contains_key(AUTHORIZATION);

    let outcome = if path.starts_with("/api/") && !is_acceptable(&request) {
        Ok(request.into_response(catalogue::NOT_ACCEPTABLE.problem().error_response()))
    } else {
        next.call(request).instrument(traced.clone()).instrument(span.clone()).await.map(ServiceResponse::map_into_boxed_body)
    };
    let mut response = match outcome {
        Ok(response) => response,
        Err(error) => {
            // Extractors and handlers answer through `ResponseError`; only foreign errors end here.
            tracing::debug!(parent: &span, %error, "request refused before a handler");
            return Err(error);
        }
    };
    // Only now, because the router has just found it: before, every route would be tried twice.
    let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    span.record("route", &route);
    if let Some(problem) = problem_of(&response) {
        report(&span, &problem);
        let view = render(&problem, locale, &path, request_id);
        let status = response.status();
        let mut rendered = HttpResponse::build(status);
        rendered.insert_header((CONTENT_TYPE, "application/problem+json"));
        rendered.insert_header(("content-language", locale.tag()));
        rendered.insert_header(("cache-control", "no-store"));
        if let Some(allow) = response.headers().get(ALLOW) {
            rendered.insert_header((ALLOW, allow.clone()));
        }
        if let Some(seconds) = problem.retry_after {
            rendered.insert_header((RETRY_AFTER, seconds));
        }
        if let Some(used_up) = &problem.limited {
            rendered.insert_header(("ratelimit-policy", used_up.policy()));
            rendered.insert_header(("ratelimit", used_up.state()));
        }
        if status == StatusCode::UNAUTHORIZED {
            let challenge = if presented { TOKEN_REFUSED } else { TOKEN_WANTED };
            rendered.insert_header((WWW_AUTHENTICATE, challenge));
        }
        let body = serde_json::to_vec(&view).unwrap_or_default();
        response = response.into_response(rendered.body(body));
    }
    add_headers(&mut response, &path, request_id, &traceparent);
    count_for_client(&response, now);
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    traces::note_outcome(&traced, method, &route, status);
    traffic::count(method, route, status, elapsed);
    tracing::info!(parent: &span, status, micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX), "answered");
    Ok(response)
}

/// Counts the answer for the client that called, if one did.
fn count_for_client(response: &ServiceResponse<BoxBody>, now: DateTime<Utc>) {
    let called_by = response.request().extensions().get::<CalledBy>().copied();
    let service = response.request().app_data::<actix_web::web::Data<Service>>();
    if let (Some(by), Some(service)) = (called_by, service) {
        service.calls.count(by, response.status(), now);
    }
}

/// The method, unless it is an invention of the caller: whoever can make up labels can fill the memory.
fn known_method(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// The problem that an answer stands for: ours, or one for a bare error status of the framework.
fn problem_of(response: &ServiceResponse<BoxBody>) -> Option<Problem> {
    if let Some(problem) = response.response().extensions().get::<Problem>() {
        return Some(problem.clone());
    }
    if response.headers().contains_key(CONTENT_TYPE) && response.status() != StatusCode::NOT_FOUND {
        return None;
    }
    match response.status() {
        StatusCode::NOT_FOUND => Some(catalogue::NOT_FOUND.problem()),
        StatusCode::METHOD_NOT_ALLOWED => Some(catalogue::METHOD_NOT_ALLOWED.problem()),
        StatusCode::PAYLOAD_TOO_LARGE => Some(catalogue::PAYLOAD_TOO_LARGE.problem()),
        status if status.is_client_error() => Some(catalogue::NOT_PARSEABLE.problem()),
        status if status.is_server_error() => Some(catalogue::INTERNAL.problem()),
        _ => None,
    }
}

fn report(span: &tracing::Span, problem: &Problem) {
    let cause = problem.cause.as_deref().unwrap_or_default();
    if problem.definition.status >= 500 {
        tracing::error!(parent: span, code = problem.code(), cause, "failed");
    } else {
        tracing::debug!(parent: span, code = problem.code(), cause, "refused");
    }
}

fn add_headers(response: &mut ServiceResponse<BoxBody>, path: &str, request_id: Uuid, traceparent: &str) {
    let headers = response.headers_mut();
    for (name, value) in SECURITY_HEADERS {
        // A page for people has brought the policy that fits it.
        if !headers.contains_key(*name) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
    }
    if path.starts_with("/swagger-ui") {
        headers.insert(HeaderName::from_static("content-security-policy"), HeaderValue::from_static(SWAGGER_POLICY));
    }
    headers.insert(HeaderName::from_static("api-version"), HeaderValue::from_static(API_VERSION));
    if let Ok(value) = HeaderValue::from_str(&request_id.to_string()) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    if let Ok(value) = HeaderValue::from_str(traceparent) {
        headers.insert(HeaderName::from_static("traceparent"), value);
    }
}
