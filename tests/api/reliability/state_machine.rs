//! Random sequences of commands over HTTP, compared with a simple model after every step.
//!
//! `PAI_CASES` sets how many sequences are tried, `PAI_SEED` which ones; a
//! difference is shrunk to the shortest sequence that shows it.

use super::model::{DAYS, Model, State, Verdict};
use crate::support::{Answer, Api, TestApp, build};
use chrono::{Days, NaiveDate};
use pai::platform::policy::Role;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Value, json};
use uuid::Uuid;

const PLACES: usize = 2;
const PEOPLE: usize = 4;
const CASES: u32 = 16;
const LENGTH: usize = 24;

/// What a caller asks for; stays and entries by their order of making.
#[derive(Clone, Debug)]
pub enum Command {
    Admit { person: usize, from: u32, length: u32 },
    End { stay: usize, on: u32, completed: bool },
    Substitute { stay: usize, person: usize, on: u32 },
    Suspend { stay: usize, from: u32, length: u32 },
    Record { stay: usize, day: u32, quarters: u32 },
    Correct { entry: usize, quarters: u32 },
    Close { on: u32 },
}

/// A wish that becomes a command once it is known what there is to choose from.
#[derive(Clone, Debug)]
struct Wish {
    kind: u32,
    which: Index,
    person: usize,
    day: u32,
    length: u32,
    quarters: u32,
}

fn wish() -> impl Strategy<Value = Wish> {
    (0..100_u32, any::<Index>(), 0..PEOPLE, 0..DAYS, 0..DAYS, 0..28_u32)
        .prop_map(|(kind, which, person, day, length, quarters)| Wish { kind, which, person, day, length, quarters })
}

impl Wish {
    fn command(&self, model: &Model) -> Command {
        let Self { person, day, length, quarters, .. } = *self;
        if model.stays.is_empty() || self.kind < 18 {
            return Command::Admit { person, from: day / 2, length };
        }
        let stay = self.which.index(model.stays.len());
        // Most days fall into the stay, or nearly every wish would be refused for its day alone.
        let within = model.stays[stay].from + day % (model.stays[stay].planned_end - model.stays[stay].from + 2);
        match self.kind {
            18..28 => Command::End { stay, on: within, completed: quarters % 3 == 0 },
            28..38 => Command::Substitute { stay, person, on: within.clamp(1, DAYS - 1) },
            38..48 => Command::Suspend { stay, from: within, length: length % 9 },
            48..55 if quarters % 2 == 0 => Command::Close { on: day },
            55..75 if !model.entries.is_empty() => Command::Correct { entry: self.which.index(model.entries.len()), quarters },
            _ => Command::Record { stay, day: within, quarters: quarters.max(1) },
        }
    }
}

/// The service's side of one sequence.
struct Edition<'a> {
    api: &'a Api,
    id: Uuid,
    people: Vec<Uuid>,
    stays: Vec<String>,
    entries: Vec<String>,
}

fn date(day: u32) -> String {
    let first = NaiveDate::from_ymd_opt(2020, 11, 2).expect("a Monday");
    (first + Days::new(day.into())).to_string()
}

fn hours(quarters: u32) -> String {
    format!("{}.{:02}", quarters / 4, quarters % 4 * 25)
}

