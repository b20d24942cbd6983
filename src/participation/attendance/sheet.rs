//! What a whole attendance sheet must look like, without SQL and HTTP.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDate;
use thiserror::Error;
use uuid::Uuid;

use super::views::{AttendanceRowBody, AttendanceStatus, Evidence};
use crate::platform::hint::Hint;
use crate::platform::types::{Day, Hours};
use crate::programmes::ReasonClass;

/// A row of the sheet with its hours settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Who.
    pub participation_id: Uuid,
    /// Whether and how the person came.
    pub status: AttendanceStatus,
    /// For how long.
    pub hours: Hours,
    /// Why the person was excused.
    pub reason_class: Option<ReasonClass>,
    /// What the excuse rests on.
    pub evidence: Option<Evidence>,
    /// Day on which it was shown.
    pub evidence_shown_on: Option<Day>,
}

/// Why a row is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RowFault {
    /// The person stands in an earlier row already.
    #[error("is named twice")]
    Twice,
    /// The person is not expected at the session.
    #[error("is not expected at this session")]
    Stranger,
    /// More hours than the session has, or none for somebody who came.
    #[error("must be more than zero and not more than the hours of the session")]
    Hours,
    /// Somebody who came late or left early was there for a part only.
    #[error("must be more than zero and less than the hours of the session")]
    PartialHours,
    /// Somebody who did not come has no hours.
    #[error("must be absent or zero for somebody who did not come")]
    HoursOfAbsent,
    /// Only an excuse has a reason.
    #[error("belongs to the status excused only")]
    Reason,
    /// Only an excuse rests on evidence.
    #[error("belongs to the status excused only")]
    Evidence,
    /// It is said when, but not what was shown.
    #[error("belongs to evidence only")]
    ShownOfNothing,
    /// Nothing was shown on a day to come.
    #[error("must not be after today")]
    ShownLater,
}

impl RowFault {
    /// The same in both languages.
    pub fn hint(self) -> Hint {
        let pl = match self {
            Self::Twice => "podano dwa razy",
            Self::Stranger => "nie jest spodziewana na tych zajęciach",
            Self::Hours => "musi być więcej niż zero i nie więcej niż godziny zajęć",
            Self::PartialHours => "musi być więcej niż zero i mniej niż godziny zajęć",
            Self::HoursOfAbsent => "musi być zerem albo brakować, gdy ktoś nie przyszedł",
            Self::Reason | Self::Evidence => "należy tylko do statusu excused",
            Self::ShownOfNothing => "należy tylko do evidence",
            Self::ShownLater => "nie może być później niż dziś",
        };
        Hint::new(pl, self.to_string())
    }

    /// The field of the row that is wrong.
    pub fn field(self) -> &'static str {
        match self {
            Self::Twice | Self::Stranger => "participationId",
            Self::Hours | Self::PartialHours | Self::HoursOfAbsent => "hours",
            Self::Reason => "reasonClass",
            Self::Evidence => "evidence",
            Self::ShownOfNothing | Self::ShownLater => "evidenceShownOn",
        }
    }
}

/// Why a sheet is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SheetFault {
    /// Rows that are wrong, by their place.
    #[error("rows are wrong")]
    Rows(Vec<(usize, RowFault)>),
    /// Expected people without a row.
    #[error("rows are missing")]
    Missing(Vec<Uuid>),
}

/// The sheet with its hours settled, when each expected person stands in it once and nobody else.
///
/// # Errors
/// [`SheetFault`]; wrong rows go before missing ones, because correcting them may change who is missing.
pub fn settle(rows: &[AttendanceRowBody], expected: &[Uuid], session: Hours, today: NaiveDate) -> Result<Vec<Line>, SheetFault> {
    let known: HashSet<Uuid> = expected.iter().copied().collect();
    let mut missing: BTreeSet<Uuid> = expected.iter().copied().collect();
    let mut faults = Vec::new();
    let mut lines = Vec::with_capacity(rows.len());
    for (place, row) in rows.iter().enumerate() {
        let first_time = missing.remove(&row.participation_id);
        let line = if !known.contains(&row.participation_id) {
            Err(RowFault::Stranger)
        } else if !first_time {
            Err(RowFault::Twice)
        } else {
            settle_row(row, session, today)
        };
        match line {
            Ok(line) => lines.push(line),
            Err(fault) => faults.push((place, fault)),
        }
    }
    if !faults.is_empty() {
        return Err(SheetFault::Rows(faults));
    }
    if missing.is_empty() { Ok(lines) } else { Err(SheetFault::Missing(missing.into_iter().collect())) }
}

