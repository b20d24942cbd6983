//! What `pai backup` writes of a running service, `pai restore` brings back: the same answers to the same callers.

use crate::support::Api;
use crate::support::program::{DataDir, Service, demo_clients, output, pai, stderr};
use pai::platform::examples::{EDITION, INSTITUTION, PERSON};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

fn back_up(dir: &DataDir, to: &Path, more: &[&str]) -> std::process::Output {
    output(pai(&["backup", "--to"], None).arg(to).arg("--data-dir").arg(&dir.0).args(more))
}

fn restore(dir: &DataDir, from: &Path) -> std::process::Output {
    output(pai(&["restore", "--from"], None).arg(from).arg("--data-dir").arg(&dir.0))
}

/// A caseworker of the first demonstration town.
fn caseworker(service: &Service, clients: &DataDir) -> Api {
    let client = &demo_clients(clients)[&(INSTITUTION.to_owned(), "social_worker".to_owned())];
    Api::sign_in(&service.address, client).with("Pai-Purpose", "check of a backup")
}

/// What somebody would compare by hand: people, an identity, every figure.
fn answers(api: &Api) -> Vec<Value> {
    let mut answers: Vec<Value> = ["/people?limit=200", &format!("/people/{PERSON}/identity"), "/editions?limit=200"]
        .map(|path| api.get(path).expect(200))
        .to_vec();
    let mut figures = api.get(&format!("/editions/{EDITION}/figures")).expect(200);
    // The moment of asking is the one thing that differs.
    assert!(figures["asOf"].take().is_string());
    for figure in figures["figures"].as_array_mut().expect("figures") {
        assert!(figure["asOf"].take().is_string());
    }
    answers.push(figures);
    answers
}

#[test]
fn a_backup_of_a_running_service_answers_as_the_service_did() {
    let (dir, other) = (DataDir::new(), DataDir::new());
    let copy = DataDir::new();
    let service = Service::embedded(&dir, &["--demo"]);
    let before = answers(&caseworker(&service, &dir));
    let made = back_up(&dir, &copy.0, &[]);
    assert!(made.status.success(), "{}", stderr(&made));
    // What comes later is not in it.
    let later = caseworker(&service, &dir).post("/people", &json!({ "sex": "female" })).id();

    for file in walk(&copy.0) {
        let permissions = fs::metadata(&file).expect("its permissions").permissions();
        assert_eq!(permissions.mode() & 0o077, 0, "{} is for its owner only", file.display());
    }
    assert_eq!(back_up(&dir, &copy.0, &[]).status.code(), Some(1), "a backup is never overwritten");
    let refused = restore(&dir, &copy.0);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("holds data already"), "{}", stderr(&refused));

    let restored = restore(&other, &copy.0);
    assert!(restored.status.success(), "{}", stderr(&restored));
    let verified = output(&mut pai(&["audit", "verify"], Some(&other.0)));
    assert!(verified.status.success(), "{}", stderr(&verified));
    let service = Service::embedded(&other, &[]);
    let api = caseworker(&service, &dir);
    assert!(answers(&api) == before, "other answers than before the backup");
    assert_eq!(api.get(&format!("/people/{later}")).status, 404);
    assert_eq!(api.post("/people", &json!({ "sex": "male" })).status, 201, "and it goes on");

    // Without the keys of people nobody can be read.
    let (anonymous, third) = (DataDir::new(), DataDir::new());
    assert!(back_up(&other, &anonymous.0, &["--without-person-keys"]).status.success());
    assert!(restore(&third, &anonymous.0).status.success());
    let service = Service::embedded(&third, &[]);
    let api = caseworker(&service, &dir);
    assert_eq!(api.get(&format!("/people/{PERSON}")).status, 200);
    assert_ne!(api.get(&format!("/people/{PERSON}/identity")).status, 200);
}

#[test]
fn what_is_no_backup_is_refused_before_anything_is_made() {
    let (dir, other) = (DataDir::new(), DataDir::new());
    let refused = restore(&dir, &other.0);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("is no backup") && !dir.0.exists(), "{}", stderr(&refused));
}

fn walk(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
