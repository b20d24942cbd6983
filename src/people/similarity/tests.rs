//! Who is told to be likely one person, by what.

use super::*;
use proptest::prelude::*;

fn profile(person: u128, names: (&str, &str), birth: Option<&str>, pesel: Option<&str>) -> Profile {
    let birth = birth.map(|day| day.parse().expect("a date"));
    Profile::new(Uuid::from_u128(person), names, (birth, None), pesel)
}

#[test]
fn what_a_desk_gets_wrong_is_found_and_strangers_are_not() {
    let anna = ("Żółkiewska", "Anna Maria");
    for (names, birth, pesel, found) in [
        (("zolkiewska", "Anna"), Some("1984-02-29"), None, Some(100)),
        (("Żółkeiwska", "Anna"), Some("1984-02-29"), None, Some(85)),
        (("Żółkiewska-Łoś", "Anna"), Some("1984-02-29"), None, Some(85)),
        (("Nowak", "Anna"), Some("1984-02-29"), None, Some(70)),
        (("Anna", "Żółkiewska"), Some("1984-02-29"), None, Some(90)),
        (("Żółkiewska", "Anna"), Some("1984-02-28"), None, Some(80)),
        // Two digits in each other's place, and the check digit that follows.
        (("Żółkiewska", "Anna"), Some("1984-02-29"), Some("84022900102"), Some(100)),
        (("Żółkiewska", "Anna"), Some("1984-02-29"), Some("84022977777"), None),
        (("Żółkiewska", "Anna"), Some("1951-07-13"), None, Some(60)),
        (("Nowak", "Barbara"), Some("1984-02-29"), None, None),
        (("Nowak", "Anna"), Some("1951-07-13"), None, None),
    ] {
        let own = profile(1, anna, Some("1984-02-29"), Some("84022900010"));
        let other = profile(2, names, birth, pesel);
        let score = compare(&own, &other).map(|candidate| candidate.score);
        assert_eq!(score, found, "{names:?} {birth:?} {pesel:?}");
    }
}

proptest! {
    #[test]
    fn what_is_cheap_to_compare_decides_nothing_else(
        names in proptest::array::uniform2(proptest::sample::select(vec![("Nowak", "Anna"), ("Nowk", "Anna"), ("Anna", "Nowak"), ("Wilk", "Anna"), ("Lis", "Ewa")])),
        births in proptest::array::uniform2(proptest::sample::select(vec![None, Some("1984-02-29"), Some("1984-02-28"), Some("1970-01-05")])),
        numbers in proptest::array::uniform2(proptest::option::of("8402[0-1][0-1]00[0-1]{2}5")),
    ) {
        let [first, second] = [0, 1].map(|at| profile(at as u128, names[at], births[at], numbers[at].as_deref()));
        let all = [by_names(&first, &second), by_birth(&first, &second), Some(by_number(&first, &second))];
        let score = all.into_iter().flatten().map(DuplicateReason::points).sum::<i32>().clamp(0, 100);
        prop_assert_eq!(compare(&first, &second).map(|candidate| candidate.score), (score >= SHOWN_FROM).then_some(score));
    }

    #[test]
    fn a_slip_of_digits_is_one_of_letters(one in "[0-2]{10}", other in "[0-2]{10}", place in 0..9_usize) {
        prop_assert_eq!(is_slip_of_digits(&one, &other), distance(&one, &other, 1) <= 1);
        let mut swapped: Vec<char> = one.chars().collect();
        swapped.swap(place, place + 1);
        prop_assert!(is_slip_of_digits(&one, &swapped.into_iter().collect::<String>()));
    }
}

#[test]
fn names_and_day_with_month_may_both_stand_in_each_others_place() {
    let own = profile(1, ("Żółkiewska", "Anna Maria"), Some("1984-02-05"), Some("84020500019"));
    for (names, pesel, score) in [
        (("Anna Maria", "Żółkiewska"), None, 70),
        (("Maria Anna", "Żółkiewska"), None, 70),
        (("Anna", "Żółkiewska"), None, 70),
        (("Anna Maria", "Żółkiewska"), Some("84050200014"), 90),
        (("Żółkiewska", "Anna"), Some("84050200014"), 100),
    ] {
        let other = profile(2, names, Some("1984-05-02"), pesel);
        let found = candidates(&[profile(1, ("Żółkiewska", "Anna Maria"), Some("1984-02-05"), Some("84020500019")), other], None);
        assert_eq!(found.iter().map(|one| one.score).collect::<Vec<_>>(), [score], "{names:?} {pesel:?}");
    }
    // Of another century, or with another number, it is somebody else.
    for (born, pesel) in [("2084-05-02", "84250200011"), ("1984-05-02", "84050299911")] {
        let other = profile(2, ("Anna", "Żółkiewska"), Some(born), Some(pesel));
        assert_eq!(compare(&own, &other), None, "{pesel}");
    }
}

