//! Editions with participants, put straight into the database, for tests that begin where these already stand.

use super::{Api, TestApp};
use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

static NUMBER: AtomicU64 = AtomicU64::new(1);

fn next_id() -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_9000_0000_0000_0000 + u128::from(NUMBER.fetch_add(1, Ordering::Relaxed)))
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The first town's data, as its owner writes them.
pub struct Scene<'a> {
    app: &'a TestApp,
    owner: PgConnection,
}

/// An edition with a block, from 2 November to 31 December 2020.
#[derive(Clone, Copy)]
pub struct Edition {
    pub id: Uuid,
    pub block: Uuid,
    pub agreement: Uuid,
}

/// What the regime and the agreement of an edition say about hours.
#[derive(Clone, Copy, Default)]
pub struct Limits {
    /// Weekly hours of the regime.
    pub weekly: Option<&'static str>,
    /// Monthly hours of the agreement.
    pub monthly: Option<i32>,
}

/// Ten hours a week, as in the law.
pub const TEN_A_WEEK: Limits = Limits { weekly: Some("10.00"), monthly: None };

impl<'a> Scene<'a> {
    /// A stage for the first town.
    pub fn of(app: &'a TestApp) -> Self {
        let mut owner = connect(&app.owner_url).expect("owner connection");
        let client = app.town.clients["coordinator"].0;
        let settings =
            format!("SET app.tenant = '{}'; SET app.client = '{client}'; SET app.now = '2020-10-01T08:00:00Z'", app.town.id);
        owner.batch_execute(&settings).expect("settings");
        Self { app, owner }
    }

    fn insert(&mut self, table: &str, values: &str) -> Uuid {
        let id = next_id();
        let sql = format!("INSERT INTO {table} VALUES ({})", values.replace("$id", &format!("'{id}'")));
        self.owner.batch_execute(&sql).expect(table);
        id
    }

