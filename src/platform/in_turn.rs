//! Lets transactions that must not overtake each other follow one another, where no row could be locked for it.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::db::Tx;
use super::problem::Problem;
use super::secrets::digest;

diesel::define_sql_function! {
    /// Waits for the lock of a number, and holds it until the transaction's end.
    fn pg_advisory_xact_lock(number: BigInt);
}

impl Tx<'_> {
    /// Waits until whoever does the same has ended; the words say what, and of whom.
    ///
    /// # Errors
    /// `platform.unavailable` when that takes too long.
    pub(crate) fn wait_in_turn(&mut self, words: &[&[u8]]) -> Result<(), Problem> {
        self.wait_for_holder(&digest(&words.join(&0)))
    }

    /// Waits until whoever holds these bytes, of which the first eight are random, has ended, and holds them then.
    ///
    /// # Errors
    /// As [`Self::wait_in_turn`].
    pub(crate) fn wait_for_holder(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        let number = bytes.first_chunk().copied().map_or(0, i64::from_be_bytes);
        diesel::select(pg_advisory_xact_lock(number)).execute(self.conn)?;
        Ok(())
    }
}
