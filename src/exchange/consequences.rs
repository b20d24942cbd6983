//! What accepted records mean for the town's own data: proposals, of which later news supersede the earlier.

use std::collections::HashSet;

use actix_web::ResponseError as _;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use uuid::Uuid;

use super::answering::AnswerBody;
use super::carrying_out::{Confirmation, confirm};
use super::coming_back::bring_back;
use super::corrections::{StandingEnd, corrected_by, standing_ends, supersede_corrected};
use super::exchange_links::{ExchangeLinkView, find_link};
use super::in_force::{replaced_by, stands};
use super::payload::MessagePayload;
use super::proposals::{ABOUT_AN_END, ProposalKind, ProposalState, ProposalView, find_proposal};
use super::reading::{MessageView, StoredRecord, payload_of, records_of};
use super::resolving::{counterpart, insert_subject, people_of};
use super::sealed::open_identity;
use super::words::{StatusChangeKind, VerificationResult};
use super::{PERSON_TWICE, SUBJECT_UNKNOWN};
use crate::participation::participations::ParticipationState;
use crate::people::{find_by_document, find_by_pesel};
use crate::platform::db::{Tx, own};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::Day;
use crate::schema::{editions, message_proposals, participations};

/// What a record proposes, or a correction that has none about the person.
pub(super) struct Proposed {
    pub record: Option<Uuid>,
    pub kind: ProposalKind,
    pub person: Uuid,
    pub edition: Option<Uuid>,
    pub participation: Option<Uuid>,
    pub effective_on: Day,
    /// Whether the participation has ended: then news of another day than that of the end are noted only, for its correction.
    pub is_over: bool,
}

/// Makes the proposals of accepted records, and confirms those that the town lets a rule confirm.
pub(super) fn propose(
    tx: &mut Tx,
    message: &MessageView,
    accepted: &[StoredRecord],
    answer: &AnswerBody,
) -> Result<Vec<ProposalView>, Problem> {
    let payload = payload_of(tx, message)?;
    if !has_consequences(&payload) {
        let link = find_link(tx, message.link_id)?;
        link_named(tx, &link, message, accepted)?;
        return Ok(Vec::new());
    }
    let corrected = corrected_by(tx, message)?;
    let matter: Vec<Uuid> = corrected.iter().copied().chain([message.id]).collect();
    let made = if accepted.is_empty() { Vec::new() } else { make(tx, message, (&payload, corrected), (accepted, answer))? };
    bring_back(tx, &matter, answer.step.day(tx)?)?;
    made.into_iter().map(|id| find_proposal(tx, id)).collect()
}

/// As [`propose`], where something was accepted; answers the ids of what was made.
fn make(
    tx: &mut Tx,
    message: &MessageView,
    (payload, corrected): (&MessagePayload, Vec<Uuid>),
    (accepted, answer): (&[StoredRecord], &AnswerBody),
) -> Result<Vec<Uuid>, Problem> {
    let link = find_link(tx, message.link_id)?;
    let people = accepted_people(tx, &link, accepted)?;
    // Nothing that this message ends by a rule is among them.
    let ends = standing_ends(tx, &corrected)?;
    let replaced_by = replaced_by(tx, message.id)?;
    let mut making = Making { message, link: &link, answer, replaced_by, corrected, made: Vec::new() };
    for (record, person) in accepted.iter().zip(people) {
        let proposed = proposed_by(tx, &link, payload, (record, person), &ends)?;
        // Whatever the correction says of somebody takes the place of what was told before.
        supersede_corrected(tx, message, &making.corrected, |of| of == person)?;
        if let Some(proposed) = proposed {
            making.add(tx, &proposed)?;
        }
    }
    making.add_left_out(tx, &ends)?;
    Ok(making.made)
}