/// One row with its hours settled.
///
/// # Errors
/// What is wrong with the row by itself.
pub fn settle_row(row: &AttendanceRowBody, session: Hours, today: NaiveDate) -> Result<Line, RowFault> {
    use AttendanceStatus::{Excused, Late, LeftEarly, Present, Unexcused};
    if row.reason_class.is_some() && row.status != Excused {
        return Err(RowFault::Reason);
    }
    if row.evidence.is_some() && row.status != Excused {
        return Err(RowFault::Evidence);
    }
    if row.evidence_shown_on.is_some() && row.evidence.is_none() {
        return Err(RowFault::ShownOfNothing);
    }
    if row.evidence_shown_on.is_some_and(|shown| shown.date() > today) {
        return Err(RowFault::ShownLater);
    }
    let hours = match (row.status, row.hours) {
        (Present, None) => session,
        (Present, Some(hours)) if hours > Hours::ZERO && hours <= session => hours,
        (Present, Some(_)) => return Err(RowFault::Hours),
        (Late | LeftEarly, Some(hours)) if hours > Hours::ZERO && hours < session => hours,
        (Late | LeftEarly, _) => return Err(RowFault::PartialHours),
        (Excused | Unexcused, None | Some(Hours::ZERO)) => Hours::ZERO,
        (Excused | Unexcused, Some(_)) => return Err(RowFault::HoursOfAbsent),
    };
    let AttendanceRowBody { participation_id, status, hours: _, reason_class, evidence, evidence_shown_on } = *row;
    Ok(Line { participation_id, status, hours, reason_class, evidence, evidence_shown_on })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hours(text: &str) -> Hours {
        text.parse().expect("hours")
    }

    fn row(person: u128, status: AttendanceStatus, given: Option<&str>) -> AttendanceRowBody {
        AttendanceRowBody {
            participation_id: Uuid::from_u128(person),
            status,
            hours: given.map(hours),
            reason_class: None,
            evidence: None,
            evidence_shown_on: None,
        }
    }

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2020, 11, 12).expect("a day")
    }

    #[test]
    fn hours_follow_from_the_status() {
        use AttendanceStatus::{Excused, Late, LeftEarly, Present, Unexcused};
        for (status, given, settled) in [
            (Present, None, Ok("3")),
            (Present, Some("3"), Ok("3")),
            (Present, Some("2.5"), Ok("2.5")),
            (Present, Some("3.25"), Err(RowFault::Hours)),
            (Present, Some("0"), Err(RowFault::Hours)),
            (Late, Some("2.75"), Ok("2.75")),
            (Late, Some("3"), Err(RowFault::PartialHours)),
            (Late, Some("0"), Err(RowFault::PartialHours)),
            (Late, None, Err(RowFault::PartialHours)),
            (LeftEarly, Some("0.25"), Ok("0.25")),
            (Excused, None, Ok("0")),
            (Excused, Some("0"), Ok("0")),
            (Excused, Some("1"), Err(RowFault::HoursOfAbsent)),
            (Unexcused, None, Ok("0")),
        ] {
            let settled_row = settle_row(&row(1, status, given), hours("3"), today()).map(|line| line.hours);
            assert_eq!(settled_row, settled.map(hours), "{status} {given:?}");
        }
    }

    #[test]
    fn only_an_excuse_has_a_reason() {
        let mut excused = row(1, AttendanceStatus::Excused, None);
        excused.reason_class = Some(ReasonClass::Health);
        assert!(settle_row(&excused, hours("3"), today()).is_ok());
        excused.status = AttendanceStatus::Unexcused;
        assert_eq!(settle_row(&excused, hours("3"), today()), Err(RowFault::Reason));
    }

    #[test]
    fn evidence_belongs_to_an_excuse_and_is_shown_before_it_is_recorded() {
        use AttendanceStatus::{Excused, Unexcused};
        let day = |text: &str| Some(text.parse::<Day>().expect("a day"));
        let summons = Some(Evidence::Summons);
        for (status, evidence, shown, fault) in [
            (Excused, summons, None, None),
            (Excused, summons, day("2020-11-12"), None),
            (Excused, summons, day("2020-11-13"), Some(RowFault::ShownLater)),
            (Excused, None, day("2020-11-12"), Some(RowFault::ShownOfNothing)),
            (Unexcused, summons, None, Some(RowFault::Evidence)),
        ] {
            let sent = AttendanceRowBody { evidence, evidence_shown_on: shown, ..row(1, status, None) };
            assert_eq!(settle_row(&sent, hours("3"), today()).err(), fault, "{status} {evidence:?} {shown:?}");
        }
    }

    #[test]
    fn a_sheet_names_each_expected_person_once() {
        let expected: Vec<Uuid> = [1, 2, 3].map(Uuid::from_u128).into();
        let present = |person| row(person, AttendanceStatus::Present, None);
        let settled = |people: &[u128]| {
            let rows: Vec<_> = people.iter().copied().map(present).collect();
            settle(&rows, &expected, hours("3"), today()).map(|lines| lines.len())
        };
        assert_eq!(settled(&[3, 1, 2]), Ok(3));
        assert_eq!(settled(&[3]), Err(SheetFault::Missing([1, 2].map(Uuid::from_u128).into())));
        assert_eq!(settled(&[1, 2, 1, 4]), Err(SheetFault::Rows(vec![(2, RowFault::Twice), (3, RowFault::Stranger)])));
        assert_eq!(settled(&[]), Err(SheetFault::Missing(expected.clone())));
    }

    proptest! {
        #[test]
        fn nobody_was_there_longer_than_the_session(
            session in 1..40_i32, given in proptest::option::of(0..80_i32), status in 0..5_usize
        ) {
            let session = Hours::from_minutes(session * 15).expect("in range");
            let given = given.map(|quarters| Hours::from_minutes(quarters * 15).expect("in range"));
            let status = AttendanceStatus::ALL[status];
            let body = AttendanceRowBody { hours: given, ..row(0, status, None) };
            if let Ok(line) = settle_row(&body, session, today()) {
                prop_assert!(line.hours <= session);
                let absent = matches!(status, AttendanceStatus::Excused | AttendanceStatus::Unexcused);
                prop_assert_eq!(line.hours == Hours::ZERO, absent);
                prop_assert!(given.is_none_or(|given| given == line.hours));
            }
        }
    }
}
