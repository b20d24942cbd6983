//! The paths on which many callers share a statement: as correct as the plain ones, and as few round trips as promised.

use std::collections::{BTreeMap, BTreeSet};

use diesel::Connection as _;
use pai::platform::clock::Clock;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::database::rows;
use crate::support::dice::Dice;
use crate::support::scene::{Limits, Scene, TEN_A_WEEK};
use crate::support::statements::{count, counted};
use crate::support::{Answer, Api, NOBODY, TestApp, test_moment};

/// The same town in two databases: one whose service shares statements, one whose service does not.
struct Stage {
    app: TestApp,
    participations: Vec<Uuid>,
    hosts: Vec<Uuid>,
    api: Api,
    /// What stands for each id that the two databases do not share.
    names: Vec<(String, String)>,
}

impl Stage {
    fn set(app: TestApp) -> Self {
        let mut scene = Scene::of(&app);
        let limits = [
            TEN_A_WEEK,
            TEN_A_WEEK,
            Limits { weekly: Some("4.00"), monthly: None },
            Limits { weekly: None, monthly: None },
            Limits { weekly: Some("10.00"), monthly: Some(12) },
        ];
        let editions = limits.map(|limits| scene.edition(limits));
        let people: Vec<Uuid> = (0..6).map(|_| scene.person()).collect();
        // The first three take part twice, so that one week is shared by two participations.
        let twice = editions.iter().flat_map(|edition| [0, 1].map(|person| (*edition, people[person])));
        let once = (2..6).map(|person| (editions[person % 5], people[person]));
        let pairs: Vec<_> = twice.chain(once).collect();
        let participations: Vec<Uuid> = pairs.iter().map(|(edition, person)| scene.participation(*edition, *person)).collect();
        let hosts = vec![scene.host(), scene.host()];
        scene.suspend(participations[0], "2020-11-12", "2020-11-13");
        scene.end(participations[1], "2020-11-20");
        let label = |kind: &str, ids: &mut dyn Iterator<Item = Uuid>| -> Vec<(String, String)> {
            ids.enumerate().map(|(number, id)| (id.to_string(), format!("{kind}-{number}"))).collect()
        };
        let mut names = label("edition", &mut editions.iter().map(|edition| edition.id));
        names.extend(label("person", &mut people.iter().copied()));
        names.extend(label("participation", &mut participations.iter().copied()));
        names.extend(label("host", &mut hosts.iter().copied()));
        names.extend(label("client", &mut std::iter::once(app.town.clients["coordinator"].0)));
        drop(scene);
        let api = app.api(Role::Coordinator);
        Self { app, participations, hosts, api, names }
    }

    /// A text with names instead of the ids that differ.
    fn named(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (id, name)| text.replace(id, name))
    }

    fn send(&self, asked: &Asked) -> Answer {
        let mut api = self.api.with("X-Request-Id", &asked.request.to_string());
        if let Some(key) = &asked.key {
            api = api.with("Idempotency-Key", key);
        }
        if asked.on_behalf {
            api = api.with("Pai-On-Behalf-Of", "pracownik").with("Pai-Purpose", "rozliczenie");
        }
        let mut body = json!({ "id": asked.id, "workedOn": asked.day, "hours": asked.hours });
        body["participationId"] = self.participations.get(asked.participation).map_or(json!(NOBODY), |id| json!(id));
        if let Some(host) = asked.host {
            body["hostId"] = self.hosts.get(host).map_or(json!(NOBODY), |id| json!(id));
        }
        if asked.kind {
            body["kindOfWork"] = json!("porządkowe, \"zimowe\"");
        }
        api.post(if asked.dry_run { "/psu-entries?dryRun=true" } else { "/psu-entries" }, &body)
    }

    /// Everything the requests left behind, without ids that nobody chose.
    fn left_behind(&self) -> Vec<String> {
        let mut superuser = connect(&self.app.superuser_url).expect("superuser");
        let queries = [
            "SELECT ARRAY[row(id, edition_id, participation_id, person_id, host_id, worked_on, minutes, kind_of_work, supersedes_id,
                    superseded_at, correction_reason, recorded_at, recorded_by)::text] AS row FROM psu_entries ORDER BY id",
            "SELECT ARRAY[row(person_id, week_on, used_minutes, limit_minutes)::text] AS row FROM psu_weeks ORDER BY person_id, week_on",
            "SELECT ARRAY[row(person_id, month_on, used_minutes, limit_minutes)::text] AS row FROM psu_months ORDER BY person_id, month_on",
            "SELECT ARRAY[row(operation, client_id, role, on_behalf_of, purpose, record_kind, record_ids, fields, reveals_identity, dry_run,
                    override_reason, request_id, recorded_at)::text] AS row FROM audit_entries WHERE operation = 'record_psu_entry' ORDER BY request_id",
            "SELECT ARRAY[row(aggregate_id, last_sequence)::text] AS row FROM outbox_sequences ORDER BY aggregate_id",
            "SELECT ARRAY[row(aggregate_kind, aggregate_id, sequence, type, schema_version, data, recorded_at, delivered_at)::text] AS row
               FROM outbox_events WHERE type = 'psu_entry.recorded' ORDER BY data ->> 'psuEntryId'",
            "SELECT ARRAY[row(client_id, key, length(request_hash), status, location, etag, length(body) > 100, recorded_at)::text] AS row
               FROM idempotency_keys ORDER BY key",
        ];
        let all = queries.iter().flat_map(|query| rows(&mut superuser, query)).flatten();
        all.map(|row| self.named(&row)).collect()
    }
}

