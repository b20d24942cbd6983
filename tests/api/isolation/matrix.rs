//! Sends the matrix and says where it does not hold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pai::platform::policy::Role;
use regex::Regex;
use uuid::Uuid;

use super::requests::{Answered, Case, Draft, Request, Sender, cases, changes, example_ids};
use super::towns::{Towns, uuids};
use crate::support::contract::{Operation, operations};
use crate::support::{Answer, Api, TestApp};

/// Callers at a time; the service of a test has four connections.
const SENDERS: usize = 6;
/// How long a call that the busy service puts off is repeated.
const PATIENCE: Duration = Duration::from_mins(1);
/// Headers that differ from call to call.
const OF_THE_CALL: &[&str] = &["connection", "x-request-id", "traceparent", "date", "content-length"];

/// What the office has stated for the calling town is part of the answer; `tests/api/reconciliations.rs` holds that nobody
/// else is told of it.
const OF_TWO_SIDES: &[&str] = &["get_reconciliation", "sign_reconciliation"];

/// Records that the demonstration lacks: the operation that enters one, and where.
const ENTERED: &[(&str, &str)] = &[
    ("create_regime", "regimes"),
    ("add_edition_partner", "edition_partners"),
    ("suspend_participation", "suspensions"),
    ("create_minimum_rate", "minimum_rates"),
    ("create_entry_window", "entry_windows"),
    ("record_agreement_rate", "agreement_rates"),
    ("create_duty_term", "duty_terms"),
    ("create_support_type", "support_types"),
    ("create_warning_rule", "warning_rules"),
];

/// Where the matrix does not hold, by operation.
pub type Findings = BTreeMap<&'static str, Vec<String>>;

/// A service with its towns, and a caller for everyone who sends.
pub struct Matrix {
    pub towns: Towns,
    allowed: BTreeMap<String, Vec<Role>>,
    callers: BTreeMap<Sender, Api>,
    found: Mutex<Findings>,
    sent: AtomicUsize,
    compared: Mutex<BTreeMap<(Sender, Request), (u16, String)>>,
    /// What each call changes about its own client.
    calls: Regex,
}

impl Matrix {
    /// Signs everyone in and founds the foreign towns.
    pub fn set_up(app: &TestApp, allowed: BTreeMap<String, Vec<Role>>) -> Self {
        let mut callers = BTreeMap::from([(Sender::Nobody, app.anonymous())]);
        for role in Role::ALL {
            callers.insert(Sender::Own(role), app.narrowed_api(role));
            callers.insert(Sender::Other(role), app.other_api(role));
        }
        let entered: Vec<(&str, Uuid)> = ENTERED.iter().map(|(id, table)| (*table, enter(&callers, id))).collect();
        let towns = Towns::found(app);
        for (table, id) in entered {
            towns.forget(table, id);
        }
        let calls =
            Regex::new(r#""(calls|refusedCalls|failedCalls|errorRate|lastCallAt)":("[^"]*"|\d+|null)"#).expect("a pattern");
        Self { towns, allowed, callers, found: Mutex::default(), sent: AtomicUsize::new(0), compared: Mutex::default(), calls }
    }

    /// Sends everything; answers where it does not hold.
    pub fn hold(self) -> Findings {
        let began = Instant::now();
        let examples = example_ids(&operations());
        let cases: Vec<Case> = operations().iter().flat_map(|operation| self.cases_of(operation, &examples)).collect();
        assert_eq!(self.towns.empty_tables(), Vec::<String>::new(), "a foreign record of every kind is needed");
        self.towns.remember_register();
        let untouched = self.towns.contents();
        // Reads come first: the register of accesses grows with the others.
        let (reads, writes): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|case| case.request.method == "GET");
        let inhabited: Vec<String> = [&reads, &writes].into_iter().flat_map(|cases| self.send_all(cases, true)).collect();
        super::headers::hold(&self, &cases);
        if self.towns.contents() != untouched {
            self.complain("(all)", "a foreign town's rows have changed".to_owned());
        }
        self.towns.abandon();
        let alone: Vec<String> = [&reads, &writes].into_iter().flat_map(|cases| self.send_all(cases, false)).collect();
        for ((case, with), without) in reads.iter().chain(&writes).zip(&inhabited).zip(&alone) {
            if matches!(case.sender, Sender::Own(_)) && with != without && !OF_TWO_SIDES.contains(&case.operation) {
                self.complain(case.operation, format!("{}: differs where no other town is\n  {with}\n  {without}", name(case)));
            }
        }
        let sent = self.sent.load(Ordering::Relaxed);
        eprintln!("isolation: {} cells, {sent} calls in {:.1} s", cases.len(), began.elapsed().as_secs_f64());
        self.found.into_inner().expect("findings")
    }

