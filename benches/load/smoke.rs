//! A peer counts only when it answers as the service does; this is asked before anything is measured.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::client::Server;
use crate::request::Requests;
use crate::{Outcome, progress};

/// An answer as far as it is compared.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    body: Value,
    replayed: bool,
}

/// Figures that the peers count too.
const COUNTED: [&str; 4] = ["M-06", "M-13.attendance_rate", "M-14.delivery_hours", "M-15.psu_hours"];

/// One side under comparison.
struct Side<'s> {
    address: &'s str,
    token: &'s str,
}

/// What is sent.
struct Call<'c> {
    method: &'c str,
    path: String,
    key: Option<String>,
    body: Option<Value>,
}

impl Side<'_> {
    fn ask(&self, call: &Call) -> Outcome<Answer> {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut request =
            ureq::http::Request::builder().method(call.method).uri(format!("http://{}/api/v1{}", self.address, call.path));
        if !self.token.is_empty() {
            request = request.header("Authorization", format!("Bearer {}", self.token));
        }
        if let Some(key) = &call.key {
            request = request.header("Idempotency-Key", key);
        }
        let mut response = match &call.body {
            Some(body) => agent.run(request.header("Content-Type", "application/json").body(body.to_string())?)?,
            None => agent.run(request.body(())?)?,
        };
        let replayed = response.headers().contains_key("Idempotent-Replayed");
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string()?;
        let mut body = serde_json::from_str(&text)
            .map_err(|_| format!("{} {} {} is answered {status}: {text}", self.address, call.method, call.path))?;
        level_times(&mut body);
        Ok(Answer { status, body, replayed })
    }
}

/// Asks both the same, and refuses the peer where the answers differ in more than new ids and times.
pub fn compare(requests: &Requests, service: &str, peer: &Server) -> Outcome<()> {
    let sides = [Side { address: service, token: &requests.token }, Side { address: &peer.address, token: &requests.token }];
    let strangers = [Side { address: service, token: "" }, Side { address: &peer.address, token: "" }];
    let town = requests.town();
    let edition = town.held_edition(7);
    let call = |method, path: String, key: Option<&str>, body: Option<&Value>| Call {
        method,
        path,
        key: key.map(|key| format!("{}-{key}", peer.name)),
        body: body.cloned(),
    };
    let reads = [
        call("GET", format!("/psu-entries/{}", town.held_entry(11)), None, None),
        call("GET", format!("/psu-entries/{}", uuid::Uuid::from_u128(1)), None, None),
        call("GET", format!("/psu-entries?editionId={edition}&limit=50"), None, None),
        call("GET", format!("/editions/{edition}/figures"), None, None),
    ];
    for read in &reads {
        same(peer, &read.path, &sides[0].ask(read)?, &sides[1].ask(read)?)?;
        same(peer, "without a token", &strangers[0].ask(read)?, &strangers[1].ask(read)?)?;
    }
    for (place, side) in sides.iter().enumerate() {
        // Each side gets a person and a session of its own, so that neither meets what the other wrote.
        let seed = u64::from(std::process::id()) + place as u64 * 2_500;
        let entry: Value = serde_json::from_str(&town.entry_body(seed, 3))?;
        let first = side.ask(&call("POST", "/psu-entries".into(), Some(&format!("{place}-once")), Some(&entry)))?;
        let again = side.ask(&call("POST", "/psu-entries".into(), Some(&format!("{place}-once")), Some(&entry)))?;
        if first.status != 201 || !again.replayed || again.body != first.body {
            return Err(format!("{}: a repeated call is not answered like the first: {first:?}, {again:?}", side.address).into());
        }
        let id = first.body["id"].as_str().unwrap_or_default().to_owned();
        let stored = sides[0].ask(&call("GET", format!("/psu-entries/{id}"), None, None))?;
        if stored.body != first.body {
            return Err(format!("{} answers another entry than it stored: {first:?}, {stored:?}", peer.name).into());
        }
    }
    let entry: Value = serde_json::from_str(&town.entry_body(77, 5))?;
    let with = |name: &str, value: Value| {
        let mut changed = entry.clone();
        changed[name] = value;
        changed
    };
    let refused = [
        ("other payload", Some("0-once"), with("hours", "0.50".into())),
        ("over the week", Some("week"), with("hours", "11.00".into())),
        ("outside the period", Some("day"), with("workedOn", "2001-01-01".into())),
        ("unknown participation", Some("who"), with("participationId", uuid::Uuid::from_u128(1).to_string().into())),
        ("not an hour", None, with("hours", "0.10".into())),
        ("unknown field", None, with("surprise", 1.into())),
    ];
    for (what, key, body) in &refused {
        let asked = call("POST", "/psu-entries".into(), *key, Some(body));
        let (own, other) = (sides[0].ask(&asked)?, sides[1].ask(&asked)?);
        if own.status != 422 || other.status != 422 {
            return Err(format!("{}: {what} is answered {other:?} instead of {own:?}", peer.name).into());
        }
    }
    compare_sheets(requests, &sides, peer)?;
    progress(&format!("{} answers as the service does", peer.name));
    Ok(())
}

