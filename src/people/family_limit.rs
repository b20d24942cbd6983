//! With how many families one assistant may work at a time, from when on.
//!
//! **Source**: Act of 9 June 2011 on supporting the family and on foster care (Polish: ustawa o wspieraniu rodziny i
//! systemie pieczy zastępczej), art. 15(4): the number depends on how hard the work is, "but may not exceed" the limit. A
//! municipality may set fewer by itself, which is not known here.

use std::collections::HashSet;

use chrono::NaiveDate;
use uuid::Uuid;

use crate::platform::types::{Day, Period};

/// A wording of the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wording {
    /// First day on which it holds.
    pub from: NaiveDate,
    /// Families at a time.
    pub families: usize,
    /// Where it stands, in Polish.
    pub source: &'static str,
}

/// The wordings, first to last; before the first there is no limit.
///
/// Both numbers are those of the Act. That the second holds from the first day of 2015 is taken from the amending Act.
const WORDINGS: [Wording; 2] = [
    Wording {
        from: NaiveDate::from_ymd_opt(2012, 1, 1).expect("a day"),
        families: 20,
        source: "art. 15 ust. 4 ustawy z dnia 9 czerwca 2011 r. o wspieraniu rodziny i systemie pieczy zastępczej (brzmienie pierwotne)",
    },
    Wording {
        from: NaiveDate::from_ymd_opt(2015, 1, 1).expect("a day"),
        families: 15,
        source: "art. 15 ust. 4 ustawy z dnia 9 czerwca 2011 r. o wspieraniu rodziny i systemie pieczy zastępczej w brzmieniu nadanym \
                 ustawą z dnia 25 lipca 2014 r. (Dz.U. 2014 poz. 1188)",
    },
];

/// A day on which an assistant would have too many families.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    /// The day.
    pub on: Day,
    /// Families on it, the wanted one among them.
    pub families: usize,
    /// What holds on it.
    pub wording: Wording,
}

/// The day of a period on which a further family exceeds the limit by most, the first of several; none where it fits.
pub fn too_many(wanted: Period, household: Uuid, others: &[(Uuid, Period)]) -> Option<TooMany> {
    // A day is fuller than the one before only where an assignment begins, and stricter only where a wording does.
    let begins = others.iter().map(|(_, days)| days.from());
    let changes = WORDINGS.iter().filter_map(|wording| Day::try_from(wording.from).ok());
    let days = begins.chain(changes).filter(|day| wanted.contains(*day)).chain([wanted.from()]);
    let breaches = days.filter_map(|on| {
        let wording = *WORDINGS.iter().rev().find(|wording| wording.from <= on.date())?;
        let present = others.iter().filter(|(_, days)| days.contains(on)).map(|(household, _)| *household);
        let families = present.chain([household]).collect::<HashSet<_>>().len();
        (families > wording.families).then_some(TooMany { on, families, wording })
    });
    breaches.max_by_key(|breach| (breach.families - breach.wording.families, std::cmp::Reverse(breach.on)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: &str, to: &str) -> Period {
        Period::new(from.parse().expect("a day"), to.parse().expect("a day")).expect("in order")
    }

    /// So many other families through a period.
    fn families(count: u128, from: &str, to: &str) -> Vec<(Uuid, Period)> {
        (1..=count).map(|number| (Uuid::from_u128(number), days(from, to))).collect()
    }

    fn breach(wanted: Period, others: &[(Uuid, Period)]) -> Option<(String, usize, usize)> {
        let wanted = too_many(wanted, Uuid::from_u128(1000), others);
        wanted.map(|breach| (breach.on.to_string(), breach.families, breach.wording.families))
    }

    #[test]
    fn the_limit_is_that_of_the_day() {
        let through = |count| families(count, "2010-01-01", "2020-12-31");
        for (count, from, to, expected) in [
            // Before the Act nobody counted.
            (40, "2011-12-01", "2011-12-31", None),
            (40, "2011-12-01", "2012-01-31", Some(("2012-01-01", 41, 20))),
            (19, "2012-01-01", "2014-12-31", None),
            (20, "2014-06-01", "2014-12-31", Some(("2014-06-01", 21, 20))),
            (15, "2014-06-01", "2014-12-31", None),
            // What begins before the change and lasts beyond it meets the stricter limit.
            (15, "2014-06-01", "2015-01-31", Some(("2015-01-01", 16, 15))),
            (14, "2014-06-01", "2019-12-31", None),
            (15, "2020-11-02", "2020-11-02", Some(("2020-11-02", 16, 15))),
        ] {
            let expected = expected.map(|(on, families, limit)| (on.to_owned(), families, limit));
            assert_eq!(breach(days(from, to), &through(count)), expected, "{count} from {from} to {to}");
        }
    }

    #[test]
    fn families_are_counted_on_the_fullest_day_and_each_once() {
        // Fourteen through the spring, the first of them twice, and three more from March to May.
        let mut others = families(14, "2020-01-01", "2020-06-30");
        others.push((Uuid::from_u128(1), days("2020-02-01", "2020-02-29")));
        others.extend((20..23).map(|number| (Uuid::from_u128(number), days("2020-03-01", "2020-05-31"))));
        assert_eq!(breach(days("2020-01-01", "2020-02-29"), &others), None);
        assert_eq!(breach(days("2020-02-10", "2020-06-30"), &others), Some(("2020-03-01".to_owned(), 18, 15)));
        assert_eq!(breach(days("2020-06-01", "2020-06-30"), &others), None);
        // The same family again is no further one.
        assert_eq!(too_many(days("2020-06-01", "2020-12-31"), Uuid::from_u128(1), &others), None);
    }
}