impl Edition<'_> {
    fn step(&mut self, command: &Command, model: &Model) -> Answer {
        let api = self.api;
        let path = |stay: &usize, what: &str| format!("/participations/{}/{what}", self.stays[*stay]);
        match command {
            Command::Admit { person, from, length } => {
                let to = (from + length).min(DAYS - 1);
                let body = json!({ "editionId": self.id, "personId": self.people[*person], "startsOn": date(*from), "plannedEndOn": date(to) });
                let answer = api.post("/participations", &body);
                remember(&answer, &mut self.stays);
                answer
            }
            Command::End { stay, on, completed } => {
                let reason = if *completed { "completed" } else { "employed" };
                api.post(&path(stay, "end"), &json!({ "reason": reason, "effectiveOn": date(*on) }))
            }
            Command::Substitute { stay, person, on } => {
                let runs = model.stays[*stay].state == State::Active;
                let end = runs.then(|| json!({ "reason": "employed", "effectiveOn": date(on - 1) }));
                let body = json!({ "personId": self.people[*person], "effectiveOn": date(*on), "end": end });
                let answer = api.post(&path(stay, "substitution"), &body);
                remember(&answer, &mut self.stays);
                answer
            }
            Command::Suspend { stay, from, length } => {
                let body = json!({ "from": date(*from), "to": date(from + length), "reason": "care" });
                api.post(&path(stay, "suspensions"), &body)
            }
            Command::Record { stay, day, quarters } => {
                let body = json!({ "participationId": self.stays[*stay], "workedOn": date(*day), "hours": hours(*quarters) });
                let answer = api.post("/psu-entries", &body);
                remember(&answer, &mut self.entries);
                answer
            }
            Command::Correct { entry, quarters } => {
                let body = json!({ "hours": hours(*quarters), "reason": "korekta" });
                let answer = api.post(&format!("/psu-entries/{}/correction", self.entries[*entry]), &body);
                remember(&answer, &mut self.entries);
                answer
            }
            Command::Close { on } => api.post(&format!("/editions/{}/closure", self.id), &json!({ "effectiveOn": date(*on) })),
        }
    }

    /// Compares everything that can be read with the model.
    fn compare(&self, model: &Model) -> Result<(), TestCaseError> {
        let listed = self.api.get(&format!("/participations?editionId={}&limit=200", self.id)).expect(200);
        let listed = listed["items"].as_array().cloned().unwrap_or_default();
        prop_assert_eq!(listed.len(), model.stays.len());
        for (id, stay) in self.stays.iter().zip(&model.stays) {
            let view = listed.iter().find(|view| view["id"] == **id).cloned().unwrap_or_default();
            let state = match stay.state {
                State::Active => "active",
                State::Completed => "completed",
                State::Exited => "exited",
            };
            prop_assert_eq!((&view["state"], &view["endedOn"]), (&json!(state), &json!(stay.ended.map(date))));
        }
        for (person, id) in self.people.iter().enumerate() {
            let ledger = self.api.get(&format!("/psu-ledger?personId={id}&from=2020-11&to=2020-12")).expect(200);
            let used = |view: &Value| view["usedHours"].as_str().map(str::to_owned).unwrap_or_default();
            let weeks: Vec<String> =
                ledger["weeks"].as_array().into_iter().flatten().map(used).filter(|used| used != "0.00").collect();
            let expected: Vec<u32> = (0..DAYS / 7).map(|week| model.used(person, week)).filter(|used| *used > 0).collect();
            prop_assert_eq!(weeks, expected.into_iter().map(hours).collect::<Vec<_>>());
        }
        Ok(())
    }
}

fn remember(answer: &Answer, made: &mut Vec<String>) {
    if answer.status == 201 {
        made.push(answer.id());
    }
}

fn verdict(answer: &Answer) -> Result<(), String> {
    let problem: Value = serde_json::from_str(&answer.text).unwrap_or_default();
    if answer.status < 300 { Ok(()) } else { Err(problem["code"].as_str().unwrap_or_default().to_owned()) }
}

fn follow(app: &TestApp, api: &Api, places: usize, wishes: &[Wish], seen: &mut Vec<Verdict>) -> Result<(), TestCaseError> {
    let id = build::edition(app, &date(0), &date(DAYS - 1), i32::try_from(PLACES).expect("few"));
    let mut edition = Edition { api, id, people: build::people(app, PEOPLE), stays: Vec::new(), entries: Vec::new() };
    let mut model = Model::new(places);
    for wish in wishes {
        let command = wish.command(&model);
        let answer = edition.step(&command, &model);
        let expected = model.step(&command);
        seen.push(expected);
        prop_assert_eq!(verdict(&answer), expected.map_err(str::to_owned), "{:?} was answered {}", command, answer.text);
    }
    edition.compare(&model)
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn runner(cases: u32, max_shrink_iters: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, max_shrink_iters, ..Config::default() };
    match number("PAI_SEED") {
        None => TestRunner::new(config),
        Some(seed) => {
            let bytes: Vec<u8> = seed.to_le_bytes().into_iter().cycle().take(32).collect();
            TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
        }
    }
}

#[test]
fn any_sequence_of_commands_does_what_the_model_says() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let cases = number("PAI_CASES").map_or(CASES, |cases| u32::try_from(cases).expect("few enough"));
    let seen = std::cell::RefCell::new(Vec::new());
    let outcome = runner(cases, 400)
        .run(&prop::collection::vec(wish(), 1..=LENGTH), |wishes| follow(&app, &api, PLACES, &wishes, &mut seen.borrow_mut()));
    if let Err(difference) = outcome {
        panic!("{difference}");
    }
    let seen = seen.into_inner();
    let done = seen.iter().filter(|verdict| verdict.is_ok()).count();
    let mut codes: Vec<&str> = seen.iter().filter_map(|verdict| verdict.err()).collect();
    codes.sort_unstable();
    codes.dedup();
    println!("{cases} sequences, {} commands, {done} of them done, {} kinds of refusal: {codes:?}", seen.len(), codes.len());
    assert!(done * 4 > seen.len(), "too few commands succeed to show anything");
}

#[test]
fn a_model_with_one_place_more_is_told_apart() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let outcome = runner(200, 0)
        .run(&prop::collection::vec(wish(), 1..=LENGTH), |wishes| follow(&app, &api, PLACES + 1, &wishes, &mut Vec::new()));
    assert!(outcome.is_err_and(|difference| difference.to_string().contains("no_free_seat")));
}
