//! News that gave way to what does not stand any more come back: of what is in force, the latest day counts.

use diesel::prelude::*;
use uuid::Uuid;

use super::consequences::{Proposed, about_the_same, confirm_by_rule, insert, participations_in};
use super::corrections::{corrected_by, standing_ends};
use super::exchange_links::find_link;
use super::in_force::{Verdict, corrections_of, stands};
use super::proposals::{ProposalKind, ProposalState};
use super::reading::find_message;
use crate::participation::participations::ParticipationState;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::Day;
use crate::schema::{message_proposals, participations};

/// A proposal, as far as it tells whether it is the last word.
#[derive(Clone, Copy, Debug, Queryable, Selectable)]
#[diesel(table_name = message_proposals)]
struct News {
    id: Uuid,
    message_id: Uuid,
    record_id: Option<Uuid>,
    kind: ProposalKind,
    person_id: Uuid,
    edition_id: Option<Uuid>,
    participation_id: Option<Uuid>,
    effective_on: Day,
    state: ProposalState,
}

impl News {
    /// Whether both follow from the same.
    fn is_of(&self, other: &Self) -> bool {
        (self.message_id, self.record_id, self.participation_id) == (other.message_id, other.record_id, other.participation_id)
    }
}

/// Proposes anew what messages had put aside and do not any more: what they told was corrected, refused or taken back.
///
/// What was put aside stays so in its history. Where a rule of the town confirms such a consequence, it does so then.
pub(super) fn bring_back(tx: &mut Tx, messages: &[Uuid], on: Day) -> Result<(), Problem> {
    let touched: Vec<News> = message_proposals::table
        .filter(own(tx, message_proposals::tenant_id))
        .filter(message_proposals::message_id.eq_any(messages))
        .order(message_proposals::id)
        .select(News::as_select())
        .load(tx.conn)?;
    let mut seen = Vec::new();
    for one in touched {
        let matter = (one.person_id, about_the_same(one.kind), one.edition_id);
        if !seen.contains(&matter) {
            bring_back_one(tx, &one, on)?;
            seen.push(matter);
        }
    }
    Ok(())
}

/// As [`bring_back`], of all that is about the same as one proposal.
fn bring_back_one(tx: &mut Tx, about: &News, on: Day) -> Result<(), Problem> {
    // By day; of one day what was not put aside, then what came last.
    let news: Vec<News> = message_proposals::table
        .filter(own(tx, message_proposals::tenant_id))
        .filter(message_proposals::person_id.eq(about.person_id))
        .filter(message_proposals::kind.eq_any(about_the_same(about.kind)))
        .filter(message_proposals::edition_id.is_not_distinct_from(about.edition_id))
        .order((
            message_proposals::effective_on.desc(),
            message_proposals::state.eq(ProposalState::Superseded),
            message_proposals::recorded_at.desc(),
            message_proposals::id.desc(),
        ))
        .select(News::as_select())
        .for_update()
        .load(tx.conn)?;
    let mut anew: Vec<&News> = Vec::new();
    for one in &news {
        if !counts(tx, one)? {
            continue;
        }
        // Somebody may have had several jobs; of all else there is one last word, and the answer to its correction comes first.
        let is_one_of_many = one.kind == ProposalKind::RecordEmployment;
        let is_followed = news.iter().any(|other| other.is_of(one) && other.state != ProposalState::Superseded);
        let is_put_aside = one.state == ProposalState::Superseded && !is_followed && !anew.iter().any(|other| other.is_of(one));
        if is_put_aside && !awaits_correction(tx, one.message_id)? {
            if !is_one_of_many {
                put_aside_others(tx, &news, one)?;
            }
            propose_anew(tx, one, on)?;
            anew.push(one);
        }
        if !is_one_of_many {
            break;
        }
    }
    Ok(())
}

fn awaits_correction(tx: &mut Tx, message: Uuid) -> Result<bool, Problem> {
    Ok(corrections_of(tx, message)?.iter().any(|correction| correction.verdict == Verdict::Awaited))
}

/// Whether a proposal is about what is in force, and there is something to do about it or was.
fn counts(tx: &mut Tx, one: &News) -> Result<bool, Problem> {
    if !stands(tx, one.message_id, one.person_id)? {
        return Ok(false);
    }
    Ok(match one.kind {
        ProposalKind::EndParticipation => is_active(tx, one)?,
        ProposalKind::ChangeEnd | ProposalKind::TakeBackEnd => {
            let message = find_message(tx, one.message_id)?;
            let corrected = corrected_by(tx, &message)?;
            let mut ends = standing_ends(tx, &corrected)?.into_iter();
            ends.any(|end| Some(end.participation) == one.participation_id)
        }
        ProposalKind::Admit => match one.edition_id {
            Some(edition) => participations_in(tx, edition, one.person_id)?.is_empty(),
            None => false,
        },
        ProposalKind::RecordEmployment | ProposalKind::RecordPostDecision => true,
    })
}

fn is_active(tx: &mut Tx, one: &News) -> Result<bool, Problem> {
    let Some(participation) = one.participation_id else { return Ok(false) };
    let active: i64 = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::id.eq(participation))
        .filter(participations::state.eq(ParticipationState::Active))
        .count()
        .get_result(tx.conn)?;
    Ok(active > 0)
}

/// What is open of earlier news about the same gives way to the last word.
fn put_aside_others(tx: &mut Tx, news: &[News], last_word: &News) -> Result<(), Problem> {
    let others: Vec<Uuid> =
        news.iter().filter(|one| one.id != last_word.id && one.state == ProposalState::Open).map(|one| one.id).collect();
    let rows =
        message_proposals::table.filter(own(tx, message_proposals::tenant_id)).filter(message_proposals::id.eq_any(others));
    diesel::update(rows)
        .set((
            message_proposals::state.eq(ProposalState::Superseded),
            message_proposals::superseded_by_id.eq(last_word.message_id),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Makes a proposal once more, and confirms it where a rule of the town does so.
fn propose_anew(tx: &mut Tx, one: &News, on: Day) -> Result<(), Problem> {
    let proposed = Proposed {
        record: one.record_id,
        kind: one.kind,
        person: one.person_id,
        edition: one.edition_id,
        participation: one.participation_id,
        effective_on: one.effective_on,
        is_over: false,
    };
    let id = tx.id_or_new(None);
    insert(tx, (id, 0), one.message_id, &proposed, None)?;
    let message = find_message(tx, one.message_id)?;
    let link = find_link(tx, message.link_id)?;
    if link.confirmed_by_rule.0.contains(&one.kind) { confirm_by_rule(tx, id, on) } else { Ok(()) }
}
