//! A permit: the proof, in a handler's signature, that the caller may do this
//! operation, and the only way from a handler to the store.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{AUTHORIZATION, HeaderMap, IF_NONE_MATCH};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use uuid::Uuid;

use super::body::{Body, nearest};
use super::caller::{Admitted, Caller, Gate};
use super::calls::{CalledBy, Calls};
use super::contract::Contract;
use super::db::{Db, Isolation, Tx};
use super::deadline::DEADLINE;
use super::export::{Form, Lists, form_of};
use super::hint::Hint;
use super::idempotency::{self, Key};
use super::keys::{KeyList, KeyRing};
use super::paging::Cursors;
use super::person_keys::PersonKeyError;
use super::policy::{Access, Operation, Role, Rule};
use super::problem::{Problem, catalogue};
use super::remembered::Remembered;
use super::reply::{FileReply, Reply, View, Written};
use super::secrets::digest;
use super::types::holds_pesel;

mod exporting;
mod on_record;
mod pages;
mod precondition;
mod remembering;
mod stated;
pub use exporting::Exporter;
use stated::stated;
pub(crate) mod together;

pub(crate) use precondition::Precondition;

/// Longest list of entity tags that a caller may say to have.
const LONGEST_TAGS: usize = 1000;

/// What the service needs to answer: shared by all workers.
pub struct Service {
    /// The store.
    pub db: Db,
    /// Tokens to callers.
    pub gate: Gate,
    pub(crate) cursors: Cursors,
    /// Query parameters of each operation, from the OpenAPI document.
    pub(crate) parameters: Arc<HashMap<String, HashSet<String>>>,
    /// What each list looks like as a file.
    pub(crate) lists: Arc<Lists>,
    exporter: Exporter,
    /// Answers given lately, where they are remembered.
    remembered: Option<Remembered>,
    /// Calls of clients that are to be noted.
    pub calls: Calls,
}

impl Service {
    /// Joins store and gate with what the contract says of the operations.
    pub fn new(
        db: Db,
        gate: Gate,
        cursor_keys: &KeyList,
        contract: &Contract,
        exporter: Exporter,
        remembered: Option<Remembered>,
    ) -> Self {
        let (parameters, lists) = (Arc::clone(&contract.parameters), Arc::clone(&contract.lists));
        Self { db, gate, cursors: Cursors::new(cursor_keys), parameters, lists, exporter, remembered, calls: Calls::default() }
    }

    /// Goes on with a changed key ring; a ring that cannot be used changes nothing.
    ///
    /// # Errors
    /// When a signing key or the directory of person keys is not usable.
    pub fn renew_keys(&self, ring: KeyRing) -> Result<(), PersonKeyError> {
        self.gate.renew(&ring.token_signing)?;
        self.cursors.renew(&ring.token_signing);
        self.db.keys.renew(Arc::new(ring))
    }
}

/// Id of the request, set by the outermost middleware.
#[derive(Clone, Copy, Debug)]
pub struct RequestId(pub Uuid);

/// Why and for whom a system calls, for the audit log (art. 33(8)).
#[derive(Clone, Debug)]
pub(crate) struct Circumstances {
    pub rule: &'static Rule,
    pub request_id: Uuid,
    pub on_behalf_of: Option<String>,
    pub purpose: Option<String>,
    pub dry_run: bool,
}

/// The permission for operation `O`, with everything of the request that concerns all operations.
pub struct Permit<O> {
    service: Data<Service>,
    caller: Arc<Caller>,
    circumstances: Circumstances,
    if_match: Option<String>,
    key: Option<String>,
    target: String,
    query: String,
    deadline: Duration,
    /// How much a write sees.
    isolation: Isolation,
    /// In which form a list is wanted, where not in pages.
    form: Option<Form>,
    operation: PhantomData<fn() -> O>,
}

/// Opens when the permit is given; what a request holds is judged only then.
///
/// The framework polls all extractors of a handler together, so that a quick
/// refusal of the body would overtake a permit that still reads the client's row.
#[derive(Clone)]
pub(crate) struct Admission(tokio::sync::watch::Receiver<bool>);

impl Admission {
    /// The admission of a request whose handler asks for a permit first.
    pub(crate) fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// Waits until the permit is given. Where it is refused, its refusal is the answer and this is dropped.
    pub(crate) async fn wait(admission: Option<Self>) {
        if let Some(mut admission) = admission {
            let _ = admission.0.wait_for(|admitted| *admitted).await;
        }
    }
}

