//! Every list as a file: all its pages, read in one snapshot, as NDJSON, CSV or a workbook.
//!
//! Whoever may read a list may take it away whole, by asking for it in another form (`Accept`). The file is finished
//! before its first byte is sent, so that the answer says beforehand how long it is, how many rows it has, what their
//! hours and amounts add up to and which hash it has; and so that a slow reader keeps nothing of the store busy. It is
//! written page by page and beyond some size to a nameless file, so that memory is bounded. A download that broke off
//! goes on with `Range`: the file is made again, and its hash, the `ETag`, tells whether it is still the same.
//!
//! Columns come from the contract. This module knows no list.

mod columns;
mod contract;
mod delivery;
mod forms;
mod making;
mod spool;

pub(crate) use columns::Lists;
pub(super) use contract::{document_files, headers};
pub(crate) use delivery::Export;
pub(crate) use forms::{Form, form_of};
pub(crate) use making::{Order, make};

/// Most rows of a file; a sheet of a workbook has room for 48,576 more.
pub(crate) const MOST_ROWS: u64 = 1_000_000;
/// Records that are read by one statement. **Units**: records.
pub(crate) const PAGE: i64 = 1000;
