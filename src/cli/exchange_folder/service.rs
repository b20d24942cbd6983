//! A running service, called as any other system calls it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::{HeaderMap, Request, Response};
use uuid::Uuid;

use crate::platform::secrets::digest;

/// Longer than the service takes for any file.
const PATIENCE: Duration = Duration::from_mins(1);
/// Longest answer that is taken. **Units**: bytes.
const LONGEST: u64 = 1 << 30;

/// Why a file was not taken.
pub(super) enum Failure {
    /// The service refuses it, with this problem; it will do so again.
    Refused(Value),
    /// It cannot be told or taken at the moment.
    Later(String),
}

/// What the service answered.
pub(super) struct Answer {
    headers: HeaderMap,
    /// The body.
    pub content: Vec<u8>,
}

impl Answer {
    /// The body as JSON; `null` where it is none.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.content).unwrap_or_default()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Whether the content has the hash that was announced.
    pub(super) fn is_whole(&self) -> bool {
        self.header("repr-digest") == format!("sha-256=:{}:", STANDARD.encode(digest(&self.content)))
    }

    /// What the file can be checked by.
    pub(super) fn manifest(&self) -> Value {
        let totals: Value = serde_json::from_str(self.header("pai-control-totals")).unwrap_or_default();
        let rows: Option<u64> = self.header("pai-row-count").parse().ok();
        json!({ "rows": rows, "controlTotals": totals, "digest": self.header("repr-digest"), "bytes": self.content.len() })
    }
}

/// A service with a client of it.
pub(super) struct Service {
    agent: Agent,
    base: String,
    client: Uuid,
    secret: SecretString,
    purpose: String,
    token: Mutex<Option<String>>,
}

impl Service {
    pub(super) fn new(base: &str, client: Uuid, secret: SecretString, purpose: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE));
        Self {
            agent: config.build().into(),
            base: base.trim_end_matches('/').to_owned(),
            client,
            secret,
            purpose: purpose.to_owned(),
            token: Mutex::default(),
        }
    }

    /// POST of a body, which the service does once for each key.
    pub(super) fn post(
        &self,
        path: &str,
        media: &str,
        body: &[u8],
        key: &str,
        if_match: Option<&str>,
    ) -> Result<Answer, Failure> {
        let mut headers = vec![("Content-Type", media), ("Idempotency-Key", key)];
        headers.extend(if_match.map(|tag| ("If-Match", tag)));
        self.call("POST", path, &headers, body)
    }

    /// GET in a form.
    pub(super) fn get(&self, path: &str, accept: &str) -> Result<Answer, Failure> {
        self.call("GET", path, &[("Accept", accept)], &[])
    }

    fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer, Failure> {
        let mut answer = self.attempt(method, path, headers, body)?;
        if answer.0 == 401 {
            // The token may have ended; a client that is refused even with a fresh one is told so.
            *self.token.lock().unwrap_or_else(PoisonError::into_inner) = None;
            answer = self.attempt(method, path, headers, body)?;
        }
        let (status, answer) = answer;
        match status {
            200..=299 => Ok(answer),
            401 => Err(Failure::Later("the client is not let in".to_owned())),
            408 | 429 | 500..=599 => Err(Failure::Later(format!("the service answered {status}"))),
            // Another call with the same key is still on its way.
            409 if !answer.header("retry-after").is_empty() => {
                Err(Failure::Later("the service is still busy with it".to_owned()))
            }
            _ => Err(Failure::Refused(answer.json())),
        }
    }

    fn attempt(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<(u16, Answer), Failure> {
        let mut request = Request::builder().method(method).uri(format!("{}/api/v1{path}", self.base));
        request = request.header("Authorization", format!("Bearer {}", self.token()?)).header("Pai-Purpose", &self.purpose);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).map_err(|error| Failure::Refused(Value::String(error.to_string())))?;
        read(self.agent.run(request))
    }

    /// The token of the client, asked for when there is none.
    fn token(&self) -> Result<String, Failure> {
        let mut known = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = &*known {
            return Ok(token.clone());
        }
        let client = self.client.to_string();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client.as_str()),
            ("client_secret", self.secret.expose_secret()),
        ];
        let (status, answer) = read(self.agent.post(format!("{}/oauth/token", self.base)).send_form(form))?;
        let token = answer.json()["access_token"].as_str().map(str::to_owned);
        *known = token.filter(|_| status == 200);
        known.clone().ok_or_else(|| Failure::Later(format!("no token: the service answered {status}")))
    }
}

fn read(answer: Result<Response<ureq::Body>, ureq::Error>) -> Result<(u16, Answer), Failure> {
    let later = |error: ureq::Error| Failure::Later(error.to_string());
    let mut answer = answer.map_err(later)?;
    let content = answer.body_mut().with_config().limit(LONGEST).read_to_vec().map_err(later)?;
    Ok((answer.status().as_u16(), Answer { headers: answer.headers().clone(), content }))
}
