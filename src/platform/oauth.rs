//! The built-in token issuer: OAuth 2.0 client credentials, so that a small
//! town needs no identity provider.

use std::net::IpAddr;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use actix_web::web::{Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use serde::Deserialize;
use uuid::Uuid;

use super::body::read_all;
use super::identity::jwk::SignatureAlgorithm;
use super::network::TrustedProxies;
use super::permit::Service;
use super::problem::{Problem, catalogue};
use super::sign_in::{Presented, SignIns};

/// The one kind of assertion. **Source**: RFC 7523 section 2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What the token endpoint is told by the settings.
#[derive(Clone, Debug)]
pub struct TokenEndpoint {
    /// Life of the tokens given out.
    pub life: Duration,
    /// Issuer (`iss`) of the tokens.
    pub issuer: String,
    /// Where the service is reached, without a slash at the end.
    pub base: String,
    /// Who may name a caller's address.
    pub proxies: TrustedProxies,
}

impl TokenEndpoint {
    /// An issuer that is an address is at once the address of the service; otherwise it is the public one.
    pub fn new(life: Duration, issuer: &str, public_url: &str, proxies: TrustedProxies) -> Self {
        let is_address = issuer.starts_with("https://") || issuer.starts_with("http://");
        let base = if is_address { issuer } else { public_url };
        Self { life, issuer: issuer.to_owned(), base: base.trim_end_matches('/').to_owned(), proxies }
    }

    fn address(&self) -> String {
        format!("{}/oauth/token", self.base)
    }

    /// For whom a client's assertion may be meant.
    fn audiences(&self) -> Vec<String> {
        vec![self.issuer.clone(), self.address()]
    }
}

#[derive(Deserialize)]
struct TokenForm {
    grant_type: String,
    client_id: Option<String>,
    client_secret: Option<SecretString>,
    client_assertion_type: Option<String>,
    client_assertion: Option<String>,
    /// Accepted and ignored: the scope of a client stands in its row.
    #[serde(rename = "scope")]
    _scope: Option<String>,
}

/// How a client says that it proves who it is.
enum Proof {
    Secret(Uuid, SecretString),
    /// The assertion, and the client that the form names besides.
    Assertion {
        text: String,
        claimed: Option<String>,
    },
}

/// A refusal in the form of RFC 6749, section 5.2: status, error, description.
type Refusal = (StatusCode, &'static str, &'static str);

const NO_CREDENTIALS: Refusal =
    (StatusCode::UNAUTHORIZED, "invalid_client", "client_id and client_secret, or a client_assertion, are required");
const WRONG_CREDENTIALS: Refusal = (StatusCode::UNAUTHORIZED, "invalid_client", "unknown client or wrong secret or assertion");

/// Adds the token endpoint, its description and the public keys; outside the base path.
pub fn routes(config: &mut ServiceConfig) {
    config.service(issue_token).service(jwks).service(metadata);
}

/// An error in the form that OAuth clients expect here.
fn refuse((status, error, description): Refusal) -> HttpResponse {
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
    endpoint: Data<TokenEndpoint>,
    sign_ins: Data<SignIns>,
) -> Result<HttpResponse, Problem> {
    let form = match read_form(&request, payload).await? {
        Ok(form) => form,
        Err(refusal) => return Ok(refuse(refusal)),
    };
    let proof = match proof(&request, form) {
        Ok(proof) => proof,
        Err(refusal) => return Ok(refuse(refusal)),
    };
    let address: IpAddr = endpoint.proxies.caller_of(&request);
    let client = match proof {
        Proof::Secret(client, secret) => sign_ins.with_secret(&service.db, client, secret, address).await?,
        Proof::Assertion { text, claimed } => {
            let presented = Presented { text, claimed, audiences: endpoint.audiences() };
            sign_ins.with_assertion(&service.db, presented, address).await?
        }
    };
    let Some(client) = client else { return Ok(refuse(WRONG_CREDENTIALS)) };
    let now = service.db.clock.now();
    let issuer = &service.gate.issuers.built_in;
    let token = issuer.issue(client, now, endpoint.life).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(serde_json::json!({
        "access_token": token, "token_type": "Bearer", "expires_in": endpoint.life.as_secs(),
    })))
}

async fn read_form(request: &HttpRequest, payload: Payload) -> Result<Result<TokenForm, Refusal>, Problem> {
    let is_form = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
    if !is_form {
        return Ok(Err((StatusCode::BAD_REQUEST, "invalid_request", "send application/x-www-form-urlencoded")));
    }
    let bytes = read_all(payload.into_inner()).await?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let Ok(form) = actix_web::web::Query::<TokenForm>::from_query(&text) else {
        return Ok(Err((StatusCode::BAD_REQUEST, "invalid_request", "grant_type is required, no parameter twice")));
    };
    let form = form.into_inner();
    if form.grant_type != "client_credentials" {
        return Ok(Err((StatusCode::BAD_REQUEST, "unsupported_grant_type", "only client_credentials")));
    }
    Ok(Ok(form))
}

/// The one proof that a request carries; two at once are refused (RFC 6749, section 2.3).
fn proof(request: &HttpRequest, form: TokenForm) -> Result<Proof, Refusal> {
    let basic = basic_credentials(request);
    let is_basic = |value: &&HeaderValue| value.as_bytes().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic"));
    let headers = request.headers().get_all(AUTHORIZATION).filter(is_basic).count();
    let proofs = headers + usize::from(form.client_secret.is_some()) + usize::from(form.client_assertion.is_some());
    if proofs > 1 {
        return Err((StatusCode::BAD_REQUEST, "invalid_request", "more than one proof of the client"));
    }
    let (claimed, secret) = match (form.client_assertion, basic) {
        (Some(assertion), _) if form.client_assertion_type.as_deref() == Some(ASSERTION_TYPE) => {
            return Ok(Proof::Assertion { text: assertion, claimed: form.client_id });
        }
        (Some(_), _) => return Err((StatusCode::BAD_REQUEST, "invalid_request", "client_assertion_type is unknown")),
        (None, Some(basic)) => basic,
        (None, None) => form.client_id.zip(form.client_secret).ok_or(NO_CREDENTIALS)?,
    };
    let client = Uuid::parse_str(&claimed).map_err(|_| WRONG_CREDENTIALS)?;
    Ok(Proof::Secret(client, secret))
}

fn basic_credentials(request: &HttpRequest) -> Option<(String, SecretString)> {
    let is_basic = |(scheme, _): &(&str, &str)| scheme.eq_ignore_ascii_case("basic");
    let values = request.headers().get_all(AUTHORIZATION).filter_map(|value| value.to_str().ok());
    let (_, encoded) = values.filter_map(|value| value.split_once(' ')).find(is_basic)?;
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), SecretString::from(secret.to_owned())))
}

/// The public keys with which others verify the tokens of this issuer.
#[get("/oauth/jwks.json")]
async fn jwks(service: Data<Service>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(service.gate.issuers.built_in.jwks())
}

/// What the built-in issuer can do (RFC 8414).
#[get("/.well-known/oauth-authorization-server")]
async fn metadata(endpoint: Data<TokenEndpoint>) -> HttpResponse {
    let algorithms = SignatureAlgorithm::ALL.map(SignatureAlgorithm::as_str);
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(serde_json::json!({
        "issuer": endpoint.issuer,
        "token_endpoint": endpoint.address(),
        "jwks_uri": format!("{}/oauth/jwks.json", endpoint.base),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "scopes_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "service_documentation": format!("{}/swagger-ui/", endpoint.base),
    }))
}
