//! What an exchange has told by a day: of each message and its corrections the version in force.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use uuid::Uuid;

use super::exchange_links::ExchangeLinkView;
use super::kinds::MessageKind;
use super::lifecycle::MessageState;
use super::parties::{visible, visible_messages};
use super::reading::RejectCode;
use crate::platform::db::Tx;
use crate::platform::problem::Problem;
use crate::platform::types::Day;
use crate::schema::{message_records, message_steps, messages};

/// A message, as far as deadlines ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = messages)]
pub(super) struct Version {
    pub id: Uuid,
    pub kind: MessageKind,
    pub period_on: Option<Day>,
    pub edition_id: Option<Uuid>,
    pub effective_on: Day,
    pub due_on: Option<Day>,
    pub sent_on: Option<Day>,
    corrects_id: Option<Uuid>,
}

impl Version {
    /// What makes two messages ones about the same: kind, period and edition.
    pub(super) const fn key(&self) -> (MessageKind, Option<Day>, Option<Uuid>) {
        (self.kind, self.period_on, self.edition_id)
    }
}

/// A message with its corrections, as they stand on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Telling {
    /// The version in force; where none is, the last one.
    pub version: Version,
    /// Day since which the same is told; none where nothing is in force.
    pub told_on: Option<Day>,
    /// Whether all that was sent has been refused.
    pub is_refused: bool,
}

/// What was told in an exchange by a day; `over_on` says when that is over of which a message tells: before that day it was
/// not told as a whole.
pub(super) fn tellings(
    tx: &mut Tx,
    link: &ExchangeLinkView,
    on: Day,
    over_on: impl Fn(&Version) -> Option<Day>,
) -> Result<Vec<Telling>, Problem> {
    let versions: Vec<Version> = visible_messages!(tx)
        .filter(messages::link_id.eq(link.id))
        .filter(messages::state.ne(MessageState::Discarded))
        .order((messages::sent_on, messages::id))
        .select(Version::as_select())
        .load(tx.conn)?;
    let refused = refused_by(tx, link, on)?;
    let corrections: HashMap<Uuid, Version> = versions
        .iter()
        .filter(|version| version.sent_on.is_some_and(|sent| sent <= on))
        .filter_map(|version| Some((version.corrects_id?, *version)))
        .collect();
    let firsts = versions.iter().filter(|version| version.corrects_id.is_none());
    Ok(firsts.map(|first| telling(*first, &corrections, &refused, on, &over_on)).collect())
}

/// Messages of an exchange that had been refused as a whole by a day, at once or record by record; of what was told already
/// nobody has to be told again.
fn refused_by(tx: &mut Tx, link: &ExchangeLinkView, on: Day) -> Result<HashSet<Uuid>, Problem> {
    let of_link = messages::tenant_id.eq(message_steps::tenant_id).and(messages::id.eq(message_steps::message_id));
    let refused: Vec<(Uuid, Option<RejectCode>)> = visible!(tx, message_steps)
        .inner_join(messages::table.on(of_link))
        .filter(messages::link_id.eq(link.id))
        .filter(message_steps::state.eq(MessageState::Refused))
        .filter(message_steps::effective_on.le(on))
        .filter(message_steps::reject_code.is_null().or(message_steps::reject_code.ne(RejectCode::Duplicate)))
        .select((message_steps::message_id, message_steps::reject_code))
        .load(tx.conn)?;
    let (at_once, by_record): (Vec<_>, Vec<_>) = refused.into_iter().partition(|(_, code)| code.is_some());
    let not_told: Vec<Uuid> = visible!(tx, message_records)
        .filter(message_records::message_id.eq_any(by_record.into_iter().map(|(id, _)| id).collect::<Vec<_>>()))
        .filter(message_records::reject_code.ne(RejectCode::Duplicate))
        .select(message_records::message_id)
        .load(tx.conn)?;
    Ok(at_once.into_iter().map(|(id, _)| id).chain(not_told).collect())
}

fn telling(
    first: Version,
    corrections: &HashMap<Uuid, Version>,
    refused: &HashSet<Uuid>,
    on: Day,
    over_on: &impl Fn(&Version) -> Option<Day>,
) -> Telling {
    let mut chain = vec![first];
    while let Some(next) = chain.last().and_then(|last| corrections.get(&last.id)) {
        chain.push(*next);
    }
    let last = chain.last().copied().unwrap_or(first);
    let is_sent = |version: &Version| version.sent_on.is_some_and(|sent| sent <= on);
    let mut in_force =
        chain.iter().rev().filter(|version| is_sent(version) && !refused.contains(&version.id)).copied().peekable();
    let Some(version) = in_force.peek().copied() else {
        return Telling { version: last, told_on: None, is_refused: is_sent(&last) };
    };
    // A correction that says the same of the same month leaves it told in time.
    let whole = |one: &Version| one.sent_on.filter(|sent| over_on(one).is_none_or(|over| over <= *sent));
    let told_on = in_force.take_while(|one| one.key() == version.key()).filter_map(|one| whole(&one)).last();
    Telling { version, told_on, is_refused: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    /// A list of a month that was sent on a day, and what it corrects.
    fn list(id: u128, month: &str, sent: &str, corrects: Option<u128>) -> Version {
        Version {
            id: Uuid::from_u128(id),
            kind: MessageKind::ReferredOrRefused,
            period_on: Some(day(month)),
            edition_id: None,
            effective_on: day(sent),
            due_on: None,
            sent_on: Some(day(sent)),
            corrects_id: corrects.map(Uuid::from_u128),
        }
    }

    fn told(chain: &[Version], refused: &[u128], on: &str) -> (u128, Option<Day>) {
        let on = day(on);
        let sent = chain.iter().filter(|one| one.sent_on.is_some_and(|sent| sent <= on));
        let corrections = sent.filter_map(|one| Some((one.corrects_id?, *one))).collect();
        let refused = refused.iter().copied().map(Uuid::from_u128).collect();
        let told = telling(chain[0], &corrections, &refused, on, &|_| None);
        (told.version.id.as_u128(), told.told_on)
    }

    #[test]
    fn the_version_in_force_says_what_was_told_and_since_when() {
        let (october, november) = ("2020-10-01", "2020-11-01");
        let same = [list(1, october, "2020-11-09", None), list(2, october, "2020-11-20", Some(1))];
        let other = [list(1, october, "2020-12-09", None), list(2, november, "2020-12-20", Some(1))];
        let back = [other[0], other[1], list(3, october, "2020-12-22", Some(2))];
        for (chain, refused, on, expected) in [
            (&same[..], &[][..], "2020-12-31", (2, Some("2020-11-09"))),
            (&same, &[], "2020-11-19", (1, Some("2020-11-09"))),
            (&same, &[1], "2020-12-31", (2, Some("2020-11-20"))),
            (&same, &[2], "2020-12-31", (1, Some("2020-11-09"))),
            (&same, &[1, 2], "2020-12-31", (2, None)),
            (&other, &[], "2020-12-31", (2, Some("2020-12-20"))),
            (&other, &[2], "2020-12-31", (1, Some("2020-12-09"))),
            (&back, &[], "2020-12-31", (3, Some("2020-12-22"))),
            (&back, &[2], "2020-12-31", (3, Some("2020-12-09"))),
            (&same, &[], "2020-11-08", (1, None)),
        ] {
            let (id, since) = expected;
            assert_eq!(told(chain, refused, on), (id, since.map(day)), "refused {refused:?}, on {on}");
        }
    }
}
