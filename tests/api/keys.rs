//! Exchanging keys beside running services, and looking after the keys of people.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use pai::platform::embedded::{Cluster, DATABASE, Role};
use pai::platform::keys::KeyRing;
use pai::platform::live_keys::Safe;
use pai::platform::migrations::connect;
use pai::platform::person_keys::FilePersonKeys;
use pai::platform::secrets::SecretError;
use pai::platform::types::{Day, Sex, fictitious_pesel};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::canary::{dump, spellings};
use crate::support::program::{DataDir, Service, output, pai, stderr};
use crate::support::{Answer, Api};

/// Two services on one database and one directory of keys.
struct Pair {
    dir: DataDir,
    services: [Service; 2],
    client: (Uuid, String),
}

impl Pair {
    fn start() -> Self {
        let dir = DataDir::new();
        let first = Service::embedded(&dir, &[]);
        let create = ["client", "create", "--json", "--name", "desk", "--role", "social_worker"];
        let made = output(&mut pai(
            &[&create[..], &["--institution-name", "OPS Próbne", "--institution-kind", "municipalCentre"]].concat(),
            Some(&dir.0),
        ));
        let made: Value = serde_json::from_slice(&made.stdout).expect("JSON");
        let id = made["clientId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let client = (id, made["clientSecret"].as_str().expect("a secret").to_owned());
        let url = Cluster::attach(&dir.0).expect("a running service").url(Role::Service, DATABASE);
        let mut serve = pai(&["serve", "--listen", "127.0.0.1:0"], Some(&dir.0));
        let second = Service::start(serve.env("PAI__DATABASE__URL", url), &dir.file("second.log"));
        Self { dir, services: [first, second], client }
    }

    fn api(&self, replica: usize) -> Api {
        Api::sign_in(&self.services[replica].address, &self.client).with("Pai-Purpose", "recruitment")
    }

    fn keys(&self, args: &[&str]) -> (Option<i32>, Value, String) {
        let done = output(&mut pai(&[&["keys"], args, &["--json"]].concat(), Some(&self.dir.0)));
        (done.status.code(), serde_json::from_slice(&done.stdout).unwrap_or_default(), stderr(&done))
    }

    #[track_caller]
    fn done(&self, args: &[&str]) -> Value {
        let (code, answer, error) = self.keys(args);
        assert_eq!(code, Some(0), "{args:?}: {error}");
        answer
    }

    /// Ids of the keys of a purpose, the active one first.
    fn ids(&self, purpose: &str) -> Vec<String> {
        let listed = self.done(&["list"]);
        let keys = listed["keys"].as_array().expect("keys").iter();
        keys.filter(|key| key["purpose"] == purpose).map(|key| key["id"].as_str().expect("an id").to_owned()).collect()
    }

    fn owner(&self) -> diesel::PgConnection {
        connect(&Cluster::attach(&self.dir.0).expect("a service").url(Role::Owner, DATABASE)).expect("owner")
    }

    fn person_key_file(&self) -> std::path::PathBuf {
        let files = fs::read_dir(self.dir.file("person-keys")).expect("a directory").filter_map(Result::ok);
        files.map(|file| file.path()).find(|path| path.extension().is_some_and(|end| end == "keys")).expect("a key file")
    }
}

/// Length of a key file before its first record.
const HEAD: usize = 24;

fn pesel(serial: u16) -> String {
    let day = Day::from_ymd(1971, 2, 3 + u32::from(serial / 5000)).expect("a day");
    fictitious_pesel(day, Sex::Female, serial % 5000).expose().to_owned()
}

fn body(pesel: &str) -> Value {
    json!({ "sex": "female", "identity": { "givenNames": "Łucja", "surname": "Próbna", "pesel": pesel } })
}

/// What runs beside an exchange; every answer is checked.
struct Load<'p> {
    pair: &'p Pair,
    serial: AtomicU16,
    people: Mutex<Vec<(String, String)>>,
    requests: AtomicU32,
    ended: AtomicBool,
}

