//! The answer to a message: accepted, accepted in part or refused, record by record; in a town, with what follows from it.

use actix_web::post;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::ANSWER_CONTRADICTS;
use super::consequences::propose;
use super::lifecycle::MessageState;
use super::parties::Side;
use super::proposals::ProposalView;
use super::reading::{MessageDetailView, RecordState, RejectCode, StoredRecord, detail, find_message, records_of};
use super::steps::{MessageStepBody, step};
use crate::participation::refuse_told;
use crate::people::merging::hold_off_merges;
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::permit::Permit;
use crate::platform::policy::AnswerMessage;
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{between, count_between};
use crate::schema::message_records;

/// A record that is refused.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefusedRecord {
    /// Position of the record, from 0.
    #[serde(deserialize_with = "between::<0, 1000, _, _>")]
    #[schema(minimum = 0, maximum = 1000)]
    pub position: i32,
    /// Why.
    pub reject_code: RejectCode,
}

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "step": { "effectiveOn": "2026-06-15", "reference": "MOPS.441.7.2026" }, "accepted": true }))]
pub struct AnswerBody {
    /// Day, reference and official letter of the answer.
    pub step: MessageStepBody,
    /// Whether the message is accepted, save for the records named in `refused`.
    pub accepted: bool,
    /// Why it is refused as a whole; given where, and only where, `accepted` is false.
    pub reject_code: Option<RejectCode>,
    /// Ids of what follows, chosen by the client (UUIDv7), in the order of the records that it follows from; no more than follow.
    #[serde(default, deserialize_with = "count_between::<0, 1000, _, _>")]
    #[schema(max_items = 1000)]
    pub proposal_ids: Vec<Uuid>,
    /// Records that are refused.
    #[serde(default, deserialize_with = "count_between::<0, 1000, _, _>")]
    #[schema(max_items = 1000)]
    pub refused: Vec<RefusedRecord>,
}

/// A message that was answered, and what follows from it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AnsweredView {
    /// The message as it is now.
    #[serde(flatten)]
    pub message: MessageDetailView,
    /// What follows from it for the town's own data: open, or confirmed by a rule of the town.
    #[schema(max_items = 1000)]
    pub proposals: Vec<ProposalView>,
}

impl View for AnsweredView {
    fn version(&self) -> Option<i32> {
        self.message.version()
    }
}

/// What becomes of each record, and so of the message.
fn judge(body: &AnswerBody, records: usize) -> Result<(MessageState, Vec<Option<RejectCode>>), Problem> {
    let mut codes = vec![None; records];
    if !body.accepted {
        let Some(code) = body.reject_code else { return Err(ANSWER_CONTRADICTS.at("/rejectCode")) };
        if !body.refused.is_empty() {
            return Err(ANSWER_CONTRADICTS.at("/refused"));
        }
        return Ok((MessageState::Refused, vec![Some(code); records]));
    }
    if body.reject_code.is_some() {
        return Err(ANSWER_CONTRADICTS.at("/rejectCode"));
    }
    for (place, refused) in body.refused.iter().enumerate() {
        let position = usize::try_from(refused.position).unwrap_or(usize::MAX);
        match codes.get_mut(position) {
            Some(code @ None) => *code = Some(refused.reject_code),
            _ => return Err(ANSWER_CONTRADICTS.at(format!("/refused/{place}/position"))),
        }
    }
    let state = match body.refused.len() {
        0 => MessageState::Accepted,
        all if all == records => MessageState::Refused,
        _ => MessageState::AcceptedInPart,
    };
    Ok((state, codes))
}

/// Answers a message: as a whole, or record by record with reject codes.
///
/// In a town, accepted records of a change of status, a referral, a verification of employment or a decision after the
/// programme become proposals; those that the exchange lets a rule confirm are confirmed in the same call, where
/// nothing stands in the way. A message that tells of an earlier day than one whose proposal stands, or that has been
/// corrected, is recorded, and its proposal is superseded; where what took its place does not stand any more, the same is
/// proposed anew, which `list_message_proposals` tells. A correction of what has ended a participation proposes to change
/// that end, or to take it back, also of somebody whom it names no more (then without `recordId`); a person confirms it. Two
/// records that turn out to be about one person are not both accepted. Duties to inform that a refused record had discharged are open again,
/// unless it was refused as told already.
#[utoipa::path(tag = "messages", request_body = AnswerBody, params(("id" = Uuid, Path, description = "Message")),
    responses((status = 200, body = AnsweredView, description = "The message as it is now, and what follows")))]
