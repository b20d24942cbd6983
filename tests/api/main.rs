//! The one test binary: API tests over real HTTP against a real PostgreSQL,
//! and the comparison tests that hold contract, policy, schema and code together.

mod access;
mod architecture;
mod audit;
mod contract;
mod editions;
mod hosts;
mod operator;
mod platform;
mod privacy;
mod programmes;
mod schema;
mod support;