/// One request, the same for both services.
struct Asked {
    id: Uuid,
    request: Uuid,
    participation: usize,
    host: Option<usize>,
    day: String,
    hours: &'static str,
    kind: bool,
    key: Option<String>,
    on_behalf: bool,
    dry_run: bool,
}

impl Asked {
    fn of(dice: &mut Dice, number: u64, participation: usize) -> Self {
        let days =
            ["2020-11-09", "2020-11-10", "2020-11-12", "2020-11-16", "2020-11-21", "2020-11-29", "2020-11-30", "2021-01-02"];
        Self {
            id: Uuid::from_u128(0x0190_0000_0000_7000_a000_0000_0000_0000 + u128::from(number)),
            request: Uuid::from_u128(0x0190_0000_0000_7000_b000_0000_0000_0000 + u128::from(number)),
            participation,
            host: [None, None, Some(0), Some(1), Some(9)][dice.below(5)].filter(|host| *host < 9 || number.is_multiple_of(7)),
            day: (*dice.of(&days)).to_owned(),
            hours: *dice.of(&["0.25", "0.5", "1", "1.75", "2.5", "4", "10", "10.25", "0", "0.3"]),
            kind: dice.below(2) == 0,
            // Now and then a key that was used before.
            key: (dice.below(3) > 0)
                .then(|| format!("key-{}", if dice.below(8) == 0 { number.saturating_sub(12) } else { number })),
            on_behalf: dice.below(4) == 0,
            dry_run: dice.below(10) == 0,
        }
    }
}

#[test]
fn shared_statements_do_what_the_plain_ones_do() {
    let together = Stage::set(TestApp::start());
    let alone = Stage::set(TestApp::start_with(Clock::fixed(test_moment()), |settings| {
        (settings.database.writers, settings.database.readers) = (0, 0);
    }));
    let mut dice = Dice(20_201_109);
    let mut number = 0;
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    for wave in 0..40 {
        // In a wave nobody's week is asked for twice, so that the order of arrival cannot matter.
        let participations: &[usize] = if wave % 8 == 0 { &[99] } else { &[0, 3, 10, 11, 12, 13] };
        let participations: Vec<usize> =
            participations.iter().map(|base| if *base < 10 { base + 2 * (wave % 4) } else { *base }).collect();
        let wave: Vec<Asked> = participations
            .into_iter()
            .map(|participation| {
                number += 1;
                Asked::of(&mut dice, number, participation)
            })
            .collect();
        let shared: Vec<Answer> = std::thread::scope(|scope| {
            let callers: Vec<_> = wave.iter().map(|asked| scope.spawn(|| together.send(asked))).collect();
            callers.into_iter().map(|caller| caller.join().expect("a caller")).collect()
        });
        for (asked, shared) in wave.iter().zip(shared) {
            let plain = alone.send(asked);
            assert_eq!(shared.status, plain.status, "{} but {}", shared.text, plain.text);
            assert_eq!(together.named(&shared.text), alone.named(&plain.text));
            for header in ["location", "etag", "content-type", "idempotent-replayed", "content-language", "cache-control"] {
                assert_eq!(shared.header(header), plain.header(header), "{header}");
            }
            *statuses.entry(shared.status).or_default() += 1;
            if shared.status == 201 {
                let path = format!("/psu-entries/{}", asked.id);
                assert_eq!(together.named(&together.api.get(&path).text), alone.named(&alone.api.get(&path).text));
            }
        }
    }
    for wanted in [200, 201, 422] {
        assert!(statuses.contains_key(&wanted), "no answer {wanted} among {statuses:?}");
    }
    assert!(statuses[&201] > 50, "{statuses:?}");
    assert_eq!(together.left_behind(), alone.left_behind());
    for query in ["", "?limit=7", "?editionId=", "?includeSuperseded=true"] {
        let of = |stage: &Stage| {
            let edition = stage.names[0].0.clone();
            let query = if query.ends_with('=') { format!("{query}{edition}&limit=3") } else { query.to_owned() };
            let first = stage.api.get(&format!("/psu-entries{query}")).expect(200);
            let ids = |page: &Value| {
                page["items"].as_array().into_iter().flatten().map(|entry| stage.named(&entry.to_string())).collect::<Vec<_>>()
            };
            let next = first["nextCursor"].as_str().map(|cursor| {
                let separator = if query.is_empty() { "?" } else { "&" };
                ids(&stage.api.get(&format!("/psu-entries{query}{separator}cursor={cursor}")).expect(200))
            });
            (ids(&first), next)
        };
        assert_eq!(of(&together), of(&alone), "{query}");
    }
}

