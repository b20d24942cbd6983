//! The seals of the access register: nothing is missed, one seals at a time, and what is changed is found.

mod moving;
mod replicas;
mod tampering;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use diesel::PgConnection;
use diesel::connection::SimpleConnection as _;
use pai::platform::audit::ANCHOR_FILE;
use pai::platform::audit::lag::SealLag;
use pai::platform::audit::sealer::{Pass, Sealer};
use pai::platform::audit::verify::{Report, verify};
use pai::platform::clock::Clock;
use pai::platform::keys::KeyRing;

use crate::support::database::{TestDatabase, rows};
use crate::support::program::DataDir;
use crate::support::test_moment;

/// Towns whose rows lie among each other.
const TOWNS: u32 = 3;

/// A register with its keys and its anchor.
struct Register {
    database: TestDatabase,
    ring: Arc<KeyRing>,
    dir: DataDir,
    clock: Clock,
}

impl Register {
    fn new(name: &str) -> Self {
        let dir = DataDir::new();
        let ring = Arc::new(KeyRing::load_or_create(&dir.0).expect("keys"));
        Self { database: TestDatabase::migrated(name), ring, dir, clock: Clock::fixed(test_moment()) }
    }

    fn sealer(&self) -> Sealer {
        self.sealer_of(&self.database.urls.service)
    }

    fn sealer_of(&self, url: &str) -> Sealer {
        let ring = Arc::clone(&self.ring);
        Sealer::new(url, ring, self.clock.clone(), &self.dir.0, Duration::ZERO, SealLag::default()).expect("a sealer")
    }

    fn anchor(&self) -> PathBuf {
        self.dir.file(ANCHOR_FILE)
    }

    fn verify(&self) -> Report {
        self.verify_at(&self.database.urls.owner)
    }

    fn verify_at(&self, url: &str) -> Report {
        verify(url, &self.ring, Some(&self.anchor()), NonZeroUsize::MIN).expect("a report")
    }
}

/// SQL that appends rows to the register, one per number, as writes of several towns would.
fn appended(numbers: std::ops::Range<u32>) -> String {
    let (first, last) = (numbers.start, numbers.end - 1);
    format!(
        "INSERT INTO audit_entries (tenant_id, id, operation, client_id, role, on_behalf_of, purpose, record_kind, record_ids, fields,
                                    reveals_identity, dry_run, override_reason, request_id, recorded_at)
         SELECT ('00000000-0000-7000-8000-00000000000' || i % {TOWNS})::uuid, gen_random_uuid(), 'record_psu_entry', gen_random_uuid(), 'coordinator',
                CASE WHEN i % 2 = 0 THEN 'Łukasz ' || i END, 'recruitment', 'psuEntry',
                ARRAY(SELECT gen_random_uuid() FROM generate_series(1, i % 4)), CASE WHEN i % 3 = 0 THEN '{{}}' ELSE ARRAY['hours', 'day'] END,
                i % 5 = 0, i % 7 = 0, CASE WHEN i % 11 = 0 THEN 'a reason' END, gen_random_uuid(),
                '{}'::timestamptz + i * interval '1 millisecond'
           FROM generate_series({first}, {last}) i",
        test_moment().to_rfc3339()
    )
}

fn append(conn: &mut PgConnection, numbers: std::ops::Range<u32>) {
    conn.batch_execute(&appended(numbers)).expect("rows");
}

/// Checks that the register holds, with so many rows sealed and so many not.
#[track_caller]
fn holds(report: &Report, sealed: u64, unsealed: u64) {
    assert!(report.holds(), "{}", report.to_text());
    assert_eq!((report.sealed_rows, report.unsealed_rows), (sealed, unsealed), "{}", report.to_text());
}

