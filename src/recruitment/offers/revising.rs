//! A revision of the plan, and what it does to the seats: more are offered, fewer take open offers back.

use actix_web::post;

use super::causes::Freed;
use super::offer::{Lapse, OfferCause, OfferState, OfferView, OfferWithdrawalReason, expire_overdue, lapse_all};
use super::releasing::{Release, offer_released};
use super::seats::{count_seats, occupied};
use crate::platform::body::{Body, PathId};
use crate::platform::db::Tx;
use crate::platform::overriding::pass_or_refuse;
use crate::platform::permit::Permit;
use crate::platform::policy::RevisePlan;
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::Day;
use crate::programmes::facts::{EditionFacts, get_edition_facts, lock_edition};
use crate::programmes::places::first_cut_day;
use crate::programmes::plan_revisions::{PlanRevisionBody, PlanRevisionView, add_revision, revised_plan, within_the_edition};
use crate::recruitment::PLACES_TAKEN;
use crate::recruitment::steps::no_later_than_today;

/// Revises the plan of an edition.
///
/// The revision states the whole plan anew; earlier ones stay readable, and
/// figures can be compared to any of them. Open offers for places that it takes away
/// are taken back, the latest first; those that were not answered in time have expired
/// before. Where the edition has `automaticOffers`, what the revision frees is offered to
/// the reserve list at once: each seat from the first day from which, to the end of the
/// edition, one more is free than before, which may be a later day than its own. One that leaves fewer places than participants
/// have is refused without `override` and its reason; nobody loses a place by it.
#[utoipa::path(tag = "editions", request_body = PlanRevisionBody, params(("id" = Uuid, Path, description = "Edition")), responses((status = 201, body = PlanRevisionView, description = "The revision")))]
#[post("/editions/{id}/plan-revisions")]
async fn revise_plan(permit: Permit<RevisePlan>, id: PathId, body: Body<PlanRevisionBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            // The lock keeps two revisions from taking the same number.
            let before = lock_edition(tx, id.0)?;
            tx.expect_version(before.row_version)?;
            within_the_edition(&before, body)?;
            let broken = cut_below_participants(tx, &before, body)?.into_iter().collect();
            let passed = pass_or_refuse(tx, broken, body.overriding.as_ref())?;
            let view = add_revision(tx, &before, body, passed.as_ref())?;
            tx.touch("plan_revision", [view.id]);
            let after = get_edition_facts(tx, id.0)?;
            let taken_back = take_back(tx, &after, body.effective_on)?;
            if after.automatic_offers {
                offer_what_it_frees(tx, &before, &after, &view, &taken_back)?;
            }
            Ok(Written::created(format!("/editions/{}/plan-revisions", id.0), view))
        })
        .await
}

/// Whether a revision leaves fewer places than participants have: a soft rule, because nobody loses a place by it.
fn cut_below_participants(tx: &mut Tx, edition: &EditionFacts, body: &PlanRevisionBody) -> Result<Option<Problem>, Problem> {
    let Some(days) = edition.seat_from(body.effective_on) else { return Ok(None) };
    let cut = first_cut_day(days, &occupied(tx, edition.id)?, &edition.plan, &revised_plan(edition, body));
    Ok(cut.map(|cut| {
        let problem = PLACES_TAKEN.at("/places").with("day", cut.day.to_string());
        problem.with("places", cut.places).with("taken", cut.taken)
    }))
}

/// Takes open offers back, the latest first, until no more is promised than the plan has; answers them.
fn take_back(tx: &mut Tx, edition: &EditionFacts, on: Day) -> Result<Vec<OfferView>, Problem> {
    let of_edition = expire_overdue(tx, edition.id, on)?.standing;
    let mut seats = count_seats(tx, edition, &of_edition)?;
    let open: Vec<OfferView> = of_edition.into_iter().filter(|offer| offer.state == OfferState::Open).collect();
    let mut taken_back = Vec::new();
    // Offers from the same day on promise the same days: one count says how many of them are too many.
    for alike in open.chunk_by(|one, other| one.seat_from == other.seat_from).rev() {
        let Some(days) = edition.seat_from(alike[0].seat_from) else { continue };
        let free = seats.count(edition, days).map_or(0, |count| count.free());
        let too_many = usize::try_from(free.saturating_neg()).unwrap_or(0).min(alike.len());
        seats.release(days, too_many);
        taken_back.extend(alike.iter().rev().take(too_many).cloned());
    }
    lapse_all(tx, &taken_back, Lapse::Withdrawn { on, reason: OfferWithdrawalReason::PlacesReduced, note: None })?;
    Ok(taken_back)
}

/// Offers the places that a revision adds, and those of offers that it took back where they are free from a later day on.
fn offer_what_it_frees(
    tx: &mut Tx,
    before: &EditionFacts,
    after: &EditionFacts,
    revision: &PlanRevisionView,
    taken_back: &[OfferView],
) -> Result<(), Problem> {
    let on = revision.effective_on;
    let added = after.places_on(on).unwrap_or_default() - before.places_on(on).unwrap_or_default();
    let by_revision = std::iter::repeat_n(Freed::ByRevision(revision.id), usize::try_from(added).unwrap_or_default());
    let by_offers = taken_back.iter().map(|offer| Freed::ByOffer(OfferCause::OfferWithdrawn, offer.id));
    // A place that comes back on a day ahead may be free from before that day.
    let today = no_later_than_today(tx, on);
    let release = Release {
        plan: &before.plan,
        seats: taken_back.iter().filter_map(|offer| before.seat_from(offer.seat_from)).collect(),
        freed: by_revision.chain(by_offers).collect(),
        from: today,
        offered_on: today,
    };
    offer_released(tx, after, release).map(drop)
}

/// Adds the route.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(revise_plan);
}
