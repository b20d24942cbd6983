//! Several services on one database: one seals at a time, and a killed one is not missed.

use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use pai::platform::audit::sealer::Pass;
use pai::platform::keys::KeyRing;

use super::{Register, append, holds};
use crate::support::database::names;
use crate::support::program::{DataDir, Service, output, pai, stderr};

#[test]
fn while_one_seals_another_lets_it() {
    let register = Register::new("lock");
    let mut sealer = register.sealer();
    sealer.pass().expect("a pass");
    let mut other = register.database.superuser();
    append(&mut other, 0..3);
    other.batch_execute("BEGIN; SELECT pg_advisory_xact_lock(7241620418)").expect("the lock of the sealers");
    assert_eq!(sealer.pass().expect("a pass"), Pass::Elsewhere);
    drop(other);
    let deadline = Instant::now() + Duration::from_secs(10);
    while sealer.pass().expect("a pass") != Pass::Sealed(3) {
        assert!(Instant::now() < deadline, "the lock of a dead process ends with its connection");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn sealers_at_once_make_one_chain() {
    let register = Register::new("at_once");
    register.sealer().pass().expect("a pass");
    let sealed: usize = thread::scope(|scope| {
        let sealers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut sealer = register.sealer();
                    // Losing a race is an error that the next pass makes up for.
                    (0..40).map(|_| if let Ok(Pass::Sealed(count)) = sealer.pass() { count } else { 0 }).sum::<usize>()
                })
            })
            .collect();
        let mut conn = register.database.superuser();
        for number in 0..60 {
            append(&mut conn, number * 5..number * 5 + 5);
        }
        sealers.into_iter().map(|sealer| sealer.join().expect("a sealer")).sum()
    });
    let Pass::Sealed(rest) = register.sealer().pass().expect("a pass") else { panic!("nobody else seals") };
    assert_eq!(sealed + rest, 300, "each row once");
    holds(&register.verify(), 300, 0);
}

#[test]
fn a_killed_service_is_replaced_and_the_command_tells_whether_the_register_holds() {
    let register = Register::new("killed");
    let dirs = [DataDir::new(), DataDir::new()];
    let ring = KeyRing::generate_text().expect("keys");
    let ring = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, ring.as_bytes());
    let command = |args: &[&str], dir: &DataDir| {
        let mut command = pai(args, Some(&dir.0));
        command.env("PAI__DATABASE__URL", &register.database.urls.service).env("PAI__KEYS__RING", &ring);
        command.env("PAI__DATABASE__OWNER_URL", &register.database.urls.owner).env("PAI__AUDIT__ANCHOR_INTERVAL_S", "0");
        command.env("PAI__AUDIT__SEAL_INTERVAL_MS", "100");
        command
    };
    let [mut first, mut second] = dirs.each_ref().map(|dir| {
        let log = dir.0.with_extension("log");
        let service = Service::start(&mut command(&["serve", "--listen", "127.0.0.1:0"], dir), &log);
        std::fs::remove_file(log).expect("the log");
        service
    });
    let mut conn = register.database.superuser();
    let mut number = 0;
    let mut sealed_within = |conn: &mut diesel::PgConnection| {
        append(conn, number..number + 4);
        number += 4;
        let began = Instant::now();
        let count = "SELECT ARRAY[coalesce(sum(cardinality(entry_ids)), 0)::text] AS row FROM audit_seals";
        while names(conn, count) != [number.to_string()] {
            assert!(began.elapsed() < Duration::from_secs(20), "row not sealed");
            thread::sleep(Duration::from_millis(10));
        }
    };
    (0..5).for_each(|_| sealed_within(&mut conn));
    first.kill();
    (0..5).for_each(|_| sealed_within(&mut conn));
    assert_eq!(second.ask_to_stop("TERM"), Some(0));

    for dir in &dirs {
        let verified = output(&mut command(&["audit", "verify", "--json"], dir));
        assert!(verified.status.success(), "{}{}", stderr(&verified), String::from_utf8_lossy(&verified.stdout));
        let report: serde_json::Value = serde_json::from_slice(&verified.stdout).expect("JSON");
        assert_eq!((&report["holds"], &report["sealedRows"], &report["unsealedRows"]), (&true.into(), &40.into(), &0.into()));
    }
    conn.batch_execute("UPDATE audit_entries SET purpose = 'none' WHERE id = (SELECT min(id::text)::uuid FROM audit_entries)")
        .expect("changed");
    let verified = output(&mut command(&["audit", "verify"], &dirs[1]));
    assert_eq!(verified.status.code(), Some(3));
    let text = String::from_utf8_lossy(&verified.stdout);
    assert!(text.contains("NOT as they were sealed") && text.contains("was changed after seal"), "{text}");
    let missing = output(&mut command(&["audit", "verify", "--anchor", "/nonexistent/heads"], &dirs[1]));
    assert_eq!(missing.status.code(), Some(1), "an anchor that is not there is no anchor");
    let said = String::from_utf8_lossy(&missing.stderr);
    assert!(said.contains("there is no anchor file /nonexistent/heads") && said.contains("--without-anchor"), "{said}");
}
