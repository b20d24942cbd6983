//! Changes of a running participation: prolonged, moved to another group or post; and the effect of every change before it is made.
//!
//! Suspensions and ends have files of their own. What stood before a change
//! stays on file: memberships and assignments get an end, planned ends their
//! history, and each change is a step of the participation.

mod clashes;
mod effect;
mod group_move;
mod obstacles;
mod post_move;
mod preview;
pub(super) mod prolongation;
mod views;

use crate::platform::routes::ServiceConfig;

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    preview::routes(config);
    prolongation::routes(config);
    group_move::routes(config);
    post_move::routes(config);
}
