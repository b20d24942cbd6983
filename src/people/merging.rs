//! Merging two records of the same person: everything of the duplicate is moved to the survivor, in one transaction.
//!
//! The duplicate's own row goes, so that nothing can be recorded about it any
//! more: a write that comes meanwhile is either moved along or refused, never
//! lost. A merge cannot be undone by the service; who did it, why, what was
//! moved and the identity that was not kept stay readable.

use actix_web::post;
use actix_web::web::Data;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Bytea, Jsonb, Nullable, Text, Uuid as SqlUuid};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use utoipa::ToSchema;
use uuid::Uuid;

use super::identity::{IdentityBody, PersonIdentityView};
use super::merged::{
    AfterMerge, FORMER_IDENTITY, IdentityChoice, MergeView, MergedView, absent, complete_merge, find_merge, was_asked_into,
};
use super::people::{PersonView, lock_person};
use super::sealed_identity::{Plain, change_identity, insert_identity, locked_version, open_identity};
use super::{IDENTITY_ERASED, MERGE_CONFLICT, MERGE_DROP, MERGE_SAME, MERGED, MERGED_OTHERWISE};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::hint::Hint;
use crate::platform::permit::Permit;
use crate::platform::policy::MergePerson;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, Written};
use crate::platform::resealing::{Readdressed, ResealError, SealedTable};
use crate::platform::routes::ServiceConfig;
use crate::platform::rows_of::rows_of;
use crate::platform::secrets::SecretError;
use crate::platform::types::{LongText, count_between};
use crate::schema::{applications, editions, offers, participations, people};

/// The tables of all slices that hold something sealed under the keys of people.
pub struct SealedElsewhere(pub &'static [&'static [SealedTable]]);

/// Into whom a person is merged, and what is kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "into": examples::NEWCOMER, "reason": "Ta sama osoba, zapisana powtórnie bez numeru PESEL" }))]
pub struct MergeBody {
    /// The person who stays.
    pub into: Uuid,
    /// Why they are the same.
    pub reason: LongText,
    /// Whose identity is kept.
    #[serde(default = "survivor")]
    #[schema(default = "survivor")]
    pub identity: IdentityChoice,
    /// Discards the other identity; otherwise it stays readable by `get_former_identities`.
    #[serde(default)]
    pub discard_other_identity: bool,
    /// Of two applications to one edition, those to give up; they stay readable as withdrawn and count no more.
    #[serde(default, deserialize_with = "count_between::<0, 100, _, _>")]
    #[schema(max_items = 100)]
    pub drop_application_ids: Vec<Uuid>,
    /// Of memberships of households at the same time, those to give up; they stay readable as superseded.
    #[serde(default, deserialize_with = "count_between::<0, 100, _, _>")]
    #[schema(max_items = 100)]
    pub drop_membership_ids: Vec<Uuid>,
}

fn survivor() -> IdentityChoice {
    IdentityChoice::Survivor
}

type ConflictColumns = (Text, Nullable<SqlUuid>, Nullable<SqlUuid>, Nullable<Text>);

diesel::define_sql_function! {
    /// What keeps two records from being one; see the migration.
    fn merge_conflicts(duplicate: SqlUuid, survivor: SqlUuid, applications: Array<SqlUuid>, memberships: Array<SqlUuid>) -> Record<ConflictColumns>;
}

diesel::define_sql_function! {
    /// Moves everything of the duplicate; see the migration.
    #[expect(clippy::too_many_arguments, reason = "one column each")]
    fn merge_people(
        duplicate: SqlUuid, survivor: SqlUuid, applications: Array<SqlUuid>, steps: Array<SqlUuid>, memberships: Array<SqlUuid>,
        resealed: Jsonb, reason: Text, identity_choice: Text, former_identity: Nullable<Bytea>, discarding: Bool
    ) -> Jsonb;
}

