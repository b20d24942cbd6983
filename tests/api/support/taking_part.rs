//! Somebody who takes part in an edition, written straight into the tables: what
//! came of a participation can be tested without how it came about.

use super::TestApp;
use diesel::connection::SimpleConnection;
use pai::platform::clock::new_id;
use pai::platform::migrations::connect;
use uuid::Uuid;

/// An edition with one participant.
pub struct TakingPart {
    pub edition: Uuid,
    pub person: Uuid,
    pub participation: Uuid,
}

/// Somebody who takes part in an edition of the first town, from `starts_on` to `ends_on`.
pub fn taking_part(app: &TestApp, starts_on: &str, ends_on: &str) -> TakingPart {
    let [regime, programme, agreement, edition, person, participation] = [(); 6].map(|()| new_id(app.clock.now()));
    let (tenant, now) = (app.town.id, app.clock.now().to_rfc3339());
    let (client, _) = app.town.clients["coordinator"];
    connect(&app.superuser_url)
        .expect("superuser connection")
        .batch_execute(&format!(
            "SET app.tenant = '{tenant}'; SET app.client = '{client}'; SET app.now = '{now}';
             INSERT INTO regimes (id, code, version, name_pl, name_en, legal_source, parameters)
             VALUES ('{regime}', '{regime}', 1, 'Reżim', 'Regime', 'Test', '{{}}');
             INSERT INTO programmes (id, name, kind) VALUES ('{programme}', 'PAI', 'pai');
             INSERT INTO agreements (id, kind, signed_on, signed_precision, regime_tenant_id, regime_id)
             VALUES ('{agreement}', 'implementation', '{starts_on}', 'derived', '{tenant}', '{regime}');
             INSERT INTO editions (id, programme_id, agreement_id, name, starts_on, starts_precision, ends_on, ends_precision)
             VALUES ('{edition}', '{programme}', '{agreement}', 'I', '{starts_on}', 'day', '{ends_on}', 'day');
             INSERT INTO people (id, sex) VALUES ('{person}', 'female');
             INSERT INTO participations (id, edition_id, person_id, starts_on, planned_end_on, state)
             VALUES ('{participation}', '{edition}', '{person}', '{starts_on}', '{ends_on}', 'active')"
        ))
        .expect("somebody takes part");
    TakingPart { edition, person, participation }
}

impl TestApp {
    /// Narrows the first town's facilitator to a contractor that provides a block of an edition.
    pub fn let_facilitator_lead(&self, edition: Uuid) {
        let [partner, block] = [(); 2].map(|()| new_id(self.clock.now()));
        let (tenant, now) = (self.town.id, self.clock.now().to_rfc3339());
        let (client, _) = self.town.clients["facilitator"];
        connect(&self.superuser_url)
            .expect("superuser connection")
            .batch_execute(&format!(
                "SET app.tenant = '{tenant}'; SET app.client = '{client}'; SET app.now = '{now}';
                 INSERT INTO partners (id, kind, name) VALUES ('{partner}', 'contractor', '{partner}');
                 INSERT INTO blocks (id, edition_id, kind, name, provider_kind, provider_partner_id)
                 VALUES ('{block}', '{edition}', 'integration', '{block}', 'contractor', '{partner}');
                 UPDATE clients SET facilitator_partner_id = '{partner}' WHERE id = '{client}'"
            ))
            .expect("the facilitator leads");
    }
}
