//! Duties to inform the starost, the labour office and the centre, and the incidents that they come of.
//!
//! Legal source: regulation of 21 December 2017 on socially useful work (Dz.U.
//! 2017 poz. 2447), section 5(2) (immediately) and section 3(1)(5) (as the
//! agreement says); art. 33(4)(12) of the Act of 20 April 2004. What
//! "immediately" means in working days is data, not code. What a message told is
//! noted beside them (`notices`) and discharges them.

mod deadline;
pub(super) mod duty_terms;
pub(super) mod incidents;
pub(super) mod information_duties;
mod notices;

pub use deadline::due_on;
pub use duty_terms::{DutyKind, notice_due_on};
pub use notices::{Notice, Sent, duties_due_on, refuse_told, take_back, tell};

use crate::platform::routes::ServiceConfig;

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    incidents::routes(config);
    information_duties::routes(config);
    duty_terms::routes(config);
}
