use std::fs::OpenOptions;
use std::io::Write as _;
use std::thread;
use std::time::Duration;

use super::*;
use crate::platform::keys::tests::{ScratchDir, fresh_ring};

const TENANT: Uuid = Uuid::from_u128(1);
const OTHER_TENANT: Uuid = Uuid::from_u128(2);

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
        FilePersonKeys::open(self.dir.path(), Arc::clone(&self.ring)).expect("store opens")
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
fn damage_is_found_wherever_it_is_and_harms_nobody_else() {
    let store = Store::new();
    let keys = store.open();
    let other = keys.get_or_create(OTHER_TENANT, person(1)).expect("key");
    for number in 1..=3 {
        create(&keys, number);
    }
    let sound = fs::read(store.file()).expect("file");
    for place in (0..8).chain(24..sound.len()) {
        let mut changed = sound.clone();
        changed[place] ^= 0x10;
        fs::write(store.file(), &changed).expect("written");
        let keys = store.open();
        assert!(keys.inspect(TENANT).damage.is_some(), "byte {place}");
        assert!(keys.inspect(OTHER_TENANT).damage.is_none());
        let readable = (1..=3).filter(|number| matches!(keys.get(TENANT, person(*number)), Ok(Some(_)))).count();
        assert_eq!(readable, if place < 8 { 0 } else { 2 }, "byte {place}: the other records of the file are used");
        assert_eq!(keys.get_or_create(OTHER_TENANT, person(1)).expect("the other's").expose(), other.expose());
        assert_eq!(fs::read(store.file()).expect("file"), changed, "it stays as it is for a repair");
        if place < 8 {
            assert!(keys.get_or_create(TENANT, person(4)).is_err(), "nothing is added to what is no key file");
        }
    }
}

#[test]
fn a_damaged_record_hinders_only_its_own_person_and_outlives_every_change_but_a_destruction() {
    let store = Store::new();
    for number in 1..=3 {
        create(&store.open(), number);
    }
    let mut content = fs::read(store.file()).expect("file");
    let record_length = (content.len() - 24) / 3;
    let last = content.len() - 1;
    content[last] ^= 1;
    fs::write(store.file(), &content).expect("written");
    let damaged = content[content.len() - record_length..].to_vec();
    let is_kept = || fs::read(store.file()).expect("file").windows(record_length).any(|part| part == damaged);

    let keys = store.open();
    let made = create(&keys, 4);
    assert!(
        matches!(keys.get_or_create(TENANT, person(3)), Err(PersonKeyError::Damaged { .. })),
        "no second key hides the first"
    );
    assert!(matches!(keys.get(TENANT, person(3)), Err(PersonKeyError::Damaged { .. })));
    keys.rewrap().expect("the others are wrapped anew");
    keys.destroy(TENANT, person(1)).expect("the others can be erased");
    assert!(is_kept(), "for a repair");
    let again = store.open();
    assert_eq!(get(&again, 4).expect("kept").expose(), made.expose());
    assert!(again.inspect(TENANT).damage.is_some());
    assert!(again.destroy(TENANT, person(9)).is_err(), "the record might be of somebody whose id is damaged");
    again.destroy(TENANT, person(3)).expect("destroyed");
    assert!(!is_kept(), "an erasure leaves nothing of the key");
    assert!(store.open().inspect(TENANT).damage.is_none());
}

#[test]
fn records_of_a_backup_are_appended_to_mend_a_file() {
    let store = Store::new();
    let first = create(&store.open(), 1);
    let backup = fs::read(store.file()).expect("file");
    assert_eq!(backup.len(), 24 + 86, "as the manual says");
    // Where no record can be read, the file is taken for another tenant's.
    create(&store.open(), 3);
    let mut content = fs::read(store.file()).expect("file");
    content[109] ^= 1;
    fs::write(store.file(), &content).expect("written");
    create(&store.open(), 2);
    assert!(store.open().get_or_create(TENANT, person(1)).is_err());
    for _ in 0..2 {
        let mut file = OpenOptions::new().append(true).open(store.file()).expect("file");
        file.write_all(&backup[24..]).expect("appended");
    }
    let mended = store.open();
    assert_eq!(get(&mended, 1).expect("found").expose(), first.expose());
    assert!(get(&mended, 2).is_some(), "what was made since is kept");
    let report = mended.inspect(TENANT);
    assert!(report.damage.is_none());
    assert_eq!(report.in_exchange, 0, "the same record twice is one key");
}

