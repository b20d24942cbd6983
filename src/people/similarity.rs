//! Whether two records may be of one person: pure comparison of what is known of them, in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use chrono::{Datelike as _, NaiveDate};
use uuid::Uuid;

use crate::platform::types::{folded, text_enum};

#[cfg(test)]
mod tests;

text_enum! {
    /// Why two records may be of one person.
    pub enum DuplicateReason {
        /// Surname and first given name are the same, or all given names in another order, whatever case and diacritics.
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

/// A surname, and given names in the order of the alphabet; without case and diacritics.
pub type ComparedNames = (String, Vec<String>);

/// Names as they are compared, in any spelling and whatever the order of the given names.
pub fn compared_names(surname: &str, given_names: &str) -> ComparedNames {
    let mut given_names: Vec<String> = folded(given_names).split_whitespace().map(str::to_owned).collect();
    given_names.sort_unstable();
    (folded(surname).trim().to_owned(), given_names)
}

/// What is compared of a person; never leaves the memory.
pub struct Profile {
    /// Person.
    pub person: Uuid,
    surname: String,
    /// The first of the given names.
    given_name: String,
    /// All of them, in the order of the alphabet.
    given_names: Vec<String>,
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
        let (surname, sorted) = compared_names(surname, given_names);
        Self {
            person,
            surname,
            given_name: folded(given_names).split_whitespace().next().unwrap_or_default().to_owned(),
            given_names: sorted,
            birth_date,
            birth_year: birth_date.map(|date| date.year()).or(birth_year.map(i32::from)),
            pesel: pesel.map(str::to_owned),
            has_document: false,
        }
    }

    /// Surname and given names, as they are compared.
    pub fn names(&self) -> ComparedNames {
        (self.surname.clone(), self.given_names.clone())
    }

    /// Of somebody who has an identity document, or has none.
    pub fn with_document(self, has_document: bool) -> Self {
        Self { has_document, ..self }
    }

    /// Keys that two records of one person have in common, most likely.
    fn keys(&self) -> impl Iterator<Item = String> {
        // Given names may stand in another order, and so in the place of the surname: the first as written, and by the alphabet.
        let given: BTreeSet<&str> =
            [self.given_name.as_str()].into_iter().chain(self.given_names.first().map(String::as_str)).collect();
        let surnames: BTreeSet<&str> =
            [leading(&self.surname)].into_iter().chain(self.surname.split_whitespace().min()).collect();
        let pairs = given.iter().flat_map(|given| surnames.iter().map(move |surname| BTreeSet::from([*given, *surname])));
        let names: BTreeSet<String> = pairs
            .filter(|pair| pair.len() == 2)
            .map(|pair| format!("n {}", pair.into_iter().collect::<Vec<_>>().join(" ")))
            .collect();
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

/// Those on file with whom somebody new is compared.
pub struct OnFile {
    profiles: Vec<Profile>,
    groups: HashMap<String, Vec<usize>>,
}

impl OnFile {
    /// Takes everybody.
    pub fn of(profiles: Vec<Profile>) -> Self {
        Self { groups: grouped(&profiles), profiles }
    }

    /// Everybody who is on file.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// Whether somebody new is likely one of them: as [`candidates`] tells it, or with names in each other's place and nothing
    /// against it, as a row has often nothing but names.
    pub fn has_likely(&self, new: &Profile) -> bool {
        let groups = new.keys().filter_map(|key| self.groups.get(&key)).filter(|group| group.len() <= LARGEST_GROUP);
        let mut others = groups.flatten().filter_map(|place| self.profiles.get(*place));
        others.any(|other| compare(new, other).is_some() || has_names_swapped(new, other))
    }
}

/// Whether names stand in each other's place and neither birth nor PESEL speaks against one person.
fn has_names_swapped(first: &Profile, second: &Profile) -> bool {
    let other_birth = first.birth_year.is_some() && second.birth_year.is_some() && by_birth(first, second).is_none();
    by_names(first, second) == Some(DuplicateReason::NamesSwapped)
        && !other_birth
        && by_number(first, second) != DuplicateReason::DifferentPesel
}

/// The places of those who share a key.
fn grouped(profiles: &[Profile]) -> HashMap<String, Vec<usize>> {
    let mut groups: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, profile) in profiles.iter().enumerate() {
        for key in profile.keys() {
            groups.entry(key).or_default().push(place);
        }
    }
    groups
}

/// The pairs that may be of one person, likeliest first; with `about`, those of that person only.
pub fn candidates(profiles: &[Profile], about: Option<Uuid>) -> Vec<Candidate> {
    let groups = grouped(profiles);
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
    let same_given = first.given_name == second.given_name || first.given_names == second.given_names;
    let same_surname = first.surname == second.surname;
    let share_a_part = || first.surname.split(['-', ' ']).any(|part| second.surname.split(['-', ' ']).any(|other| part == other));
    let alike_surname = same_surname || is_slip(&first.surname, &second.surname) || share_a_part();
    let alike_given = same_given || is_slip(&first.given_name, &second.given_name);
    match () {
        () if same_surname && same_given => Some(DuplicateReason::SameNames),
        () if are_swapped(first, second) || are_swapped(second, first) => Some(DuplicateReason::NamesSwapped),
        () if alike_surname && alike_given => Some(DuplicateReason::SimilarNames),
        () if same_given => Some(DuplicateReason::SurnameChanged),
        () => None,
    }
}

/// Whether surname and given names of the one, these in any order, stand in each other's place in the other.
fn are_swapped(right: &Profile, wrong: &Profile) -> bool {
    let in_another_order = || {
        let mut misplaced: Vec<&str> = wrong.surname.split_whitespace().collect();
        misplaced.sort_unstable();
        misplaced == right.given_names
    };
    wrong.given_name == leading(&right.surname) && (leading(&wrong.surname) == right.given_name || in_another_order())
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