    /// An edition under a regime and an agreement of its own.
    pub fn edition(&mut self, limits: Limits) -> Edition {
        let weekly = limits.weekly.map_or("null".to_owned(), |hours| format!("\"{hours}\""));
        let parameters = format!(r#"{{"psuWeeklyLimit": {weekly}, "jobMinDays": 30, "followUpClock": "programme"}}"#);
        let tenant = self.app.town.id;
        let regime = self.insert(
            "regimes (id, code, version, name_pl, name_en, legal_source, parameters)",
            &format!("$id, 'r' || $id, 1, 'r', 'r', 'r', '{parameters}'"),
        );
        let cap = limits.monthly.map_or("null".to_owned(), |hours| (hours * 60).to_string());
        let agreement = self.insert(
            "agreements (id, kind, signed_on, signed_precision, regime_tenant_id, regime_id, monthly_cap_minutes)",
            &format!("$id, 'implementation', '2020-09-01', 'day', '{tenant}', '{regime}', {cap}"),
        );
        let programme = self.insert("programmes (id, name, kind)", "$id, 'PAI', 'pai'");
        let id = self.insert(
            "editions (id, programme_id, agreement_id, name, starts_on, starts_precision, ends_on, ends_precision)",
            &format!("$id, '{programme}', '{agreement}', 'I', '2020-11-02', 'day', '2020-12-31', 'day'"),
        );
        let block = self.insert("blocks (id, edition_id, kind, name)", &format!("$id, '{id}', 'integration', 'Warsztaty'"));
        Edition { id, block, agreement }
    }

    /// Sets or removes the monthly cap of an agreement.
    pub fn set_monthly_cap(&mut self, edition: Edition, hours: Option<i32>) {
        let cap = hours.map_or("null".to_owned(), |hours| (hours * 60).to_string());
        let sql = format!("UPDATE agreements SET monthly_cap_minutes = {cap} WHERE id = '{}'", edition.agreement);
        self.owner.batch_execute(&sql).expect("cap");
    }

    /// Sets a parameter of the edition's own regime.
    pub fn set_parameter(&mut self, edition: Edition, name: &str, value: &str) {
        let sql = format!(
            "UPDATE regimes SET parameters = parameters || '{{\"{name}\": {value}}}'
              WHERE id = (SELECT regime_id FROM agreements WHERE id = '{}')",
            edition.agreement
        );
        self.owner.batch_execute(&sql).expect("parameter");
    }

    /// Sets or removes the hours in total of an agreement, and its last day.
    pub fn set_total(&mut self, edition: Edition, hours: Option<i32>) {
        let total = hours.map_or("null".to_owned(), |hours| (hours * 60).to_string());
        let sql = format!(
            "UPDATE agreements SET total_minutes = {total}, period_from_on = '2020-11-01', period_to_on = '2020-12-31' WHERE id = '{}'",
            edition.agreement
        );
        self.owner.batch_execute(&sql).expect("total");
    }

    /// Somebody known.
    pub fn person(&mut self) -> Uuid {
        self.insert("people (id, sex)", "$id, 'female'")
    }

    /// A participation of the whole edition.
    pub fn participation(&mut self, edition: Edition, person: Uuid) -> Uuid {
        self.insert(
            "participations (id, edition_id, person_id, starts_on, planned_end_on, state)",
            &format!("$id, '{}', '{person}', '2020-11-02', '2020-12-31', 'active'", edition.id),
        )
    }

    /// People who take part in the edition from its first to its last day.
    pub fn participants(&mut self, edition: Edition, count: usize) -> Vec<Uuid> {
        (0..count)
            .map(|_| {
                let person = self.person();
                self.participation(edition, person)
            })
            .collect()
    }

    /// Ends a participation for a job.
    pub fn end(&mut self, participation: Uuid, ended_on: &str) {
        let sql = format!(
            "UPDATE participations SET state = 'exited', ended_on = '{ended_on}', end_reason = 'employed', end_polarity = 'positive'
              WHERE id = '{participation}'"
        );
        self.owner.batch_execute(&sql).expect("end");
    }

    /// Lets a participation rest.
    pub fn suspend(&mut self, participation: Uuid, from: &str, to: &str) {
        self.insert(
            "suspensions (id, participation_id, from_on, to_on, reason)",
            &format!("$id, '{participation}', '{from}', '{to}', 'health'"),
        );
    }

    /// A host.
    pub fn host(&mut self) -> Uuid {
        self.insert("hosts (id, name)", "$id, 'Miejsce ' || $id")
    }

    /// A contractor.
    pub fn contractor(&mut self) -> Uuid {
        self.insert("partners (id, kind, name)", "$id, 'contractor', 'Wykonawca ' || $id")
    }

    /// The host supervisor's client, narrowed to a host.
    pub fn supervisor_of(&mut self, host: Uuid) -> Api {
        let client = self.app.town.clients["host_supervisor"].0;
        self.owner.batch_execute(&format!("UPDATE clients SET host_id = '{host}' WHERE id = '{client}'")).expect("scope");
        self.app.api(Role::HostSupervisor)
    }

    /// The facilitator's client, narrowed to a contractor.
    pub fn facilitator_of(&mut self, partner: Uuid) -> Api {
        let client = self.app.town.clients["facilitator"].0;
        let sql = format!("UPDATE clients SET facilitator_partner_id = '{partner}' WHERE id = '{client}'");
        self.owner.batch_execute(&sql).expect("scope");
        self.app.api(Role::Facilitator)
    }

    /// The family assistant's client, narrowed to the families of an assistant.
    pub fn assistant(&mut self, code: &str) -> Api {
        let client = self.app.town.clients["family_assistant"].0;
        self.owner.batch_execute(&format!("UPDATE clients SET assistant = '{code}' WHERE id = '{client}'")).expect("scope");
        self.app.api(Role::FamilyAssistant)
    }

    /// The number that a query over the town's own rows answers.
    pub fn number(&mut self, query: &str) -> i64 {
        let row: Number = sql_query(format!("SELECT ({query})::bigint AS number")).get_result(&mut self.owner).expect(query);
        row.number
    }

    /// Events of a kind that wait for other systems.
    pub fn events(&mut self, kind: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM outbox_events WHERE type = '{kind}'"))
    }
}