/// Two records that exclude each other, or one that cannot be given up.
#[derive(Debug, Queryable)]
struct Conflict {
    kind: String,
    of_duplicate: Option<Uuid>,
    of_survivor: Option<Uuid>,
    detail: Option<String>,
}

/// Merges a person who was recorded twice into the other record.
///
/// The person in the path is the duplicate: facts, applications, participations
/// with all that hangs on them, hours, sheets, jobs, plans, declarations and
/// households are moved to `into` in one transaction, and figures count one
/// person. Afterwards the duplicate answers 410 with `mergedInto`. Contradicting
/// facts are both kept. What would break a rule refuses the merge and is listed
/// in `conflicts`: two applications to one edition, participations at the same
/// time, two households at a time, more hours in a week or month than the limit.
/// Participations that are together longer than the law allows, and offers of seats
/// that can no longer be taken up, are answered as warnings. There is no undoing. Repeated with the same body it answers what was done,
/// whatever `If-Match` says and also after the survivor was merged on (`mergedInto` then says who the person is now); with
/// another `into` it answers as every operation on the duplicate, with other choices it is refused.
#[utoipa::path(tag = "people", params(("id" = Uuid, Path, description = "The duplicate")), request_body = MergeBody,
    responses((status = 200, body = MergedView, description = "What was merged and moved")))]
#[post("/people/{id}/merge")]
async fn merge_person(
    permit: Permit<MergePerson>,
    sealed: Data<SealedElsewhere>,
    after: Data<AfterMerge>,
    id: PathId,
    body: Body<MergeBody>,
) -> Result<Reply, Problem> {
    let (tables, warnings_about) = (sealed.0, after.0);
    permit
        .write(body, move |tx, body| {
            tx.touch("person", [id.0, body.into]);
            if id.0 == body.into {
                return Err(MERGE_SAME.at("/into"));
            }
            hold_off_merges(tx)?;
            let (duplicate, survivor) = match lock_both(tx, id.0, body.into)? {
                Pair::Both(duplicate, survivor) => (duplicate, survivor),
                Pair::MergedAlready(merge) => {
                    tx.repeat_the_first();
                    expect_same(&merge, body)?;
                    let warnings = warnings_about(tx, merge.merged_into)?;
                    return Ok(Written::changed(MergedView { merge, warnings }));
                }
            };
            tx.expect_version(duplicate.row_version)?;
            refuse_conflicts(tx, id.0, body)?;
            let resealed = reseal(tx, tables, id.0, body.into)?;
            let kept = choose_identity(tx, &duplicate, &survivor, body)?;
            move_everything(tx, id.0, body, &resealed, kept.sealed)?;
            complete_merge(tx, id.0, body.into, kept.former.as_ref())?;
            if let Some(identity) = &kept.to_store {
                store_identity(tx, body.into, identity)?;
            }
            let data = json!({ "personId": id.0, "mergedInto": body.into });
            tx.announce("person", id.0, "person.merged", data.clone());
            tx.announce("person", body.into, "person.merged", data);
            let merge = find_merge(tx, id.0)?.ok_or_else(|| catalogue::INTERNAL.problem().because("a merge left no trace"))?;
            let warnings = warnings_about(tx, body.into)?;
            Ok(Written::changed(MergedView { merge, warnings }))
        })
        .await
}

/// A merge that is asked for again answers what was done only if it was asked for so.
fn expect_same(merge: &MergeView, body: &MergeBody) -> Result<(), Problem> {
    let is_same = |kept: &Option<Vec<Uuid>>, asked: &[Uuid]| {
        let sorted = |ids: &[Uuid]| ids.iter().copied().collect::<BTreeSet<Uuid>>();
        kept.as_ref().is_none_or(|kept| sorted(kept) == sorted(asked))
    };
    let pointer = if merge.identity != body.identity {
        "/identity"
    } else if merge.discarded_other.is_some_and(|discarded| discarded != body.discard_other_identity) {
        "/discardOtherIdentity"
    } else if !is_same(&merge.dropped_application_ids, &body.drop_application_ids) {
        "/dropApplicationIds"
    } else if !is_same(&merge.dropped_membership_ids, &body.drop_membership_ids) {
        "/dropMembershipIds"
    } else if merge.reason != body.reason {
        "/reason"
    } else {
        return Ok(());
    };
    Err(MERGED_OTHERWISE.at(pointer))
}

