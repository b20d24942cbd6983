//! A file of 500 people, planned and committed: what a town sends when it moves its lists into the service.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::{Datelike as _, NaiveDate, TimeDelta};

use crate::Outcome;
use crate::client::{Answers, Server};

/// Rows of a file.
const ROWS: u64 = 500;
/// Days of birth that numbers are made of.
const BIRTHDAYS: u64 = 20_000;
/// Never the same twice in a run, so that everybody is new.
static PERSON: AtomicU64 = AtomicU64::new(0);

/// Plans and commits one file after the other; an answer is a committed file.
pub fn run(server: &Server, token: &str, length: Duration) -> Outcome<Answers> {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let began = Instant::now();
    let mut latencies = Vec::new();
    while latencies.is_empty() || began.elapsed() < length {
        let file = file(PERSON.fetch_add(ROWS, Ordering::Relaxed))?;
        let sent = Instant::now();
        let call = |path: &str| {
            ureq::http::Request::builder()
                .method("POST")
                .uri(format!("http://{}/api/v1/imports{path}", server.address))
                .header("Authorization", format!("Bearer {token}"))
                .header("Pai-Purpose", "recruitment")
        };
        let plan = answer(agent.run(call("?kind=people").header("Content-Type", "text/csv").body(file)?)?, 201)?;
        let id = plan["id"].as_str().ok_or("a plan without an id")?;
        let commit = call(&format!("/{id}/commit")).header("Content-Type", "application/json").header("If-Match", "\"1\"");
        let done = answer(agent.run(commit.body("{}")?)?, 200)?;
        latencies.push(sent.elapsed());
        if done["counts"]["created"] != ROWS {
            return Err(format!("{} committed {}", server.name, done["counts"]).into());
        }
    }
    Ok(Answers { latencies, length: began.elapsed() })
}

fn answer(mut response: ureq::http::Response<ureq::Body>, expected: u16) -> Outcome<serde_json::Value> {
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string()?;
    if status == expected { Ok(serde_json::from_str(&text)?) } else { Err(format!("{status}: {text}").into()) }
}

/// People from a number on, with names, PESEL, address and contact, all made up.
fn file(first: u64) -> Outcome<String> {
    let mut file = "\u{feff}Imiona;Nazwisko;PESEL;Adres;Kontakt;Numer własny\r\n".to_owned();
    for number in first..first + ROWS {
        let pesel = pesel(number).ok_or("no such day of birth")?;
        write!(file, "Anna;Zmyślona{number};{pesel};ul. Zmyślona {number};tel. {number};L/{number}\r\n")?;
    }
    Ok(file)
}

/// A valid PESEL of nobody; another for every number below a hundred million.
fn pesel(number: u64) -> Option<String> {
    const WEIGHTS: [u64; 10] = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3];
    let birth = NaiveDate::from_ymd_opt(1940, 1, 1)? + TimeDelta::days((number % BIRTHDAYS).cast_signed());
    let digits = format!("{:02}{:02}{:02}{:04}", birth.year() % 100, birth.month(), birth.day(), number / BIRTHDAYS);
    let sum: u64 = digits.bytes().zip(WEIGHTS).map(|(digit, weight)| u64::from(digit - b'0') * weight).sum();
    Some(format!("{digits}{}", (10 - sum % 10) % 10))
}