/// The people of accepted records, in their order; each once.
fn accepted_people(tx: &mut Tx, link: &ExchangeLinkView, accepted: &[StoredRecord]) -> Result<Vec<Uuid>, Problem> {
    let known = people_of(tx, link, &accepted.iter().map(|record| record.subject_id).collect::<Vec<_>>())?;
    let mut people = Vec::with_capacity(accepted.len());
    for record in accepted {
        let at = format!("/refused/{}", record.position);
        let person = known.get(&record.subject_id).copied();
        let person = person.ok_or_else(|| SUBJECT_UNKNOWN.at(&at).with("subjectId", record.subject_id.to_string()))?;
        if people.contains(&person) {
            // Two subjects who turned out to be one person: what the second tells could not be done after the first.
            return Err(PERSON_TWICE.at(at).with("subjectId", record.subject_id.to_string()));
        }
        people.push(person);
    }
    Ok(people)
}

/// The proposals of a message that is being answered.
struct Making<'m> {
    message: &'m MessageView,
    link: &'m ExchangeLinkView,
    answer: &'m AnswerBody,
    /// Correction of the message that has been sent already, and was not refused.
    replaced_by: Option<Uuid>,
    /// What the message corrects.
    corrected: Vec<Uuid>,
    made: Vec<Uuid>,
}

impl Making<'_> {
    /// Makes a proposal, superseded at once where there is later news, and confirms it where a rule may.
    fn add(&mut self, tx: &mut Tx, proposed: &Proposed) -> Result<(), Problem> {
        let superseded_by = match self.replaced_by {
            Some(correction) => Some(correction),
            None if proposed.is_over => ended_by(tx, self.message, proposed)?,
            None => later_news(tx, self.message, proposed, &self.corrected)?,
        };
        if proposed.is_over && superseded_by.is_none() {
            return Ok(());
        }
        if superseded_by.is_none() {
            supersede_earlier(tx, self.message, proposed)?;
        }
        let place = self.made.len();
        let id = tx.id_or_new(self.answer.proposal_ids.get(place).copied());
        insert(tx, (id, place), self.message.id, proposed, superseded_by)?;
        if superseded_by.is_none() && self.link.confirmed_by_rule.0.contains(&proposed.kind) {
            confirm_by_rule(tx, id, self.answer.step.day(tx)?)?;
        }
        self.made.push(id);
        Ok(())
    }

    /// Of whom a correction names no more, nothing was told: what is open gives way, and an end is for a person to take back.
    fn add_left_out(&mut self, tx: &mut Tx, ends: &[StandingEnd]) -> Result<(), Problem> {
        if self.corrected.is_empty() {
            return Ok(());
        }
        let records = records_of(tx, self.message.id)?;
        // Of whom the town refused to hear, it does not hear either that nothing happened.
        let named = people_of(tx, self.link, &records.iter().map(|record| record.subject_id).collect::<Vec<_>>())?;
        let named: HashSet<Uuid> = named.into_values().collect();
        supersede_corrected(tx, self.message, &self.corrected, |person| !named.contains(&person))?;
        for end in ends.iter().filter(|end| !named.contains(&end.person)) {
            let taken_back = Proposed {
                record: None,
                kind: ProposalKind::TakeBackEnd,
                person: end.person,
                edition: Some(end.edition),
                participation: Some(end.participation),
                effective_on: end.ended_on,
                is_over: false,
            };
            self.add(tx, &taken_back)?;
        }
        Ok(())
    }
}

/// Whether accepted records of a payload can propose anything.
const fn has_consequences(payload: &MessagePayload) -> bool {
    matches!(
        payload,
        MessagePayload::StatusChange(_)
            | MessagePayload::Referral(_)
            | MessagePayload::EmploymentVerification(_)
            | MessagePayload::PostDecision(_)
    )
}

