//! An offer as it is stored and read, and how it comes to its end.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Date;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::grounds::{Grounds, Link, whole};
use crate::platform::db::{Tx, own};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::View;
use crate::platform::types::{Day, LongText, text_enum};
use crate::recruitment::steps::no_later_than_today;
use crate::schema::offers;

text_enum! {
    /// Where an offer stands.
    pub enum OfferState {
        /// Awaits the answer.
        Open = "open",
        /// Accepted; the admission takes it up.
        Accepted = "accepted",
        /// Refused by the candidate.
        Refused = "refused",
        /// Not answered in time.
        Expired = "expired",
        /// Taken back by the centre.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// What freed the seat that is offered.
    pub enum OfferCause {
        /// Nobody has had it yet.
        NeverTaken = "neverTaken",
        /// A participation ended before its time.
        ParticipationEnded = "participationEnded",
        /// A revision of the plan added it.
        PlanRevised = "planRevised",
        /// An earlier offer was refused.
        OfferRefused = "offerRefused",
        /// An earlier offer was not answered in time.
        OfferExpired = "offerExpired",
        /// An earlier offer was taken back.
        OfferWithdrawn = "offerWithdrawn",
    }
}

text_enum! {
    /// How a candidate is told of an offer.
    pub enum OfferChannel {
        /// By telephone.
        Phone = "phone",
        /// By letter.
        Letter = "letter",
        /// Electronically.
        Electronic = "electronic",
        /// At the office.
        InPerson = "inPerson",
        /// Through a social worker.
        SocialWorker = "socialWorker",
        /// Otherwise.
        Other = "other",
    }
}

text_enum! {
    /// Why a candidate refuses an offer.
    pub enum RefusalReason {
        /// Took up a job.
        Employed = "employed",
        /// Took up education.
        Education = "education",
        /// For reasons of health.
        Health = "health",
        /// Cares for somebody.
        Care = "care",
        /// Does not want to take part.
        NotInterested = "notInterested",
        /// Moved away.
        Moved = "moved",
        /// Another reason.
        Other = "other",
    }
}

text_enum! {
    /// Why an offer was taken back.
    pub enum OfferWithdrawalReason {
        /// The candidate no longer meets the conditions.
        ConditionsLost = "conditionsLost",
        /// It should not have been made; the candidate keeps the turn, and no next offer follows by itself.
        Mistake = "mistake",
        /// The candidate accepted and did not come.
        DidNotCome = "didNotCome",
        /// Another reason.
        Other = "other",
        /// The application was withdrawn.
        ApplicationWithdrawn = "applicationWithdrawn",
        /// A revision of the plan took the seat away; the candidate keeps the turn.
        PlacesReduced = "placesReduced",
        /// The edition was closed.
        EditionClosed = "editionClosed",
    }
}

impl OfferWithdrawalReason {
    /// Whether the candidate may be offered the next seat all the same.
    pub(super) fn keeps_turn(self) -> bool {
        matches!(self, Self::Mistake | Self::PlacesReduced)
    }
}

/// An offer of a seat.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = offers)]
#[serde(rename_all = "camelCase")]
pub struct OfferView {
    /// Id.
    pub id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Application of the candidate.
    pub application_id: Uuid,
    /// What freed the seat.
    pub cause: OfferCause,
    /// Participation whose end freed it.
    pub freed_by_participation_id: Option<Uuid>,
    /// Revision of the plan that added it.
    pub freed_by_revision_id: Option<Uuid>,
    /// Earlier offer that did not end in an admission.
    pub freed_by_offer_id: Option<Uuid>,
    /// First day of the seat; it is promised to the end of the edition.
    #[diesel(column_name = seat_from_on)]
    pub seat_from: Day,
    /// Day of the offer.
    pub offered_on: Day,
    /// Last day for an answer.
    pub expires_on: Day,
    /// How the candidate is told.
    pub channel: Option<OfferChannel>,
    /// Where it stands.
    pub state: OfferState,
    /// Day of the answer.
    pub answered_on: Option<Day>,
    /// Why it was refused.
    pub refusal_reason: Option<RefusalReason>,
    /// Day on which it was taken back.
    pub withdrawn_on: Option<Day>,
    /// Why it was taken back.
    pub withdrawal_reason: Option<OfferWithdrawalReason>,
    /// Remarks.
    pub note: Option<LongText>,
    /// Participation that took the seat.
    pub participation_id: Option<Uuid>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for OfferView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

impl OfferView {
    /// Whether the seat is still promised: the answer is awaited, or it was yes and the admission is.
    pub(super) fn is_live(&self) -> bool {
        self.state == OfferState::Open || (self.state == OfferState::Accepted && self.participation_id.is_none())
    }

    /// Whether its answer was awaited until the day before `today` at the latest, and did not come.
    fn is_overdue(&self, today: Day) -> bool {
        self.state == OfferState::Open && self.expires_on < today
    }

    /// The day on which it came to nothing; none while it has not.
    pub(super) fn lapsed_on(&self) -> Option<Day> {
        match self.state {
            OfferState::Open | OfferState::Accepted => None,
            OfferState::Refused => self.answered_on,
            OfferState::Withdrawn => self.withdrawn_on,
            OfferState::Expired => Some(self.expires_on),
        }
    }
}

/// An offer with the day and the reasons of its end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lapse<'a> {
    Refused { on: Day, reason: RefusalReason, note: Option<&'a LongText> },
    Expired,
    Withdrawn { on: Day, reason: OfferWithdrawalReason, note: Option<&'a LongText> },
}

impl Lapse<'_> {
    /// What it is to the offer that follows.
    pub(super) fn cause(self) -> OfferCause {
        match self {
            Self::Refused { .. } => OfferCause::OfferRefused,
            Self::Expired => OfferCause::OfferExpired,
            Self::Withdrawn { .. } => OfferCause::OfferWithdrawn,
        }
    }
}

/// Reads an offer.
pub(super) fn read_offer(tx: &mut Tx, id: Uuid) -> Result<OfferView, Problem> {
    Ok(offers::table
        .filter(own(tx, offers::tenant_id))
        .filter(offers::id.eq(id))
        .select(OfferView::as_select())
        .first(tx.conn)?)
}

/// Why the seat went to this candidate, as it stood when the offer was made.
pub(super) fn get_grounds(tx: &mut Tx, offer: &OfferView) -> Result<Grounds, Problem> {
    // Everything of one call was recorded at the same moment.
    let call: Vec<Link> = offers::table
        .filter(own(tx, offers::tenant_id))
        .filter(offers::edition_id.eq(offer.edition_id))
        .filter(offers::recorded_at.eq(offer.recorded_at))
        .select((offers::id, offers::application_id, offers::offered_on, offers::grounds))
        .load(tx.conn)?;
    whole(offer.id, call).ok_or_else(|| catalogue::NOT_FOUND.problem())
}

/// Offers by their ids, in the order of the ids given.
pub(super) fn read_offers(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<OfferView>, Problem> {
    let rows: Vec<OfferView> = offers::table
        .filter(own(tx, offers::tenant_id))
        .filter(offers::id.eq_any(ids))
        .select(OfferView::as_select())
        .load(tx.conn)?;
    let mut by_id: HashMap<Uuid, OfferView> = rows.into_iter().map(|offer| (offer.id, offer)).collect();
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}

/// Every offer of an edition, in the order in which they were made.
pub(super) fn offers_of(tx: &mut Tx, edition: Uuid) -> Result<Vec<OfferView>, Problem> {
    Ok(offers::table
        .filter(own(tx, offers::tenant_id))
        .filter(offers::edition_id.eq(edition))
        .order((offers::offered_on, offers::id))
        .select(OfferView::as_select())
        .load(tx.conn)?)
}

/// The offers of an edition as they stand on a day: one that was to be answered before it, and before today, has expired.
pub(super) fn offers_as_of(tx: &mut Tx, edition: Uuid, on: Day) -> Result<Vec<OfferView>, Problem> {
    // An answer can still come until the day is over.
    let before = no_later_than_today(tx, on);
    let mut standing = offers_of(tx, edition)?;
    for offer in standing.iter_mut().filter(|offer| offer.is_overdue(before)) {
        offer.state = OfferState::Expired;
    }
    Ok(standing)
}

/// As [`offers_as_of`], and the expired are recorded so; the caller holds the lock of the edition.
///
/// Whoever gives a seat away, or takes one back, does this first: what has expired neither counts nor comes back.
pub(super) fn expire_overdue(tx: &mut Tx, edition: Uuid, on: Day) -> Result<Expiry, Problem> {
    expire_of_others(tx, edition, on, None)
}

/// As [`expire_overdue`], but an offer to `candidate` stays as it is.
pub(super) fn expire_of_others(tx: &mut Tx, edition: Uuid, on: Day, candidate: Option<Uuid>) -> Result<Expiry, Problem> {
    let before = no_later_than_today(tx, on);
    let is_over = |offer: &OfferView| offer.is_overdue(before) && Some(offer.application_id) != candidate;
    let mut standing = offers_of(tx, edition)?;
    let over: Vec<OfferView> = standing.iter().filter(|offer| is_over(offer)).cloned().collect();
    lapse_all(tx, &over, Lapse::Expired)?;
    for offer in standing.iter_mut().filter(|offer| is_over(offer)) {
        offer.state = OfferState::Expired;
    }
    Ok(Expiry { standing, expired: over.iter().map(|offer| offer.id).collect() })
}

/// The offers of an edition after those that were overdue have expired.
pub(super) struct Expiry {
    /// All offers as they stand now, in the order in which they were made.
    pub standing: Vec<OfferView>,
    /// Those of them that expired just now.
    pub expired: Vec<Uuid>,
}

/// Records that the offers of an edition which were to be answered before a day, and before today, have expired.
///
/// The caller holds the lock of the edition.
///
/// # Errors
/// When the store fails.
pub fn expire_offers(tx: &mut Tx, edition: Uuid, on: Day) -> Result<(), Problem> {
    expire_overdue(tx, edition, on).map(drop)
}

/// Ends an offer whose seat nobody takes; the caller holds the lock of the edition.
pub(super) fn lapse(tx: &mut Tx, offer: &OfferView, how: Lapse) -> Result<(), Problem> {
    lapse_all(tx, std::slice::from_ref(offer), how)
}

/// As [`lapse`], of many offers in one statement.
pub(super) fn lapse_all(tx: &mut Tx, ended: &[OfferView], how: Lapse) -> Result<(), Problem> {
    if ended.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = ended.iter().map(|offer| offer.id).collect();
    let rows = offers::table.filter(own(tx, offers::tenant_id)).filter(offers::id.eq_any(&ids));
    match how {
        Lapse::Refused { on, reason, note } => diesel::update(rows)
            .set((
                offers::state.eq(OfferState::Refused),
                offers::answered_on.eq(on),
                offers::refusal_reason.eq(reason),
                offers::note.eq(note),
            ))
            .execute(tx.conn)?,
        Lapse::Expired => diesel::update(rows).set(offers::state.eq(OfferState::Expired)).execute(tx.conn)?,
        // What ends an offer may have happened before the offer became known to have been made.
        Lapse::Withdrawn { on, reason, note } => diesel::update(rows)
            .set((
                offers::state.eq(OfferState::Withdrawn),
                offers::withdrawn_on.eq(greatest(on, offers::offered_on).nullable()),
                offers::withdrawal_reason.eq(reason),
                offers::note.eq(note),
            ))
            .execute(tx.conn)?,
    };
    tx.touch_too(ids);
    for offer in ended {
        // The reason may be one of health, so it is not announced.
        let (event, on) = match how {
            Lapse::Refused { on, .. } => ("offer.refused", on),
            Lapse::Expired => ("offer.expired", offer.expires_on),
            Lapse::Withdrawn { on, .. } => ("offer.withdrawn", on.max(offer.offered_on)),
        };
        announce(tx, offer, event, on);
    }
    Ok(())
}

define_sql_function! {
    /// The later of two days.
    fn greatest(one: Date, other: Date) -> Date;
}

/// Tells other systems what became of an offer.
pub(super) fn announce(tx: &mut Tx, offer: &OfferView, event: &'static str, on: Day) {
    let data = json!({
        "offerId": offer.id, "editionId": offer.edition_id, "applicationId": offer.application_id, "effectiveOn": on,
    });
    tx.announce("offer", offer.id, event, data);
}

/// Takes back what an edition that closes still promises, after what was not answered in time has expired; the caller holds
/// its lock.
///
/// # Errors
/// When the store fails.
pub fn close_offers(tx: &mut Tx, edition: Uuid, on: Day) -> Result<(), Problem> {
    let live: Vec<OfferView> = expire_overdue(tx, edition, on)?.standing.into_iter().filter(OfferView::is_live).collect();
    let how = Lapse::Withdrawn { on, reason: OfferWithdrawalReason::EditionClosed, note: None };
    lapse_all(tx, &live, how)
}
