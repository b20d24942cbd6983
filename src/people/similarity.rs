//! Whether two records may be of one person: pure comparison of what is known of them, in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use chrono::{Datelike as _, NaiveDate};
use uuid::Uuid;

use crate::platform::types::{folded, text_enum};

text_enum! {
    /// Why two records may be of one person.
    pub enum DuplicateReason {
        /// Surname and first given name are the same, whatever case and diacritics.
        SameNames = "sameNames",
        /// They differ as after a slip of the pen, or by a part of a double surname.
        SimilarNames = "similarNames",
        /// Surname and given name stand in each other's place.
        NamesSwapped = "namesSwapped",
        /// The given name is the same and the surname another, as after a marriage.
        SurnameChanged = "surnameChanged",
        /// The date of birth is the same.
        SameBirthDate = "sameBirthDate",
        /// The dates of birth differ in one part only, or day and month stand in each other's place.
        NearBirthDate = "nearBirthDate",
        /// A date of birth is missing, and the year is the same.
        SameBirthYear = "sameBirthYear",
        /// The PESEL numbers differ by one digit, two neighbours, or day and month in each other's place, check digit apart.
        NearPesel = "nearPesel",
        /// Both are known by another document: one by a PESEL and the other by an identity document, or by two documents.
        OtherDocument = "otherDocument",
        /// One of them, or neither, has a PESEL or an identity document, so that none tells them apart.
        NoDocument = "noDocument",
        /// Both have a PESEL, and the two are far from each other; speaks against it.
        DifferentPesel = "differentPesel",
    }
}

/// Points from which on two records are shown to a worker.
pub const SHOWN_FROM: i32 = 60;
/// Records that share a key and are compared one with another; a key that more share says nothing.
const LARGEST_GROUP: usize = 400;

impl DuplicateReason {
    /// What a reason adds to the score, or takes from it.
    const fn points(self) -> i32 {
        match self {
            Self::SameNames => 50,
            Self::NamesSwapped | Self::SameBirthDate => 40,
            Self::SimilarNames => 35,
            Self::NearPesel => 30,
            Self::SurnameChanged | Self::NearBirthDate => 20,
            Self::SameBirthYear | Self::OtherDocument | Self::NoDocument => 10,
            Self::DifferentPesel => -40,
        }
    }
}

/// What is compared of a person; never leaves the memory.
pub struct Profile {
    /// Person.
    pub person: Uuid,
    surname: String,
    given_name: String,
    birth_date: Option<NaiveDate>,
    birth_year: Option<i32>,
    pesel: Option<String>,
    has_document: bool,
}

impl Profile {
    /// Takes what is known; names in any spelling.
    pub fn new(
        person: Uuid,
        (surname, given_names): (&str, &str),
        (birth_date, birth_year): (Option<NaiveDate>, Option<i16>),
        pesel: Option<&str>,
    ) -> Self {
        Self {
            person,
            surname: folded(surname).trim().to_owned(),
            given_name: folded(given_names).split_whitespace().next().unwrap_or_default().to_owned(),
            birth_date,
            birth_year: birth_date.map(|date| date.year()).or(birth_year.map(i32::from)),
            pesel: pesel.map(str::to_owned),
            has_document: false,
        }
    }

    /// Of somebody who has an identity document, or has none.
    pub fn with_document(self, has_document: bool) -> Self {
        Self { has_document, ..self }
    }

    /// Keys that two records of one person have in common, most likely.
    fn keys(&self) -> impl Iterator<Item = String> {
        // Given names in the place of the surname are more than one word.
        let names = [leading(&self.surname), &self.given_name].into_iter().collect::<BTreeSet<_>>();
        let names = (names.len() == 2).then(|| format!("n {}", names.into_iter().collect::<Vec<_>>().join(" ")));
        // Day and month may stand in each other's place.
        let birth = self.birth_date.map(|date| {
            let (less, more) = (date.month().min(date.day()), date.month().max(date.day()));
            format!("b {} {less} {more}", date.year())
        });
        // A slip in the date of a PESEL leaves its serial number.
        let serial = self.pesel.as_deref().and_then(|pesel| pesel.get(6..10)).map(|serial| format!("s {serial}"));
        names.into_iter().chain(birth).chain(serial)
    }
}