#[test]
fn keys_are_exchanged_beside_running_processes() {
    let store = Store::new();
    let (a, b) = (store.open(), store.open());
    let (first, _) = (create(&a, 1), create(&a, 2));
    a.destroy(TENANT, person(2)).expect("destroyed");
    assert_eq!(get(&b, 1).expect("seen").id(), first.id());
    assert_eq!(a.begin_exchange(TENANT).expect("begun"), 1, "the destroyed get none");
    assert_eq!(a.begin_exchange(TENANT).expect("again"), 0, "nobody gets a third");
    let second = get(&a, 1).expect("newest");
    assert_ne!(second.id(), first.id());
    let found = b.find(TENANT, person(1), second.id()).expect("answer").expect("found");
    assert_eq!(found.expose(), second.expose(), "an unknown id makes a process look at once");
    assert_eq!(b.find(TENANT, person(1), first.id()).expect("answer").expect("found").expose(), first.expose());
    a.end_exchange(TENANT).expect("ended");
    let after = store.open();
    assert_eq!(after.find(TENANT, person(1), first.id()).expect("answer").expect("newest").id(), second.id());
    assert!(matches!(after.get(TENANT, person(2)), Err(PersonKeyError::Destroyed)));
}

#[test]
fn only_keys_of_nobody_are_removed() {
    let store = Store::new();
    let keys = store.open();
    let kept = create(&keys, 1);
    create(&keys, 2);
    create(&keys, 3);
    keys.destroy(TENANT, person(3)).expect("destroyed");
    keys.remove(TENANT, &[person(2), person(3)]).expect("removed");
    let report = store.open().inspect(TENANT);
    assert_eq!((report.live.len(), report.destroyed.len()), (1, 1), "the mark of a destroyed key stays");
    assert_eq!(get(&store.open(), 1).expect("kept").expose(), kept.expose());
}

#[test]
fn a_file_of_another_tenant_or_ring_does_not_open() {
    let store = Store::new();
    create(&store.open(), 1);
    let stranger = FilePersonKeys::open(store.dir.path(), Arc::new(fresh_ring())).expect("store");
    assert!(matches!(stranger.get(TENANT, person(1)), Err(PersonKeyError::Damaged { .. })));
    let other = store.file().with_file_name(format!("{}.keys", person(9)));
    fs::rename(store.file(), other).expect("renamed");
    assert!(store.open().get(person(9), person(1)).is_err());
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
    assert!(open(&new).expect("store").get(TENANT, person(1)).is_err());
    open(&both.to_string()).expect("store").rewrap().expect("rewrapped");
    let found = get(&open(&new).expect("store"), 1).expect("kept");
    assert_eq!((found.id(), found.expose()), (made.id(), made.expose()));
}

#[test]
fn many_keys_are_made_at_once_and_whoever_has_one_keeps_it() {
    let store = Store::new();
    let keys = store.open();
    let first = create(&keys, 1);
    let people: Vec<Uuid> = [3, 1, 2, 3].into_iter().map(person).collect();
    keys.create_all(TENANT, &people).expect("keys");
    let other = store.open();
    assert_eq!(get(&other, 1).expect("kept").id(), first.id());
    let made: Vec<KeyId> = [2, 3].into_iter().map(|number| get(&other, number).expect("made").id()).collect();
    assert_ne!(made[0], made[1]);
    keys.create_all(TENANT, &people).expect("again");
    assert_eq!(get(&store.open(), 2).expect("kept").id(), made[0]);
    keys.destroy(TENANT, person(2)).expect("destroyed");
    let refused = keys.create_all(TENANT, &[person(4), person(2)]);
    assert!(matches!(refused, Err(PersonKeyError::Destroyed)));
    assert!(get(&keys, 4).is_none(), "all or none");
}
