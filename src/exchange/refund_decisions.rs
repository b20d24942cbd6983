//! Decisions about claims for a refund: the amount fits the decision, and a claim is decided once; a correction decides anew.

use std::collections::HashSet;

use diesel::prelude::*;
use uuid::Uuid;

use super::in_force::{Verdict, replaced_by, verdict};
use super::kinds::MessageKind;
use super::parties::visible_messages;
use super::payload::{MessagePayload, RefundDecision};
use super::reading::{MessageView, find_message, payload_of};
use super::words::ClaimDecision;
use super::{CLAIM_DECIDED, GRANTED_CONTRADICTS, PERIOD_INVERTED};
use crate::platform::db::Tx;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::Money;
use crate::schema::messages;

/// Refuses a decision about a message that is no claim, of a day before it was sent, or of an amount that does not fit.
pub(super) fn check_decision(tx: &mut Tx, claim: &MessageView, decision: &RefundDecision) -> Result<(), Problem> {
    let MessagePayload::RefundClaim(claimed) = payload_of(tx, claim)? else {
        return Err(catalogue::REFERENCE_NOT_FOUND.at("/payload/claimMessageId"));
    };
    if claim.sent_on.is_some_and(|sent| decision.decided_on < sent) {
        return Err(PERIOD_INVERTED.at("/payload/decidedOn"));
    }
    let granted = decision.granted;
    let fits = match decision.decision {
        ClaimDecision::Granted => granted == claimed.refund,
        ClaimDecision::GrantedInPart => granted > Money::ZERO && granted < claimed.refund,
        ClaimDecision::Refused => granted == Money::ZERO,
    };
    if fits { Ok(()) } else { Err(GRANTED_CONTRADICTS.at("/payload/granted").with("claimed", claimed.refund.to_string())) }
}

/// Refuses a decision about a claim of which another is in force, save for a correction of that one.
pub(super) fn expect_undecided(tx: &mut Tx, claim: Uuid, corrects: Option<Uuid>) -> Result<(), Problem> {
    let (mut corrected, mut next) = (HashSet::new(), corrects);
    while let Some(earlier) = next {
        corrected.insert(earlier);
        next = find_message(tx, earlier)?.corrects_id;
    }
    let link = find_message(tx, claim)?.link_id;
    let sent: Vec<MessageView> = visible_messages!(tx)
        .filter(messages::link_id.eq(link))
        .filter(messages::kind.eq(MessageKind::RefundDecision))
        .filter(messages::sent_on.is_not_null())
        .order(messages::id)
        .select(MessageView::as_select())
        .load(tx.conn)?;
    for decision in sent.into_iter().filter(|one| !corrected.contains(&one.id)) {
        let is_about_it = payload_of(tx, &decision)?.answers() == Some(claim);
        if is_about_it && verdict(tx, decision.id, decision.state)? != Verdict::Refused && replaced_by(tx, decision.id)?.is_none()
        {
            return Err(CLAIM_DECIDED.at("/payload/claimMessageId").with("decisionId", decision.id.to_string()));
        }
    }
    Ok(())
}
