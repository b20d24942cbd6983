//! True news that later news had put aside, once these turn out not to stand; and corrections that wait for their answer.

use serde_json::{Value, json};

use super::left_out::correcting;
use super::{Exchange, act, answer, path, send};
use crate::support::TestApp;

impl Exchange {
    /// A proposal as it stands.
    pub fn proposal(&self, proposal: &Value) -> Value {
        self.town.get(&format!("/message-proposals/{}", proposal["id"].as_str().expect("an id"))).expect(200)
    }

    /// The only open proposal.
    pub fn only_open(&self) -> Value {
        let [open] = self.proposals("state=open").try_into().expect("one open proposal");
        open
    }

    /// The town refuses a message as a whole.
    pub fn refuse(&self, message: &Value, on: &str) {
        let refusal = json!({ "step": { "effectiveOn": on }, "accepted": false, "rejectCode": "other" });
        answer(&self.town, &message["id"], &refusal).expect(200);
    }
}

/// A message that is sent on a day, whatever day it tells of.
fn send_on(exchange: &Exchange, body: &Value, on: &str) -> Value {
    let officer = exchange.office.officer();
    let written = officer.post("/messages", body).expect(201);
    act(officer, &written["id"], "dispatch", on).expect(200);
    officer.get(&path(&written["id"])).expect(200)
}

/// Kind, message and day of a proposal.
fn about(proposal: &Value) -> (&Value, &Value, &Value) {
    (&proposal["kind"], &proposal["messageId"], &proposal["effectiveOn"])
}

#[test]
fn what_later_news_put_aside_comes_back_when_these_are_taken_back() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let [subject, other] = exchange.introduce().try_into().expect("two subjects");
    let job = send_on(&exchange, &exchange.changes("CAZ.1", "2020-11-06", &[(&subject, "jobTaken", "2020-11-06")]), "2020-11-06");
    let [first] = exchange.accept(&job, "2020-11-06").try_into().expect("one proposal");
    // Of the same person in two ways: by what is revoked, and by whom a correction leaves out.
    let lost = |reference: &str| exchange.changes(reference, "2020-11-20", &[(&subject, "statusLost", "2020-11-20")]);
    let corrections = [
        ("revoked", exchange.changes("CAZ.2/1", "2020-11-23", &[(&subject, "revoked", "2020-11-20")])),
        ("left out", exchange.changes("CAZ.3/1", "2020-11-23", &[(&other, "moved", "2020-11-20")])),
    ];
    let mut open = first;
    for (number, (way, correction)) in corrections.into_iter().enumerate() {
        let later = send_on(&exchange, &lost(&format!("CAZ.{}", number + 2)), "2020-11-20");
        let [of_later] = exchange.accept(&later, "2020-11-20").try_into().expect("one proposal");
        let aside = exchange.proposal(&open);
        assert_eq!((&aside["state"], &aside["supersededById"]), (&json!("superseded"), &later["id"]), "{way}");
        let correction = send_on(&exchange, &correcting(correction, &later), "2020-11-23");
        exchange.accept(&correction, "2020-11-23");
        assert_eq!(exchange.proposal(&of_later)["state"], "superseded", "{way}");
        let about_the_person = format!("state=open&personId={}", exchange.people[0]);
        let [back] = exchange.proposals(&about_the_person).try_into().expect("one proposal");
        assert_eq!(about(&back), (&json!("endParticipation"), &job["id"], &json!("2020-11-06")), "{way}");
        assert_eq!(exchange.proposal(&open)["state"], "superseded", "what was put aside stays so in its history");
        open = back;
    }
    exchange.confirm(&open, &json!({ "decidedOn": "2020-11-24" })).expect(200);
    let ended = exchange.participation(0);
    assert_eq!((&ended["endedOn"], &ended["endReason"]), (&json!("2020-11-06"), &json!("employed")));
    // Its own correction still speaks of that end.
    let revoked = exchange.changes("CAZ.1/1", "2020-11-25", &[(&subject, "revoked", "2020-11-06")]);
    let revoked = send_on(&exchange, &correcting(revoked, &job), "2020-11-25");
    let [back] = exchange.accept(&revoked, "2020-11-25").try_into().expect("one proposal");
    assert_eq!(back["kind"], "takeBackEnd");
}