#[test]
fn no_entry_of_many_callers_is_lost_doubled_or_over_the_limit() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let (first, second) = (scene.edition(TEN_A_WEEK), scene.edition(TEN_A_WEEK));
    let people: Vec<Uuid> = (0..3).map(|_| scene.person()).collect();
    let participations: Vec<Uuid> = people
        .iter()
        .flat_map(|person| [(first, person), (second, person)])
        .map(|(edition, person)| scene.participation(edition, *person))
        .collect();
    let api = app.api(Role::Coordinator);
    // Each pair of callers asks for the same, with the same keys.
    let answers: Vec<(String, Value, Answer)> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..32_u64)
            .map(|caller| {
                let (api, participations) = (&api, &participations);
                scope.spawn(move || {
                    let mut dice = Dice(caller / 2);
                    let ask = |round: u64| {
                        let day = *dice.of(&["2020-11-09", "2020-11-10", "2020-11-16", "2020-11-23", "2020-12-02"]);
                        let body = json!({ "participationId": dice.of(participations), "workedOn": day, "hours": dice.of(&["0.25", "0.5", "0.75"]) });
                        let key = format!("pair-{}-{round}", caller / 2);
                        (key.clone(), body.clone(), api.post_patiently(&key, "/psu-entries", &body))
                    };
                    (0..24).map(ask).collect::<Vec<_>>()
                })
            })
            .collect();
        callers.into_iter().flat_map(|caller| caller.join().expect("a caller")).collect()
    });
    let mut by_key: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (key, body, answer) in &answers {
        match answer.status {
            201 => {
                let view = answer.expect(201);
                for member in ["participationId", "workedOn"] {
                    assert_eq!(view[member], body[member], "somebody else's answer");
                }
                assert!(view["hours"].as_str().expect("hours").starts_with(body["hours"].as_str().expect("hours")));
                by_key.entry(key.clone()).or_default().insert(answer.id());
            }
            422 => assert_eq!(answer.expect(422)["code"], "participation.psu_weekly_limit"),
            // The same key at the same moment, and the first call took longer than anybody waits.
            409 => assert_eq!(answer.expect(409)["code"], "platform.request_in_progress"),
            status => panic!("{status}: {}", answer.text),
        }
    }
    assert!(by_key.values().all(|ids| ids.len() == 1), "one key, one entry");
    let recorded: BTreeSet<String> = by_key.into_values().flatten().collect();
    let mut superuser = connect(&app.superuser_url).expect("superuser");
    let stored: BTreeSet<String> =
        rows(&mut superuser, "SELECT ARRAY[id::text] AS row FROM psu_entries").into_iter().flatten().collect();
    assert_eq!(stored, recorded, "what was acknowledged is there, once, and nothing else");
    let wrong = "SELECT count(*) FROM psu_weeks w WHERE used_minutes > 600 OR limit_minutes <> 600 OR used_minutes <>
        (SELECT sum(minutes) FROM psu_entries e WHERE e.person_id = w.person_id AND worked_on BETWEEN week_on AND week_on + 6)";
    assert_eq!(scene.number(wrong), 0);
    let gaps = "SELECT count(*) FROM outbox_sequences s WHERE last_sequence <>
        (SELECT count(*) FROM outbox_events e WHERE e.aggregate_id = s.aggregate_id AND e.sequence BETWEEN 1 AND last_sequence)";
    assert_eq!(scene.number(gaps), 0);
    let entries = i64::try_from(recorded.len()).expect("a count");
    assert_eq!(scene.number("SELECT count(*) FROM audit_entries WHERE operation = 'record_psu_entry'"), entries);
    assert_eq!(scene.number("SELECT count(*) FROM idempotency_keys"), entries);
    let commits = scene.number("SELECT count(DISTINCT xmin::text) FROM psu_entries");
    assert!(commits < entries, "{entries} entries in {commits} commits: nothing was done together");
}

