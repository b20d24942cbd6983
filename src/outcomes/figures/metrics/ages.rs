//! Age bands on the first day of an edition.

use chrono::NaiveDate;
use uuid::Uuid;

use super::groups::by_word;
use crate::outcomes::figures::facts::Facts;
use crate::outcomes::figures::figure::Group;
use crate::outcomes::figures::verdict::Status;
use crate::people::Birth;

/// Bands by the age from which they begin.
///
/// Fine enough to add up to those of MRPiPS-01, of the act of 20 April 2004, art. 49 (below 30, over 50), and of the
/// European Social Fund (below 25 and over 54; 18 to 29 and from 55).
const BANDS: &[(i32, &str)] = &[
    (0, "under18"),
    (18, "18-24"),
    (25, "25-29"),
    (30, "30-34"),
    (35, "35-44"),
    (45, "45-49"),
    (50, "50-54"),
    (55, "55-59"),
    (60, "60plus"),
];
const UNKNOWN: &str = "unknown";
const WORDS: &[&str] = &["under18", "18-24", "25-29", "30-34", "35-44", "45-49", "50-54", "55-59", "60plus", UNKNOWN];

/// The band of a person's age on a day; none where what is known leaves two.
pub fn age_band(birth: Birth, day: NaiveDate) -> Option<&'static str> {
    let band = |age: i32| BANDS.iter().rev().find(|(from, _)| age >= *from).map(|(_, word)| *word);
    let (least, greatest) = birth.age_on(day);
    band(least).filter(|word| band(greatest) == Some(*word))
}

/// Counts people by their age on the first day of the edition that they are counted in.
///
/// Where the age of some is not known, the other groups are at least as large as shown; where that of nobody is, they
/// are not known at all.
pub fn by_age(facts: &Facts, people: impl Iterator<Item = (Uuid, Uuid)>) -> Vec<Group> {
    let bands: Vec<&str> = people.map(|(edition, person)| age_word(facts, edition, person)).collect();
    let status = match bands.iter().filter(|band| **band == UNKNOWN).count() {
        0 => Status::Ok,
        unknown if unknown == bands.len() => Status::NotCollected,
        _ => Status::Provisional,
    };
    let standing = |group: Group| if group.key == UNKNOWN { group } else { group.standing(status) };
    by_word(WORDS, bands.into_iter()).into_iter().map(standing).collect()
}

/// The band of somebody counted in an edition, or the word for one that is not known.
pub fn age_word(facts: &Facts, edition: Uuid, person: Uuid) -> &'static str {
    band_in(facts, edition, person).unwrap_or(UNKNOWN)
}

fn band_in(facts: &Facts, edition: Uuid, person: Uuid) -> Option<&'static str> {
    age_band(*facts.births.get(&person)?, facts.edition(edition)?.starts_on.date())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcomes::figures::figure::Number;
    use crate::outcomes::figures::metrics::fixture::{day, facts, id};

    #[test]
    fn words_are_those_of_the_bands() {
        let words: Vec<&str> = BANDS.iter().map(|(_, word)| *word).chain([UNKNOWN]).collect();
        assert_eq!(words, WORDS);
    }

    #[test]
    fn a_year_is_enough_within_a_band_and_not_at_its_edge() {
        let first_day = day("2020-10-15");
        assert_eq!(age_band(Birth::In(1983), first_day), Some("35-44"));
        assert_eq!(age_band(Birth::In(1990), first_day), None, "29 or 30");
        assert_eq!(age_band(Birth::On(day("1990-10-16")), first_day), Some("25-29"));
        assert_eq!(age_band(Birth::On(day("1990-10-15")), first_day), Some("30-34"));
        assert_eq!(age_band(Birth::In(2003), first_day), Some("under18"));
        assert_eq!(age_band(Birth::In(1900), first_day), Some("60plus"));
    }

    #[test]
    fn bands_of_some_unknown_are_the_least_there_are() {
        let mut facts = facts();
        facts.births = [(id(1), Birth::In(1983))].into();
        let of = |people: &[u128]| by_age(&facts, people.iter().map(|person| (id(100), id(*person))));
        let band = |groups: &[Group]| groups.iter().find(|group| group.key == "35-44").cloned().expect("a band");
        assert_eq!((band(&of(&[1])).value, band(&of(&[1])).status), (Some(Number::Whole(1)), Status::Ok));
        assert_eq!((band(&of(&[1, 2])).value, band(&of(&[1, 2])).status), (Some(Number::Whole(1)), Status::Provisional));
        assert_eq!((band(&of(&[2])).value, band(&of(&[2])).status), (None, Status::NotCollected));
    }
}
