//! Figures as of a past moment: a random town goes on writing, correcting, moving and merging, and every figure that was
//! answered at a moment is answered again for that moment, to the byte.

use chrono::{DateTime, TimeDelta, Utc};
use pai::platform::clock::Clock;
use pai::platform::policy::Role;
use serde_json::{Value, json};

use crate::support::dice::Dice;
use crate::support::replay::Replay;
use crate::support::{Api, TestApp, test_moment};

/// What an answer said, without the moment in the addresses of records.
fn without_moment(text: &str, at: DateTime<Utc>) -> String {
    let at = format!("asOf={}", written(at));
    let joined = text.replace(&format!("{at}&"), "");
    joined.replace(&format!("?{at}"), "").replace(&format!("&{at}"), "")
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

const EDITIONS: [(&str, &str); 2] = [("2020-10-05", "2020-12-04"), ("2020-12-07", "2021-02-05")];
const KINDS: &[&str] = &[
    "applications",
    "participations",
    "attendance",
    "psuHours",
    "sheets",
    "employment",
    "declarations",
    "decisions",
    "money",
    "households",
];
const DAYS: &[&str] = &["2020-10-06", "2020-10-14", "2020-10-22", "2020-11-03", "2020-11-18", "2020-11-26"];

/// Two editions and their people, with the ids of what can be corrected.
struct Town {
    replay: Replay,
    editions: Vec<String>,
    blocks: Vec<String>,
    people: Vec<String>,
    participations: Vec<String>,
    template: String,
    entries: Vec<String>,
    jobs: Vec<(String, String)>,
    costs: Vec<String>,
    facts: Vec<(String, String)>,
    sheets: Vec<(String, String)>,
    sessions: Vec<String>,
    done: std::collections::BTreeMap<&'static str, usize>,
}

impl Town {
    fn of(app: &TestApp) -> Self {
        let replay = Replay::programme(app, "PAI-2019", "2020-09-01");
        let editions: Vec<String> = EDITIONS.iter().map(|(from, to)| replay.edition(from, from, to, 6)).collect();
        let people: Vec<String> = (0..6).map(|_| replay.person("female")).collect();
        let blocks = editions
            .iter()
            .map(|edition| replay.block(edition, &json!({ "kind": "integration", "name": "Warsztaty", "plannedHours": "40" })))
            .collect();
        let participations = people.iter().map(|person| replay.admit_person(&editions[0], person, EDITIONS[0].0)).collect();
        let template = crate::duplicates::template(&replay.api);
        Self {
            replay,
            editions,
            blocks,
            people,
            participations,
            template,
            entries: Vec::new(),
            jobs: Vec::new(),
            costs: Vec::new(),
            facts: Vec::new(),
            sheets: Vec::new(),
            sessions: Vec::new(),
            done: std::collections::BTreeMap::new(),
        }
    }

    fn note(&mut self, act: &'static str, done: bool) {
        *self.done.entry(act).or_default() += usize::from(done);
    }

    fn act(&mut self, dice: &mut Dice) {
        match dice.below(15) {
            0 | 1 => self.work(dice),
            2 => self.correct_work(dice),
            3 | 4 => self.hold(dice),
            5 => self.reschedule(dice),
            6 => self.employ(dice),
            7 => self.leave(dice),
            8 => self.change_person(dice),
            9 => self.state(dice),
            10 => self.spend(dice),
            11 => self.tell_fact(dice),
            12 => self.fill_sheet(dice),
            13 => self.apply(dice),
            _ => self.merge(dice),
        }
    }

    fn work(&mut self, dice: &mut Dice) {
        let (participation, day) = (dice.of(&self.participations).clone(), *dice.of(DAYS));
        let body = json!({ "participationId": participation, "workedOn": day, "hours": dice.of(&["0.5", "1.25", "2"]) });
        let answer = self.replay.api.post("/psu-entries", &body);
        if answer.status == 201 {
            self.entries.push(answer.id());
        }
        self.note("work", answer.status == 201);
    }

    fn correct_work(&mut self, dice: &mut Dice) {
        if self.entries.is_empty() {
            return;
        }
        let place = dice.below(self.entries.len());
        let body = json!({ "hours": dice.of(&["0.00", "0.25", "1"]), "reason": "Kontrola" });
        let answer = self.replay.api.post(&format!("/psu-entries/{}/correction", self.entries[place]), &body);
        if answer.status == 201 {
            self.entries[place] = answer.id();
        }
        self.note("correct work", answer.status == 201);
    }

    /// A session with its sheet, or another sheet of one that was held.
    fn hold(&mut self, dice: &mut Dice) {
        let api = &self.replay.api;
        let again = !self.sessions.is_empty() && dice.below(2) == 0;
        let session = if again {
            dice.of(&self.sessions).clone()
        } else {
            let body =
                json!({ "blockId": self.blocks[0], "heldOn": dice.of(DAYS), "form": "group", "hours": dice.of(&["1.5", "3"]) });
            api.post("/sessions", &body).id()
        };
        let path = format!("/sessions/{session}/attendance");
        let sheet = api.get(&path);
        let expected = sheet.expect(200)["rows"].as_array().cloned().unwrap_or_default();
        let rows: Vec<Value> = expected
            .iter()
            .map(|row| match dice.below(3) {
                0 => json!({ "participationId": row["participationId"], "status": "unexcused" }),
                1 => json!({ "participationId": row["participationId"], "status": "late", "hours": "0.75" }),
                _ => json!({ "participationId": row["participationId"], "status": "present" }),
            })
            .collect();
        let mut body = json!({ "rows": rows });
        let answer = if again {
            body["correctionReason"] = json!("Pomyłka");
            api.put(&path, sheet.header("etag"), &body)
        } else {
            let all = json!({ "rows": self.expected_on(&session) });
            api.send("PUT", &path, Some(all.to_string()))
        };
        if !again {
            self.sessions.push(session);
        }
        self.note(if again { "correct sheet" } else { "first sheet" }, answer.status == 200);
    }

    /// Everybody who takes part on the day of a session, present.
    fn expected_on(&self, session: &str) -> Vec<Value> {
        let day = self.replay.api.get(&format!("/sessions/{session}")).expect(200)["heldOn"].clone();
        let day = day.as_str().expect("a day").to_owned();
        let all = self.replay.api.get(&format!("/participations?editionId={}&limit=200", self.editions[0])).expect(200);
        let takes_part = |row: &&Value| {
            let last = row["endedOn"].as_str().or(row["plannedEndOn"].as_str()).expect("a day");
            row["startsOn"].as_str().expect("a day") <= day.as_str() && day.as_str() <= last
        };
        let rows = all["items"].as_array().expect("participations").iter().filter(takes_part);
        rows.map(|row| json!({ "participationId": row["id"], "status": "present" })).collect()
    }

    fn reschedule(&mut self, dice: &mut Dice) {
        let body = json!({ "blockId": self.blocks[0], "heldOn": "2020-11-10", "form": "group", "hours": "2" });
        let api = &self.replay.api;
        let session = api.post("/sessions", &body).id();
        let path = format!("/sessions/{session}");
        let etag = api.get(&path).header("etag").to_owned();
        let (act, body) = if dice.below(2) == 0 {
            ("rescheduling", json!({ "heldOn": "2020-11-12", "reason": "remont", "effectiveOn": "2020-11-09" }))
        } else {
            ("cancellation", json!({ "reason": "venue", "effectiveOn": "2020-11-09" }))
        };
        let status = api.with("If-Match", &etag).post(&format!("{path}/{act}"), &body).status;
        self.note("reschedule", status == 200);
    }

    fn employ(&mut self, dice: &mut Dice) {
        let person = dice.of(&self.people).clone();
        let mut body =
            json!({ "personId": person, "startsOn": dice.of(DAYS), "kind": "employmentContract", "source": "labourOffice" });
        let earlier = self.jobs.iter().position(|(whose, _)| *whose == person);
        if let Some(place) = earlier {
            (body["supersedesId"], body["correctionReason"]) = (json!(self.jobs[place].1), json!("Pomyłka w dacie"));
        }
        let answer = self.replay.api.post("/employment-spells", &body);
        if answer.status == 201 {
            self.jobs.retain(|(whose, _)| *whose != person);
            self.jobs.push((person, answer.id()));
        }
        self.note("employ", answer.status == 201);
    }

    fn leave(&mut self, dice: &mut Dice) {
        let participation = dice.of(&self.participations).clone();
        let (reason, last) = *dice.of(&[("employed", "2020-11-27"), ("health", "2020-11-30"), ("completed", "2020-12-04")]);
        let body = json!({ "reason": reason, "effectiveOn": last });
        let status = self.replay.api.post(&format!("/participations/{participation}/end"), &body).status;
        self.note("leave", status == 200);
    }

    fn change_person(&mut self, dice: &mut Dice) {
        let path = format!("/people/{}", dice.of(&self.people));
        let etag = self.replay.api.get(&path).header("etag").to_owned();
        let body = json!({ "sex": dice.of(&["female", "male", "unknown"]), "birthYear": dice.of(&[1950, 1975, 1999]) });
        let status = self.replay.api.put(&path, &etag, &body).status;
        self.note("change person", status == 200);
    }

    fn state(&mut self, dice: &mut Dice) {
        let (edition, kind) = (dice.of(&self.editions).clone(), *dice.of(KINDS));
        let completeness = *dice.of(&["complete", "partial", "complete"]);
        self.replay.state(&edition, &[kind], completeness, "2021-03-01");
        self.note("state", true);
    }

    fn spend(&mut self, dice: &mut Dice) {
        let mut body = json!({
            "editionId": self.editions[0], "source": dice.of(&["FP", "GMINA"]), "kind": "cash", "purpose": "trener",
            "spentOn": "2020-12-01", "amount": dice.of(&["100.00", "33.33"])
        });
        let earlier = self.costs.pop().filter(|_| dice.below(2) == 0);
        if let Some(earlier) = earlier {
            (body["supersedesId"], body["correctionReason"]) = (json!(earlier), json!("Zwrot"));
        }
        let answer = self.replay.api.post("/expenditures", &body);
        self.note("spend", answer.status == 201);
        self.costs.push(answer.id());
    }

    fn tell_fact(&mut self, dice: &mut Dice) {
        if let Some((person, fact)) = self.facts.pop().filter(|_| dice.below(2) == 0) {
            let body = json!({ "effectiveOn": "2021-03-01", "reason": "Wycofane oświadczenie" });
            let status = self.replay.api.post(&format!("/people/{person}/facts/{fact}/withdrawal"), &body).status;
            return self.note("withdraw fact", status == 200);
        }
        let person = dice.of(&self.people).clone();
        let (kind, value) =
            *dice.of(&[("residence", "1013032"), ("residence", "1013011"), ("education", "primary"), ("education", "tertiary")]);
        let body = json!({ "kind": kind, "value": value, "from": "2020-01-01", "source": "oświadczenie" });
        let answer = self.replay.api.post(&format!("/people/{person}/facts"), &body);
        if answer.status == 201 {
            self.facts.push((person, answer.id()));
        }
        self.note("tell fact", answer.status == 201);
    }

    fn fill_sheet(&mut self, dice: &mut Dice) {
        let (participation, moment) = (dice.of(&self.participations).clone(), *dice.of(&["before", "after"]));
        let mut body = json!({
            "participationId": participation, "templateId": self.template, "rater": "self", "moment": moment,
            "filledOn": if moment == "before" { "2020-10-05" } else { "2020-12-02" },
            "scores": [{ "competence": "work", "score": dice.of(&["2", "3", "5"]) }]
        });
        let of = format!("{participation}/{moment}");
        if let Some(place) = self.sheets.iter().position(|(whose, _)| *whose == of) {
            (body["supersedesId"], body["correctionReason"]) = (json!(self.sheets.swap_remove(place).1), json!("Pomyłka"));
        }
        let answer = self.replay.api.post("/sheets", &body);
        self.note("sheet", answer.status == 201);
        self.sheets.push((of, answer.id()));
    }

    /// Somebody applies to the second edition, is decided on and may take part or withdraw.
    fn apply(&mut self, dice: &mut Dice) {
        let person = self.replay.person("male");
        let application = self.replay.application(&self.editions[1], &person, "2020-12-07");
        match dice.below(4) {
            0 => self.replay.withdraw(&application, "employed", "2020-12-07"),
            1 => self.replay.decide(&application, "reserve", "2020-12-07"),
            2 => self.replay.decide(&application, "rejected", "2020-12-07"),
            _ => {
                self.replay.decide(&application, "selected", "2020-12-07");
                let body = json!({ "applicationId": application, "startsOn": "2020-12-07" });
                let status = self.replay.api.post("/participations", &body).status;
                self.note("admit", status == 201);
            }
        }
        self.note("apply", true);
    }

    /// One of the people turns out to be somebody who is recorded twice.
    fn merge(&mut self, dice: &mut Dice) {
        let place = dice.below(self.people.len());
        let survivor = self.replay.person("female");
        let duplicate = std::mem::replace(&mut self.people[place], survivor.clone());
        let answer = crate::duplicates::merge(
            &self.replay.api,
            duplicate.parse().expect("an id"),
            survivor.parse().expect("an id"),
            &json!({}),
        );
        for (whose, _) in self.jobs.iter_mut().chain(&mut self.facts).filter(|(whose, _)| *whose == duplicate) {
            whose.clone_from(&survivor);
        }
        self.note("merge", answer.status == 200);
    }

    /// Addresses of what is frozen, each with the sign that comes before a further parameter.
    fn addresses(&self) -> Vec<(String, char)> {
        let first = format!("/editions/{}", self.editions[0]);
        let mut addresses: Vec<(String, char)> =
            self.editions.iter().map(|edition| (format!("/editions/{edition}/figures"), '?')).collect();
        addresses.push((format!("/programmes/{}/figures", self.replay.programme), '?'));
        addresses.push(("/figures?year=2020".to_owned(), '&'));
        for by in ["residence", "education", "age", "sex"] {
            addresses.push((format!("{first}/figures/M-06/breakdown?by={by}"), '&'));
        }
        for definition in ["M-15.psu_hours", "M-13.attendance_rate", "M-21.during", "M-25.cost_spent", "M-03.never_placed"] {
            addresses.push((format!("{first}/figures/{definition}/records?limit=200"), '&'));
        }
        addresses
    }
}

/// What was answered at a moment.
struct Frozen {
    at: DateTime<Utc>,
    address: (String, char),
    live: String,
    replayed: String,
}

impl Frozen {
    fn ask_again(&self, api: &Api) -> String {
        let (path, joint) = &self.address;
        let answer = api.get(&format!("{path}{joint}asOf={}", written(self.at)));
        answer.expect(200);
        answer.text
    }
}

#[test]
fn figures_are_answered_again_to_the_byte_as_of_the_moment_they_were_answered() {
    let mut acts = std::collections::BTreeMap::new();
    for seed in [3, 17] {
        let clock = Clock::fixed(test_moment());
        let app = TestApp::start_at(clock.clone());
        let (mut town, mut dice) = (Town::of(&app), Dice(seed));
        let mut frozen: Vec<Frozen> = Vec::new();
        for _ in 0..9 {
            for _ in 0..10 {
                town.act(&mut dice);
                clock.advance(TimeDelta::seconds(1));
            }
            let at = clock.now();
            let live: Vec<_> =
                town.addresses().into_iter().map(|address| (town.replay.api.get(&address.0).text, address)).collect();
            clock.advance(TimeDelta::seconds(2));
            for (live, address) in live {
                let mut answer = Frozen { at, address, live, replayed: String::new() };
                answer.replayed = answer.ask_again(&town.replay.api);
                assert_eq!(without_moment(&answer.replayed, at), answer.live, "{} at {at}", answer.address.0);
                frozen.push(answer);
            }
        }
        let again = app.fresh_api(Role::Coordinator);
        for answer in &frozen {
            assert_eq!(answer.ask_again(&again), answer.replayed, "{} at {}", answer.address.0, answer.at);
        }
        let others = |one: &Frozen| frozen.iter().any(|other| other.address == one.address && other.live != one.live);
        let changed: std::collections::BTreeSet<_> = frozen.iter().filter(|one| others(one)).map(|one| &one.address.0).collect();
        assert!(changed.len() > 8, "hardly anything changed: {changed:?}");
        for (act, times) in town.done {
            *acts.entry(act).or_insert(0) += times;
        }
    }
    let idle: Vec<_> = acts.iter().filter(|(_, times)| **times == 0).collect();
    assert!(idle.is_empty() && acts.len() > 14, "{acts:?}");
}