#[test]
fn another_document_is_told_only_of_those_who_have_one() {
    let of = |person, pesel, has_document| profile(person, ("Nowak", "Anna"), None, pesel).with_document(has_document);
    for (one, other, reason) in [
        (of(1, Some("84022900010"), false), of(2, None, true), DuplicateReason::OtherDocument),
        (of(1, None, true), of(2, None, true), DuplicateReason::OtherDocument),
        (of(1, Some("84022900010"), false), of(2, None, false), DuplicateReason::NoDocument),
        (of(1, None, false), of(2, None, false), DuplicateReason::NoDocument),
    ] {
        assert_eq!(by_number(&one, &other), reason);
    }
}

#[test]
fn names_alone_are_no_sign_and_neither_is_nothing() {
    let own = Profile::new(Uuid::from_u128(1), ("Nowak", "Anna"), (None, Some(1984)), Some("84022900010"));
    for (birth_year, found) in [(None, true), (Some(1984), true), (Some(1951), true)] {
        let other = Profile::new(Uuid::from_u128(2), ("Nowak", "Anna"), (None, birth_year), None);
        assert_eq!(compare(&own, &other).is_some(), found, "{birth_year:?}");
    }
    let both = [3, 4].map(|person| profile(person, ("", ""), None, None));
    assert_eq!(candidates(&both, None), []);
}

#[test]
fn pairs_are_told_once_and_of_one_person_where_one_is_asked_for() {
    let twins: Vec<Profile> = (1..=3).map(|person| profile(person, ("Nowak", "Anna"), Some("1984-02-29"), None)).collect();
    assert_eq!(candidates(&twins, None).len(), 3);
    let about = candidates(&twins, Some(Uuid::from_u128(3)));
    assert_eq!(about.iter().map(|one| one.other).collect::<Vec<_>>(), [Uuid::from_u128(3); 2]);
}

proptest! {
    #[test]
    fn one_slip_is_one_slip(word in "[a-z]{3,12}", place in 0..12_usize, sign in proptest::char::range('a', 'z')) {
        let mut letters: Vec<char> = word.chars().collect();
        let place = place % letters.len();
        letters[place] = sign;
        let changed: String = letters.iter().collect();
        prop_assert_eq!(distance(&word, &changed, 2), usize::from(changed != word));
        letters.remove(place);
        let shorter: String = letters.iter().collect();
        prop_assert_eq!(distance(&word, &shorter, 2), 1);
        prop_assert_eq!(distance(&shorter, &word, 2), 1);
    }
}

#[test]
fn given_names_may_stand_in_another_order() {
    let reasons = |given_names: &str| {
        let both = [profile(1, ("Nowak", "Anna Maria"), None, None), profile(2, ("Nowak", given_names), None, None)];
        candidates(&both, None).into_iter().flat_map(|candidate| candidate.reasons).collect::<Vec<_>>()
    };
    let same = [DuplicateReason::SameNames, DuplicateReason::NoDocument];
    assert_eq!(reasons("Maria Anna"), same);
    assert_eq!(reasons("MARIA  ánna"), same);
    assert_eq!(reasons("Anna"), same, "the first of the names is enough");
    // The second name alone is another one.
    assert_eq!(reasons("Maria"), []);
    assert_eq!(reasons("Maria Ewa"), []);
}

#[test]
fn somebody_new_is_compared_with_those_on_file() {
    let on_file = OnFile::of(vec![profile(1, ("Żółkiewska", "Anna Maria"), Some("1984-02-29"), Some("84022900010"))]);
    for (names, birth, pesel, likely) in [
        (("Anna Maria", "Żółkiewska"), None, None, true),
        (("Anna", "ZOLKIEWSKA"), Some("1984-02-29"), None, true),
        (("Maria Anna", "Żółkiewska"), None, None, true),
        (("Maria", "Żółkiewska"), None, None, false),
        (("Żółkiewska", "Maria Anna"), None, None, true),
        (("Nowak", "Anna"), Some("1984-02-29"), None, true),
        (("Anna", "Żółkiewska"), Some("1951-07-13"), None, false),
        (("Anna", "Żółkiewska"), None, Some("51071312345"), false),
        (("Nowak", "Anna"), None, None, false),
        (("", ""), None, None, false),
    ] {
        assert_eq!(on_file.has_likely(&profile(2, names, birth, pesel)), likely, "{names:?} {birth:?} {pesel:?}");
    }
}