/// Two records that may be of one person.
#[derive(Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The one with the smaller id.
    pub person: Uuid,
    /// The other.
    pub other: Uuid,
    /// Points for and against, 0 to 100.
    pub score: i32,
    /// What the points are for.
    pub reasons: Vec<DuplicateReason>,
}

/// The pairs that may be of one person, likeliest first; with `about`, those of that person only.
pub fn candidates(profiles: &[Profile], about: Option<Uuid>) -> Vec<Candidate> {
    let mut groups: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, profile) in profiles.iter().enumerate() {
        for key in profile.keys() {
            groups.entry(key).or_default().push(place);
        }
    }
    let mut found: BTreeMap<(Uuid, Uuid), Candidate> = BTreeMap::new();
    for group in groups.values().filter(|group| (2..=LARGEST_GROUP).contains(&group.len())) {
        for (number, first) in group.iter().enumerate() {
            for second in group.iter().skip(number + 1) {
                let (Some(first), Some(second)) = (profiles.get(*first), profiles.get(*second)) else { continue };
                let wanted = about.is_none_or(|person| person == first.person || person == second.person);
                let pair = (first.person.min(second.person), first.person.max(second.person));
                if wanted
                    && !found.contains_key(&pair)
                    && let Some(candidate) = compare(first, second)
                {
                    found.insert(pair, candidate);
                }
            }
        }
    }
    let mut candidates: Vec<Candidate> = found.into_values().collect();
    candidates.sort_by_key(|candidate| (-candidate.score, candidate.person, candidate.other));
    candidates
}

/// Two records side by side; nothing where they are hardly of one person.
fn compare(first: &Profile, second: &Profile) -> Option<Candidate> {
    let (birth, number) = (by_birth(first, second), by_number(first, second));
    // Most pairs are told apart by what is cheap to compare: letters are looked at only where they can decide.
    let without_names = number.points() + birth.map_or(0, DuplicateReason::points);
    if without_names + DuplicateReason::SameNames.points() < SHOWN_FROM {
        return None;
    }
    let reasons: Vec<DuplicateReason> = [by_names(first, second), birth, Some(number)].into_iter().flatten().collect();
    let score = reasons.iter().map(|reason| reason.points()).sum::<i32>().clamp(0, 100);
    let (person, other) = (first.person.min(second.person), first.person.max(second.person));
    (score >= SHOWN_FROM).then_some(Candidate { person, other, score, reasons })
}

fn by_names(first: &Profile, second: &Profile) -> Option<DuplicateReason> {
    if first.surname.is_empty() || second.surname.is_empty() || first.given_name.is_empty() || second.given_name.is_empty() {
        return None;
    }
    let (same_surname, same_given) = (first.surname == second.surname, first.given_name == second.given_name);
    let share_a_part = || first.surname.split(['-', ' ']).any(|part| second.surname.split(['-', ' ']).any(|other| part == other));
    let alike_surname = same_surname || is_slip(&first.surname, &second.surname) || share_a_part();
    let alike_given = same_given || is_slip(&first.given_name, &second.given_name);
    match () {
        () if same_surname && same_given => Some(DuplicateReason::SameNames),
        () if leading(&first.surname) == second.given_name && first.given_name == leading(&second.surname) => {
            Some(DuplicateReason::NamesSwapped)
        }
        () if alike_surname && alike_given => Some(DuplicateReason::SimilarNames),
        () if same_given => Some(DuplicateReason::SurnameChanged),
        () => None,
    }
}

fn by_birth(first: &Profile, second: &Profile) -> Option<DuplicateReason> {
    match (first.birth_date, second.birth_date) {
        (Some(one), Some(other)) if one == other => Some(DuplicateReason::SameBirthDate),
        (Some(one), Some(other)) => {
            let same = [one.year() == other.year(), one.month() == other.month(), one.day() == other.day()];
            let swapped = one.year() == other.year() && one.day() == other.month() && one.month() == other.day();
            let near = swapped || same.iter().filter(|same| **same).count() == 2;
            near.then_some(DuplicateReason::NearBirthDate)
        }
        _ => (first.birth_year.is_some() && first.birth_year == second.birth_year).then_some(DuplicateReason::SameBirthYear),
    }
}

