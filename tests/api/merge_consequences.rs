//! What a merge of two records of one person comes to: hours of one ledger, months together, and what was replaced.

use crate::duplicates::{Twice, entry, items, merge, twice};
use crate::support::scene::{Scene, TEN_A_WEEK};
use crate::support::statements::{count, counted};
use crate::support::{TestApp, build};
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

#[test]
fn hours_of_both_records_share_one_limit_and_one_statement_again() {
    count();
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let mut scene = Scene::of(&app);
    let editions = [scene.edition(TEN_A_WEEK), scene.edition(TEN_A_WEEK)];
    let Twice { duplicate, survivor } = twice(&mut scene);
    let [of_duplicate, of_survivor] =
        [(editions[0], duplicate), (editions[1], survivor)].map(|(edition, person)| scene.participation(edition, person));
    // The service has met both and knows what decides about their hours.
    entry(&api, of_duplicate, "2020-11-03", "4.00").expect(201);
    entry(&api, of_survivor, "2020-11-04", "4.00").expect(201);
    merge(&api, duplicate, survivor, &json!({})).expect(200);

    for participation in [of_duplicate, of_survivor] {
        let refused = entry(&api, participation, "2020-11-05", "2.25").refused(422, "participation.psu_weekly_limit");
        assert_eq!(refused["remainingHours"], "2.00", "{refused}");
    }
    let recorded = entry(&api, of_duplicate, "2020-11-05", "1.75").expect(201);
    assert_eq!(recorded["personId"], json!(survivor));
    entry(&api, of_survivor, "2020-11-06", "0.25").expect(201);
    entry(&api, of_duplicate, "2020-11-06", "0.25").refused(422, "participation.psu_weekly_limit");
    let minutes = format!("SELECT sum(used_minutes) FROM psu_weeks WHERE person_id = '{survivor}' AND week_on = '2020-11-02'");
    assert_eq!(scene.number(&minutes), 600);

    // What was remembered of the duplicate does not send every later entry the long way.
    let record = |day: &str| {
        let before = counted(&app.service_url);
        entry(&api, of_duplicate, day, "0.25").expect(201);
        counted(&app.service_url) - before
    };
    let first = record("2020-11-10");
    let sent = ["2020-11-11", "2020-11-12"].map(record);
    assert_eq!(sent, [1, 1], "after {first} for the first");
}

#[test]
fn the_trail_tells_what_the_merge_replaced() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let record = |more: &Value| -> Uuid { api.post("/people", more).id().parse().expect("an id") };
    let survivor = record(&json!({ "sex": "female", "birthYear": 1984, "note": "Zapisana w recepcji" }));
    let duplicate = record(&json!({ "sex": "male", "birthYear": 1948, "note": "Zapisana na zajęciach" }));
    let bare = record(&json!({ "sex": "female" }));
    let former = json!({ "formerSex": "male", "formerBirthYear": 1948, "formerNote": "Zapisana na zajęciach" });
    let told = |merge: &Value| json!({ "formerSex": merge["formerSex"], "formerBirthYear": merge["formerBirthYear"], "formerNote": merge["formerNote"] });

    assert_eq!(told(&merge(&api, duplicate, survivor, &json!({})).expect(200)), former);
    let kept = api.get(&format!("/people/{survivor}")).expect(200);
    assert_eq!(
        (&kept["sex"], &kept["birthYear"], &kept["note"]),
        (&json!("female"), &json!(1984), &json!("Zapisana w recepcji"))
    );
    merge(&api, bare, survivor, &json!({})).expect(200);
    let trail = items(&app.api(Role::Auditor), &format!("/people/{survivor}/merges"));
    let of = |person: Uuid| trail.iter().find(|merge| merge["personId"] == json!(person)).map(told).expect("a merge");
    assert_eq!(of(duplicate), former);
    assert_eq!(of(bare), json!({ "formerSex": "female", "formerBirthYear": null, "formerNote": null }));
    app.api(Role::Facilitator).get(&format!("/people/{survivor}/merges")).refused(403, "platform.forbidden");
}

#[test]
fn participations_that_are_together_too_long_are_a_warning_of_the_merge() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let [survivor, duplicate, third] = <[Uuid; 3]>::try_from(build::people(&app, 3)).expect("three");
    for (person, from, to) in
        [(survivor, "2015-05-01", "2015-08-31"), (duplicate, "2016-01-01", "2016-02-29"), (third, "2016-05-01", "2016-05-03")]
    {
        let edition = build::edition(&app, from, to, 10);
        let admission = json!({ "editionId": edition, "personId": person, "startsOn": from });
        api.post("/participations", &admission).expect(201);
    }
    // Four months and two are six, which everybody may have; three days more are too many.
    assert_eq!(merge(&api, duplicate, survivor, &json!({})).expect(200)["warnings"], json!([]));
    let warnings = json!([{
        "code": "participation.cumulative_limit", "cumulativeGroup": "PAI", "used": { "months": 6, "days": 3 },
        "usedMonths": "6.100000", "limitMonths": 6
    }]);
    let rehearsed = json!({ "into": survivor, "reason": "Ta sama osoba" });
    assert_eq!(api.post(&format!("/people/{third}/merge?dryRun=true"), &rehearsed).expect(200)["warnings"], warnings);
    assert_eq!(merge(&api, third, survivor, &json!({})).expect(200)["warnings"], warnings);
    assert_eq!(merge(&api, third, survivor, &json!({})).expect(200)["warnings"], warnings, "and again, when repeated");
    assert_eq!(items(&api, &format!("/participations?personId={survivor}")).len(), 3, "nothing of them is changed");
}
