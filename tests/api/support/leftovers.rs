//! Directories of runs that are over: a run that is cut off, and the cluster that all of its tests share, leave theirs.

use std::fs;
use std::path::Path;

/// How the directories of the tests begin; the id of the process that made them follows.
const PREFIXES: [&str; 4] = ["pai-tests-", "pai-test-", "pai-run-", "pai-embedded-"];

/// Removes what processes left that no longer run.
pub fn sweep() {
    for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        if entry.file_name().to_str().and_then(maker).is_some_and(|maker| !runs(maker)) {
            // Another run may sweep at the same time.
            let _ = fs::remove_dir_all(entry.path()).or_else(|_| fs::remove_file(entry.path()));
        }
    }
}

/// The process that made a directory of the tests.
fn maker(name: &str) -> Option<u32> {
    let rest = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix))?;
    rest.split(|other: char| !other.is_ascii_digit()).next()?.parse().ok()
}

fn runs(process: u32) -> bool {
    Path::new("/proc").join(process.to_string()).exists()
}

#[test]
fn the_directories_of_other_programs_are_left_alone() {
    let made = ["pai-tests-41", "pai-test-41-7", "pai-run-41-0.log", "pai-embedded-41-3", "pai-tests-", "pai-fuzz", "other-41"];
    let makers = [Some(41), Some(41), Some(41), Some(41), None, None, None];
    assert_eq!(made.map(maker), makers);
}
