//! The fast paths of the hottest operations: one round trip, shared with the same calls of others.
//!
//! A fast path only ever succeeds. Whatever it cannot do without a doubt is done by the plain path, which alone knows the
//! rules of refusal; so the two cannot differ in what they refuse.

use std::sync::Arc;

use actix_web::web::Bytes;
use diesel::QueryResult;
use diesel::pg::PgConnection;
use serde::Serialize;
use uuid::Uuid;

use super::{Circumstances, Permit};
use crate::platform::body::Body;
use crate::platform::caller::Caller;
use crate::platform::crew::{Crew, Outcome};
use crate::platform::db::{Aside, Tx};
use crate::platform::idempotency::Key;
use crate::platform::paging::Window;
use crate::platform::policy::Operation;
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};

/// Whether there are fast paths: their own tenant predicate cannot be switched off, so they go with the others.
pub(crate) const FAST: bool = cfg!(not(feature = "without-predicates"));

/// A permitted write with all that its audit row and its stored answer need.
pub(crate) struct Request<B> {
    pub caller: Arc<Caller>,
    pub circumstances: Circumstances,
    pub key: Option<Key>,
    pub fields: Vec<String>,
    pub body: B,
}

/// A permitted look at one record.
pub(crate) struct Look {
    pub caller: Arc<Caller>,
    pub id: Uuid,
}

impl<O: Operation> Permit<O> {
    /// As [`Self::write`], but done by the crew, together with the same writes of others, where it does not give it back.
    pub(crate) async fn write_together<B, V, F>(
        self,
        body: Body<B>,
        crew: Option<(&Crew<Request<B>, Reply>, u128)>,
        work: F,
    ) -> Result<Reply, Problem>
    where
        B: Send + 'static,
        V: View + 'static,
        F: Fn(&mut Tx, &B) -> Result<Written<V>, Problem> + Send + 'static,
    {
        // A rehearsal leaves nothing behind, and a precondition is judged where the record is known.
        let Some((crew, lane)) = crew.filter(|_| FAST && !self.circumstances.dry_run && self.if_match.is_none()) else {
            return self.write(body, work).await;
        };
        let (request, raw) = self.request(body);
        match crew.call(lane, request).await? {
            Outcome::Answered(reply) => Ok(reply),
            Outcome::Alone(Request { body: value, fields, .. }) => self.write(Body { value, raw, fields }, work).await,
        }
    }

    /// As [`Self::write`], but by the few statements of `fast`, where that does not give it back.
    pub(crate) async fn write_at_once<B, V, G, F>(self, body: Body<B>, fast: Option<G>, work: F) -> Result<Reply, Problem>
    where
        B: Send + 'static,
        V: View + 'static,
        G: FnOnce(&Aside, &Request<B>) -> Result<Option<Reply>, Problem> + Send + 'static,
        F: Fn(&mut Tx, &B) -> Result<Written<V>, Problem> + Send + 'static,
    {
        let plain = self.circumstances.dry_run || self.if_match.is_some() || self.service.db.room.is_short();
        let Some(fast) = fast.filter(|_| FAST && !plain) else { return self.write(body, work).await };
        let (request, raw) = self.request(body);
        let attempt = move |aside: &Aside| fast(aside, &request).map(|reply| (reply, request));
        match self.service.db.aside(attempt).await? {
            (Some(reply), _) => Ok(reply),
            (None, Request { body: value, fields, .. }) => self.write(Body { value, raw, fields }, work).await,
        }
    }

    /// The write with all that will be stored of it, and what was sent.
    fn request<B>(&self, body: Body<B>) -> (Request<B>, Bytes) {
        let key = self.key_of(&body);
        let Body { value, raw, fields } = body;
        let (caller, circumstances) = (Arc::clone(&self.caller), self.circumstances.clone());
        (Request { caller, circumstances, key, fields, body: value }, raw)
    }

    /// As [`Self::read`] of the record of this id, but done by the crew, where it does not give it back.
    pub(crate) async fn look_together<V, F>(self, crew: Option<&Crew<Look, Reply>>, id: Uuid, work: F) -> Result<Reply, Problem>
    where
        V: View + 'static,
        F: Fn(&mut Tx) -> Result<V, Problem> + Send + 'static,
    {
        let Some(crew) = crew.filter(|_| FAST) else { return self.read(work).await };
        match crew.call(id.as_u128(), Look { caller: Arc::clone(&self.caller), id }).await? {
            Outcome::Answered(reply) => Ok(reply),
            Outcome::Alone(_) => self.read(work).await,
        }
    }

    /// As [`Self::list`], by one statement that states the tenant for itself.
    pub(crate) async fn list_at_once<V, F>(self, id: fn(&V) -> Uuid, statement: F) -> Result<Reply, Problem>
    where
        V: Serialize + Send + 'static,
        F: Fn(&mut PgConnection, &Caller, Window) -> QueryResult<Vec<V>> + Send + 'static,
    {
        if let Some(form) = self.form {
            return self.export(form, id, move |tx, window| Ok(statement(tx.conn, &tx.caller, window)?)).await;
        }
        let paging = self.paging()?;
        let (window, caller) = (paging.window, Arc::clone(&self.caller));
        let rows = self.service.db.at_once_aside(move |conn| statement(conn, &caller, window)).await?;
        self.page(paging, rows, id)
    }
}
