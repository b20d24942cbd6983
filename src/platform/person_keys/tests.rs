use std::fs::OpenOptions;
use std::io::Write as _;
use std::thread;
use std::time::Duration;

use super::*;
use crate::platform::keys::tests::{ScratchDir, fresh_ring};

const TENANT: Uuid = Uuid::from_u128(1);

fn person(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

struct Store {
    dir: ScratchDir,
    ring: Arc<KeyRing>,
}

impl Store {
    fn new() -> Self {
        Self { dir: ScratchDir::new(), ring: Arc::new(fresh_ring()) }
    }

    /// Another opening of the same directory stands for another process.
    fn open(&self) -> FilePersonKeys {
        self.try_open().expect("store opens")
    }

    fn try_open(&self) -> Result<FilePersonKeys, PersonKeyError> {
        FilePersonKeys::open(self.dir.path(), Arc::clone(&self.ring))
    }

    fn file(&self) -> PathBuf {
        let name = format!("{TENANT}.{PERSON_KEYS_EXTENSION}");
        self.dir.path().join(PERSON_KEYS_DIR).join(name)
    }
}

fn create(keys: &FilePersonKeys, number: u128) -> PersonKey {
    keys.get_or_create(TENANT, person(number)).expect("key")
}

fn get(keys: &FilePersonKeys, number: u128) -> Option<PersonKey> {
    keys.get(TENANT, person(number)).expect("answer")
}

#[test]
fn a_key_survives_a_restart_and_is_not_stored_in_clear() {
    let store = Store::new();
    assert!(get(&store.open(), 1).is_none());
    let made = create(&store.open(), 1);
    let found = get(&store.open(), 1).expect("stored");
    assert_eq!(found.id(), made.id());
    assert_eq!(found.expose(), made.expose());
    let bytes = fs::read(store.file()).expect("file");
    assert!(!bytes.windows(8).any(|part| part == &made.expose()[..8]));
}

#[test]
fn processes_see_the_keys_of_each_other() {
    let store = Store::new();
    let (a, b) = (store.open(), store.open());
    let made = create(&a, 1);
    assert_eq!(get(&b, 1).expect("seen").expose(), made.expose());
    let other = create(&b, 2);
    assert_eq!(create(&a, 2).expose(), other.expose());
}

#[test]
fn simultaneous_creation_yields_one_key_a_person() {
    let store = Store::new();
    let openings: Vec<_> = (0..4).map(|_| store.open()).collect();
    let results: Vec<Vec<PersonKey>> = thread::scope(|scope| {
        let threads: Vec<_> = openings
            .iter()
            .flat_map(|keys| [keys, keys])
            .map(|keys| scope.spawn(move || (1..=20).map(|n| create(keys, n)).collect()))
            .collect();
        threads.into_iter().map(|t| t.join().expect("no panic")).collect()
    });
    for keys in &results {
        for (key, first) in keys.iter().zip(&results[0]) {
            assert_eq!(key.expose(), first.expose());
        }
    }
}

#[test]
fn a_destroyed_key_leaves_the_file_and_every_process() {
    let store = Store::new();
    let (a, b) = (store.open(), store.open());
    create(&a, 1);
    let kept = create(&a, 2);
    assert!(get(&b, 1).is_some());
    let before = fs::read(store.file()).expect("file");
    a.destroy(TENANT, person(1)).expect("destroyed");
    a.destroy(TENANT, person(1)).expect("repeated");
    let after = fs::read(store.file()).expect("file");
    assert_eq!(after.len(), before.len());
    // Wrapped anew with other nonces: nothing but magic and ids is left of the old file.
    assert!(!before[24..].windows(40).any(|p| after.windows(40).any(|q| p == q)));
    thread::sleep(Duration::from_millis(1100));
    for keys in [&a, &b, &store.open()] {
        let gone = keys.get(TENANT, person(1));
        assert!(matches!(gone, Err(PersonKeyError::Destroyed)));
        let again = keys.get_or_create(TENANT, person(1));
        assert!(matches!(again, Err(PersonKeyError::Destroyed)));
        assert_eq!(get(keys, 2).expect("kept").expose(), kept.expose());
    }
}

#[test]
fn a_person_without_a_key_can_be_barred_too() {
    let store = Store::new();
    let keys = store.open();
    keys.destroy(TENANT, person(1)).expect("destroyed");
    assert!(keys.get_or_create(TENANT, person(1)).is_err());
}

#[test]
fn what_a_crash_left_at_the_end_is_cut_off() {
    for rest in [vec![1; 40], vec![0; 40], vec![0; 500]] {
        let store = Store::new();
        let first = create(&store.open(), 1);
        let mut file = OpenOptions::new().append(true).open(store.file()).expect("file");
        file.write_all(&rest).expect("written");
        let keys = store.open();
        let second = create(&keys, 2);
        let after = store.open();
        assert_eq!(get(&after, 1).expect("kept").expose(), first.expose());
        assert_eq!(get(&after, 2).expect("kept").expose(), second.expose());
    }
}

#[test]
fn damage_is_reported_at_the_start() {
    let store = Store::new();
    create(&store.open(), 1);
    create(&store.open(), 2);
    let sound = fs::read(store.file()).expect("file");
    for place in (0..8).chain(24..sound.len()) {
        let mut changed = sound.clone();
        changed[place] ^= 0x10;
        fs::write(store.file(), &changed).expect("written");
        assert!(store.try_open().is_err(), "byte {place}");
    }
}

#[test]
fn a_file_of_another_tenant_or_ring_does_not_open() {
    let store = Store::new();
    create(&store.open(), 1);
    let stranger = FilePersonKeys::open(store.dir.path(), Arc::new(fresh_ring()));
    assert!(matches!(stranger, Err(PersonKeyError::Damaged { .. })));
    let other = store.file().with_file_name(format!("{}.keys", person(9)));
    fs::rename(store.file(), other).expect("renamed");
    assert!(store.try_open().is_err());
}

#[test]
fn a_vanished_or_shortened_file_is_not_taken_for_an_empty_one() {
    let store = Store::new();
    let keys = store.open();
    create(&keys, 1);
    let sound = fs::read(store.file()).expect("file");
    fs::write(store.file(), &sound[..24]).expect("written");
    assert!(keys.get_or_create(TENANT, person(2)).is_err());
    fs::remove_file(store.file()).expect("removed");
    assert!(keys.get_or_create(TENANT, person(2)).is_err());
}

#[test]
fn keys_are_wrapped_anew_after_a_rotation_and_stay_the_same() {
    let old = KeyRing::generate_text().expect("text");
    let new = KeyRing::generate_text().expect("text");
    let mut both: serde_json::Value = serde_json::from_str(&new).expect("JSON");
    let earlier: serde_json::Value = serde_json::from_str(&old).expect("JSON");
    let encryption = both["encryption"].as_array_mut().expect("list");
    encryption.push(earlier["encryption"][0].clone());
    let dir = ScratchDir::new();
    let open = |text: &str| {
        let ring = Arc::new(KeyRing::parse(text).expect("ring"));
        FilePersonKeys::open(dir.path(), ring)
    };
    let made = create(&open(&old).expect("store"), 1);
    assert!(open(&new).is_err());
    open(&both.to_string()).expect("store").rewrap().expect("rewrapped");
    let found = get(&open(&new).expect("store"), 1).expect("kept");
    assert_eq!((found.id(), found.expose()), (made.id(), made.expose()));
}