impl Load<'_> {
    fn counted(&self, answer: Answer, expected: u16) -> Answer {
        self.requests.fetch_add(1, Ordering::Relaxed);
        assert_eq!(answer.status, expected, "{}", answer.text);
        answer
    }

    fn work(&self, number: usize) {
        let apis = [self.pair.api(0), self.pair.api(1)];
        let mut turn = number;
        while !self.ended.load(Ordering::Relaxed) {
            turn += 1;
            let (here, there) = (&apis[turn % 2], &apis[(turn + 1) % 2]);
            let serial = self.serial.fetch_add(1, Ordering::Relaxed);
            let pesel = pesel(serial);
            let key = format!("key-{serial}");
            let person = if serial.is_multiple_of(3) {
                // At both services at once: one of them, and only one, records the person.
                let both = [here, there].map(Api::clone);
                let answers = thread::scope(|scope| {
                    let calls = both.each_ref().map(|api| scope.spawn(|| api.post("/people", &body(&pesel))));
                    calls.map(|call| call.join().expect("an answer"))
                });
                let mut statuses = answers.each_ref().map(|answer| answer.status);
                statuses.sort_unstable();
                assert_eq!(statuses, [201, 409], "one PESEL at two services at once");
                answers.iter().find(|answer| answer.status == 201).expect("one").id()
            } else {
                let person = self.counted(here.with("Idempotency-Key", &key).post("/people", &body(&pesel)), 201).id();
                let again = self.counted(there.with("Idempotency-Key", &key).post("/people", &body(&pesel)), 201);
                assert_eq!(again.id(), person, "a replayed call gets the first answer");
                self.counted(there.post("/people", &body(&pesel)), 409);
                person
            };
            let path = format!("/people/{person}/identity");
            let seen = self.counted(there.get(&path), 200);
            assert_eq!(seen.expect(200)["pesel"], pesel.as_str());
            let changed = json!({ "givenNames": "Łucja", "surname": format!("Nowa-{serial}"), "pesel": pesel });
            self.counted(here.put(&path, seen.header("etag"), &changed), 200);
            self.people.lock().expect("people").push((person, pesel));
            let known = {
                let people = self.people.lock().expect("people");
                people[usize::from(serial.wrapping_mul(7919)) % people.len()].clone()
            };
            let version = self.counted(here.get(&format!("/people/{}/identity", known.0)), 200);
            assert_eq!(version.expect(200)["pesel"], known.1.as_str());
            // Who is searched for in the database's words: a search has a limit per minute, a refusal of a duplicate has none.
            self.counted(here.post("/people", &body(&known.1)), 409);
            thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn every_key_is_exchanged_under_load_without_a_failed_call() {
    let pair = Pair::start();
    let before: Vec<Vec<String>> = ["encryption", "blind_index", "participation_index"].map(|purpose| pair.ids(purpose)).to_vec();
    let old_token = pair.api(0);
    let load = Load {
        pair: &pair,
        serial: AtomicU16::new(0),
        people: Mutex::default(),
        requests: AtomicU32::new(0),
        ended: AtomicBool::new(false),
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..3)
            .map(|number| {
                scope.spawn({
                    let load = &load;
                    move || load.work(number)
                })
            })
            .collect();
        thread::sleep(Duration::from_secs(1));
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for what in ["token-signing", "encryption", "blind-index", "participation-index", "person-keys"] {
                let done = pair.done(&["rotate", what]);
                assert!(what == "token-signing" || done["madeAgain"].as_u64() > Some(0), "{what}: {done}");
            }
        }));
        load.ended.store(true, Ordering::Relaxed);
        for worker in workers {
            worker.join().expect("no call failed");
        }
        outcome.expect("every exchange ends well");
    });
    for (purpose, before) in ["encryption", "blind_index", "participation_index"].iter().zip(before) {
        let after = pair.ids(purpose);
        assert_eq!(after.len(), 1, "{purpose}: only the new key is left");
        assert_ne!(after, before);
    }
    assert_eq!(pair.ids("token_signing").len(), 2, "the earlier signing key still verifies");
    old_token.get("/people?limit=1").expect(200);
    let (code, _, error) = pair.keys(&["retire", "token-signing"]);
    assert!(code == Some(1) && error.contains("tokens may be valid until"), "{error}");
    // Who lost a race for a PESEL may have left a key behind.
    assert_eq!(pair.done(&["check", "--repair"])["sound"], true);
    assert_eq!(pair.done(&["check"])["sound"], true);
    let api = pair.api(1);
    for (person, pesel) in load.people.lock().expect("people").iter() {
        assert_eq!(api.get(&format!("/people/{person}/identity")).expect(200)["pesel"], pesel.as_str());
    }
    let (_, pesel) = load.people.lock().expect("people")[0].clone();
    assert_eq!(api.post("/people/search", &json!({ "pesel": pesel })).expect(200)["items"].as_array().map(Vec::len), Some(1));
    pair.done(&["retire", "token-signing", "--leaked"]);
    let deadline = Instant::now() + Duration::from_secs(20);
    while old_token.get("/people?limit=1").status != 401 {
        assert!(Instant::now() < deadline, "a leaked key is refused within seconds");
        thread::sleep(Duration::from_millis(200));
    }
    assert!(load.requests.load(Ordering::Relaxed) > 50);
}

