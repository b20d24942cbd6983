//! Random batches of changes of status, corrected and answered in random ways: whatever stays open can be confirmed.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::left_out::correcting;
use super::{Exchange, act, answer, path};
use crate::support::TestApp;
use crate::support::dice::Dice;

const PEOPLE: usize = 4;
const CHANGES: [&str; 4] = ["jobTaken", "statusLost", "benefitRightGained", "moved"];

/// What has been sent: the message, whom it names, and everybody whom its chain has named.
#[derive(Clone)]
struct Told {
    message: Value,
    chain: Vec<usize>,
}

struct Walk<'e> {
    exchange: &'e Exchange,
    subjects: Vec<Value>,
    dice: Dice,
    /// The last message of each chain.
    ends: Vec<Told>,
    written: usize,
}

impl Walk<'_> {
    /// Records of a batch, as subject, change and day: now and then with somebody twice.
    fn batch(&mut self, revocable: &[usize]) -> Vec<(usize, &'static str, String)> {
        let count = 1 + self.dice.below(PEOPLE);
        (0..count)
            .map(|_| {
                let who = self.dice.below(PEOPLE);
                let revokes = revocable.contains(&who) && self.dice.below(10) < 4;
                let change = if revokes { "revoked" } else { CHANGES[self.dice.below(CHANGES.len())] };
                (who, change, format!("2020-11-{:02}", 6 + self.dice.below(20)))
            })
            .collect()
    }

    /// The office tells something new, or corrects what it told last; the town answers.
    fn step(&mut self) {
        let officer = self.exchange.office.officer();
        let corrected =
            if self.ends.is_empty() || self.dice.below(10) < 5 { None } else { Some(self.dice.below(self.ends.len())) };
        let known = corrected.map(|place| self.ends[place].clone());
        let records = self.batch(known.as_ref().map_or(&[], |told| &told.chain));
        self.written += 1;
        let spoken: Vec<(&Value, &str, &str)> =
            records.iter().map(|(who, change, since)| (&self.subjects[*who], *change, since.as_str())).collect();
        let mut body = self.exchange.changes(&format!("CAZ.{}", self.written), "2020-11-30", &spoken);
        if let Some(known) = &known {
            body = correcting(body, &known.message);
        }
        let written = officer.post("/messages", &body);
        let twice = (0..records.len()).find(|place| records[..*place].iter().any(|earlier| earlier.0 == records[*place].0));
        if let Some(place) = twice {
            let refused = written.refused(422, "exchange.person_twice");
            assert_eq!(refused["errors"][0]["pointer"], json!(format!("/payload/records/{place}/subject")));
            return;
        }
        let message = written.expect(201);
        act(officer, &message["id"], "dispatch", "2020-11-30").expect(200);
        let named = records.iter().map(|record| record.0);
        let mut chain: Vec<usize> = known.map_or_else(Vec::new, |told| told.chain);
        chain.extend(named);
        let told = Told { message: officer.get(&path(&message["id"])).expect(200), chain };
        match corrected {
            Some(place) => self.ends[place] = told.clone(),
            None => self.ends.push(told.clone()),
        }
        let refused: Vec<Value> = (0..records.len())
            .filter(|_| self.dice.below(10) < 1)
            .map(|position| json!({ "position": position, "rejectCode": "other" }))
            .collect();
        let body = json!({ "step": { "effectiveOn": "2020-11-30" }, "accepted": true, "refused": refused });
        answer(&self.exchange.town, &told.message["id"], &body).expect(200);
    }

    /// Every open proposal could be confirmed now, and of one participation there is one at most.
    fn check(&self, by_seed: u64) -> Vec<Value> {
        let open = self.exchange.proposals("state=open");
        let mut of: HashMap<&str, usize> = HashMap::new();
        for proposal in &open {
            *of.entry(proposal["participationId"].as_str().expect("an id")).or_default() += 1;
            let path = format!("/message-proposals/{}", proposal["id"].as_str().expect("an id"));
            let etag = self.exchange.town.get(&path).header("etag").to_owned();
            let confirmed = self
                .exchange
                .town
                .with("If-Match", &etag)
                .post(&format!("{path}/acceptance?dryRun=true"), &json!({ "decidedOn": "2020-11-30" }));
            assert_eq!(confirmed.status, 200, "seed {by_seed}: {proposal} {}", confirmed.text);
        }
        assert!(of.values().all(|count| *count == 1), "seed {by_seed}: {open:?}");
        open
    }
}

/// Takes so many steps; answers how many proposals were confirmed, of which kinds.
fn walk(exchange: &Exchange, seed: u64, steps: usize) -> HashMap<String, usize> {
    let subjects = exchange.introduce();
    let mut walk = Walk { exchange, subjects, dice: Dice(seed), ends: Vec::new(), written: 0 };
    let mut confirmed: HashMap<String, usize> = HashMap::new();
    for _ in 0..steps {
        walk.step();
        for proposal in walk.check(seed) {
            if walk.dice.below(10) < 5 {
                exchange.confirm(&proposal, &json!({ "decidedOn": "2020-11-30" })).expect(200);
                *confirmed.entry(proposal["kind"].as_str().expect("a kind").to_owned()).or_default() += 1;
            }
        }
    }
    walk.check(seed);
    confirmed
}

#[test]
fn whatever_random_batches_leave_open_can_be_confirmed() {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for seed in 1..=3 {
        let app = TestApp::start();
        let exchange = Exchange::of(&app, PEOPLE, 0);
        for (kind, count) in walk(&exchange, seed, 30) {
            *seen.entry(kind).or_default() += count;
        }
    }
    for kind in ["endParticipation", "changeEnd", "takeBackEnd"] {
        assert!(seen.contains_key(kind), "the walk never came to {kind}: {seen:?}");
    }
}

#[test]
fn a_rule_that_confirms_leaves_nothing_open_but_what_is_for_a_person() {
    let app = TestApp::start();
    let exchange = Exchange::confirming(&app, (PEOPLE, 0), &["endParticipation"]);
    let confirmed = walk(&exchange, 7, 30);
    assert!(!confirmed.contains_key("endParticipation"), "the rule confirms these: {confirmed:?}");
    assert!(exchange.proposals("state=open").iter().all(|one| one["kind"] != "endParticipation"));
    assert!(exchange.proposals("state=confirmed").iter().any(|one| one["byRule"] == true));
}