/// Finds by PESEL or document which of one's own people those are whom a list names for the first time.
fn link_named(tx: &mut Tx, link: &ExchangeLinkView, message: &MessageView, accepted: &[StoredRecord]) -> Result<(), Problem> {
    let named: Vec<&StoredRecord> = accepted.iter().filter(|record| record.identity.is_some()).collect();
    let known = people_of(tx, link, &named.iter().map(|record| record.subject_id).collect::<Vec<_>>())?;
    for record in named.into_iter().filter(|record| !known.contains_key(&record.subject_id)) {
        let Some(identity) = open_identity(tx, message, record)? else { continue };
        let found = match (&identity.pesel, &identity.document) {
            (Some(pesel), _) => find_by_pesel(tx, pesel)?,
            (None, Some(document)) => find_by_document(tx, document)?,
            (None, None) => Vec::new(),
        };
        if let [person] = found[..] {
            let counterpart = counterpart(tx, link);
            insert_subject(tx, counterpart, record.subject_id, person)?;
        }
    }
    Ok(())
}

/// What one record proposes; nothing where it finds nothing to change.
fn proposed_by(
    tx: &mut Tx,
    link: &ExchangeLinkView,
    payload: &MessagePayload,
    (record, person): (&StoredRecord, Uuid),
    ends: &[StandingEnd],
) -> Result<Option<Proposed>, Problem> {
    let at = usize::try_from(record.position).unwrap_or(usize::MAX);
    let of = |kind, effective_on| {
        let (edition, participation) = (None, None);
        Proposed { record: Some(record.id), kind, person, edition, participation, effective_on, is_over: false }
    };
    Ok(match payload {
        MessagePayload::StatusChange(content) => {
            let Some(change) = content.records.get(at) else { return Ok(None) };
            if let Some(end) = ends.iter().find(|end| end.person == person) {
                return Ok(end.corrected_by(change).map(|kind| Proposed {
                    edition: Some(end.edition),
                    participation: Some(end.participation),
                    ..of(kind, change.since)
                }));
            }
            if change.change == StatusChangeKind::Revoked {
                return Ok(None);
            }
            concerned(tx, link, person, change.since)?.map(|stay| Proposed {
                edition: Some(stay.edition_id),
                participation: Some(stay.id),
                is_over: stay.state != ParticipationState::Active,
                ..of(ProposalKind::EndParticipation, change.since)
            })
        }
        MessagePayload::Referral(content) => {
            let taking_part = participations_in(tx, content.edition_id, person)?;
            let new = content.records.get(at).filter(|_| taking_part.is_empty());
            new.map(|referral| Proposed { edition: Some(content.edition_id), ..of(ProposalKind::Admit, referral.from) })
        }
        MessagePayload::EmploymentVerification(content) => {
            let found = content.records.get(at).filter(|one| one.result == VerificationResult::Employed);
            found
                .and_then(|one| one.job.as_ref())
                .map(|job| Proposed { edition: Some(content.edition_id), ..of(ProposalKind::RecordEmployment, job.from) })
        }
        MessagePayload::PostDecision(content) => {
            let participation = participations_in(tx, content.edition_id, person)?.pop();
            content.records.get(at).filter(|_| participation.is_some()).map(|decision| Proposed {
                edition: Some(content.edition_id),
                participation,
                ..of(ProposalKind::RecordPostDecision, decision.decided_on)
            })
        }
        _ => None,
    })
}

/// A participation, as far as news of a day may be about it.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = participations)]
struct Concerned {
    id: Uuid,
    edition_id: Uuid,
    state: ParticipationState,
    starts_on: Day,
    ended_on: Option<Day>,
}