#[test]
fn an_exchange_that_was_killed_goes_on_and_its_earlier_key_stays_until_then() {
    let pair = Pair::start();
    let api = pair.api(0);
    for serial in 0..20 {
        api.post("/people", &body(&pesel(serial))).expect(201);
    }
    let mut slow = pai(&["keys", "rotate", "blind-index", "--rows-per-second", "1"], Some(&pair.dir.0)).spawn().expect("started");
    let deadline = Instant::now() + Duration::from_mins(1);
    while pair.ids_now("blind_index") < 2 {
        assert!(Instant::now() < deadline, "the exchange begins");
        thread::sleep(Duration::from_millis(100));
    }
    thread::sleep(Duration::from_secs(2));
    slow.kill().expect("killed");
    slow.wait().expect("ended");
    for serial in 0..20 {
        api.post("/people", &body(&pesel(serial))).refused(409, "people.pesel_taken");
    }
    pair.done(&["rotate", "blind-index"]);
    assert_eq!(pair.ids("blind_index").len(), 1);
    // One row that another release left without the id of its key is enough to keep a key.
    let mut edited: Value = serde_json::from_str(&fs::read_to_string(pair.dir.file("keys.json")).expect("a ring")).expect("JSON");
    let spare = edited["blind_index"][0].clone();
    let mut earlier = spare;
    earlier["id"] = json!("0badc0de");
    edited["blind_index"].as_array_mut().expect("a list").push(earlier);
    fs::write(pair.dir.file("keys.json"), edited.to_string()).expect("written");
    pair.owner().batch_execute("UPDATE person_identities SET blind_index_key = NULL").expect("rows of an older release");
    let (code, _, error) = pair.keys(&["retire", "blind-index"]);
    assert!(code == Some(1) && error.contains("0badc0de is still needed: 20 identities"), "{error}");
    pair.done(&["rotate", "blind-index"]);
    assert_eq!(pair.ids("blind_index").len(), 1);
}

impl Pair {
    /// How many keys the file has now; the command would wait for the exchange.
    fn ids_now(&self, purpose: &str) -> usize {
        let ring: Value = serde_json::from_str(&fs::read_to_string(self.dir.file("keys.json")).expect("a ring")).expect("JSON");
        let keys = ring[purpose].as_array().expect("a list");
        if keys.iter().any(|key| key["prepared"] == true) { 1 } else { keys.len() }
    }
}

#[test]
fn keys_of_nobody_are_removed_and_damage_harms_nobody_else() {
    let pair = Pair::start();
    let api = pair.api(0);
    let kept = api.post("/people", &body(&pesel(1))).id();
    // A transaction that fails after the key was made leaves a key of nobody behind.
    pair.owner().batch_execute("REVOKE INSERT ON audit_entries FROM pai_service").expect("revoked");
    assert_eq!(api.post("/people", &body(&pesel(2))).status, 503);
    pair.owner().batch_execute("GRANT INSERT ON audit_entries TO pai_service").expect("granted");
    let (code, found, _) = pair.keys(&["check"]);
    assert_eq!((code, &found["tenants"][0]["strays"], &found["tenants"][0]["keys"]), (Some(1), &json!(1), &json!(2)));
    assert_eq!(pair.done(&["check", "--repair"])["tenants"][0]["removed"], 1);
    assert_eq!(pair.done(&["check"])["tenants"][0]["keys"], 1);
    api.get(&format!("/people/{kept}/identity")).expect(200);
    assert_eq!(api.post("/people", &body(&pesel(2))).status, 201, "the person can be recorded now");

    let file = pair.person_key_file();
    let sound = fs::read(&file).expect("the file");
    let mut damaged = sound.clone();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    fs::write(&file, &damaged).expect("written");
    let (code, found, _) = pair.keys(&["check"]);
    assert_eq!(code, Some(1));
    assert!(
        found["tenants"][0]["damage"].as_str().is_some_and(|damage| damage.contains("1 record(s) cannot be read")),
        "{found}"
    );
    let Pair { dir, services, client } = pair;
    let [mut first, second] = services;
    drop(second);
    assert_eq!(first.ask_to_stop("TERM"), Some(0));
    let service = Service::embedded(&dir, &[]);
    let api = Api::sign_in(&service.address, &client).with("Pai-Purpose", "recruitment");
    api.get(&format!("/people/{kept}/identity")).expect(200);
    assert_eq!(api.post("/people", &body(&pesel(3))).status, 201, "a damaged record hinders nobody else");
}

