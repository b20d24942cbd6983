//! What a test takes for granted: people and editions that were entered before it begins.

use super::TestApp;
use diesel::connection::SimpleConnection;
use pai::platform::examples;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use serde_json::json;
use uuid::Uuid;

/// Somebody known by id only.
pub fn person(app: &TestApp) -> Uuid {
    people(app, 1)[0]
}

/// So many people.
pub fn people(app: &TestApp, count: usize) -> Vec<Uuid> {
    let api = app.api(Role::Coordinator);
    (0..count).map(|_| api.post("/people", &json!({ "sex": "unknown" })).id().parse().expect("an id")).collect()
}

/// An edition of a programme of its own, under the regime of 2019.
pub fn edition(app: &TestApp, starts_on: &str, ends_on: &str, places: i32) -> Uuid {
    let api = app.api(Role::Coordinator);
    let programme = api.post("/programmes", &json!({ "name": "PAI", "kind": "pai" })).id();
    let agreement = json!({ "kind": "implementation", "signedOn": "2020-07-22", "regimeId": examples::REGIME });
    let agreement = api.post("/agreements", &agreement).id();
    let edition = json!({
        "programmeId": programme, "agreementId": agreement, "name": "I",
        "startsOn": starts_on, "endsOn": ends_on, "places": places
    });
    api.post("/editions", &edition).id().parse().expect("an id")
}

/// Enters rows of the first town past the API, for facts that another slice records.
pub fn enter(app: &TestApp, sql: &str) {
    let mut conn = connect(&app.superuser_url).expect("superuser connection");
    let client = app.town.clients["coordinator"].0;
    let (tenant, now) = (app.town.id, app.clock.now().to_rfc3339());
    conn.batch_execute(&format!("SET app.tenant = '{tenant}'; SET app.client = '{client}'; SET app.now = '{now}'; {sql}"))
        .expect("rows that the test takes for granted");
}
