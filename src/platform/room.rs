//! Room on the disk of the embedded database: writes are refused before it is full.
//!
//! `PostgreSQL` gives up altogether when it cannot write its log, and then nobody can read either.
//! So the service keeps a reserve: below it, writes answer 503 and reads go on; above it, all is as before.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often the free room is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// Whether there is room for writes.
#[derive(Clone, Debug, Default)]
pub struct Room(Arc<AtomicBool>);

impl Room {
    /// Whether writes must wait until somebody makes room.
    pub fn is_short(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Looks at the disk of `directory` for as long as somebody holds this; `reserve` is in bytes, 0 means never.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn watch(&self, directory: &Path, reserve: u64) -> std::io::Result<()> {
        if reserve == 0 {
            return Ok(());
        }
        self.look(directory, reserve);
        let (held, directory): (_, PathBuf) = (Arc::downgrade(&self.0), directory.to_path_buf());
        let watching = move || {
            while let Some(room) = held.upgrade().map(Self) {
                room.look(&directory, reserve);
                drop(room);
                std::thread::sleep(LOOK);
            }
        };
        std::thread::Builder::new().name("disk-room".to_owned()).spawn(watching).map(drop)
    }

    fn look(&self, directory: &Path, reserve: u64) {
        let Ok(free) = free_room(directory) else { return };
        let is_short = free < reserve;
        if self.0.swap(is_short, Ordering::AcqRel) != is_short {
            if is_short {
                tracing::error!(free, reserve, "the disk of the database is nearly full: writes are refused until there is room");
            } else {
                tracing::info!(free, reserve, "there is room on the disk of the database again");
            }
        }
    }
}

/// Bytes that an unprivileged process may still write beside `directory`.
pub(super) fn free_room(directory: &Path) -> std::io::Result<u64> {
    let disk = rustix::fs::statvfs(directory)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_short_exactly_below_the_reserve() {
        let here = std::env::temp_dir();
        let room = Room::default();
        room.look(&here, u64::MAX);
        assert!(room.is_short());
        room.look(&here, 1);
        assert!(!room.is_short());
        room.look(Path::new("/nonexistent"), u64::MAX);
        assert!(!room.is_short(), "what cannot be measured refuses nobody");
    }
}
