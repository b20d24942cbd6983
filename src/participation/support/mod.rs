//! Other support of participants, as ESF projects give it: courses chosen after an individual plan, counselling,
//! trainings, social work, material help, family assistants. What, from whom, for how long, with what result and at whose cost.
//!
//! It stands beside classes and socially useful work, and enters no figure of attendance.

mod costs;
mod item;
mod support_items;
mod support_types;

use crate::platform::routes::ServiceConfig;

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    support_types::routes(config);
    support_items::routes(config);
    costs::routes(config);
}