/// The participation of a person that news of a day are about, in an edition under the agreement of the exchange: the one that
/// runs on that day, else the next one that begins after it, else one that ended on another day.
fn concerned(tx: &mut Tx, link: &ExchangeLinkView, person: Uuid, on: Day) -> Result<Option<Concerned>, Problem> {
    let edition = editions::tenant_id.eq(participations::tenant_id).and(editions::id.eq(participations::edition_id));
    let stays: Vec<Concerned> = participations::table
        .inner_join(editions::table.on(edition))
        .filter(own(tx, participations::tenant_id))
        .filter(editions::agreement_id.eq(link.agreement_id))
        .filter(participations::person_id.eq(person))
        .filter(participations::planned_end_on.ge(on))
        .order((participations::starts_on, participations::id))
        .select(Concerned::as_select())
        .load(tx.conn)?;
    let rank = |stay: &Concerned| match stay.state {
        ParticipationState::Active if stay.starts_on <= on => Some(0),
        ParticipationState::Active => Some(1),
        ParticipationState::Exited if stay.ended_on != Some(on) => Some(2),
        ParticipationState::Exited | ParticipationState::Completed => None,
    };
    Ok(stays.into_iter().filter(|stay| rank(stay).is_some()).min_by_key(rank))
}

pub(super) fn participations_in(tx: &mut Tx, edition: Uuid, person: Uuid) -> Result<Vec<Uuid>, Problem> {
    Ok(participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::edition_id.eq(edition))
        .filter(participations::person_id.eq(person))
        .order(participations::starts_on)
        .select(participations::id)
        .load(tx.conn)?)
}

/// Kinds that are about the same as one: news of an end supersede each other.
pub(super) fn about_the_same(kind: ProposalKind) -> Vec<ProposalKind> {
    if ABOUT_AN_END.contains(&kind) { ABOUT_AN_END.to_vec() } else { vec![kind] }
}

/// A proposal that stands.
#[derive(Queryable, Selectable)]
#[diesel(table_name = message_proposals)]
struct Standing {
    id: Uuid,
    message_id: Uuid,
    kind: ProposalKind,
    participation_id: Option<Uuid>,
    effective_on: Day,
    state: ProposalState,
}

/// What stands of the same person and kind; a job or another edition is no news about this one.
fn of_the_same(tx: &mut Tx, message: &MessageView, proposed: &Proposed) -> Result<Vec<Standing>, Problem> {
    // A person may have several jobs: only a correction is about the same one, and that has taken its place.
    if proposed.kind == ProposalKind::RecordEmployment {
        return Ok(Vec::new());
    }
    Ok(message_proposals::table
        .filter(own(tx, message_proposals::tenant_id))
        .filter(message_proposals::person_id.eq(proposed.person))
        .filter(message_proposals::kind.eq_any(about_the_same(proposed.kind)))
        .filter(message_proposals::message_id.ne(message.id))
        .filter(message_proposals::edition_id.is_not_distinct_from(proposed.edition))
        .filter(message_proposals::state.eq_any([ProposalState::Open, ProposalState::Confirmed]))
        .order(message_proposals::id)
        .select(Standing::as_select())
        .for_update()
        .load(tx.conn)?)
}

/// The message by which a participation has ended, on another day than is told now.
fn ended_by(tx: &mut Tx, message: &MessageView, proposed: &Proposed) -> Result<Option<Uuid>, Problem> {
    let ended = of_the_same(tx, message, proposed)?.into_iter().filter(|one| {
        one.state == ProposalState::Confirmed
            && one.participation_id == proposed.participation
            && one.kind != ProposalKind::TakeBackEnd
    });
    let last = ended.max_by_key(|one| one.id);
    Ok(last.filter(|one| one.effective_on != proposed.effective_on).map(|one| one.message_id))
}

/// A message that tells of a later day and whose proposal stands: what comes late does not undo it. What was corrected is no
/// news any more, and neither is what this message corrects.
fn later_news(tx: &mut Tx, message: &MessageView, proposed: &Proposed, corrected: &[Uuid]) -> Result<Option<Uuid>, Problem> {
    let standing = of_the_same(tx, message, proposed)?;
    // That an end was none is no news of another one.
    let is_later = |one: &Standing| one.effective_on > proposed.effective_on && one.kind != ProposalKind::TakeBackEnd;
    let mut later: Vec<Standing> =
        standing.into_iter().filter(|one| is_later(one) && !corrected.contains(&one.message_id)).collect();
    later.sort_by_key(|one| std::cmp::Reverse(one.effective_on));
    for one in later {
        if stands(tx, one.message_id, proposed.person)? {
            return Ok(Some(one.message_id));
        }
    }
    Ok(None)
}

