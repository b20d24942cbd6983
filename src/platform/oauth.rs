//! The built-in token issuer: OAuth 2.0 client credentials, so that a small
//! town needs no identity provider.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use secrecy::SecretString;
use serde::Deserialize;
use uuid::Uuid;

use super::body::read_all;
use super::caller::{BUILT_IN, find_client};
use super::client_secrets::verify_secret;
use super::clock::Clock;
use super::permit::Service;
use super::problem::{Problem, catalogue};
use super::rate_limit::RateLimit;

/// Failed logins of one client per minute: enough for a typing person, too few to guess.
const FAILURES_PER_MINUTE: i32 = 10;

/// Life of the tokens given out.
#[derive(Clone, Copy, Debug)]
pub struct TokenLife(pub Duration);

/// How often a login as one client may fail.
pub struct FailedLogins(RateLimit<Uuid>);

impl FailedLogins {
    /// The limit, with nothing counted yet.
    pub fn new(clock: Clock) -> Self {
        Self(RateLimit::new("failed_logins", FAILURES_PER_MINUTE, TimeDelta::minutes(1), clock))
    }
}

#[derive(Deserialize)]
struct TokenForm {
    grant_type: String,
    client_id: Option<String>,
    client_secret: Option<SecretString>,
    /// Accepted and ignored: the scope of a client stands in its row.
    #[serde(rename = "scope")]
    _scope: Option<String>,
}

/// Adds the token endpoint and the public keys; outside the base path.
pub fn routes(config: &mut ServiceConfig) {
    config.service(issue_token).service(jwks);
}

/// An error in the form of RFC 6749, section 5.2, which OAuth clients expect here.
fn refuse(status: StatusCode, error: &str, description: &str) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header(("www-authenticate", "Basic realm=\"pai\""));
    }
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(serde_json::json!({ "error": error, "error_description": description }))
}

#[post("/oauth/token")]
async fn issue_token(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
    life: Data<TokenLife>,
    failed_logins: Data<FailedLogins>,
) -> Result<HttpResponse, Problem> {
    let is_form = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
    if !is_form {
        return Ok(refuse(StatusCode::BAD_REQUEST, "invalid_request", "send application/x-www-form-urlencoded"));
    }
    let bytes = read_all(payload.into_inner()).await?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let Ok(form) = actix_web::web::Query::<TokenForm>::from_query(&text) else {
        return Ok(refuse(StatusCode::BAD_REQUEST, "invalid_request", "grant_type is required, no parameter twice"));
    };
    let form = form.into_inner();
    if form.grant_type != "client_credentials" {
        return Ok(refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type", "only client_credentials"));
    }
    let Some((client_id, secret)) = basic_credentials(&request).or_else(|| Some((form.client_id?, form.client_secret?))) else {
        return Ok(refuse(StatusCode::UNAUTHORIZED, "invalid_client", "client_id and client_secret are required"));
    };
    let Ok(claimed) = Uuid::parse_str(&client_id) else {
        return Ok(refuse(StatusCode::UNAUTHORIZED, "invalid_client", "unknown client or wrong secret"));
    };
    // Counted as failed until it has succeeded, so that many at once are no way around the limit.
    failed_logins.0.count(claimed)?;
    let Some(client) = authenticate(&service, client_id, secret).await? else {
        return Ok(refuse(StatusCode::UNAUTHORIZED, "invalid_client", "unknown client or wrong secret"));
    };
    failed_logins.0.forget(&claimed);
    let now = service.db.clock.now();
    let token = service.gate.issuer.issue(client, now, life.0).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(serde_json::json!({
        "access_token": token, "token_type": "Bearer", "expires_in": life.0.as_secs(),
    })))
}

async fn authenticate(service: &Service, client_id: String, secret: SecretString) -> Result<Option<Uuid>, Problem> {
    service
        .db
        .without_tenant(move |conn| {
            let row = find_client(conn, BUILT_IN, &client_id)?;
            let stored = row.as_ref().and_then(|row| row.secret_hash.as_deref());
            // Verified for unknown clients too, so that the time taken says nothing.
            let valid = verify_secret(&secret, stored);
            Ok(row.filter(|row| valid && row.revoked_at.is_none()).map(|row| row.caller.client))
        })
        .await
}

fn basic_credentials(request: &HttpRequest) -> Option<(String, SecretString)> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), SecretString::from(secret.to_owned())))
}

#[get("/oauth/jwks.json")]
async fn jwks(service: Data<Service>) -> HttpResponse {
    HttpResponse::Ok().json(service.gate.issuer.jwks())
}
