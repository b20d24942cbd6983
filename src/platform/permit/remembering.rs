//! Reading what is asked for often and changes seldom.

use std::sync::Arc;

use super::Permit;
use super::together::FAST;
use crate::platform::clock::legal_day;
use crate::platform::db::{Isolation, Tx};
use crate::platform::past::AsOfFilter;
use crate::platform::policy::{Access, Operation};
use crate::platform::problem::Problem;
use crate::platform::remembered::{Kept, Question, Snapshot, overtaken};
use crate::platform::reply::Reply;
use crate::platform::timeless::Timeless;

impl<O: Operation> Permit<O> {
    /// As [`Self::read`], of what depends on nothing but what the tenant has written, the caller's scope and the legal day:
    /// remembered for as long as the tenant writes nothing. What was known at a past moment is computed each time.
    pub(crate) async fn read_remembered<F>(self, as_of: AsOfFilter, work: F) -> Result<Reply, Problem>
    where
        F: Fn(&mut Tx) -> Result<Timeless, Problem> + Send + 'static,
    {
        debug_assert!(self.circumstances.rule.access == Access::Read);
        let db = &self.service.db;
        let Some(remembered) = self.service.remembered.as_ref().filter(|_| FAST && as_of.as_of.is_none()) else {
            let anew = move |tx: &mut Tx| tx.as_known(as_of, &work)?.at(tx.now());
            return db.isolated(self.deadline, self.caller, Isolation::Read, anew).await;
        };
        let now = db.clock.now();
        let question = Question::of(&self.caller, &self.target, &self.query, legal_day(now));
        let known = remembered.find(self.caller.tenant, &question, now).await?;
        if let Some(known) = known.as_ref().filter(|_| !remembered.is_compared) {
            return known.answer.at(now);
        }
        let anew = move |tx: &mut Tx| {
            let snapshot = Arc::new(Snapshot::of(tx)?);
            let still_known = match &known {
                Some(known) if known.snapshot.is_all_of(tx)? => Some(known),
                _ => None,
            };
            let answer = Arc::new(work(tx)?);
            if still_known.is_some_and(|known| known.answer != answer) {
                return Err(overtaken());
            }
            Ok((Kept { answer, snapshot, read_at: tx.now() }, tx.today()))
        };
        let (kept, day) = db.isolated(self.deadline, self.caller, Isolation::Read, anew).await?;
        let reply = kept.answer.at(kept.read_at)?;
        // Midnight may have come between the question and its answer.
        if day == question.day {
            remembered.keep(question, kept);
        }
        Ok(reply)
    }
}
