//! Offers: a free seat of an edition goes to the next candidate of the reserve list.
//!
//! A seat is free from a day on when, to the end of the edition, fewer places
//! are taken or promised than the plan has: by participations, by offers that
//! are open or accepted, and by candidates who were selected and not admitted
//! yet. Each free seat makes one offer, which is `open`, then `accepted`,
//! `refused`, `expired` or `withdrawn`; one that does not end in an admission
//! makes the next. Everything goes by the days given, never by today, and under
//! the lock of the edition, as admission does.
//!
//! The order is the reserve list's; whoever stands before the chosen one was
//! passed for a reason that is kept with the offer. The admission itself, which
//! takes an accepted offer up, belongs to participation.

mod answers;
mod causes;
mod grounds;
mod listed;
mod making;
mod offer;
mod releasing;
mod requests;
mod revising;
mod seats;
mod taking_back;
mod taking_up;
mod turns;
mod waiting_list;
mod wording;

pub use grounds::SeatCount;
pub use making::{offer_after_end, offer_freed_seat};
pub use offer::{close_offers, expire_offers};
pub use seats::{Awaiting, Promised, awaiting, promised};
pub use taking_back::{AcceptedOffer, accepted_offer, take_back_offers};
pub use taking_up::{Claimed, LiveOffer, TakenOffer, find_offered_application, live_offers_of, mark_taken, take_up};
pub use turns::{Entry, Passed};
pub use waiting_list::{Waiting, waiting_for};

pub(super) use making::offer_after_withdrawal;
pub(super) use seats::seats_by_plan_of;
pub(super) use taking_up::refuse_with_offer;

use crate::platform::routes::ServiceConfig;

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    requests::routes(config);
    answers::routes(config);
    waiting_list::routes(config);
    revising::routes(config);
}