#[test]
fn what_was_told_before_and_after_an_end_comes_back_when_the_end_is_taken_back() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let [subject] = exchange.introduce().try_into().expect("a subject");
    let change = |reference: &str, since: &str| exchange.changes(reference, since, &[(&subject, "jobTaken", since)]);
    let wrong = send_on(&exchange, &change("CAZ.1", "2020-11-16"), "2020-11-16");
    let [end] = exchange.accept(&wrong, "2020-11-16").try_into().expect("one proposal");
    exchange.confirm(&end, &json!({ "decidedOn": "2020-11-16" })).expect(200);
    let mut noted = Vec::new();
    for (reference, since) in [("CAZ.2", "2020-11-09"), ("CAZ.3", "2020-11-20")] {
        let told = send_on(&exchange, &change(reference, since), "2020-11-20");
        let [one] = exchange.accept(&told, "2020-11-20").try_into().expect("one proposal");
        assert_eq!((&one["state"], &one["supersededById"]), (&json!("superseded"), &wrong["id"]), "{since}");
        noted.push(told);
    }
    // The end itself once more is nothing new.
    let again = send_on(&exchange, &change("CAZ.4", "2020-11-16"), "2020-11-20");
    assert!(exchange.accept(&again, "2020-11-20").is_empty());
    let revoked = exchange.changes("CAZ.1/1", "2020-11-23", &[(&subject, "revoked", "2020-11-16")]);
    let revoked = send_on(&exchange, &correcting(revoked, &wrong), "2020-11-23");
    let [back] = exchange.accept(&revoked, "2020-11-23").try_into().expect("one proposal");
    assert_eq!(exchange.only_open()["id"], back["id"], "an end stands until it is taken back");
    exchange.confirm(&back, &json!({ "decidedOn": "2020-11-23" })).expect(200);
    assert_eq!(exchange.participation(0)["state"], "active");
    // Of the two the later.
    let open = exchange.only_open();
    assert_eq!(about(&open), (&json!("endParticipation"), &noted[1]["id"], &json!("2020-11-20")));
    let revoked = exchange.changes("CAZ.3/1", "2020-11-24", &[(&subject, "revoked", "2020-11-20")]);
    let revoked = send_on(&exchange, &correcting(revoked, &noted[1]), "2020-11-24");
    exchange.accept(&revoked, "2020-11-24");
    assert_eq!(exchange.only_open()["messageId"], noted[0]["id"]);
    exchange.confirm(&exchange.only_open(), &json!({ "decidedOn": "2020-11-24" })).expect(200);
    assert_eq!(exchange.participation(0)["endedOn"], "2020-11-09");
}

#[test]
fn a_rule_of_the_town_confirms_what_comes_back() {
    let app = TestApp::start();
    let exchange = Exchange::confirming(&app, (1, 0), &["endParticipation"]);
    let [subject] = exchange.introduce().try_into().expect("a subject");
    let wrong = send_on(&exchange, &exchange.changes("CAZ.1", "2020-11-16", &[(&subject, "moved", "2020-11-16")]), "2020-11-16");
    exchange.accept(&wrong, "2020-11-16");
    let late =
        send_on(&exchange, &exchange.changes("CAZ.2", "2020-11-09", &[(&subject, "jobTaken", "2020-11-09")]), "2020-11-17");
    exchange.accept(&late, "2020-11-17");
    assert_eq!(exchange.participation(0)["endedOn"], "2020-11-16");
    let revoked = exchange.changes("CAZ.1/1", "2020-11-18", &[(&subject, "revoked", "2020-11-16")]);
    let revoked = send_on(&exchange, &correcting(revoked, &wrong), "2020-11-18");
    let [back] = exchange.accept(&revoked, "2020-11-18").try_into().expect("one proposal");
    exchange.confirm(&back, &json!({ "decidedOn": "2020-11-19" })).expect(200);
    let ended = exchange.participation(0);
    assert_eq!((&ended["endedOn"], &ended["endReason"]), (&json!("2020-11-09"), &json!("employed")));
    let by_rule = exchange.proposals(&format!("state=confirmed&messageId={}", late["id"].as_str().expect("an id")));
    assert_eq!((by_rule.len(), &by_rule[0]["byRule"], &by_rule[0]["decidedOn"]), (1, &json!(true), &json!("2020-11-19")));
    assert!(exchange.proposals("state=open").is_empty());
}

#[test]
fn a_referral_that_a_later_one_put_aside_comes_back_too() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 2);
    let sent = send(&exchange.town, &exchange.eligible_list("DP.2"));
    let waiting = super::subjects(&exchange.office.officer().get(&path(&sent["id"])).expect(200));
    let referral = |reference: &str, who: &Value, from: &str| {
        let record = json!({ "subject": { "subjectId": who }, "referredTo": "programme", "from": from, "to": "2020-12-31" });
        exchange.body("referral", reference, from, &json!({ "editionId": exchange.run.edition, "records": [record] }))
    };
    let first = send_on(&exchange, &referral("CAZ.1", &waiting[0], "2020-11-09"), "2020-11-09");
    exchange.accept(&first, "2020-11-09");
    let later = send_on(&exchange, &referral("CAZ.2", &waiting[0], "2020-11-16"), "2020-11-16");
    exchange.accept(&later, "2020-11-16");
    assert_eq!(exchange.only_open()["messageId"], later["id"]);
    let correction = correcting(referral("CAZ.2/1", &waiting[1], "2020-11-16"), &later);
    exchange.accept(&send_on(&exchange, &correction, "2020-11-17"), "2020-11-17");
    let of_the_first = format!("state=open&personId={}", exchange.run.people[0]);
    let [back] = exchange.proposals(&of_the_first).try_into().expect("one proposal");
    assert_eq!(about(&back), (&json!("admit"), &first["id"], &json!("2020-11-09")));
}

