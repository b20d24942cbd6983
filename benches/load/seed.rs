//! Data to measure on, put in as the owner of the database.

use diesel::connection::SimpleConnection as _;
use pai::institutions::clients::{FirstInstitution, create_as_operator, register_institution};
use pai::platform::clock::Clock;
use pai::platform::embedded::Role as DatabaseRole;
use pai::platform::examples;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use pai::platform::types::ShortText;
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use crate::Outcome;
use crate::service::Service;

/// People who take part; enough that two connections rarely meet in one person's week.
pub const PEOPLE: u32 = 5_000;
/// Days of the edition; enough that no week fills up during a run.
pub const DAYS: u32 = 3_600;

/// What was put in.
#[derive(Clone)]
pub struct Seeded {
    pub tenant: Uuid,
    pub client: Uuid,
    pub secret: String,
    pub rows: u32,
}

/// Registers a tenant with a client and `rows` entries of the register.
pub fn fill(service: &Service, rows: u32) -> Outcome<Seeded> {
    let mut owner = connect(&service.url(DatabaseRole::Owner))?;
    let (name, now): (ShortText, _) = ("Bench".parse()?, Clock::system().now());
    let first = FirstInstitution { id: None, kind: "municipalCentre", name: &name, teryt: None, regon: None, nip: None };
    let tenant = register_institution(&mut owner, &first, now)?;
    let made = create_as_operator(&mut owner, tenant, None, &name, Role::Coordinator, now)?;
    let (client, regime) = (made.client_id, examples::REGIME);
    let context = format!(
        "SET app.tenant = '{tenant}'; SET app.client = '{client}'; SET app.now = '{}';
         CREATE FUNCTION pg_temp.numbered(kind text, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
             $$ SELECT ('00000000-' || kind || '-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid $$;",
        now.to_rfc3339(),
    );
    let parts = [
        format!(
            "INSERT INTO programmes (id, name, kind) VALUES (pg_temp.numbered('0001', 1), 'Bench', 'pai');
             INSERT INTO agreements (id, kind, signed_on, signed_precision, regime_tenant_id, regime_id)
                 VALUES (pg_temp.numbered('0002', 1), 'implementation', '2020-01-01', 'day', '{}', '{regime}');
             INSERT INTO editions (id, programme_id, agreement_id, name, starts_on, starts_precision, ends_on, ends_precision)
                 VALUES (pg_temp.numbered('0003', 1), pg_temp.numbered('0001', 1), pg_temp.numbered('0002', 1), 'Bench',
                         '2020-01-01', 'day', date '2020-01-01' + {DAYS}, 'day');
             INSERT INTO people (id, sex) SELECT pg_temp.numbered('0004', n), 'unknown' FROM generate_series(1, {PEOPLE}) n;",
            Uuid::nil(),
        ),
        format!(
            "INSERT INTO participations (id, edition_id, person_id, starts_on, planned_end_on, state)
                 SELECT pg_temp.numbered('0005', n), pg_temp.numbered('0003', 1), pg_temp.numbered('0004', n),
                        '2020-01-01', date '2020-01-01' + {DAYS}, 'active' FROM generate_series(1, {PEOPLE}) n;"
        ),
        format!(
            "INSERT INTO psu_entries (id, edition_id, participation_id, person_id, worked_on, minutes)
                 SELECT pg_temp.numbered('0006', n), pg_temp.numbered('0003', 1), pg_temp.numbered('0005', 1 + n % {PEOPLE}),
                        pg_temp.numbered('0004', 1 + n % {PEOPLE}), date '2020-01-01' + (n / {PEOPLE} % {DAYS})::integer, 15
                   FROM generate_series(1, {rows}) n;"
        ),
    ];
    for part in parts {
        // A session of its own with fresh statistics: the plans of foreign keys are kept from when a table was empty.
        connect(&service.url(DatabaseRole::Owner))?.batch_execute(&format!("{context} {part}"))?;
        let mut superuser = connect(&service.url(DatabaseRole::Superuser))?;
        superuser.batch_execute("VACUUM ANALYZE")?;
        superuser.batch_execute("CHECKPOINT")?;
    }
    Ok(Seeded { tenant, client, secret: made.client_secret.expose_secret().to_owned(), rows })
}
