//! Figures: definitions, the facts they are counted from, pure counting rules,
//! and the operations that answer them with the records that they count.
//!
//! A number and its records come from one function, so that they cannot
//! differ. `null` is never zero: what nobody collected has no value.

pub mod completeness;
pub mod definition;
pub mod definitions;
pub mod facts;
pub mod figure;
mod household_facts;
pub mod loading;
mod markdown;
pub mod metrics;
mod polish;
mod psu_facts;
mod record_groups;
mod routes;
pub mod verdict;
mod views;

pub use markdown::markdown;
pub use routes::routes;
