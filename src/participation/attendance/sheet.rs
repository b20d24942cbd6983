//! What a whole attendance sheet must look like, without SQL and HTTP.

use std::collections::{BTreeSet, HashSet};

use thiserror::Error;
use uuid::Uuid;

use super::{AttendanceRowBody, AttendanceStatus, ReasonClass};
use crate::platform::hint::Hint;
use crate::platform::types::Hours;

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
            Self::Reason => "należy tylko do statusu excused",
        };
        Hint::new(pl, self.to_string())
    }

    /// The field of the row that is wrong.
    pub fn field(self) -> &'static str {
        match self {
            Self::Twice | Self::Stranger => "participationId",
            Self::Hours | Self::PartialHours | Self::HoursOfAbsent => "hours",
            Self::Reason => "reasonClass",
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
pub fn settle(rows: &[AttendanceRowBody], expected: &[Uuid], session: Hours) -> Result<Vec<Line>, SheetFault> {
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
            settle_row(row, session)
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

fn settle_row(row: &AttendanceRowBody, session: Hours) -> Result<Line, RowFault> {
    use AttendanceStatus::{Excused, Late, LeftEarly, Present, Unexcused};
    if row.reason_class.is_some() && row.status != Excused {
        return Err(RowFault::Reason);
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
    Ok(Line { participation_id: row.participation_id, status: row.status, hours, reason_class: row.reason_class })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hours(text: &str) -> Hours {
        text.parse().expect("hours")
    }

    fn row(person: u128, status: AttendanceStatus, given: Option<&str>) -> AttendanceRowBody {
        AttendanceRowBody { participation_id: Uuid::from_u128(person), status, hours: given.map(hours), reason_class: None }
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
            let settled_row = settle_row(&row(1, status, given), hours("3")).map(|line| line.hours);
            assert_eq!(settled_row, settled.map(hours), "{status} {given:?}");
        }
    }

    #[test]
    fn only_an_excuse_has_a_reason() {
        let mut excused = row(1, AttendanceStatus::Excused, None);
        excused.reason_class = Some(ReasonClass::Health);
        assert!(settle_row(&excused, hours("3")).is_ok());
        excused.status = AttendanceStatus::Unexcused;
        assert_eq!(settle_row(&excused, hours("3")), Err(RowFault::Reason));
    }

    #[test]
    fn a_sheet_names_each_expected_person_once() {
        let expected: Vec<Uuid> = [1, 2, 3].map(Uuid::from_u128).into();
        let present = |person| row(person, AttendanceStatus::Present, None);
        let settled = |people: &[u128]| {
            let rows: Vec<_> = people.iter().copied().map(present).collect();
            settle(&rows, &expected, hours("3")).map(|lines| lines.len())
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
            let body = AttendanceRowBody { participation_id: Uuid::nil(), status, hours: given, reason_class: None };
            if let Ok(line) = settle_row(&body, session) {
                prop_assert!(line.hours <= session);
                let absent = matches!(status, AttendanceStatus::Excused | AttendanceStatus::Unexcused);
                prop_assert_eq!(line.hours == Hours::ZERO, absent);
                prop_assert!(given.is_none_or(|given| given == line.hours));
            }
        }
    }
}
