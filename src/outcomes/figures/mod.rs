//! Figures: definitions, the facts they are counted from, pure counting rules,
//! and the operations that answer them with the records that they count.
//!
//! A number and its records come from one function, so that they cannot
//! differ. `null` is never zero: what nobody collected has no value.

mod breakdown;
mod breakdown_routes;
mod budget_facts;
mod comparison;
pub mod completeness;
pub mod definition;
pub mod definitions;
mod difference;
mod effect_facts;
pub mod facts;
pub mod figure;
mod household_facts;
mod institution_routes;
pub mod loading;
mod markdown;
pub mod metrics;
mod number_schema;
mod override_facts;
pub mod pairs;
mod plan_comparison;
mod polish;
mod psu_facts;
mod record_groups;
mod routes;
mod tables;
pub mod verdict;
pub mod views;
pub mod withholding;

pub use markdown::markdown;
pub use routes::routes;