/// Open proposals of earlier news about the same give way to this one.
fn supersede_earlier(tx: &mut Tx, message: &MessageView, proposed: &Proposed) -> Result<(), Problem> {
    let standing = of_the_same(tx, message, proposed)?;
    let open: Vec<Uuid> = standing.into_iter().filter(|one| one.state == ProposalState::Open).map(|one| one.id).collect();
    let rows = message_proposals::table.filter(own(tx, message_proposals::tenant_id)).filter(message_proposals::id.eq_any(open));
    diesel::update(rows)
        .set((message_proposals::state.eq(ProposalState::Superseded), message_proposals::superseded_by_id.eq(message.id)))
        .execute(tx.conn)?;
    Ok(())
}

/// Stores a proposal under an id that the body may have chosen, at a place among those.
pub(super) fn insert(
    tx: &mut Tx,
    (id, place): (Uuid, usize),
    message: Uuid,
    proposed: &Proposed,
    superseded_by: Option<Uuid>,
) -> Result<(), Problem> {
    let before_start = match proposed.participation {
        Some(participation) => starts_after(tx, participation, proposed.effective_on)?,
        None => false,
    };
    let state = if superseded_by.is_some() { ProposalState::Superseded } else { ProposalState::Open };
    tx.touch_too([id]);
    diesel::insert_into(message_proposals::table)
        .values((
            (message_proposals::id.eq(id), message_proposals::message_id.eq(message)),
            (message_proposals::record_id.eq(proposed.record), message_proposals::kind.eq(proposed.kind)),
            (message_proposals::person_id.eq(proposed.person), message_proposals::edition_id.eq(proposed.edition)),
            (message_proposals::participation_id.eq(proposed.participation), message_proposals::state.eq(state)),
            (message_proposals::effective_on.eq(proposed.effective_on), message_proposals::superseded_by_id.eq(superseded_by)),
            message_proposals::before_start.eq(before_start),
        ))
        .execute(tx.conn)
        .map_err(Problem::from)
        .map_err(|problem| match problem.constraint.as_deref() {
            Some("message_proposals_pkey") => catalogue::ID_TAKEN.at(format!("/proposalIds/{place}")),
            _ => problem,
        })?;
    Ok(())
}

/// Whether a participation begins after a day.
fn starts_after(tx: &mut Tx, participation: Uuid, on: Day) -> Result<bool, Problem> {
    let later: i64 = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::id.eq(participation))
        .filter(participations::starts_on.gt(on))
        .count()
        .get_result(tx.conn)?;
    Ok(later > 0)
}

/// Confirms a proposal where nothing stands in the way; otherwise it stays open for a person.
pub(super) fn confirm_by_rule(tx: &mut Tx, id: Uuid, on: Day) -> Result<(), Problem> {
    let trail = tx.trail.clone();
    tx.conn.batch_execute("SAVEPOINT by_rule")?;
    match confirm(tx, id, &Confirmation::by_rule(on)) {
        Ok(()) => Ok(tx.conn.batch_execute("RELEASE SAVEPOINT by_rule")?),
        // A store that fails, or an adversary in a deadlock, fails the whole call; a constraint refuses the act alone.
        Err(problem) if problem.constraint.is_none() && problem.status_code().is_server_error() => Err(problem),
        Err(_) => {
            tx.conn.batch_execute("ROLLBACK TO SAVEPOINT by_rule")?;
            tx.trail = trail;
            Ok(())
        }
    }
}
