//! The one test binary: API tests over real HTTP against a real PostgreSQL,
//! and the comparison tests that hold contract, policy, schema and code together.

mod canary;
mod declarations;
mod editions;
mod employment;
mod figures;
mod hosts;
mod institutions;
mod people;
mod post_decisions;
mod programmes;
mod scenarios;
mod sheet_templates;
mod sheets;
mod support;