impl<O: Operation> FromRequest for Permit<O> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        let (admit, admitted) = tokio::sync::watch::channel(false);
        request.extensions_mut().insert(Admission(admitted));
        Box::pin(async move {
            let service = request
                .app_data::<Data<Service>>()
                .cloned()
                .ok_or_else(|| catalogue::INTERNAL.problem().because("service is not configured"))?;
            let rule = O::RULE;
            let Admitted { caller, identity } = service.gate.admit(authorization(request.headers()), &service.db).await?;
            request.extensions_mut().insert(CalledBy { tenant: caller.tenant, client: caller.client });
            tracing::Span::current().record("tenant.id", tracing::field::display(caller.tenant));
            if !rule.roles.contains(&caller.role) {
                let roles = rule.admitted().map(Role::as_str).collect::<Vec<_>>().join(", ");
                return Err(catalogue::FORBIDDEN.problem().with("roles", roles));
            }
            if !rule.admits(caller.role) {
                return Err(catalogue::FAMILIES_ONLY.problem());
            }
            admit.send_replace(true);
            let dry_run = check_query(&service, rule, request.query_string())?;
            let headers = request.headers();
            if headers.get_all(IF_NONE_MATCH).map(actix_web::http::header::HeaderValue::len).sum::<usize>() > LONGEST_TAGS {
                return Err(invalid_header(
                    "If-None-Match",
                    Hint::new("ma więcej niż 1000 znaków", "has more than 1000 characters"),
                ));
            }
            let purpose = stated(headers, "Pai-Purpose", identity.stated.purpose.as_deref())?;
            if rule.access.reveals_identity() && purpose.is_none() {
                return Err(catalogue::PURPOSE_REQUIRED.problem().and("Pai-Purpose", &catalogue::PURPOSE_REQUIRED, None));
            }
            Ok(Self {
                caller,
                circumstances: Circumstances {
                    rule,
                    request_id: request.extensions().get::<RequestId>().map_or(Uuid::nil(), |id| id.0),
                    on_behalf_of: stated(headers, "Pai-On-Behalf-Of", identity.stated.on_behalf_of.as_deref())?,
                    purpose,
                    dry_run,
                },
                if_match: header(headers, "If-Match")?.map(str::to_owned),
                key: idempotency::key_of(headers)?,
                target: format!("{} {}", request.method(), request.path()),
                query: request.query_string().to_owned(),
                deadline: DEADLINE,
                isolation: Isolation::Write,
                form: match service.lists.find(rule.operation) {
                    Some(list) => form_of(headers, request.query_string(), list.as_xml.is_some())?,
                    None => None,
                },
                service,
                operation: PhantomData,
            })
        })
    }
}

/// Refuses parameters that the contract does not know, and reads `dryRun`.
fn check_query(service: &Service, rule: &Rule, query: &str) -> Result<bool, Problem> {
    let mut dry_run = false;
    if query.is_empty() {
        return Ok(dry_run);
    }
    let mut seen = HashSet::new();
    let known = service.parameters.get(rule.operation);
    let pairs = actix_web::web::Query::<Vec<(String, String)>>::from_query(query)
        .map_err(|error| catalogue::INVALID_PARAMETER.problem().because(error))?;
    for (name, value) in pairs.into_inner() {
        if !known.is_some_and(|known| known.contains(&name)) {
            let valid: Vec<&str> = known.into_iter().flatten().map(String::as_str).collect();
            let hint = nearest(&name, &valid).map(Hint::did_you_mean);
            return Err(catalogue::UNKNOWN_PARAMETER.problem().and(name, &catalogue::UNKNOWN_PARAMETER, hint));
        }
        if !seen.insert(name.clone()) {
            return Err(invalid_parameter(&name, Hint::twice()));
        }
        // Addresses are kept in the logs of everything between the caller and us. A cursor is nobody's words.
        if name != "cursor" && holds_pesel(&value) {
            return Err(catalogue::INVALID_PARAMETER.problem().and(name, &catalogue::PESEL_IN_TEXT, None));
        }
        if rule.access.writes() && name == "dryRun" {
            dry_run = match value.as_str() {
                "true" => true,
                "false" => false,
                _ => {
                    return Err(invalid_parameter("dryRun", Hint::of_deserializer("expected `true` or `false`")));
                }
            };
        }
    }
    Ok(dry_run)
}

/// A header of one value; of several nobody can say which one counts.
pub(super) fn header<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Problem> {
    let mut values = headers.get_all(name);
    let value = values.next();
    if values.next().is_some() {
        return Err(invalid_header(name, Hint::new("jest podany dwa razy", "is given twice")));
    }
    let not_text = |_| invalid_header(name, Hint::new("nie jest tekstem w ASCII", "is not ASCII text"));
    value.map(|value| value.to_str().map_err(not_text)).transpose()
}

/// The one Authorization header; of several nobody can say which one counts.
fn authorization(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION);
    values.next().filter(|_| values.next().is_none())?.to_str().ok()
}

pub(crate) fn invalid_header(name: &str, hint: Hint) -> Problem {
    catalogue::INVALID_HEADER.problem().and(name, &catalogue::INVALID_HEADER, Some(hint))
}

/// Refuses a query parameter.
pub(crate) fn invalid_parameter(name: &str, hint: Hint) -> Problem {
    catalogue::INVALID_PARAMETER.problem().and(name, &catalogue::INVALID_PARAMETER, Some(hint))
}

impl<O: Operation> Permit<O> {
    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What the service shares, for the few operations that change more than the store.
    pub fn service(&self) -> Data<Service> {
        self.service.clone()
    }

