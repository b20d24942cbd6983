//! Forms (Polish: ankieta, wywiad środowiskowy, diagnoza potrzeb) and the answers of people to them.
//!
//! A form is never changed: a change is a version of its own. A question may
//! say which fact its answer gives; answering records these facts at once, and
//! leaves alone what is known already. A missing answer gives no fact. Answers
//! are sealed under the key of the person and revealed for a purpose only.
//!
//! It decides nothing: what the facts come to is for eligibility.

mod answers;
mod effects;
mod forms;
mod questions;
mod responses;
mod sealed_answers;

pub(super) use sealed_answers::ANSWERS;

use crate::platform::routes::ServiceConfig;

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    forms::routes(config);
    responses::routes(config);
}