/// Whom the path and the body name.
enum Pair {
    Both(PersonView, PersonView),
    MergedAlready(MergeView),
}

/// Waits for the merges of the town that are under way, and lets no other begin: who is who stays as it is, and whoever else
/// asks for that waits too.
///
/// # Errors
/// `platform.unavailable` when those before take too long.
pub fn hold_off_merges(tx: &mut Tx) -> Result<(), Problem> {
    let town = tx.tenant();
    tx.wait_in_turn(&[b"merges", town.as_bytes()])
}

/// Locks the editions to which both have applied, what both take part in, then both people, each in the order of their
/// ids: that of a write about one of them.
///
/// Whom an admission let take part while this waited for the people has a participation that was not there to be locked, so
/// they are locked once more: hours that are booked on a participation hold that participation, and would be lost with the
/// duplicate's weeks. Nobody is admitted any more by then, and no other merge of the town is under way.
fn lock_both(tx: &mut Tx, duplicate: Uuid, survivor: Uuid) -> Result<Pair, Problem> {
    lock_belongings(tx, [duplicate, survivor])?;
    let locked: Vec<Uuid> = people::table
        .filter(own(tx, people::tenant_id))
        .filter(people::id.eq_any([duplicate, survivor]))
        .order(people::id)
        .select(people::id)
        .for_update()
        .load(tx.conn)?;
    lock_belongings(tx, [duplicate, survivor])?;
    if !locked.contains(&duplicate) {
        return match find_merge(tx, duplicate)? {
            // The survivor may have turned out to be a duplicate since; the merge then says whose.
            Some(merge) if was_asked_into(tx, &merge, survivor)? => Ok(Pair::MergedAlready(merge)),
            _ => Err(absent(tx, duplicate)),
        };
    }
    if !locked.contains(&survivor) {
        let gone = absent(tx, survivor);
        let is_merged = gone.code() == MERGED.code;
        return Err(if is_merged { gone } else { catalogue::REFERENCE_NOT_FOUND.at("/into") });
    }
    Ok(Pair::Both(lock_person(tx, duplicate)?, lock_person(tx, survivor)?))
}

/// Locks what a merge moves and others write: the editions that people have applied to, and their participations.
fn lock_belongings(tx: &mut Tx, people: [Uuid; 2]) -> Result<(), Problem> {
    // No seat is offered meanwhile to an application that is given up. As strong as the lock of whoever counts seats.
    let applied_to = applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::person_id.eq_any(people))
        .select(applications::edition_id);
    let _: Vec<Uuid> = editions::table
        .filter(own(tx, editions::tenant_id))
        .filter(editions::id.eq_any(applied_to))
        .order(editions::id)
        .select(editions::id)
        .for_no_key_update()
        .load(tx.conn)?;
    let _: Vec<Uuid> = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::person_id.eq_any(people))
        .order(participations::id)
        .select(participations::id)
        .for_update()
        .load(tx.conn)?;
    Ok(())
}

