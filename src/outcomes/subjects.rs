//! Whom a record is about, and which earlier record it corrects.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::CORRECTION_INCOMPLETE;
use crate::people::people_in_sight;
use crate::platform::db::{Tx, own};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::LongText;
use crate::schema::participations;

/// What a record needs to know of its participation.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = participations)]
pub(super) struct Subject {
    pub edition_id: Uuid,
    pub person_id: Uuid,
    pub starts_on: NaiveDate,
    pub planned_end_on: NaiveDate,
    pub ended_on: Option<NaiveDate>,
}

/// The participation that a body names.
///
/// # Errors
/// `platform.reference_not_found` at `/participationId`, also where its person is out of the caller's sight.
pub(super) fn get_subject(tx: &mut Tx, participation: Uuid) -> Result<Subject, Problem> {
    let hidden = || catalogue::REFERENCE_NOT_FOUND.at("/participationId");
    let subject: Subject = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::id.eq(participation))
        .select(Subject::as_select())
        // Held until the record is there: what is sealed about a person must be sealed for whoever it is in the end.
        .for_key_share()
        .first(tx.conn)
        .optional()?
        .ok_or_else(hidden)?;
    match people_in_sight(tx)? {
        Some(in_sight) if !in_sight.contains(&subject.person_id) => Err(hidden()),
        _ => Ok(subject),
    }
}

/// Refuses a correction without its reason, and a reason without a correction.
///
/// # Errors
/// `outcomes.correction_incomplete` at the field that is missing.
pub(super) fn complete_correction(supersedes: Option<Uuid>, reason: Option<&LongText>) -> Result<(), Problem> {
    match (supersedes, reason) {
        (Some(_), None) => Err(CORRECTION_INCOMPLETE.at("/correctionReason")),
        (None, Some(_)) => Err(CORRECTION_INCOMPLETE.at("/supersedesId")),
        _ => Ok(()),
    }
}

/// Refuses to correct a record of somebody else, or one that is corrected already.
///
/// # Errors
/// `platform.reference_not_found` or `platform.already_superseded` at `/supersedesId`.
pub(super) fn correctable(earlier: Option<(Uuid, Option<DateTime<Utc>>)>, subject: Uuid) -> Result<(), Problem> {
    match earlier {
        Some((of, None)) if of == subject => Ok(()),
        Some((of, Some(_))) if of == subject => Err(catalogue::ALREADY_SUPERSEDED.at("/supersedesId")),
        _ => Err(catalogue::REFERENCE_NOT_FOUND.at("/supersedesId")),
    }
}

/// Marks the earlier record superseded, under its row lock; to be done before the new one is
/// inserted, because only one current record may stand at a time.
macro_rules! supersede {
    ($tx:expr, $table:ident, $subject_column:ident, $earlier:expr, $subject:expr) => {{
        let earlier = $table::table
            .filter($crate::platform::db::own($tx, $table::tenant_id))
            .filter($table::id.eq($earlier))
            .select(($table::$subject_column, $table::superseded_at))
            .for_update()
            .first($tx.conn)
            .optional()?;
        $crate::outcomes::subjects::correctable(earlier, $subject)?;
        let now = $tx.now();
        diesel::update($table::table.filter($crate::platform::db::own($tx, $table::tenant_id)).filter($table::id.eq($earlier)))
            .set($table::superseded_at.eq(now))
            .execute($tx.conn)?;
    }};
}
pub(super) use supersede;

/// The record that stands in the place of one today: the last of those that replaced it.
macro_rules! latest {
    ($tx:expr, $table:ident, $id:expr) => {{
        let mut last: Uuid = $id;
        loop {
            let next: Option<Uuid> = $table::table
                .filter($crate::platform::db::own($tx, $table::tenant_id))
                .filter($table::supersedes_id.eq(last))
                .select($table::id)
                .first($tx.conn)
                .optional()?;
            match next {
                Some(next) => last = next,
                None => break Ok(last),
            }
        }
    }};
}
pub(super) use latest;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_current_record_of_the_same_subject_can_be_corrected() {
        let (own, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let then = Some(DateTime::UNIX_EPOCH);
        for (earlier, code) in [
            (Some((own, None)), None),
            (Some((own, then)), Some("platform.already_superseded")),
            (Some((other, None)), Some("platform.reference_not_found")),
            (Some((other, then)), Some("platform.reference_not_found")),
            (None, Some("platform.reference_not_found")),
        ] {
            let refused = correctable(earlier, own).err().map(|problem| problem.code());
            assert_eq!(refused, code, "{earlier:?}");
        }
    }

    #[test]
    fn a_correction_and_its_reason_come_together() {
        let reason: LongText = "Pomyłka w arkuszu".to_owned().try_into().expect("a text");
        for (supersedes, reason, complete) in [
            (None, None, true),
            (Some(Uuid::nil()), Some(&reason), true),
            (Some(Uuid::nil()), None, false),
            (None, Some(&reason), false),
        ] {
            assert_eq!(complete_correction(supersedes, reason).is_ok(), complete);
        }
    }
}
