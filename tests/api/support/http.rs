//! A plain HTTP caller with a token, as any municipal system would be.

use serde_json::Value;
use std::time::Duration;
use ureq::Agent;
use ureq::http::{HeaderMap, Response};
use uuid::Uuid;

/// Beginnings of paths that are not below the base path.
const OUTSIDE: &[&str] =
    &["/api/", "/calendar/", "/.well-known/", "/health", "/metrics", "/oauth", "/openapi.json", "/swagger-ui", "//"];

/// A caller of the API.
#[derive(Clone)]
pub struct Api {
    agent: Agent,
    base: String,
    headers: Vec<(String, String)>,
}

/// What the service answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// What a file holds.
    pub bytes: Vec<u8>,
}

impl Api {
    /// A caller without a token.
    pub fn anonymous(base: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(30))).build();
        Self { agent: config.into(), base: base.to_owned(), headers: Vec::new() }
    }

    /// A caller with a fresh token.
    pub fn sign_in(base: &str, client: &(Uuid, String)) -> Self {
        Self::anonymous(base).with("Authorization", &format!("Bearer {}", token(base, client)))
    }

    /// The same caller, sending one more header.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut api = self.clone();
        api.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        api.headers.push((name.to_owned(), value.to_owned()));
        api
    }

    /// The same caller, at another service.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// GET of a path below the base path, or of an absolute one.
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None)
    }

    /// Posts, and again where a busy machine had no time for it: nothing was written then.
    pub fn post_patiently(&self, key: &str, path: &str, body: &Value) -> Answer {
        let ask = || self.with("Idempotency-Key", key).post(path, body);
        (0..20).map(|_| ask()).find(|answer| answer.status != 503).unwrap_or_else(ask)
    }

    /// POST of a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body.to_string()))
    }

    /// POST of a file.
    pub fn upload(&self, path: &str, media: &str, content: &[u8]) -> Answer {
        self.with("Content-Type", media).attempt("POST", path, Some(content.to_vec())).expect("the service answers")
    }

    /// PUT of a JSON body for a version of the resource.
    pub fn put(&self, path: &str, etag: &str, body: &Value) -> Answer {
        self.with("If-Match", etag).send("PUT", path, Some(body.to_string()))
    }

    /// Any request.
    pub fn send(&self, method: &str, path: &str, body: Option<String>) -> Answer {
        self.attempt(method, path, body).expect("the service answers")
    }

    /// Any request; the service may close a connection that it has kept alive just when the next request is sent.
    pub fn attempt(&self, method: &str, path: &str, body: Option<impl Into<Vec<u8>>>) -> Result<Answer, ureq::Error> {
        let url = if OUTSIDE.iter().any(|prefix| path.starts_with(prefix)) {
            format!("{}{path}", self.base)
        } else {
            format!("{}/api/v1{path}", self.base)
        };
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if body.is_some() && !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            request = request.header("Content-Type", "application/json");
        }
        let request = request.body(body.map(Into::into).unwrap_or_default()).expect("a request");
        answer(self.agent.run(request))
    }
}

/// A fresh token of a client.
pub fn token(base: &str, (client_id, secret): &(Uuid, String)) -> String {
    let form = [("grant_type", "client_credentials"), ("client_id", &client_id.to_string()), ("client_secret", secret)];
    let answered = answer(Api::anonymous(base).agent.post(format!("{base}/oauth/token")).send_form(form));
    let answer = answered.expect("the service answers").expect(200);
    answer["access_token"].as_str().expect("a token").to_owned()
}

fn answer(outcome: Result<Response<ureq::Body>, ureq::Error>) -> Result<Answer, ureq::Error> {
    let mut response = outcome?;
    let bytes = response.body_mut().read_to_vec()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Answer { status: response.status().as_u16(), headers: response.headers().clone(), text, bytes })
}

impl Answer {
    /// The JSON body of an answer with this status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The JSON body of a refusal with this status and code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        body
    }

    /// The id of a created resource.
    #[track_caller]
    pub fn id(&self) -> String {
        self.expect(201)["id"].as_str().expect("an id").to_owned()
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
