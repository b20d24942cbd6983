//! The one test binary: API tests over real HTTP against a real PostgreSQL,
//! and the comparison tests that hold contract, policy, schema and code together.

mod access;
mod applications;
mod architecture;
mod audit;
mod canary;
mod contract;
mod declarations;
mod editions;
mod employment;
mod hosts;
mod institutions;
mod operator;
mod participations;
mod people;
mod platform;
mod post_decisions;
mod privacy;
mod programmes;
mod schema;
mod sheet_templates;
mod sheets;
mod substitution;
mod support;
