//! Lists as files: all pages in one snapshot, under the permission of the list.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::Permit;
use crate::platform::db::{Isolation, Tx};
use crate::platform::deadline::DEADLINE_OF_THOUSANDS;
use crate::platform::export::{Form, Order, make};
use crate::platform::idempotency;
use crate::platform::paging::Window;
use crate::platform::policy::Operation;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::Reply;

/// Files that are made at a time; each holds a connection and a thread for as long as that takes.
const AT_A_TIME: usize = 2;

/// What making files needs.
pub struct Exporter {
    dir: PathBuf,
    turns: Arc<Semaphore>,
}

impl Exporter {
    /// Keeps long files below the data directory while they are sent.
    pub fn within(data_dir: &std::path::Path) -> Self {
        Self { dir: data_dir.join("exports"), turns: Arc::new(Semaphore::new(AT_A_TIME)) }
    }
}

impl<O: Operation> Permit<O> {
    /// Answers all pages of a list as a file, and leaves a row in the access register: it is more than anybody reads.
    pub(super) async fn export<V, F>(self, form: Form, id: fn(&V) -> Uuid, page: F) -> Result<Reply, Problem>
    where
        V: Serialize + Send + 'static,
        F: Fn(&mut Tx, Window) -> Result<Vec<V>, Problem> + Send + 'static,
    {
        let Self { service, caller, circumstances, target, query, .. } = self;
        let busy = || catalogue::UNAVAILABLE.problem().retry_after(2).because("as many files as possible are being made");
        let shape =
            service.lists.find(circumstances.rule.operation).cloned().ok_or_else(|| catalogue::NOT_ACCEPTABLE.problem())?;
        let _turn = service.exporter.turns.try_acquire().map_err(|_| busy())?;
        let path = target.split(' ').nth(1).unwrap_or_default();
        let asked = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        let order = Order { shape, form, asked };
        let dir = service.exporter.dir.clone();
        let fields: Vec<String> = order.shape.columns.iter().map(|column| column.head.clone()).collect();
        let export = service
            .db
            .isolated(DEADLINE_OF_THOUSANDS, caller, Isolation::Snapshot, move |tx| {
                let export = make(tx, &order, &dir, id, &page)?;
                tx.touch("export", []);
                idempotency::finish(tx, &circumstances, &fields, None)?;
                Ok(export)
            })
            .await?;
        Ok(Reply::file(export))
    }
}