#[test]
fn a_row_that_commits_after_later_ones_is_sealed_and_what_is_not_sealed_is_stated() {
    let register = Register::new("late");
    let mut sealer = register.sealer();
    assert_eq!(sealer.pass().expect("a pass"), Pass::Sealed(0));
    let mut slow = register.database.superuser();
    slow.batch_execute("BEGIN").expect("begin");
    append(&mut slow, 0..2);
    let mut quick = register.database.superuser();
    append(&mut quick, 2..5);
    assert_eq!(sealer.pass().expect("a pass"), Pass::Sealed(3), "a long transaction holds nobody up");
    append(&mut quick, 5..6);
    assert_eq!(sealer.pass().expect("a pass"), Pass::Sealed(1), "what was sealed is not sealed again");
    slow.batch_execute("COMMIT").expect("commit");
    holds(&register.verify(), 4, 2);
    assert_eq!(sealer.pass().expect("a pass"), Pass::Sealed(2), "the late rows");
    assert_eq!(sealer.pass().expect("a pass"), Pass::Sealed(0));
    holds(&register.verify(), 6, 0);
    assert_eq!(register.verify().anchored_heads, Some(4), "each new head was noted outside the database");
}

#[test]
fn rows_of_many_links_are_sealed_in_one_pass() {
    let register = Register::new("many");
    append(&mut register.database.superuser(), 0..45_000);
    assert_eq!(register.sealer().pass().expect("a pass"), Pass::Sealed(45_000));
    let report = register.verify();
    holds(&report, 45_000, 0);
    assert_eq!((report.seals, report.tenants), (3, 3));
}

#[test]
fn the_service_learns_ids_and_digests_and_may_change_no_seal() {
    let register = Register::new("rights_of_seals");
    append(&mut register.database.superuser(), 0..4);
    let conn = &mut register.database.service();
    let columns = "SELECT ARRAY[a.key] AS row FROM jsonb_each_text((SELECT to_jsonb(u) FROM unsealed_audit_entries(NULL, NULL) u LIMIT 1)) a ORDER BY 1";
    assert_eq!(rows(conn, columns), [["digest"], ["id"], ["tenant_id"]]);
    register.sealer().pass().expect("a pass");
    for refused in [
        "SELECT FROM audit_seals",
        "UPDATE audit_seals SET mac = ''",
        "DELETE FROM audit_seals",
        "SELECT FROM audit_homes",
        "INSERT INTO audit_homes VALUES (9, '', 0)",
    ] {
        let error = conn.batch_execute(refused).expect_err(refused);
        assert!(error.to_string().contains("permission denied"), "{refused}: {error}");
    }
    let counted = "SELECT ARRAY[count(*)::text] AS row FROM audit_entries";
    let blind = diesel::RunQueryDsl::execute(diesel::sql_query(counted), conn);
    assert!(blind.is_err(), "without a tenant the register itself answers nothing");
}

#[test]
fn the_anchor_is_private_and_says_when_the_chain_of_the_database_is_another() {
    use std::os::unix::fs::PermissionsExt as _;
    let register = Register::new("anchor");
    let conn = &mut register.database.superuser();
    for number in 0..3 {
        append(conn, number * 10..number * 10 + 10);
        register.sealer().pass().expect("a pass");
    }
    let mode = std::fs::metadata(register.anchor()).expect("the anchor").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    holds(&register.verify(), 30, 0);
    // The newest seal and its rows vanish without a trace inside the database.
    conn.batch_execute(
        "DELETE FROM audit_entries WHERE id = ANY (SELECT unnest(entry_ids) FROM audit_seals WHERE number = 3);
         DELETE FROM audit_seals WHERE number = 3",
    )
    .expect("cut off");
    let report = register.verify();
    assert_eq!(report.to_json()["findings"], serde_json::json!([{ "kind": "chainCutOff", "anchored": 3, "number": 2 }]));
    // A chain that grows again over the cut is not the one that was anchored.
    append(conn, 100..110);
    register.sealer().pass().expect("a pass");
    let report = register.verify();
    assert_eq!(report.to_json()["findings"][0], serde_json::json!({ "kind": "anchorDiffers", "number": 3 }));
}
