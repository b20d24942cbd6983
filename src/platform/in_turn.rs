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

diesel::define_sql_function! {
    /// Takes a lock until the transaction's end, unless somebody has it.
    fn pg_try_advisory_xact_lock(number: BigInt) -> Bool;
}

diesel::define_sql_function! {
    /// As above, for those who do not mind each other.
    fn pg_try_advisory_xact_lock_shared(number: BigInt) -> Bool;
}

/// The number of the lock of what the words say. Locks know no towns, so the words name the town too: of another one nothing
/// may be felt.
pub(crate) fn lock_number(words: &[&[u8]]) -> i64 {
    number_of(&digest(&words.join(&0)))
}

fn number_of(bytes: &[u8]) -> i64 {
    bytes.first_chunk().copied().map_or(0, i64::from_be_bytes)
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
        diesel::select(pg_advisory_xact_lock(number_of(bytes))).execute(self.conn)?;
        Ok(())
    }

    /// Whether nobody else does the same, who is kept out then until this ends. Rehearsals do not mind each other.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn is_alone_with(&mut self, words: &[&[u8]]) -> Result<bool, Problem> {
        let number = lock_number(words);
        Ok(if self.is_rehearsal() {
            diesel::select(pg_try_advisory_xact_lock_shared(number)).get_result(self.conn)?
        } else {
            diesel::select(pg_try_advisory_xact_lock(number)).get_result(self.conn)?
        })
    }
}
