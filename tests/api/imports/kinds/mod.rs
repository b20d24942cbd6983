//! Kinds whose records are found again by the ids of other systems.

mod employment;
mod entries;
mod sessions;
mod sheets;

use super::{commit, counts, found, plan, rows, worker};