#[post("/messages/{id}/answer")]
async fn answer_message(permit: Permit<AnswerMessage>, id: PathId, body: Body<AnswerBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            // An answer looks at what earlier messages have led to, and at who takes part: neither changes meanwhile.
            hold_off_merges(tx)?;
            let seen = find_message(tx, id.0)?;
            let records = records_of(tx, seen.id)?;
            let (state, codes) = judge(body, records.len())?;
            let message = step(tx, id.0, state, &body.step, body.reject_code).map_err(within_step)?;
            store(tx, &records, &codes)?;
            let accepted: Vec<StoredRecord> =
                records.into_iter().zip(codes).filter(|(_, code)| code.is_none()).map(|(record, _)| record).collect();
            let proposals = match Side::of(tx, message.town_id) {
                Side::Town => propose(tx, &message, &accepted, body)?,
                Side::Office => {
                    let on = body.step.day(tx)?;
                    refuse_told(tx, message.town_id, message.id, on)?;
                    Vec::new()
                }
            };
            if body.proposal_ids.len() > proposals.len() {
                return Err(ANSWER_CONTRADICTS.at(format!("/proposalIds/{}", proposals.len())));
            }
            Ok(Written::changed(AnsweredView { message: detail(tx, message)?, proposals }))
        })
        .await
}

/// The step stands below the root of this body.
fn within_step(mut problem: Problem) -> Problem {
    for field in &mut problem.fields {
        field.pointer.insert_str(0, "/step");
    }
    problem
}

fn store(tx: &mut Tx, records: &[StoredRecord], codes: &[Option<RejectCode>]) -> Result<(), Problem> {
    let mut by_code: Vec<(Option<RejectCode>, Vec<Uuid>)> = Vec::new();
    for (record, code) in records.iter().zip(codes) {
        match by_code.iter_mut().find(|(known, _)| known == code) {
            Some((_, ids)) => ids.push(record.id),
            None => by_code.push((*code, vec![record.id])),
        }
    }
    for (code, ids) in by_code {
        let rows = message_records::table
            .filter(own(tx, message_records::tenant_id).or(own(tx, message_records::office_tenant_id)))
            .filter(message_records::id.eq_any(ids));
        let state = if code.is_some() { RecordState::Refused } else { RecordState::Accepted };
        diesel::update(rows).set((message_records::state.eq(state), message_records::reject_code.eq(code))).execute(tx.conn)?;
    }
    Ok(())
}

/// Adds the route.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(answer_message);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(json: serde_json::Value) -> AnswerBody {
        let mut body = json;
        body["step"] = json!({ "effectiveOn": "2020-11-06" });
        serde_json::from_value(body).expect("an answer")
    }

    #[test]
    fn a_message_stands_as_its_records_do() {
        for (body, records, state) in [
            (json!({ "accepted": true }), 0, MessageState::Accepted),
            (json!({ "accepted": true }), 2, MessageState::Accepted),
            (
                json!({ "accepted": true, "refused": [{ "position": 1, "rejectCode": "duplicate" }] }),
                2,
                MessageState::AcceptedInPart,
            ),
            (json!({ "accepted": true, "refused": [{ "position": 0, "rejectCode": "duplicate" }] }), 1, MessageState::Refused),
            (json!({ "accepted": false, "rejectCode": "noAgreement" }), 2, MessageState::Refused),
        ] {
            let (found, codes) = judge(&answer(body), records).expect("an answer");
            assert_eq!((found, codes.len()), (state, records));
        }
    }

    #[test]
    fn an_answer_that_contradicts_itself_is_refused_where_it_does() {
        for (body, pointer) in [
            (json!({ "accepted": false }), "/rejectCode"),
            (json!({ "accepted": true, "rejectCode": "other" }), "/rejectCode"),
            (
                json!({ "accepted": false, "rejectCode": "other", "refused": [{ "position": 0, "rejectCode": "other" }] }),
                "/refused",
            ),
            (json!({ "accepted": true, "refused": [{ "position": 2, "rejectCode": "other" }] }), "/refused/0/position"),
            (
                json!({ "accepted": true, "refused": [{ "position": 0, "rejectCode": "other" }, { "position": 0, "rejectCode": "other" }] }),
                "/refused/1/position",
            ),
        ] {
            let refused = judge(&answer(body), 2).expect_err("a contradiction");
            assert_eq!(refused.fields[0].pointer, pointer);
        }
    }
}
