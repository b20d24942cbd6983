use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::thread;

use super::*;

/// A directory of its own for one test, removed at its end.
pub(crate) struct ScratchDir(PathBuf);

impl ScratchDir {
    pub(crate) fn new() -> Self {
        let name = KeyId::random().expect("randomness");
        let dir = std::env::temp_dir().join(format!("pai-test-{}-{name}", std::process::id()));
        create_private_dir(&dir).expect("temporary directory");
        Self(dir)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for ScratchDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A ring with fresh keys.
pub(crate) fn fresh_ring() -> KeyRing {
    KeyRing::parse(&KeyRing::generate_text().expect("randomness")).expect("a valid ring")
}

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).expect("metadata").permissions().mode() & 0o777
}

#[test]
fn the_first_start_makes_a_private_file_and_the_next_reads_the_same_keys() {
    let dir = ScratchDir::new();
    let data_dir = dir.path().join("data");
    let first = KeyRing::load_or_create(&data_dir).expect("created");
    let second = KeyRing::load_or_create(&data_dir).expect("loaded");
    assert_eq!(first.encryption.current().expose(), second.encryption.current().expose());
    assert_eq!(first.token_signing.current().id(), second.token_signing.current().id());
    assert_eq!(mode_of(&data_dir.join(FILE_NAME)), 0o600);
    assert_eq!(mode_of(&data_dir), 0o700);
}

#[test]
fn processes_that_start_at_once_agree_on_one_ring() {
    let dir = ScratchDir::new();
    let ids: Vec<KeyId> = thread::scope(|scope| {
        let starts: Vec<_> = (0..8).map(|_| scope.spawn(|| KeyRing::load_or_create(dir.path()).expect("ring"))).collect();
        starts.into_iter().map(|s| s.join().expect("no panic").audit_seal.current().id()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]));
}

#[test]
fn a_file_that_others_can_read_stops_the_start() {
    let dir = ScratchDir::new();
    KeyRing::load_or_create(dir.path()).expect("created");
    let path = dir.path().join(FILE_NAME);
    for mode in [0o640, 0o604, 0o660, 0o601] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("chmod");
        let refused = KeyRing::load_or_create(dir.path()).expect_err("must be refused");
        assert!(matches!(refused, KeyError::Exposed { mode: m, .. } if m == mode));
    }
}

#[test]
fn a_lost_file_is_not_replaced_while_person_keys_exist() {
    let dir = ScratchDir::new();
    let people = dir.path().join(PERSON_KEYS_DIR);
    create_private_dir(&people).expect("directory");
    fs::write(people.join("x.keys"), b"x").expect("file");
    let refused = KeyRing::load_or_create(dir.path()).expect_err("must be refused");
    assert!(matches!(refused, KeyError::Lost { .. }));
    assert!(!dir.path().join(FILE_NAME).exists());
}

#[test]
fn a_ring_can_be_given_as_one_configuration_value() {
    let text = KeyRing::generate_text().expect("randomness");
    let value = SecretString::from(STANDARD.encode(text.as_bytes()));
    let ring = KeyRing::from_base64(&value).expect("ring");
    let same = KeyRing::parse(&text).expect("ring");
    assert_eq!(ring.blind_index.current().expose(), same.blind_index.current().expose());
    assert!(KeyRing::from_base64(&SecretString::from("%%%")).is_err());
}

#[test]
fn damaged_rings_are_refused_and_the_message_shows_no_key() {
    let text = KeyRing::generate_text().expect("randomness");
    let ring = KeyRing::parse(&text).expect("ring");
    let secret = STANDARD.encode(ring.encryption.current().expose());
    let id = ring.encryption.current().id().to_string();
    let entry = format!("{{ \"id\": \"{id}\", \"key\": \"{secret}\" }}");
    let damaged = [
        text.replace(&entry, ""),
        text.replace(&entry, &format!("{entry}, {entry}")),
        text.replace(&entry, &format!("\"{secret}\"")),
        text.replace(&secret, &secret[4..]),
        text.replace(&secret, &format!("{}!", &secret[..43])),
        text.replace(&id, "not hex!"),
        text.replace("\"audit_seal\"", "\"audit\""),
        text.replace("token_signing", "audit_seal"),
        text.replacen('}', "", 1),
        String::new(),
    ];
    for text in damaged {
        let refused = KeyRing::parse(&text).expect_err("must be refused");
        assert!(!refused.to_string().contains(&secret[4..40]), "{refused}");
    }
}

