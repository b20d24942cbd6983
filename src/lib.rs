//! `pai`: recruitment, participation, outcomes and labour-office exchange of
//! activation-and-integration programmes (Polish: Program Aktywizacja i
//! Integracja), as a REST/JSON service on PostgreSQL.
//!
//! Where things are: the first segment of a path after `/api/v1/` names the
//! slice or its file. Slices may use what stands to their left only:
//! `platform ← institutions ← people ← programmes ← recruitment ←
//! participation ← outcomes ← {reports, exchange, reconciliation, connected_systems}`. `app` is the one file that knows them
//! all.

pub mod app;
pub mod cli;
pub mod connected_systems;
pub mod demo;
pub mod exchange;
pub mod institutions;
pub mod outcomes;
pub mod participation;
pub mod people;
pub mod platform;
pub mod programmes;
pub mod reconciliation;
pub mod recruitment;
pub mod reports;
pub mod schema;
pub mod startup;
