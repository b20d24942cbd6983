use proptest::prelude::*;

use super::*;
use crate::platform::keys::tests::{ScratchDir, fresh_ring};
use crate::platform::person_keys::FilePersonKeys;

const TENANT: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);
const PERSON: Uuid = Uuid::from_u128(3);

fn vault() -> (Vault, ScratchDir) {
    let dir = ScratchDir::new();
    let ring = Arc::new(fresh_ring());
    let people = FilePersonKeys::open(dir.path(), Arc::clone(&ring)).expect("store");
    (Vault::new(ring, Arc::new(people)), dir)
}

#[test]
fn a_field_opens_only_in_its_own_place() {
    let (vault, _dir) = vault();
    let sealed = vault.seal(TENANT, PERSON, "name", b"Nowak").expect("seal");
    assert_eq!(vault.open(TENANT, PERSON, "name", &sealed).expect("open"), b"Nowak");
    vault.seal(TENANT, OTHER, "name", b"x").expect("seal");
    vault.seal(OTHER, PERSON, "name", b"x").expect("seal");
    assert!(vault.open(TENANT, PERSON, "surname", &sealed).is_err());
    assert!(vault.open(TENANT, OTHER, "name", &sealed).is_err());
    assert!(vault.open(OTHER, PERSON, "name", &sealed).is_err());
}

#[test]
fn equal_values_look_different_each_time() {
    let (vault, _dir) = vault();
    let first = vault.seal(TENANT, PERSON, "name", b"Nowak").expect("seal");
    let second = vault.seal(TENANT, PERSON, "name", b"Nowak").expect("seal");
    assert_ne!(first, second);
}

#[test]
fn nothing_of_a_destroyed_person_opens_and_nothing_new_is_sealed() {
    let (vault, _dir) = vault();
    let sealed = vault.seal(TENANT, PERSON, "name", b"Nowak").expect("seal");
    vault.destroy(TENANT, PERSON).expect("destroyed");
    let opened = vault.open(TENANT, PERSON, "name", &sealed);
    assert!(matches!(opened, Err(SecretError::Destroyed)));
    let again = vault.seal(TENANT, PERSON, "name", b"Nowak");
    assert!(matches!(again, Err(SecretError::Destroyed)));
}

#[test]
fn a_person_without_a_key_is_reported_as_such() {
    let (vault, _dir) = vault();
    let opened = vault.open(TENANT, PERSON, "name", &[1; 60]);
    assert!(matches!(opened, Err(SecretError::NoKey)));
}

#[test]
fn a_payload_opens_only_for_its_tenant_and_purpose() {
    let (vault, _dir) = vault();
    let sealed = vault.seal_payload(TENANT, "answer", b"{}").expect("sealed");
    let open = |tenant, purpose| vault.open_payload(tenant, purpose, &sealed);
    assert_eq!(open(TENANT, "answer").expect("opened"), b"{}");
    assert!(open(OTHER, "answer").is_err());
    assert!(open(TENANT, "message").is_err());
    let (stranger, _other_dir) = self::vault();
    assert!(matches!(stranger.open_payload(TENANT, "answer", &sealed), Err(SecretError::Seal(SealError::UnknownKey(_)))));
}

#[test]
fn blind_indexes_are_stable_and_separate_tenants_kinds_and_purposes() {
    let ring = Arc::new(fresh_ring());
    let index = BlindIndex::new(Arc::clone(&ring));
    let tenant = index.for_tenant(TENANT);
    let value = tenant.of("pesel", "00000000000");
    assert_eq!(value, BlindIndex::new(ring).for_tenant(TENANT).of("pesel", "00000000000"));
    assert_ne!(value, index.for_tenant(OTHER).of("pesel", "00000000000"));
    assert_ne!(value, tenant.of("document", "00000000000"));
    assert_ne!(tenant.of("ab", "c"), tenant.of("a", "bc"));
    assert_ne!(value, index.participation_index("00000000000"));
    assert_eq!(tenant.candidates("pesel", "00000000000"), [value]);
}

#[test]
fn the_digest_is_sha_256() {
    // FIPS 180-4, example "abc".
    assert_eq!(digest_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_value_opens_again_and_no_changed_byte_does(
        plaintext in prop::collection::vec(any::<u8>(), 0..80),
        change in 1_u8..=255,
    ) {
        let (vault, _dir) = vault();
        let sealed = vault.seal(TENANT, PERSON, "name", &plaintext).expect("seal");
        let payload = vault.seal_payload(TENANT, "answer", &plaintext).expect("seal");
        prop_assert_eq!(&vault.open(TENANT, PERSON, "name", &sealed).expect("open"), &plaintext);
        prop_assert_eq!(&vault.open_payload(TENANT, "answer", &payload).expect("open"), &plaintext);
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= change;
            prop_assert!(vault.open(TENANT, PERSON, "name", &changed).is_err());
            prop_assert!(vault.open(TENANT, PERSON, "name", &sealed[..place]).is_err());
            let mut changed = payload.clone();
            changed[place] ^= change;
            prop_assert!(vault.open_payload(TENANT, "answer", &changed).is_err());
        }
    }
}
