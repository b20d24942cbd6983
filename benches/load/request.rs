//! What the callers send: a client of one municipality asks about its own people.

use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::Outcome;
use crate::batch;
use crate::case::{Case, Endpoint};
use crate::client::{self, Server};
use crate::figures::Measurement;
use crate::process::Process;
use crate::seed::{Kind, Town, id};

/// Never the same twice in a run, so that no idempotency key is met again.
static NUMBER: AtomicU64 = AtomicU64::new(1);
/// Never the same twice in a run: a session gets its first sheet once.
static SHEET: AtomicU64 = AtomicU64::new(0);

/// Spreads consecutive numbers evenly (splitmix64).
fn scattered(number: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Requests of the town's client.
pub struct Requests {
    pub token: String,
    town: Town,
}

impl Requests {
    /// Gets a token from the service at `address`.
    pub fn new(address: &str, town: &Town) -> Outcome<Self> {
        let form =
            [("grant_type", "client_credentials"), ("client_id", &town.client.to_string()), ("client_secret", &town.secret)];
        let answer: serde_json::Value =
            ureq::post(format!("http://{address}/oauth/token")).send_form(form)?.body_mut().read_json()?;
        Ok(Self { token: answer["access_token"].as_str().ok_or("no token")?.to_owned(), town: town.clone() })
    }

    pub fn town(&self) -> &Town {
        &self.town
    }

    /// A session that has no sheet yet, with its sheet.
    pub fn next_sheet(&self) -> (uuid::Uuid, String) {
        self.town.sheet(SHEET.fetch_add(1, Ordering::Relaxed))
    }

    /// Measures one server.
    pub fn run(&self, case: &Case, server: &Server, length: Duration) -> Outcome<Measurement> {
        let (cpu, own) = (server.process.cpu_us()?, Process::own().cpu_us()?);
        let answers = match case.endpoint {
            Endpoint::Batch => batch::run(server, &self.token, length),
            endpoint => client::run(&server.address, case.connections, length, &mut |out| self.write(endpoint, out)),
        };
        let answers = answers.map_err(|error| format!("{}, {}: {error}", server.name, case.name))?;
        Ok(Measurement::new(answers, server.process.cpu_us()? - cpu, Process::own().cpu_us()? - own))
    }

    /// Writes the next request.
    fn write(&self, endpoint: Endpoint, out: &mut Vec<u8>) {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let random = scattered(number);
        let key = format!("bench-{}-{number}", std::process::id());
        match endpoint {
            Endpoint::RecordEntry => {
                let body = self.town.entry_body(random, random >> 32);
                self.send(out, "POST /api/v1/psu-entries", Some(&key), &body);
            }
            Endpoint::Entry => self.send(out, &format!("GET /api/v1/psu-entries/{}", self.town.held_entry(random)), None, ""),
            Endpoint::Page => {
                let edition = self.town.held_edition(random);
                self.send(out, &format!("GET /api/v1/psu-entries?editionId={edition}&limit=50"), None, "");
            }
            Endpoint::Sheet => {
                let (session, body) = self.next_sheet();
                self.send(out, &format!("PUT /api/v1/sessions/{session}/attendance"), Some(&key), &body);
            }
            // Two calls, of which the second needs the answer to the first.
            Endpoint::Batch => {}
            Endpoint::Figures => {
                self.send(out, &format!("GET /api/v1/editions/{}/figures", self.town.held_edition(random)), None, "");
            }
            Endpoint::Token => {
                let body =
                    format!("grant_type=client_credentials&client_id={}&client_secret={}", self.town.client, self.town.secret);
                self.head(out, "POST /oauth/token", None);
                body_of(out, "application/x-www-form-urlencoded", &body);
            }
        }
    }

    fn send(&self, out: &mut Vec<u8>, target: &str, key: Option<&str>, body: &str) {
        self.head(out, target, key);
        if body.is_empty() {
            out.extend_from_slice(b"\r\n");
        } else {
            body_of(out, "application/json", body);
        }
    }

    fn head(&self, out: &mut Vec<u8>, target: &str, key: Option<&str>) {
        // Writing to a vector cannot fail.
        let _ = write!(out, "{target} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n", self.token);
        if let Some(key) = key {
            let _ = write!(out, "Idempotency-Key: {key}\r\n");
        }
    }
}

fn body_of(out: &mut Vec<u8>, kind: &str, body: &str) {
    let _ = write!(out, "Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
}

impl Town {
    /// A quarter of an hour of somebody on some day.
    pub fn entry_body(&self, person: u64, day: u64) -> String {
        let participation =
            id(Kind::Participation, self.writing_people.start + person % (self.writing_people.end - self.writing_people.start));
        let day = chrono::TimeDelta::days((day % self.writing_days).cast_signed());
        format!(
            r#"{{"participationId":"{participation}","workedOn":"{}","hours":"0.25","kindOfWork":"porządkowe"}}"#,
            self.writing_from + day
        )
    }

    /// An entry of the register that was there from the beginning.
    pub fn held_entry(&self, random: u64) -> uuid::Uuid {
        let person = 1 + random % self.held_people;
        id(Kind::Entry, Self::nth(random >> 32, person))
    }

    /// An edition that is over.
    pub fn held_edition(&self, random: u64) -> uuid::Uuid {
        id(Kind::Edition, 1 + random % self.held_editions)
    }

    /// An open session with its sheet: all who take part were there.
    pub fn sheet(&self, number: u64) -> (uuid::Uuid, String) {
        let (session, first) = Self::open_session(number);
        let rows: Vec<String> = (first..first + self.group)
            .map(|person| format!(r#"{{"participationId":"{}","status":"present"}}"#, id(Kind::Participation, person)))
            .collect();
        (session, format!(r#"{{"rows":[{}]}}"#, rows.join(",")))
    }
}
