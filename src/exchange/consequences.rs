//! What accepted records mean for the town's own data: proposals, of which later news supersede the earlier.

use std::collections::HashSet;

use actix_web::ResponseError as _;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use uuid::Uuid;

use super::answering::AnswerBody;
use super::corrections::{StandingEnd, corrected_by, standing_ends, supersede_corrected};
use super::exchange_links::{ExchangeLinkView, find_link};
use super::payload::MessagePayload;
use super::proposals::{ABOUT_AN_END, Confirmation, ProposalKind, ProposalState, ProposalView, confirm, find_proposal};
use super::reading::{MessageView, StoredRecord, correction_of, payload_of, records_of};
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
struct Proposed {
    record: Option<Uuid>,
    kind: ProposalKind,
    person: Uuid,
    edition: Option<Uuid>,
    participation: Option<Uuid>,
    effective_on: Day,
}

/// Makes the proposals of accepted records, and confirms those that the town lets a rule confirm.
pub(super) fn propose(
    tx: &mut Tx,
    message: &MessageView,
    accepted: &[StoredRecord],
    answer: &AnswerBody,
) -> Result<Vec<ProposalView>, Problem> {
    let payload = payload_of(tx, message)?;
    let link = find_link(tx, message.link_id)?;
    link_named(tx, &link, message, accepted)?;
    if !has_consequences(&payload) || accepted.is_empty() {
        return Ok(Vec::new());
    }
    let people = accepted_people(tx, &link, accepted)?;
    let corrected = corrected_by(tx, message)?;
    // Nothing that this message ends by a rule is among them.
    let ends = standing_ends(tx, &corrected)?;
    let mut making =
        Making { message, link: &link, answer, correction: correction_of(tx, message.id)?, corrected, made: Vec::new() };
    for (record, person) in accepted.iter().zip(people) {
        match proposed_by(tx, &link, &payload, (record, person), &ends)? {
            Some(proposed) => making.add(tx, &proposed)?,
            // Where the correction leaves nothing to do, nothing is to be done by what it corrects either.
            None => supersede_corrected(tx, message, &making.corrected, |of| of == person)?,
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
    /// Correction of the message that has been sent already.
    correction: Option<Uuid>,
    /// What the message corrects.
    corrected: Vec<Uuid>,
    made: Vec<ProposalView>,
}

impl Making<'_> {
    /// Makes a proposal, superseded at once where there is later news, and confirms it where a rule may.
    fn add(&mut self, tx: &mut Tx, proposed: &Proposed) -> Result<(), Problem> {
        let superseded_by = match self.correction {
            Some(correction) => Some(correction),
            None => later_news(tx, self.message, proposed, &self.corrected)?,
        };
        if superseded_by.is_none() {
            supersede_earlier(tx, self.message, proposed)?;
        }
        let place = self.made.len();
        let id = tx.id_or_new(self.answer.proposal_ids.get(place).copied());
        insert(tx, (id, place), self.message.id, proposed, superseded_by)?;
        if superseded_by.is_none() && self.link.confirmed_by_rule.0.contains(&proposed.kind) {
            confirm_by_rule(tx, id, self.answer.step.day(tx)?)?;
        }
        self.made.push(find_proposal(tx, id)?);
        Ok(())
    }

    /// Of whom a correction names no more, nothing was told: what is open gives way, and an end is for a person to take back.
    fn add_left_out(&mut self, tx: &mut Tx, ends: &[StandingEnd]) -> Result<(), Problem> {
        // A correction that is corrected itself has no last word.
        if self.corrected.is_empty() || self.correction.is_some() {
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
    let of =
        |kind, effective_on| Proposed { record: Some(record.id), kind, person, edition: None, participation: None, effective_on };
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
            running(tx, link, person, change.since)?.map(|(participation, edition)| Proposed {
                edition: Some(edition),
                participation: Some(participation),
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

/// The participation of a person that runs on a day, in an edition under the agreement of the exchange.
fn running(tx: &mut Tx, link: &ExchangeLinkView, person: Uuid, on: Day) -> Result<Option<(Uuid, Uuid)>, Problem> {
    let edition = editions::tenant_id.eq(participations::tenant_id).and(editions::id.eq(participations::edition_id));
    Ok(participations::table
        .inner_join(editions::table.on(edition))
        .filter(own(tx, participations::tenant_id))
        .filter(editions::agreement_id.eq(link.agreement_id))
        .filter(participations::person_id.eq(person))
        .filter(participations::state.eq(ParticipationState::Active))
        .filter(participations::starts_on.le(on))
        .filter(participations::planned_end_on.ge(on))
        .order(participations::id)
        .select((participations::id, participations::edition_id))
        .first(tx.conn)
        .optional()?)
}

fn participations_in(tx: &mut Tx, edition: Uuid, person: Uuid) -> Result<Vec<Uuid>, Problem> {
    Ok(participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::edition_id.eq(edition))
        .filter(participations::person_id.eq(person))
        .order(participations::starts_on)
        .select(participations::id)
        .load(tx.conn)?)
}

/// Kinds that are about the same as one: news of an end supersede each other.
fn about_the_same(kind: ProposalKind) -> Vec<ProposalKind> {
    if ABOUT_AN_END.contains(&kind) { ABOUT_AN_END.to_vec() } else { vec![kind] }
}

/// A proposal that stands.
#[derive(Queryable, Selectable)]
#[diesel(table_name = message_proposals)]
struct Standing {
    id: Uuid,
    message_id: Uuid,
    kind: ProposalKind,
    effective_on: Day,
    state: ProposalState,
}

/// What stands of the same person and kind; a job or another edition is no news about this one.
fn of_the_same(tx: &mut Tx, message: &MessageView, proposed: &Proposed) -> Result<Vec<Standing>, Problem> {
    // A person may have several jobs: only a correction is about the same one.
    let of_any_message = proposed.kind != ProposalKind::RecordEmployment;
    Ok(message_proposals::table
        .filter(own(tx, message_proposals::tenant_id))
        .filter(message_proposals::person_id.eq(proposed.person))
        .filter(message_proposals::kind.eq_any(about_the_same(proposed.kind)))
        .filter(message_proposals::message_id.ne(message.id))
        .filter(message_proposals::edition_id.is_not_distinct_from(proposed.edition))
        .filter(message_proposals::state.eq_any([ProposalState::Open, ProposalState::Confirmed]))
        .filter(of_any_message.into_sql::<Bool>().or(message_proposals::message_id.eq(message.corrects_id.unwrap_or_default())))
        .order(message_proposals::id)
        .select(Standing::as_select())
        .for_update()
        .load(tx.conn)?)
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
        if correction_of(tx, one.message_id)?.is_none() {
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
fn insert(
    tx: &mut Tx,
    (id, place): (Uuid, usize),
    message: Uuid,
    proposed: &Proposed,
    superseded_by: Option<Uuid>,
) -> Result<(), Problem> {
    let state = if superseded_by.is_some() { ProposalState::Superseded } else { ProposalState::Open };
    tx.touch_too([id]);
    diesel::insert_into(message_proposals::table)
        .values((
            (message_proposals::id.eq(id), message_proposals::message_id.eq(message)),
            (message_proposals::record_id.eq(proposed.record), message_proposals::kind.eq(proposed.kind)),
            (message_proposals::person_id.eq(proposed.person), message_proposals::edition_id.eq(proposed.edition)),
            (message_proposals::participation_id.eq(proposed.participation), message_proposals::state.eq(state)),
            (message_proposals::effective_on.eq(proposed.effective_on), message_proposals::superseded_by_id.eq(superseded_by)),
        ))
        .execute(tx.conn)
        .map_err(Problem::from)
        .map_err(|problem| match problem.constraint.as_deref() {
            Some("message_proposals_pkey") => catalogue::ID_TAKEN.at(format!("/proposalIds/{place}")),
            _ => problem,
        })?;
    Ok(())
}

/// Confirms a proposal where nothing stands in the way; otherwise it stays open for a person.
fn confirm_by_rule(tx: &mut Tx, id: Uuid, on: Day) -> Result<(), Problem> {
    let trail = tx.trail.clone();
    tx.conn.batch_execute("SAVEPOINT by_rule")?;
    match confirm(tx, id, &Confirmation::by_rule(on)) {
        Ok(()) => Ok(tx.conn.batch_execute("RELEASE SAVEPOINT by_rule")?),
        // A store that fails, or an adversary in a deadlock, fails the whole call.
        Err(problem) if problem.status_code().is_server_error() => Err(problem),
        Err(_) => {
            tx.conn.batch_execute("ROLLBACK TO SAVEPOINT by_rule")?;
            tx.trail = trail;
            Ok(())
        }
    }
}