fn by_number(first: &Profile, second: &Profile) -> DuplicateReason {
    match (&first.pesel, &second.pesel) {
        // The check digit follows from the others, so that a slip changes two digits of a valid number.
        (Some(one), Some(other)) => {
            let is_near = |one: &str, other: &str| is_slip_of_digits(one, other) || has_day_for_month(one, other);
            let near = one.get(..10).zip(other.get(..10)).is_some_and(|(one, other)| is_near(one, other));
            if near { DuplicateReason::NearPesel } else { DuplicateReason::DifferentPesel }
        }
        _ if [first, second].iter().all(|profile| profile.pesel.is_some() || profile.has_document) => {
            DuplicateReason::OtherDocument
        }
        _ => DuplicateReason::NoDocument,
    }
}

/// Whether two PESEL numbers differ by day and month in each other's place only; the month also tells the century.
fn has_day_for_month(one: &str, other: &str) -> bool {
    // Year, century with the serial number, month and day.
    let parts = |number: &str| -> Option<(u32, (u32, u32), u32, u32)> {
        let part = |range: Range<usize>| number.get(range).and_then(|part| part.parse().ok());
        let (month, serial): (u32, u32) = (part(2..4)?, part(6..10)?);
        Some((part(0..2)?, (month / 20, serial), month % 20, part(4..6)?))
    };
    let swapped = parts(other).map(|(year, rest, month, day)| (year, rest, day, month));
    swapped.is_some() && parts(one) == swapped
}

/// The first word of a name.
fn leading(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or_default()
}

/// Whether two numbers of one length differ by one digit, or by two neighbours in each other's place.
fn is_slip_of_digits(one: &str, other: &str) -> bool {
    // No such slip changes more than two places.
    let differing = one.bytes().zip(other.bytes()).filter(|(one, other)| one != other).count();
    differing <= 2 && distance(one, other, 1) <= 1
}

/// Whether two words differ as after a slip of the pen: one sign, or two in a long word.
fn is_slip(one: &str, other: &str) -> bool {
    let most = if one.chars().count().min(other.chars().count()) <= 5 { 1 } else { 2 };
    distance(one, other, most) <= most
}

/// Signs that were added, left out, changed or swapped with their neighbour; more than `most` may be told as `most + 1`.
fn distance(one: &str, other: &str, most: usize) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len().abs_diff(other.len()) > most {
        return most + 1;
    }
    let mut rows: [Vec<usize>; 3] = [Vec::new(), Vec::new(), (0..=other.len()).collect()];
    for (row, left) in one.iter().enumerate() {
        rows.rotate_left(1);
        let [before_last, last, current] = &mut rows;
        current.clear();
        current.push(row + 1);
        for (column, right) in other.iter().enumerate() {
            let at = |row: &Vec<usize>, place: usize| row.get(place).copied().unwrap_or(usize::MAX / 2);
            let mut cheapest =
                (at(last, column) + usize::from(left != right)).min(at(last, column + 1) + 1).min(at(current, column) + 1);
            let is_swapped = row > 0 && column > 0 && one.get(row - 1) == Some(right) && other.get(column - 1) == Some(left);
            if is_swapped {
                cheapest = cheapest.min(at(before_last, column - 1) + 1);
            }
            current.push(cheapest);
        }
    }
    rows[2].last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
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
            (("Anna", "Żółkiewska"), None, 70),
            (("Anna Maria", "Żółkiewska"), Some("84050200014"), 90),
            (("Żółkiewska", "Anna"), Some("84050200014"), 100),
        ] {
            let other = profile(2, names, Some("1984-05-02"), pesel);
            let found =
                candidates(&[profile(1, ("Żółkiewska", "Anna Maria"), Some("1984-02-05"), Some("84020500019")), other], None);
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
}