#[test]
fn debug_output_shows_ids_but_no_keys() {
    let ring = fresh_ring();
    let shown = format!("{ring:?}");
    assert!(shown.contains(&ring.encryption.current().id().to_string()));
    assert!(!shown.contains(&STANDARD.encode(ring.encryption.current().expose())));
    assert!(!shown.contains(&format!("{:?}", ring.encryption.current().expose())));
}

#[test]
fn earlier_keys_stay_readable_and_the_first_is_current() {
    let text = KeyRing::generate_text().expect("randomness");
    let old = KeyRing::parse(&text).expect("ring");
    let added = STANDARD.encode([7_u8; KEY_LEN]);
    let rotated =
        text.replace("\"encryption\": [", &format!("\"encryption\": [{{ \"id\": \"0000abcd\", \"key\": \"{added}\" }}, "));
    let ring = KeyRing::parse(&rotated).expect("ring");
    assert_eq!(ring.encryption.current().expose(), [7; KEY_LEN]);
    let earlier = ring.encryption.find(old.encryption.current().id());
    assert_eq!(earlier.expect("still there").expose(), old.encryption.current().expose());
}

#[test]
fn derived_keys_differ_by_tenant_label_and_master() {
    let ring = fresh_ring();
    let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let master = ring.encryption.current();
    let key = derive_for_tenant(master, "x", a);
    assert_eq!(*key, *derive_for_tenant(master, "x", a));
    assert_ne!(*key, *derive_for_tenant(master, "x", b));
    assert_ne!(*key, *derive_for_tenant(master, "y", a));
    assert_ne!(*key, *derive_for_tenant(ring.audit_seal.current(), "x", a));
}

#[test]
fn a_key_is_prepared_then_active_then_earlier_then_gone() {
    let mut edit = RingEdit::parse(&KeyRing::generate_text().expect("randomness")).expect("a valid ring");
    let now = DateTime::UNIX_EPOCH;
    for purpose in Purpose::ALL {
        let before = edit.ring().expect("ring");
        let first = before.list(purpose).current().id();
        let second = edit.prepare(purpose, now).expect("prepared");
        let prepared = edit.ring().expect("ring");
        assert_eq!(prepared.list(purpose).current().id(), first, "a prepared key is not used");
        assert!(prepared.list(purpose).find(second).is_some_and(RingKey::is_prepared), "but known");
        edit.activate(purpose, now);
        let active = edit.ring().expect("ring");
        assert_eq!(active.list(purpose).current().id(), second);
        assert_eq!(active.list(purpose).find(first).and_then(RingKey::since), Some(now), "when it was replaced is noted");
        edit.retire(purpose, second);
        assert_eq!(edit.ring().expect("ring").list(purpose).iter().count(), 2, "the active key is never removed");
        edit.retire(purpose, first);
        let after = edit.ring().expect("ring");
        assert!(after.list(purpose).find(first).is_none());
        let states = [&before, &prepared, &active, &after].map(KeyRing::fingerprint);
        assert!((0..4).all(|a| (0..a).all(|b| states[a] != states[b])), "each state has a fingerprint of its own");
    }
    let before = edit.ring().expect("ring").fingerprint();
    edit.raise_generation();
    assert_ne!(edit.ring().expect("ring").fingerprint(), before);
}

#[test]
fn a_changed_ring_is_saved_privately_and_read_back_from_file_and_setting() {
    let dir = ScratchDir::new();
    KeyRing::load_or_create(dir.path()).expect("created");
    let mut edit = RingEdit::load(dir.path()).expect("loaded");
    edit.prepare(Purpose::BlindIndex, DateTime::UNIX_EPOCH).expect("prepared");
    edit.save(dir.path()).expect("saved");
    assert_eq!(mode_of(&dir.path().join(FILE_NAME)), 0o600);
    let wanted = edit.ring().expect("ring").fingerprint();
    assert_eq!(KeyRing::load_or_create(dir.path()).expect("loaded").fingerprint(), wanted);
    let value = SecretString::from(edit.base64().to_string());
    assert_eq!(RingEdit::from_base64(&value).and_then(|edit| edit.ring()).expect("ring").fingerprint(), wanted);
}
