//! Lists: a page of them, or all of them as a file.

use std::sync::Arc;

use serde::Serialize;
use uuid::Uuid;

use super::Permit;
use crate::platform::db::Tx;
use crate::platform::paging::{Page, PageQuery, Window, invalid_limit};
use crate::platform::policy::Operation;
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, to_json};

impl<O: Operation> Permit<O> {
    /// Reads a page of a list; `work` gets the window and answers at most `window.rows()` rows in the order of their ids.
    pub async fn list<V, F>(self, id: fn(&V) -> Uuid, work: F) -> Result<Reply, Problem>
    where
        V: Serialize + Send + 'static,
        F: Fn(&mut Tx, Window) -> Result<Vec<V>, Problem> + Send + 'static,
    {
        if let Some(form) = self.form {
            return self.export(form, id, work).await;
        }
        let paging = self.paging()?;
        let window = paging.window;
        let rows = self.service.db.transaction(Arc::clone(&self.caller), false, move |tx| work(tx, window)).await?;
        self.page(paging, rows, id)
    }

    /// Which page of which list is wanted.
    pub(super) fn paging(&self) -> Result<Paging, Problem> {
        let page = actix_web::web::Query::<PageQuery>::from_query(&self.query).map_err(|_| invalid_limit())?.into_inner();
        let filter = without_paging(&self.query);
        let context = [self.target.as_bytes(), self.caller.client.as_bytes(), filter.as_bytes()].join(&0);
        let window = self.service.cursors.window(page.limit, page.cursor.as_deref(), &context)?;
        Ok(Paging { window, context, filter })
    }

    pub(super) fn page<V: Serialize>(&self, paging: Paging, rows: Vec<V>, id: fn(&V) -> Uuid) -> Result<Reply, Problem> {
        let Paging { window, context, filter } = paging;
        let page = self.service.cursors.page(rows, window, &context, id);
        let next = page.next_cursor.as_ref().map(|cursor| {
            let path = self.target.split(' ').nth(1).unwrap_or_default();
            let filter = if filter.is_empty() { String::new() } else { format!("&{filter}") };
            format!("{path}?cursor={cursor}&limit={}{filter}", window.limit)
        });
        Ok(Reply {
            status: 200,
            location: None,
            etag: None,
            next,
            body: to_json(&page)?,
            replayed: false,
            repeatable: false,
            export: None,
        })
    }
}

/// A page that is wanted, with what binds its cursor.
pub(super) struct Paging {
    pub(super) window: Window,
    context: Vec<u8>,
    filter: String,
}

fn without_paging(query: &str) -> String {
    query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("cursor=") && !pair.starts_with("limit="))
        .collect::<Vec<_>>()
        .join("&")
}

impl<V: Serialize> View for Page<V> {}
