//! Why a seat was offered to this candidate, kept with the offer.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::turns::Passed;
use crate::platform::types::{Day, Stored};

/// The arithmetic of an edition's seats on the day on which they are scarcest, before an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeatCount {
    /// The day.
    pub day: Day,
    /// Places of the plan in force on the day.
    #[schema(minimum = 0, maximum = 100_000)]
    pub places: i32,
    /// Places taken by participations.
    #[schema(minimum = 0, maximum = 100_000)]
    pub occupied: i32,
    /// Places promised by offers that are open, or accepted and not taken up yet.
    #[schema(minimum = 0, maximum = 100_000)]
    pub offered: i32,
    /// Places of candidates who were selected and are not admitted yet.
    #[schema(minimum = 0, maximum = 100_000)]
    pub awaiting: i32,
}

impl SeatCount {
    /// Places that nobody has or was promised; below zero where an admission departed from the plan.
    pub fn free(&self) -> i32 {
        self.places - self.occupied - self.offered - self.awaiting
    }
}

/// Somebody who stood before the chosen candidate, and why the seat was not theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PassedCandidate {
    /// Application.
    pub application_id: Uuid,
    /// Position on the reserve list.
    #[schema(minimum = 1, maximum = 100_000)]
    pub position: Option<i32>,
    /// Why.
    pub reason: Passed,
    /// Day from which it is so, where it has one.
    pub since: Option<Day>,
}

/// Why a seat was offered to this candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Grounds {
    /// Position on the reserve list.
    #[schema(minimum = 1, maximum = 100_000)]
    pub position: Option<i32>,
    /// The arithmetic of the seats.
    pub seats: SeatCount,
    /// Who stood before, in the order of the list.
    #[schema(max_items = 100_000)]
    pub passed: Vec<PassedCandidate>,
}

/// The grounds as they are stored: of the offers of one call, each keeps only what the one before does not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeptGrounds {
    /// Those of the offer, with only the candidates who stood behind that of `follows`.
    #[serde(flatten)]
    pub grounds: Grounds,
    /// The offer that the same call made just before; its candidate, and who stood before that one, were passed too.
    #[serde(default)]
    pub follows: Option<Uuid>,
}

/// An offer of a call, as far as the offers after it rest on it.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Link {
    pub offer: Uuid,
    pub application: Uuid,
    pub offered_on: Day,
    pub kept: Stored<KeptGrounds>,
}

/// The whole grounds of an offer out of all offers of its call; none where it is not among them.
pub(super) fn whole(offer: Uuid, call: Vec<Link>) -> Option<Grounds> {
    let mut links: HashMap<Uuid, Link> = call.into_iter().map(|link| (link.offer, link)).collect();
    let own = links.remove(&offer)?.kept.0;
    let mut behind = vec![own.grounds.passed];
    let mut follows = own.follows;
    while let Some(link) = follows.and_then(|offer| links.remove(&offer)) {
        let KeptGrounds { grounds, follows: next } = link.kept.0;
        let offered = PassedCandidate {
            application_id: link.application,
            position: grounds.position,
            reason: Passed::HasOffer,
            since: Some(link.offered_on),
        };
        behind.push(vec![offered]);
        behind.push(grounds.passed);
        follows = next;
    }
    behind.reverse();
    Some(Grounds { passed: behind.concat(), ..own.grounds })
}