#[test]
fn a_job_from_before_the_first_day_is_proposed_and_says_so() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let [before, within] = exchange.introduce().try_into().expect("two subjects");
    let both = [(&before, "jobTaken", "2020-10-30"), (&within, "jobTaken", "2020-11-02")];
    let told = send_on(&exchange, &exchange.changes("CAZ.1", "2020-11-06", &both), "2020-11-06");
    let [early, usual] = exchange.accept(&told, "2020-11-06").try_into().expect("two proposals");
    assert_eq!(
        (&early["state"], &early["beforeStart"], &early["effectiveOn"], &usual["beforeStart"]),
        (&json!("open"), &json!(true), &json!("2020-10-30"), &json!(false))
    );
    let refused =
        exchange.confirm(&early, &json!({ "decidedOn": "2020-11-06" })).refused(422, "participation.outside_participation");
    assert_eq!((&refused["errors"][0]["pointer"], &refused["startsOn"]), (&json!("/effectiveOn"), &json!("2020-11-02")));
    exchange.confirm(&early, &json!({ "decidedOn": "2020-11-06", "effectiveOn": "2020-11-02" })).expect(200);
    assert_eq!(exchange.participation(0)["endedOn"], "2020-11-02");
}

#[test]
fn what_is_being_corrected_is_not_confirmed_before_the_answer() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let [subject, other] = exchange.introduce().try_into().expect("two subjects");
    let wrong =
        send_on(&exchange, &exchange.changes("CAZ.1", "2020-11-06", &[(&subject, "jobTaken", "2020-11-06")]), "2020-11-06");
    let [open] = exchange.accept(&wrong, "2020-11-06").try_into().expect("one proposal");
    let correction = exchange.changes("CAZ.1/1", "2020-11-09", &[(&other, "jobTaken", "2020-11-06")]);
    let correction = send_on(&exchange, &correcting(correction, &wrong), "2020-11-09");
    let decided = json!({ "decidedOn": "2020-11-09" });
    let refused = exchange.confirm(&open, &decided).refused(409, "exchange.correction_awaits_answer");
    assert_eq!(refused["correctionId"], correction["id"]);
    assert_eq!(exchange.participation(0)["state"], "active");
    // It was no correction: what it corrects stands again, also once its sender has noted that.
    exchange.refuse(&correction, "2020-11-10");
    act(exchange.office.officer(), &correction["id"], "settlement", "2020-11-10").expect(200);
    exchange.confirm(&open, &json!({ "decidedOn": "2020-11-10" })).expect(200);
    assert_eq!(exchange.participation(0)["endedOn"], "2020-11-06");
}

#[test]
fn what_was_answered_behind_its_correction_comes_back_when_that_is_refused() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let [subject] = exchange.introduce().try_into().expect("a subject");
    let first =
        send_on(&exchange, &exchange.changes("CAZ.1", "2020-11-06", &[(&subject, "jobTaken", "2020-11-06")]), "2020-11-06");
    let correction = exchange.changes("CAZ.1/1", "2020-11-09", &[(&subject, "jobTaken", "2020-11-20")]);
    let correction = send_on(&exchange, &correcting(correction, &first), "2020-11-09");
    let [aside] = exchange.accept(&first, "2020-11-10").try_into().expect("one proposal");
    assert_eq!((&aside["state"], &aside["supersededById"]), (&json!("superseded"), &correction["id"]));
    exchange.refuse(&correction, "2020-11-10");
    let open = exchange.only_open();
    assert_eq!(about(&open), (&json!("endParticipation"), &first["id"], &json!("2020-11-06")));
    exchange.confirm(&open, &json!({ "decidedOn": "2020-11-10" })).expect(200);
    assert_eq!(exchange.participation(0)["endedOn"], "2020-11-06");
}

#[test]
fn nobody_decides_about_a_message_before_it_was_sent() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let [subject] = exchange.introduce().try_into().expect("a subject");
    let told =
        send_on(&exchange, &exchange.changes("CAZ.1", "2020-11-06", &[(&subject, "jobTaken", "2020-11-06")]), "2020-11-09");
    let [open] = exchange.accept(&told, "2020-11-09").try_into().expect("one proposal");
    let at = format!("/message-proposals/{}", open["id"].as_str().expect("an id"));
    let etag = exchange.town.get(&at).header("etag").to_owned();
    for on in ["1990-01-01", "2020-11-08"] {
        let refused = exchange.confirm(&open, &json!({ "decidedOn": on })).refused(422, "exchange.period_inverted");
        assert_eq!(refused["errors"][0]["pointer"], "/decidedOn");
        let declined = json!({ "decidedOn": on, "reason": "Pomyłka" });
        let refused = exchange.town.with("If-Match", &etag).post(&format!("{at}/refusal"), &declined);
        assert_eq!(refused.refused(422, "exchange.period_inverted")["errors"][0]["pointer"], "/decidedOn");
    }
    exchange.confirm(&open, &json!({ "decidedOn": "2020-11-09" })).expect(200);
}
