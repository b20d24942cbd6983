//! The one test binary: API tests over real HTTP against a real PostgreSQL,
//! and the comparison tests that hold contract, policy, schema and code together.

mod attendance;
mod hosts;
mod psu_entries;
mod psu_ledger;
mod sessions;
mod support;