fn refuse_conflicts(tx: &mut Tx, duplicate: Uuid, body: &MergeBody) -> Result<(), Problem> {
    let call = merge_conflicts(duplicate, body.into, &body.drop_application_ids, &body.drop_membership_ids);
    let found: Vec<Conflict> = rows_of(call).load(tx.conn)?;
    let (dropped, conflicts): (Vec<_>, Vec<_>) = found.into_iter().partition(|conflict| conflict.kind.starts_with("dropped"));
    if !dropped.is_empty() {
        let place = |conflict: &Conflict| {
            let (list, field) = match conflict.kind.as_str() {
                "droppedApplication" => (&body.drop_application_ids, "dropApplicationIds"),
                _ => (&body.drop_membership_ids, "dropMembershipIds"),
            };
            let place = list.iter().position(|id| Some(*id) == conflict.of_duplicate).unwrap_or_default();
            format!("/{field}/{place}")
        };
        let promised = promised_to(tx, &body.drop_application_ids)?;
        let offered = |conflict: &Conflict| conflict.of_duplicate.and_then(|record| promised.get(&record));
        let offers: Vec<&Uuid> = dropped.iter().filter_map(offered).collect();
        let problem = MERGE_DROP.problem();
        let problem = if offers.is_empty() { problem } else { problem.with("offerIds", json!(offers)) };
        return Err(dropped.iter().fold(problem, |problem, conflict| {
            problem.and(place(conflict), &MERGE_DROP, offered(conflict).map(|_| answer_first()))
        }));
    }
    if conflicts.is_empty() {
        return Ok(());
    }
    let told: Vec<Value> = conflicts
        .iter()
        .map(|conflict| {
            json!({ "kind": conflict.kind, "ofDuplicate": conflict.of_duplicate, "ofSurvivor": conflict.of_survivor, "detail": conflict.detail })
        })
        .collect();
    let problem = MERGE_CONFLICT.problem().with("conflicts", told);
    Err(conflicts.iter().fold(problem, |problem, conflict| {
        let pointer = match conflict.kind.as_str() {
            "application" => "/dropApplicationIds",
            "membership" => "/dropMembershipIds",
            _ => "/into",
        };
        problem.and(pointer, &MERGE_CONFLICT, Some(excluding(&conflict.kind)))
    }))
}

/// The offers of seats that are promised to applications, by their applications.
fn promised_to(tx: &mut Tx, applications: &[Uuid]) -> Result<HashMap<Uuid, Uuid>, Problem> {
    let promised: Vec<(Uuid, Uuid)> = offers::table
        .filter(own(tx, offers::tenant_id))
        .filter(offers::application_id.eq_any(applications))
        .filter(offers::state.eq_any(["open", "accepted"]))
        .filter(offers::participation_id.is_null())
        .select((offers::application_id, offers::id))
        .load(tx.conn)?;
    Ok(promised.into_iter().collect())
}

fn answer_first() -> Hint {
    Hint::new(
        "zgłoszenie ma ofertę miejsca (offerIds): najpierw zapisz odmowę albo ją cofnij",
        "the application has the offer of a seat (offerIds): first record its refusal, or take it back",
    )
}

/// Which records exclude each other, in words; the word of `conflicts` stands beside them.
fn excluding(kind: &str) -> Hint {
    let polish = match kind {
        "application" => "zgłoszenia do tej samej edycji",
        "participation" => "uczestnictwa w tym samym czasie",
        "membership" => "przynależność do gospodarstw w tym samym czasie",
        "psuWeek" => "wykaz godzin za ten sam tydzień",
        "psuMonth" => "rozliczenie godzin za ten sam miesiąc",
        _ => "zapisy",
    };
    Hint::new(format!("{polish} ({kind})"), kind.to_owned())
}

/// Everything that is sealed for the duplicate, sealed for the survivor.
fn reseal(tx: &mut Tx, tables: &[&[SealedTable]], duplicate: Uuid, survivor: Uuid) -> Result<Vec<Readdressed>, Problem> {
    let (safe, tenant, rehearsing) = (tx.safe(), tx.tenant(), tx.is_rehearsal());
    let seal_anew = |field: &str, sealed: &[u8]| {
        let plain = safe.vault.open(tenant, duplicate, field, sealed)?;
        if rehearsing { safe.vault.seal_payload(tenant, field, &plain) } else { safe.vault.seal(tenant, survivor, field, &plain) }
    };
    let mut values = Vec::new();
    // Identities are chosen, not moved.
    for table in tables.iter().flat_map(|tables| tables.iter()).filter(|table| table.table != "person_identities") {
        values.extend(table.readdress(tx.conn, tenant, duplicate, seal_anew).map_err(refused)?);
    }
    Ok(values)
}