#[test]
fn a_refused_neighbour_does_not_take_others_down() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let participations = scene.participants(edition, 1)[0];
    let api = app.api(Role::Coordinator);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..24)
            .map(|number| {
                let hours = if number % 4 == 0 { "10.25" } else { "0.25" };
                let body = json!({ "participationId": participations, "workedOn": "2020-11-10", "hours": hours });
                let api = &api;
                scope.spawn(move || api.post_patiently(&format!("entry-{number}"), "/psu-entries", &body).status)
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().expect("a caller")).collect()
    });
    let expected: Vec<u16> = (0..24).map(|number| if number % 4 == 0 { 422 } else { 201 }).collect();
    assert_eq!(statuses, expected);
    assert_eq!(scene.number("SELECT sum(used_minutes) FROM psu_weeks"), 18 * 15);
}

/// A name, the statements it may take, and the call.
type Counted<'c> = (&'c str, usize, &'c dyn Fn(usize) -> Answer);

#[test]
fn the_hot_paths_keep_to_their_round_trips() {
    count();
    // What is remembered is not computed beside.
    let app = TestApp::start_with(Clock::fixed(test_moment()), |settings| settings.database.compare_remembered = false);
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let participants = scene.participants(edition, 15);
    let api = app.api(Role::Coordinator);
    let record = |number: usize| {
        let body = json!({ "participationId": participants[0], "workedOn": "2020-11-10", "hours": "0.25" });
        api.with("Idempotency-Key", &format!("key-{number}")).post("/psu-entries", &body)
    };
    let id = record(0).id();
    let session = json!({ "blockId": edition.block, "heldOn": "2020-11-10", "hours": "3", "form": "group" });
    let sessions: Vec<String> = (0..4).map(|_| api.post("/sessions", &session).id()).collect();
    let present = |id: &Uuid| json!({ "participationId": id, "status": "present" });
    let sheet = json!({ "rows": participants.iter().map(present).collect::<Vec<_>>() }).to_string();
    let attendance = |number: usize| api.send("PUT", &format!("/sessions/{}/attendance", sessions[number]), Some(sheet.clone()));
    let (entry, page) = (format!("/psu-entries/{id}"), format!("/psu-entries?editionId={}", edition.id));
    let figures = format!("/editions/{}/figures", edition.id);
    let calls: [Counted; 6] = [
        ("record an entry", 1, &|number| record(number + 1)),
        ("read an entry", 1, &|_| api.get(&entry)),
        ("read a page of entries", 1, &|_| api.get(&page)),
        ("record a sheet of fifteen", 2, &attendance),
        ("compute and remember the figures of an edition", 27, &|_| api.get(&figures)),
        ("read the figures of an edition", 1, &|_| api.get(&figures)),
    ];
    for (name, promised, call) in calls {
        // The first call on a connection also prepares; what is prepared then is not counted.
        let sent = [0, 1, 2, 3].map(|number| {
            let before = counted(&app.service_url);
            let answer = call(number);
            assert!(answer.status < 300, "{name}: {}", answer.text);
            counted(&app.service_url) - before
        });
        println!("{name}: {sent:?} statements, promised {promised}");
        assert!(sent.iter().all(|sent| (1..=promised).contains(sent)), "{name}: {sent:?} statements, promised {promised}");
    }
}

#[test]
fn the_functions_of_the_hot_paths_keep_to_one_tenant() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let participation = scene.participants(edition, 1)[0];
    let api = app.api(Role::Coordinator);
    let id = api.post("/psu-entries", &json!({ "participationId": participation, "workedOn": "2020-11-10", "hours": "1" })).id();
    let (own, other) = (app.town.id, app.other_town.id);
    let mut service = connect(&app.service_url).expect("service");
    for (function, arguments) in [
        ("read_psu_entries", format!("ARRAY['{id}'::uuid]")),
        ("list_psu_entries", "NULL, '00000000-0000-0000-0000-000000000000', 50".to_owned()),
        ("psu_terms", format!("ARRAY['{participation}'::uuid]")),
    ] {
        let mut found = |tenant: Uuid| {
            let query = format!("SELECT ARRAY[count(*)::text] AS row FROM {function}('{tenant}', {arguments})");
            rows(&mut service, &query)[0][0].clone()
        };
        assert_eq!((found(own).as_str(), found(other).as_str()), ("1", "0"), "{function}");
    }
    // Within one transaction, row-level security alone hides what the argument would show; afterwards nothing is stated.
    service
        .transaction::<(), diesel::result::Error, _>(|service| {
            let body = "SELECT ARRAY[count(*)::text] AS row FROM read_psu_entries";
            assert_eq!(rows(service, &format!("{body}('{other}', ARRAY['{id}'::uuid])"))[0][0], "0");
            assert_eq!(rows(service, "SELECT ARRAY[count(*)::text] AS row FROM psu_entries")[0][0], "0");
            Ok(())
        })
        .expect("a transaction");
    assert_eq!(rows(&mut service, "SELECT ARRAY[coalesce(current_setting('app.tenant', true), '')] AS row")[0][0], "");
}
