//! Where the chain ended, again and again, in a file outside the database.
//!
//! A database that is rolled back, or whose last links are cut off, is in
//! itself in good order. Only something outside it knows that it was longer.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::seal::{Hash, hex};

/// The file below the data directory.
pub const ANCHOR_FILE: &str = "audit-heads.jsonl";

/// One line: the end of the chain at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AnchoredHead {
    /// Number of the last link.
    pub number: i64,
    /// Its keyed hash in hexadecimal.
    pub mac: String,
    /// When this was written.
    pub noted_at: DateTime<Utc>,
}

/// The file that heads are appended to.
#[derive(Debug)]
pub(super) struct Anchor {
    path: PathBuf,
    last: Option<i64>,
}

impl Anchor {
    /// The anchor of a data directory; nothing is made yet.
    pub fn below(data_dir: &Path) -> io::Result<Self> {
        let path = data_dir.join(ANCHOR_FILE);
        let last = read(&path)?.and_then(|lines| lines.into_iter().filter_map(Result::ok).next_back()).map(|head| head.number);
        Ok(Self { path, last })
    }

    /// The last head of the file as it is now.
    pub fn last_head(&self) -> io::Result<Option<AnchoredHead>> {
        Ok(read(&self.path)?.and_then(|lines| lines.into_iter().filter_map(Result::ok).next_back()))
    }

    /// Appends a head durably, unless it is the last one already.
    pub fn note(&mut self, number: i64, mac: &Hash, now: DateTime<Utc>) -> io::Result<bool> {
        if self.last == Some(number) {
            return Ok(false);
        }
        let line = serde_json::to_string(&AnchoredHead { number, mac: hex(mac), noted_at: now })?;
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path)?;
        // One write of a whole line: a second process on the same file cannot come between.
        file.write_all(format!("{line}\n").as_bytes())?;
        file.sync_data()?;
        self.last = Some(number);
        Ok(true)
    }
}

/// The lines of an anchor file, each read or not readable; nothing where there is no file.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<Result<AnchoredHead, usize>>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut heads = Vec::new();
    for (index, line) in BufReader::new(file).lines().enumerate() {
        heads.push(serde_json::from_str(&line?).map_err(|_| index + 1));
    }
    Ok(Some(heads))
}
