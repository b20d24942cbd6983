//! What holds when many call at once, when the database stands still, and while it is migrated.

mod migration;
mod model;
mod state_machine;
mod trouble;
