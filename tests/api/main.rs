//! The one test binary: API tests over real HTTP against a real PostgreSQL,
//! and the comparison tests that hold contract, policy, schema and code together.

mod canary;
mod editions;
mod declarations;
mod employment;
mod hosts;
mod institutions;
mod people;
mod programmes;
mod post_decisions;
mod sheet_templates;
mod sheets;
mod support;