    /// Lets the work of this request take longer than usual, for acts on thousands of records.
    #[must_use]
    pub fn taking_up_to(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// Lets the write of this request rest on one moment; whoever overtakes it makes it start again.
    #[must_use]
    pub fn seeing_one_moment(self) -> Self {
        Self { isolation: Isolation::Snapshot, ..self }
    }

    /// Reads one resource.
    pub async fn read<V, F>(self, work: F) -> Result<Reply, Problem>
    where
        V: View + 'static,
        F: Fn(&mut Tx) -> Result<V, Problem> + Send + 'static,
    {
        debug_assert!(self.circumstances.rule.access == Access::Read);
        self.service.db.isolated(self.deadline, self.caller, Isolation::Read, move |tx| Reply::ok(&work(tx)?)).await
    }

    /// Reads a file without identities.
    pub async fn read_file<F>(self, work: F) -> Result<FileReply, Problem>
    where
        F: Fn(&mut Tx) -> Result<FileReply, Problem> + Send + 'static,
    {
        debug_assert!(self.circumstances.rule.access == Access::Read);
        self.service.db.transaction(self.caller, false, work).await
    }

    /// Reads identities: in one transaction with the audit row, or not at all.
    pub async fn reveal<V, F>(self, work: F) -> Result<Reply, Problem>
    where
        V: View + 'static,
        F: Fn(&mut Tx) -> Result<V, Problem> + Send + 'static,
    {
        self.reveal_as(move |tx| Reply::ok(&work(tx)?)).await
    }

    /// As [`Self::reveal`], answering a file.
    pub async fn reveal_file<F>(self, work: F) -> Result<FileReply, Problem>
    where
        F: Fn(&mut Tx) -> Result<FileReply, Problem> + Send + 'static,
    {
        self.reveal_as(work).await
    }

    async fn reveal_as<T, F>(self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: Fn(&mut Tx) -> Result<T, Problem> + Send + 'static,
    {
        let circumstances = self.circumstances;
        debug_assert!(circumstances.rule.access == Access::Reveal);
        self.service
            .db
            .isolated(DEADLINE, self.caller, Isolation::Snapshot, move |tx| {
                let answer = work(tx)?;
                idempotency::finish(tx, &circumstances, &[], None)?;
                Ok(answer)
            })
            .await
    }

    /// The key of this request, bound to what it asks; a rehearsal has none.
    fn key_of<B>(&self, body: &Body<B>) -> Option<Key> {
        let if_match = self.if_match.as_deref().unwrap_or_default();
        let key = self.key.clone().filter(|_| !self.circumstances.dry_run)?;
        Some(Key { key, request_hash: digest(&[self.target.as_bytes(), if_match.as_bytes(), &body.raw].join(&0)) })
    }

    /// Does a write: the work, its audit row, its events and its stored answer in one transaction.
    pub async fn write<B, V, F>(self, body: Body<B>, work: F) -> Result<Reply, Problem>
    where
        B: Send + 'static,
        V: View + 'static,
        F: Fn(&mut Tx, &B) -> Result<Written<V>, Problem> + Send + 'static,
    {
        let key = self.key_of(&body);
        let circumstances = self.circumstances;
        let target = self.target;
        debug_assert!(circumstances.rule.access.writes());
        let precondition = Precondition::parse(circumstances.rule.access, self.if_match.as_deref())?;
        self.service
            .db
            .isolated(self.deadline, self.caller, self.isolation, move |tx| {
                tx.precondition = precondition;
                if circumstances.dry_run {
                    let written = tx.rehearse(|tx| work(tx, &body.value))?;
                    tx.refuse_an_idle_precondition()?;
                    tx.trail.events.clear();
                    idempotency::finish(tx, &circumstances, &body.fields, None)?;
                    return Ok(Reply { status: 200, ..reply(&written)? });
                }
                if let Some(key) = &key
                    && let Some(first_answer) = idempotency::begin(tx, key)?
                {
                    if circumstances.rule.access.reveals_identity() {
                        // It is answered once more, and perhaps for another purpose.
                        tx.touch("person", ids_in(&target));
                        idempotency::finish(tx, &circumstances, &[], None)?;
                    }
                    return Ok(first_answer);
                }
                let written = work(tx, &body.value)?;
                tx.refuse_an_idle_precondition()?;
                let reply = reply(&written)?;
                idempotency::finish(tx, &circumstances, &body.fields, key.as_ref().map(|key| (key, &reply)))?;
                Ok(reply)
            })
            .await
    }
}

/// The ids in the path of a request.
fn ids_in(target: &str) -> Vec<Uuid> {
    target.split('/').filter_map(|segment| Uuid::try_parse(segment).ok()).collect()
}

pub(crate) fn reply<V: View>(written: &Written<V>) -> Result<Reply, Problem> {
    Ok(Reply {
        status: if written.location.is_some() { 201 } else { 200 },
        location: written.location.as_ref().map(|path| format!("/api/v1{path}")),
        ..Reply::ok(&written.view)?
    })
}
