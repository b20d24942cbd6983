//! The one test binary: API tests over real HTTP against a real PostgreSQL,
//! and the comparison tests that hold contract, policy, schema and code together.

mod access;
mod architecture;
mod audit;
mod canary;
mod contract;
mod editions;
mod hosts;
mod institutions;
mod operator;
mod people;
mod platform;
mod privacy;
mod programmes;
mod schema;
mod support;