#[test]
fn a_search_goes_on_without_those_whose_keys_are_lost_or_damaged() {
    let pair = Pair::start();
    let api = pair.api(0);
    let [damaged, lost, kept] = [1, 2, 3].map(|serial| api.post("/people", &body(&pesel(serial))).id());
    let file = pair.person_key_file();
    let mut content = fs::read(&file).expect("the file");
    let length = (content.len() - HEAD) / 3;
    content[HEAD + length - 1] ^= 1;
    content.drain(HEAD + length..HEAD + 2 * length);
    let Pair { dir, services, client } = pair;
    let [mut first, second] = services;
    drop(second);
    assert_eq!(first.ask_to_stop("TERM"), Some(0));
    fs::write(&file, &content).expect("written");

    let log_file = dir.0.with_extension("log");
    let service = Service::start(&mut pai(&["serve", "--listen", "127.0.0.1:0"], Some(&dir.0)), &log_file);
    let log = || fs::read_to_string(&log_file).expect("the log");
    assert!(log().contains(&damaged), "a damaged key is reported at the start");
    assert!(log().contains("the key of a person is lost") && log().contains(&lost), "and so is a lost one");
    let api = Api::sign_in(&service.address, &client).with("Pai-Purpose", "recruitment");
    for _ in 0..2 {
        let found = api.post("/people/search", &json!({ "surname": "Próbna" })).expect(200);
        assert_eq!((&found["items"][0]["personId"], &found["unreadable"]), (&json!(kept), &json!(2)), "{found}");
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
    }
    let by_number = api.post("/people/search", &json!({ "pesel": pesel(1) })).expect(200);
    assert_eq!((by_number["items"].as_array().map(Vec::len), &by_number["unreadable"]), (Some(0), &json!(1)));
    for person in [&damaged, &lost] {
        api.get(&format!("/people/{person}/identity")).refused(503, "people.identity_unreadable");
        assert_eq!(
            log().matches("the data of a person cannot be read").filter(|_| log().contains(person)).count(),
            2,
            "once each"
        );
    }
    let metrics = Api::anonymous(&service.address).get("/metrics").text;
    assert!(metrics.contains("\npeople_unreadable_total 7\n"), "{metrics}");
    api.get(&format!("/people/{kept}/identity")).expect(200);
    assert_eq!(api.post("/people", &body(&pesel(4))).status, 201);
    fs::remove_file(log_file).expect("the log");
}

