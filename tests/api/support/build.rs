//! What a test takes for granted: people and editions that were entered before it begins.

use super::TestApp;
use diesel::connection::SimpleConnection;
use pai::platform::clock::new_id;
use pai::platform::migrations::connect;
use uuid::Uuid;

/// Somebody known by id only.
pub fn person(app: &TestApp) -> Uuid {
    let id = new_id(app.clock.now());
    enter(app, &format!("INSERT INTO people (id, sex) VALUES ('{id}', 'unknown')"));
    id
}

/// So many people.
pub fn people(app: &TestApp, count: usize) -> Vec<Uuid> {
    (0..count).map(|_| person(app)).collect()
}

/// An edition of a programme with two-month editions and six months in total.
pub fn edition(app: &TestApp, starts_on: &str, ends_on: &str, places: i32) -> Uuid {
    let [edition, regime, programme, agreement, plan] = [(); 5].map(|()| new_id(app.clock.now()));
    let tenant = app.town.id;
    let parameters = r#"{"lengthMonths": 2, "cumulativeLimitMonths": 6, "cumulativeGroup": "PAI", "psuWeeklyLimit": "10.00",
        "jobMinDays": 30, "followUpClock": "programme", "positiveExits": ["employed"]}"#;
    enter(
        app,
        &format!(
            "INSERT INTO regimes (id, code, version, name_pl, name_en, legal_source, parameters)
                 VALUES ('{regime}', '{regime}', 1, 'Reżim', 'Regime', 'test', '{parameters}');
             INSERT INTO programmes (id, name, kind) VALUES ('{programme}', 'PAI', 'pai');
             INSERT INTO agreements (id, kind, signed_on, signed_precision, regime_tenant_id, regime_id)
                 VALUES ('{agreement}', 'implementation', '{starts_on}', 'derived', '{tenant}', '{regime}');
             INSERT INTO editions (id, programme_id, agreement_id, name, starts_on, starts_precision, ends_on, ends_precision)
                 VALUES ('{edition}', '{programme}', '{agreement}', 'I', '{starts_on}', 'day', '{ends_on}', 'day');
             INSERT INTO plan_revisions (id, edition_id, number, effective_on, places)
                 VALUES ('{plan}', '{edition}', 1, '{starts_on}', {places})"
        ),
    );
    edition
}

/// Enters rows of the first town.
pub fn enter(app: &TestApp, sql: &str) {
    let mut conn = connect(&app.superuser_url).expect("superuser connection");
    let client = app.town.clients["coordinator"].0;
    let (tenant, now) = (app.town.id, app.clock.now().to_rfc3339());
    conn.batch_execute(&format!("SET app.tenant = '{tenant}'; SET app.client = '{client}'; SET app.now = '{now}'; {sql}"))
        .expect("rows that the test takes for granted");
}