fn compare_sheets(requests: &Requests, sides: &[Side; 2], peer: &Server) -> Outcome<()> {
    let mut answers = Vec::new();
    for (place, side) in sides.iter().enumerate() {
        let (session, body) = requests.next_sheet();
        let mut sheet = Call {
            method: "PUT",
            path: format!("/sessions/{session}/attendance"),
            key: Some(format!("{}-{place}-sheet", peer.name)),
            body: Some(serde_json::from_str(&body)?),
        };
        let first = side.ask(&sheet)?;
        // Without If-Match, a sheet is not replaced.
        sheet.key = None;
        let second = side.ask(&sheet)?;
        if second.status != 428 {
            return Err(format!("{}: a sheet is replaced unasked: {second:?}", side.address).into());
        }
        answers.push(first);
    }
    // Different sessions of different editions: as many rows of the same content.
    let content = |answer: &Answer| {
        let rows = answer.body["rows"].as_array().cloned().unwrap_or_default();
        let rows: Vec<_> =
            rows.iter().map(|row| (row["status"].clone(), row["hours"].clone(), row["supersedesId"].clone())).collect();
        (answer.status, answer.body["version"].clone(), rows)
    };
    let (own, other) = (content(&answers[0]), content(&answers[1]));
    if own != other || own.0 != 200 || own.2.is_empty() {
        return Err(format!("{}: a sheet is answered {other:?} instead of {own:?}", peer.name).into());
    }
    Ok(())
}

fn same(peer: &Server, what: &str, own: &Answer, other: &Answer) -> Outcome<()> {
    if own.status == other.status && compared(&own.body) == compared(&other.body) {
        return Ok(());
    }
    Err(format!(
        "{}: {what} is answered {} {} instead of {} {}",
        peer.name,
        other.status,
        compared(&other.body),
        own.status,
        compared(&own.body)
    )
    .into())
}

/// A moment may be written in several ways, and not all stacks keep its microseconds.
fn level_times(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(level_times),
        Value::Object(members) => {
            for (name, member) in members {
                let time = member.as_str().filter(|_| name.ends_with("At")).and_then(|text| text.parse::<DateTime<Utc>>().ok());
                match time {
                    Some(time) => *member = time.timestamp_millis().into(),
                    None => level_times(member),
                }
            }
        }
        _ => {}
    }
}

/// What must be equal: of a problem its code, of a page the records, of the figures those that the peers count.
fn compared(body: &Value) -> Value {
    if let Some(code) = body.get("code") {
        return code.clone();
    }
    if let Some(items) = body.get("items") {
        return items.clone();
    }
    let Some(figures) = body["figures"].as_array() else { return body.clone() };
    let counted = figures.iter().filter(|figure| COUNTED.iter().any(|id| figure["definitionId"] == *id));
    counted
        .map(|figure| serde_json::json!([figure["definitionId"], figure["value"], figure["numerator"], figure["denominator"]]))
        .collect()
}