#[test]
fn a_rehearsed_merge_reports_nobody_as_unreadable_and_a_former_number_is_made_again() {
    let pair = Pair::start();
    let api = pair.api(1);
    let [duplicate, survivor] = [1, 2].map(|serial| api.post("/people", &body(&pesel(serial))).id());
    let merging = json!({ "into": survivor, "reason": "Ta sama osoba", "identity": "duplicate" });
    for rehearsal in ["?dryRun=true", ""] {
        api.post(&format!("/people/{duplicate}/merge{rehearsal}"), &merging).expect(200);
    }
    let metrics = Api::anonymous(&pair.services[1].address).get("/metrics").text;
    let reported = metrics.lines().find_map(|line| line.strip_prefix("people_unreadable_total "));
    assert_eq!(reported.unwrap_or("0"), "0", "everybody can be read");
    let log = fs::read_to_string(pair.dir.file("second.log")).expect("the log");
    assert!(!log.contains("cannot be read"), "{log}");

    // A merge of before has no index yet; an exchange of the key makes one of each.
    let mut owner = pair.owner();
    let index = "SELECT encode(former_participation_index, 'hex') AS index FROM merged_people";
    let mut former = |made: &str| {
        owner.batch_execute(made).expect("changed");
        diesel::sql_query(index).get_result::<FormerNumber>(&mut owner).expect("a merge").index
    };
    let first = former("SELECT 1").expect("an index");
    let forget = "UPDATE merged_people SET former_participation_index = NULL, former_participation_index_key = NULL";
    assert_eq!(former(forget), None);
    pair.done(&["rotate", "participation-index"]);
    assert!(former("SELECT 1").is_some_and(|again| again != first), "made again under the new key");
    pair.done(&["rotate", "participation-index"]);
    assert_eq!(pair.ids("participation_index").len(), 1, "nothing needs the earlier key");
}

#[derive(QueryableByName)]
struct FormerNumber {
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    index: Option<String>,
}

#[test]
fn with_a_persons_key_every_copy_of_the_identity_is_gone() {
    let pair = Pair::start();
    let api = pair.api(0);
    let (erased, kept) = (api.post("/people", &body(&pesel(1))).id(), api.post("/people", &body(&pesel(2))).id());
    let backup = stored_surname(&mut pair.owner(), &erased);
    let (tenant, person) = (backup.tenant, erased.parse().expect("an id"));
    let open_store = || {
        let ring = Arc::new(KeyRing::load(&pair.dir.file("keys.json")).expect("the ring"));
        let people = Arc::new(FilePersonKeys::open(&pair.dir.0, Arc::clone(&ring)).expect("the keys of people"));
        Safe::new(ring, people)
    };
    assert_eq!(open_store().vault.open(tenant, person, "surname", &backup.sealed).expect("readable before"), "Próbna".as_bytes());
    open_store().vault.destroy(tenant, person).expect("destroyed");
    thread::sleep(Duration::from_millis(1200));
    for replica in 0..2 {
        let api = pair.api(replica);
        assert_eq!(api.get(&format!("/people/{erased}/identity")).status, 404, "no service remembers the key");
        assert_eq!(api.get(&format!("/people/{kept}/identity")).status, 200);
    }
    let opened = open_store().vault.open(tenant, person, "surname", &backup.sealed);
    assert!(matches!(opened, Err(SecretError::Destroyed)), "a backup does not open with all keys there are");
    let id_of_key = &backup.sealed[1..5];
    let keys = fs::read(pair.person_key_file()).expect("the key file");
    assert!(!keys.windows(4).any(|part| part == id_of_key), "no record of the key is left");
    // An exchange also takes what is left of the row, indexes included; the PESEL may be somebody's again.
    assert_eq!(api.post("/people", &body(&pesel(1))).status, 409);
    pair.done(&["rotate", "blind-index"]);
    let dump = dump(&Cluster::attach(&pair.dir.0).expect("a service").url(Role::Superuser, DATABASE));
    assert!(dump.contains(&erased), "the dump is read");
    for spelling in spellings(&pesel(1)).into_iter().chain(spellings("Próbna")).filter(|spelling| spelling.len() > 5) {
        assert!(!dump.contains(&spelling), "{spelling}");
    }
    assert_eq!(rows_of(&mut pair.owner(), &erased), 0, "nothing of the identity is left");
    assert_eq!(api.post("/people", &body(&pesel(1))).status, 201);
}

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = diesel::sql_types::Uuid, column_name = "tenant_id")]
    tenant: Uuid,
    #[diesel(sql_type = diesel::sql_types::Binary, column_name = "surname")]
    sealed: Vec<u8>,
}

fn stored_surname(owner: &mut diesel::PgConnection, person: &str) -> Stored {
    let query = format!("SELECT tenant_id, surname FROM person_identities WHERE person_id = '{person}'");
    diesel::sql_query(query).get_result(owner).expect("a row")
}

fn rows_of(owner: &mut diesel::PgConnection, person: &str) -> usize {
    diesel::sql_query(format!("SELECT FROM person_identities WHERE person_id = '{person}'")).execute(owner).expect("a count")
}
