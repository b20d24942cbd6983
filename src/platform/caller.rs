//! Who calls: from the bearer token to the client's row.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::clock::Clock;
use super::db::Db;
use super::identity::{Holder, Identity, Issuers};
use super::keys::{KeyError, KeyList};
use super::policy::Role;
use super::problem::{Problem, catalogue};
use super::types::AssistantCode;

/// A revoked or narrowed client keeps its old scope for at most this long.
const SCOPE_KEPT: Duration = Duration::from_secs(20);
/// Longest time that looking up a caller may take; the work itself needs the rest.
const LOOK_UP: Duration = Duration::from_secs(1);
/// Clients remembered at a time.
const REMEMBERED: usize = 10_000;

/// A calling system with its scope, as it stands in the client's row.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Institution it acts for.
    pub tenant: Uuid,
    /// Its own id.
    pub client: Uuid,
    /// What it may do.
    pub role: Role,
    /// Narrowed to one host.
    pub host: Option<Uuid>,
    /// Narrowed to the classes of one contractor.
    pub facilitator: Option<Uuid>,
    /// The family assistant to whose families a client of that role is narrowed; without a code it has none.
    pub assistant: Option<AssistantCode>,
}

impl Caller {
    /// Refuses a narrowed host supervisor another host.
    pub fn may_use_host(&self, host: Option<Uuid>) -> bool {
        self.role != Role::HostSupervisor || (self.host.is_some() && self.host == host)
    }

    /// Whether the caller is narrowed to the families of `assistant`; without a code to none.
    pub fn is_narrowed_to_families(&self) -> bool {
        self.role == Role::FamilyAssistant
    }

    /// Refuses a narrowed facilitator another's classes.
    pub fn may_lead(&self, facilitator: Option<Uuid>) -> bool {
        self.role != Role::Facilitator || (self.facilitator.is_some() && self.facilitator == facilitator)
    }
}

/// A client's row, with what signing in needs.
pub struct ClientRow {
    /// Scope.
    pub caller: Caller,
    /// Hash of the secret of a built-in client.
    pub secret_hash: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

diesel::define_sql_function! {
    /// The one look-up that passes the tenant boundary.
    #[sql_name = "find_client"]
    fn find_client_row(issuer: Text, subject: Text) -> diesel::sql_types::Record<(SqlUuid, SqlUuid, Text, Nullable<Text>, Nullable<SqlUuid>, Nullable<SqlUuid>, Nullable<Text>, Nullable<Timestamptz>)>;
}

type Row = (Uuid, Uuid, String, Option<String>, Option<Uuid>, Option<Uuid>, Option<AssistantCode>, Option<DateTime<Utc>>);

/// The client of an issuer and a subject.
pub fn find_client(conn: &mut PgConnection, issuer: &str, subject: &str) -> Result<Option<ClientRow>, Problem> {
    let row: Option<Row> = diesel::select(find_client_row(issuer, subject)).get_result(conn).optional()?;
    let Some((tenant, client, role, secret_hash, host, facilitator, assistant, revoked_at)) = row else { return Ok(None) };
    let role = Role::named(&role).ok_or_else(|| catalogue::INTERNAL.problem().because("unknown role in clients"))?;
    let caller = Caller { tenant, client, role, host, facilitator, assistant };
    Ok(Some(ClientRow { caller, secret_hash, revoked_at }))
}

/// Callers by issuer and subject, with when they were read.
type Scopes = HashMap<Arc<Holder>, (Arc<Caller>, DateTime<Utc>)>;

/// Turns bearer tokens into callers.
pub struct Gate {
    /// Whose tokens are accepted.
    pub issuers: Issuers,
    scopes: Mutex<Scopes>,
    /// How often clients were forgotten, so that a row read before that is not remembered after it.
    forgotten: AtomicU64,
    clock: Clock,
}

/// A caller that was let in, with what its token says about the call.
pub(crate) struct Admitted {
    pub caller: Arc<Caller>,
    pub identity: Arc<Identity>,
}

impl Gate {
    /// A gate for tokens of these issuers.
    pub fn new(issuers: Issuers, clock: Clock) -> Self {
        Self { issuers, scopes: Mutex::default(), forgotten: AtomicU64::new(0), clock }
    }

    /// Takes the signing keys of a changed ring.
    ///
    /// # Errors
    /// As [`TokenIssuer::renew`].
    pub fn renew(&self, keys: &KeyList) -> Result<(), KeyError> {
        self.issuers.renew(keys)
    }

    /// The caller behind an Authorization header.
    ///
    /// # Errors
    /// `platform.unauthenticated` for anything but a valid token of a client in force, `platform.unavailable` while the
    /// keys of an outside issuer are not known.
    pub(crate) async fn admit(&self, header: Option<&str>, db: &Db) -> Result<Admitted, Problem> {
        let now = self.clock.now();
        let token = header
            .and_then(|header| header.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(|| catalogue::UNAUTHENTICATED.problem())?;
        let identity = self.issuers.identify(token, now).await?;
        if let Some(caller) = self.remembered(&identity.holder, now) {
            return Ok(Admitted { caller, identity });
        }
        let forgotten = self.forgotten.load(Ordering::SeqCst);
        let wanted = Arc::clone(&identity.holder);
        let look_up = db.without_tenant(move |conn| find_client(conn, &wanted.issuer, &wanted.subject));
        let row = tokio::time::timeout(LOOK_UP, look_up).await.map_err(|_| {
            catalogue::UNAVAILABLE.problem().retry_after(1).because("the caller could not be looked up in time")
        })??;
        let caller = row.filter(|row| row.revoked_at.is_none()).map(|row| Arc::new(row.caller)).ok_or_else(|| {
            let Holder { issuer, subject } = &*identity.holder;
            catalogue::UNAUTHENTICATED.problem().because(format!("no client in force has iss {issuer:?} and sub {subject:?}"))
        })?;
        let mut scopes = self.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        if scopes.len() >= REMEMBERED {
            scopes.clear();
        }
        if self.forgotten.load(Ordering::SeqCst) == forgotten {
            scopes.insert(Arc::clone(&identity.holder), (Arc::clone(&caller), now));
        }
        drop(scopes);
        Ok(Admitted { caller, identity })
    }

    /// Looks the row of a client up again with its next call: it has changed.
    pub fn forget(&self, client: Uuid) {
        let mut scopes = self.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        scopes.retain(|_, (caller, _)| caller.client != client);
    }

    fn remembered(&self, holder: &Holder, now: DateTime<Utc>) -> Option<Arc<Caller>> {
        let scopes = self.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        let (caller, since) = scopes.get(holder)?;
        let kept = TimeDelta::from_std(SCOPE_KEPT).unwrap_or_default();
        (now - *since < kept).then(|| Arc::clone(caller))
    }
}
