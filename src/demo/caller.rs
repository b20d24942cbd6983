//! A caller of the service's own API, as any other system would be.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use uuid::Uuid;

use super::DemoError;

/// Far more than any call needs; a service that hangs must not hang its start.
const PATIENCE: Duration = Duration::from_secs(30);

/// A signed-in client.
pub(super) struct Caller {
    agent: Agent,
    base: String,
    authorization: String,
}

impl Caller {
    /// Gets a token.
    pub(super) fn sign_in(base: &str, client_id: Uuid, client_secret: &str) -> Result<Self, DemoError> {
        let agent: Agent =
            Agent::config_builder().http_status_as_error(false).proxy(None).timeout_global(Some(PATIENCE)).build().into();
        let form =
            [("grant_type", "client_credentials"), ("client_id", &client_id.to_string()), ("client_secret", client_secret)];
        let call = "POST /oauth/token".to_owned();
        let answer = read(&call, agent.post(format!("{base}/oauth/token")).send_form(form))?;
        let token = answer["access_token"].as_str().unwrap_or_default();
        Ok(Self { authorization: format!("Bearer {token}"), agent, base: format!("{base}/api/v1") })
    }

    /// Creates something; the answer is its JSON.
    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value, DemoError> {
        self.post_as(path, None, body)
    }

    /// As [`Self::post`], about this version of something.
    pub(super) fn post_as(&self, path: &str, etag: Option<&str>, body: &Value) -> Result<Value, DemoError> {
        let mut request = self.agent.post(format!("{}{path}", self.base)).header("Authorization", &self.authorization);
        if let Some(etag) = etag {
            request = request.header("If-Match", etag);
        }
        read(&format!("POST {path}"), request.send_json(body))
    }

    /// Reads something.
    pub(super) fn get(&self, path: &str) -> Result<Value, DemoError> {
        let request = self.agent.get(format!("{}{path}", self.base)).header("Authorization", &self.authorization);
        read(&format!("GET {path}"), request.call())
    }

    /// Changes something of which the first version is in force.
    pub(super) fn post_to_first(&self, path: &str, body: &Value) -> Result<Value, DemoError> {
        let request = self.agent.post(format!("{}{path}", self.base)).header("Authorization", &self.authorization);
        read(&format!("POST {path}"), request.header("If-Match", "\"1\"").send_json(body))
    }

    /// Sends a CSV file; the answer is the JSON of what it became.
    pub(super) fn post_csv(&self, path: &str, text: &str) -> Result<Value, DemoError> {
        let request = self.agent.post(format!("{}{path}", self.base)).header("Authorization", &self.authorization);
        read(&format!("POST {path}"), request.header("Content-Type", "text/csv").send(text))
    }

    /// Replaces something; `etag` where there is something to replace.
    pub(super) fn put(&self, path: &str, etag: Option<&str>, body: &Value) -> Result<Value, DemoError> {
        let mut request = self.agent.put(format!("{}{path}", self.base)).header("Authorization", &self.authorization);
        if let Some(etag) = etag {
            request = request.header("If-Match", etag);
        }
        read(&format!("PUT {path}"), request.send_json(body))
    }
}

fn read(call: &str, answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value, DemoError> {
    let failed = |error| DemoError::Call(call.to_owned(), Box::new(error));
    let mut answer = answer.map_err(failed)?;
    let text = answer.body_mut().read_to_string().map_err(failed)?;
    if answer.status().is_success() {
        return Ok(serde_json::from_str(&text).unwrap_or(Value::Null));
    }
    Err(DemoError::Refused { call: call.to_owned(), status: answer.status().as_u16(), body: text })
}
