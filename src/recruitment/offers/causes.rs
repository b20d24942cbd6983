//! What freed a seat, so that each event that does makes one offer.

use std::collections::HashSet;

use diesel::prelude::*;
use uuid::Uuid;

use super::offer::{OfferCause, OfferState, OfferView};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::Day;
use crate::schema::{participations, plan_revisions};

/// What freed a seat, with the record that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Freed {
    NeverTaken,
    ByParticipation(Uuid),
    ByRevision(Uuid),
    ByOffer(OfferCause, Uuid),
}

impl Freed {
    /// The word for it.
    pub(super) fn cause(self) -> OfferCause {
        match self {
            Self::NeverTaken => OfferCause::NeverTaken,
            Self::ByParticipation(_) => OfferCause::ParticipationEnded,
            Self::ByRevision(_) => OfferCause::PlanRevised,
            Self::ByOffer(cause, _) => cause,
        }
    }

    pub(super) fn participation(self) -> Option<Uuid> {
        if let Self::ByParticipation(id) = self { Some(id) } else { None }
    }

    pub(super) fn revision(self) -> Option<Uuid> {
        if let Self::ByRevision(id) = self { Some(id) } else { None }
    }

    pub(super) fn offer(self) -> Option<Uuid> {
        if let Self::ByOffer(_, id) = self { Some(id) } else { None }
    }
}

/// What freed seats of an edition until a day and has made no offer yet, the latest first.
///
/// A seat that was filled otherwise is not told apart from one that is free: the
/// latest events are the likeliest to have freed what is free now.
pub(super) fn unspent_causes(tx: &mut Tx, edition: Uuid, of_edition: &[OfferView], until: Day) -> Result<Vec<Freed>, Problem> {
    let mut dated: Vec<(Day, Freed)> = Vec::new();
    let followed: HashSet<Uuid> = of_edition.iter().filter_map(|offer| offer.freed_by_offer_id).collect();
    dated.extend(
        of_edition
            .iter()
            .filter(|offer| !followed.contains(&offer.id))
            .filter_map(|offer| Some((offer.lapsed_on()?, by_lapse(offer)?))),
    );
    let spent: HashSet<Uuid> = of_edition.iter().filter_map(|offer| offer.freed_by_participation_id).collect();
    let ended = ended_early(tx, edition)?.into_iter().filter(|(id, _)| !spent.contains(id));
    dated.extend(ended.map(|(id, ended_on)| (ended_on, Freed::ByParticipation(id))));
    for (id, effective_on, added) in added_by_revisions(tx, edition)? {
        let made = of_edition.iter().filter(|offer| offer.freed_by_revision_id == Some(id)).count();
        dated.extend(std::iter::repeat_n((effective_on, Freed::ByRevision(id)), added.saturating_sub(made)));
    }
    dated.retain(|(day, _)| *day <= until);
    dated.sort_by_key(|(day, _)| std::cmp::Reverse(*day));
    Ok(dated.into_iter().map(|(_, freed)| freed).collect())
}

/// What frees the seat of a participation: its end; or, where that had ended before and was taken back, the last offer that
/// followed. Nothing where that offer stands: another seat has used it up.
pub(super) fn by_end(of_edition: &[OfferView], participation: Uuid) -> Option<Freed> {
    let mut last: Option<&OfferView> = None;
    // They are in the order in which they were made.
    for offer in of_edition {
        let follows = match last {
            None => offer.freed_by_participation_id == Some(participation),
            Some(before) => offer.freed_by_offer_id == Some(before.id),
        };
        if follows {
            last = Some(offer);
        }
    }
    last.map_or(Some(Freed::ByParticipation(participation)), by_lapse)
}

/// The seat of an offer that came to nothing.
fn by_lapse(offer: &OfferView) -> Option<Freed> {
    let cause = match offer.state {
        OfferState::Refused => OfferCause::OfferRefused,
        OfferState::Expired => OfferCause::OfferExpired,
        OfferState::Withdrawn => OfferCause::OfferWithdrawn,
        OfferState::Open | OfferState::Accepted => return None,
    };
    Some(Freed::ByOffer(cause, offer.id))
}

/// Participations that ended before their planned end and were not replaced.
fn ended_early(tx: &mut Tx, edition: Uuid) -> Result<Vec<(Uuid, Day)>, Problem> {
    type Row = (Uuid, Option<Uuid>, Day, Option<Day>);
    let rows: Vec<Row> = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::edition_id.eq(edition))
        .select((participations::id, participations::replaces_id, participations::planned_end_on, participations::ended_on))
        .load(tx.conn)?;
    let replaced: HashSet<Uuid> = rows.iter().filter_map(|(_, replaces, _, _)| *replaces).collect();
    let early = |(id, _, planned_end_on, ended_on): Row| {
        let ended_on = ended_on.filter(|day| *day < planned_end_on)?;
        (!replaced.contains(&id)).then_some((id, ended_on))
    };
    Ok(rows.into_iter().filter_map(early).collect())
}

/// Revisions that added places, with how many more they are than those of the revision before.
fn added_by_revisions(tx: &mut Tx, edition: Uuid) -> Result<Vec<(Uuid, Day, usize)>, Problem> {
    let rows: Vec<(Uuid, Day, i32)> = plan_revisions::table
        .filter(own(tx, plan_revisions::tenant_id))
        .filter(plan_revisions::edition_id.eq(edition))
        .order(plan_revisions::number)
        .select((plan_revisions::id, plan_revisions::effective_on, plan_revisions::places))
        .load(tx.conn)?;
    let added = rows.windows(2).filter_map(|pair| {
        let more = usize::try_from(pair[1].2 - pair[0].2).ok().filter(|more| *more > 0)?;
        Some((pair[1].0, pair[1].1, more))
    });
    Ok(added.collect())
}
