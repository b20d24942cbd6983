//! Reading without a bearer token, for whoever holds another credential that the caller of this has checked.

use std::sync::Arc;

use uuid::Uuid;

use super::{Circumstances, Service};
use crate::platform::caller::Caller;
use crate::platform::db::Tx;
use crate::platform::idempotency;
use crate::platform::policy::Rule;
use crate::platform::problem::Problem;

impl Service {
    /// Looks up in one town what a credential stands for.
    pub(crate) async fn read_for<T, F>(&self, caller: Caller, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: Fn(&mut Tx) -> Result<T, Problem> + Send + 'static,
    {
        self.db.transaction(Arc::new(caller), false, work).await
    }

    /// Reads in the name of a client: in one transaction with the audit row, or not at all.
    pub(crate) async fn read_on_record<T, F>(
        &self,
        caller: Caller,
        rule: &'static Rule,
        request_id: Uuid,
        work: F,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: Fn(&mut Tx) -> Result<T, Problem> + Send + 'static,
    {
        let circumstances = Circumstances { rule, request_id, on_behalf_of: None, purpose: None, dry_run: false };
        self.db
            .transaction(Arc::new(caller), true, move |tx| {
                let answer = work(tx)?;
                idempotency::finish(tx, &circumstances, &[], None)?;
                Ok(answer)
            })
            .await
    }
}