fn refused(error: ResealError) -> Problem {
    match error {
        ResealError::Query(error) => error.into(),
        ResealError::Unreadable { cause, .. } => unsealed(cause),
    }
}

fn unsealed(error: SecretError) -> Problem {
    match error {
        SecretError::Destroyed => IDENTITY_ERASED.problem(),
        other => catalogue::INTERNAL.problem().because(other),
    }
}

/// What becomes of the two identities.
struct Kept {
    /// The survivor's new identity, where it changes.
    to_store: Option<IdentityBody>,
    /// The other one, where it is kept too.
    former: Option<IdentityBody>,
    /// The same with what its view says, sealed under the survivor's key.
    sealed: Option<Vec<u8>>,
}

fn choose_identity(tx: &mut Tx, duplicate: &PersonView, survivor: &PersonView, body: &MergeBody) -> Result<Kept, Problem> {
    let of_duplicate = open_identity(tx, duplicate.id)?;
    let of_survivor = open_identity(tx, survivor.id)?;
    let (to_store, other) = match (body.identity, of_duplicate, of_survivor) {
        (_, None, _) => (None, None),
        (_, Some((identity, _)), None) => (Some(identity), None),
        (IdentityChoice::Survivor, Some((former, version)), Some(_)) => (None, Some((duplicate, former, version))),
        (IdentityChoice::Duplicate, Some((identity, _)), Some((former, version))) => {
            (Some(identity), Some((survivor, former, version)))
        }
    };
    let other = other.filter(|_| !body.discard_other_identity);
    let former = other.as_ref().map(|(_, former, _)| former.clone());
    let view = other.map(|(person, former, version)| serde_json::to_vec(&PersonIdentityView::new(person, former, version)));
    let view = view.transpose().map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    let vault = &tx.safe().vault;
    let seal = |plain: Vec<u8>| {
        if tx.is_rehearsal() {
            vault.seal_payload(tx.tenant(), FORMER_IDENTITY, &plain)
        } else {
            vault.seal(tx.tenant(), survivor.id, FORMER_IDENTITY, &plain)
        }
    };
    Ok(Kept { to_store, former, sealed: view.map(seal).transpose().map_err(unsealed)? })
}

fn move_everything(
    tx: &mut Tx,
    duplicate: Uuid,
    body: &MergeBody,
    resealed: &[Readdressed],
    former: Option<Vec<u8>>,
) -> Result<(), Problem> {
    let resealed: Vec<Value> = resealed
        .iter()
        .map(|value| json!({ "place": value.table, "id": value.id, "field": value.column, "sealed": hex(&value.sealed) }))
        .collect();
    let steps: Vec<Uuid> = body.drop_application_ids.iter().map(|_| tx.id_or_new(None)).collect();
    let call = merge_people(
        duplicate,
        body.into,
        &body.drop_application_ids,
        steps,
        &body.drop_membership_ids,
        Value::Array(resealed),
        body.reason.as_str(),
        body.identity.as_str(),
        former,
        body.discard_other_identity,
    );
    let _: Value = diesel::select(call).get_result(tx.conn)?;
    Ok(())
}

/// Stores the identity that was chosen; the duplicate's row has gone, so that its numbers are free.
fn store_identity(tx: &mut Tx, survivor: Uuid, identity: &IdentityBody) -> Result<(), Problem> {
    let plain = Plain { person: survivor, identity, pointer: "" };
    if locked_version(tx, survivor)?.is_some() { change_identity(tx, plain) } else { insert_identity(tx, plain) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(merge_person);
}