    fn cases_of(&self, operation: &Operation, examples: &BTreeMap<String, Uuid>) -> Vec<Case> {
        let roles = self.allowed(operation.id);
        let etag = match operation.rule() {
            Some(_) if changes(operation) => self.etag(operation),
            _ => String::new(),
        };
        cases(&Draft::new(operation, etag), &self.towns, examples, roles)
    }

    /// Who may, by the published table.
    pub fn allowed(&self, operation: &str) -> &[Role] {
        self.allowed.get(operation).map(Vec::as_slice).unwrap_or_default()
    }

    fn etag(&self, operation: &Operation) -> String {
        let current = self.callers[&Sender::Own(operation.allowed_role())].get(&operation.example_path());
        if current.header("etag").is_empty() { "\"1\"".to_owned() } else { current.header("etag").to_owned() }
    }

    /// Notes a finding.
    pub fn complain(&self, operation: &'static str, finding: String) {
        self.found.lock().expect("findings").entry(operation).or_default().push(finding);
    }

    /// The answer to a request, as far as it may be compared, searched for what it must not tell.
    pub fn send(&self, operation: &'static str, context: &str, sender: Sender, request: &Request) -> (u16, String) {
        let api = request.headers.iter().fold(self.callers[&sender].clone(), |api, (name, value)| api.with(name, value));
        let attempt = || api.attempt(&request.method, &request.target, request.body.clone());
        let began = Instant::now();
        let mut answer = attempt();
        // What a slice cannot do at all, such as open the name of a stranger, is no other a minute later.
        let is_busy = |answer: &Answer| answer.status == 503 && answer.text.contains("/errors/platform.");
        while answer.as_ref().map_or(true, is_busy) && began.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(50));
            answer = attempt();
        }
        let answer = answer.expect("the service answers");
        self.sent.fetch_add(1, Ordering::Relaxed);
        let mut headers: Vec<String> = answer
            .headers
            .iter()
            .filter(|(name, _)| !OF_THE_CALL.contains(&name.as_str()))
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or_default()))
            .collect();
        headers.sort_unstable();
        let said = format!("{}\n{}", headers.join("\n"), answer.text);
        let sent = format!("{request:?}");
        let mut leaks = self.towns.leaks(!matches!(sender, Sender::Other(_)), &said, &sent);
        if let Sender::Own(role) = sender {
            leaks.extend(self.towns.narrow_leaks(role, &said, &sent));
        }
        if !leaks.is_empty() {
            self.complain(operation, format!("{context} as {sender:?} tells {leaks:?}: {said}"));
        }
        (answer.status, format!("{} {}", answer.status, self.without_the_new(&said, &answer, request)))
    }

    /// The cursor that a sender is given for the next page, where there is one.
    pub fn cursor(&self, sender: Sender, request: &Request) -> Option<String> {
        let page: serde_json::Value = serde_json::from_str(&self.callers[&sender].get(&request.target).text).ok()?;
        page["nextCursor"].as_str().map(str::to_owned)
    }

    /// Ids and secrets that are made anew with every answer go.
    fn without_the_new(&self, said: &str, answer: &Answer, request: &Request) -> String {
        let mut text = said.replace(answer.header("x-request-id"), "(request)");
        let sent = format!("{request:?}");
        let new: BTreeSet<Uuid> = uuids(&text).filter(|id| !self.towns.knows(*id) && !sent.contains(&id.to_string())).collect();
        for id in new {
            text = text.replace(&id.to_string(), "(new)");
        }
        if let Some((head, tail)) = text.split_once("\"clientSecret\":\"") {
            let rest = tail.split_once('"').map_or("", |(_, rest)| rest).to_owned();
            text = format!("{head}{rest}");
        }
        if let Some((head, tail)) = text.split_once("/calendar/") {
            let rest = tail.split_once('"').map_or("", |(_, rest)| rest).to_owned();
            text = format!("{head}{rest}");
        }
        self.calls.replace_all(&text, "(calls)").into_owned()
    }

    /// The answers to all cases, in their order; judged one by one in the first pass.
    fn send_all(&self, cases: &[&Case], judged: bool) -> Vec<String> {
        let next = AtomicUsize::new(0);
        let answers: Vec<Mutex<String>> = cases.iter().map(|_| Mutex::default()).collect();
        std::thread::scope(|scope| {
            for _ in 0..SENDERS {
                scope.spawn(|| {
                    while let Some(at) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < cases.len()) {
                        let case = cases[at];
                        // In the second pass the other towns, and so their clients, are gone.
                        if !judged && matches!(case.sender, Sender::Other(_)) {
                            continue;
                        }
                        let (status, text) = self.send(case.operation, &case.context, case.sender, &case.request);
                        if judged {
                            self.judge(case, status, &text);
                        }
                        *answers[at].lock().expect("an answer") = text;
                    }
                });
            }
        });
        answers.into_iter().map(|answer| answer.into_inner().expect("an answer")).collect()
    }

    fn judge(&self, case: &Case, status: u16, text: &str) {
        let holds = match &case.answered {
            Answered::Well => (200..300).contains(&status),
            Answered::Admitted => status != 401 && !text.contains("\"platform.forbidden\""),
            Answered::Forbidden => {
                status == 403 && ["forbidden", "families_only"].iter().any(|code| text.contains(&format!("\"platform.{code}\"")))
            }
            Answered::Unauthenticated => status == 401 && text.contains("\"platform.unauthenticated\""),
            Answered::As(other) => {
                let (_, expected) = self.remembered(case, other);
                let (expected, text) = (without_the_sent(&expected, other), without_the_sent(text, &case.request));
                if expected != text {
                    let finding = format!("{}: differs from an id that nobody has\n  {text}\n  {expected}", name(case));
                    self.complain(case.operation, finding);
                }
                return;
            }
        };
        if !holds {
            self.complain(case.operation, format!("{}: not {:?}: {text}", name(case), case.answered));
        }
    }

    /// The answer to a request that several cases are compared with.
    fn remembered(&self, case: &Case, request: &Request) -> (u16, String) {
        let key = (case.sender, request.clone());
        if let Some(answer) = self.compared.lock().expect("answers").get(&key) {
            return answer.clone();
        }
        let answer = self.send(case.operation, &case.context, case.sender, request);
        self.compared.lock().expect("answers").insert(key, answer.clone());
        answer
    }
}

/// Carries out an operation by its example.
fn enter(callers: &BTreeMap<Sender, Api>, id: &str) -> Uuid {
    let operation = operations().into_iter().find(|operation| operation.id == id).expect("an operation");
    let api = &callers[&Sender::Own(operation.allowed_role())];
    operation.send(api, &operation.example_path(), operation.example()).id().parse().expect("an id")
}

/// Ids that were sent are named by their places.
fn without_the_sent(text: &str, request: &Request) -> String {
    let sent = format!("{request:?}");
    let mut places: Vec<Uuid> = Vec::new();
    for id in uuids(&sent) {
        if !places.contains(&id) {
            places.push(id);
        }
    }
    places.iter().enumerate().fold(text.to_owned(), |text, (place, id)| text.replace(&id.to_string(), &format!("(sent {place})")))
}

fn name(case: &Case) -> String {
    format!("{} as {:?}", case.context, case.sender)
}
