//! People who turned out to be somebody who was recorded already: whose duplicates, why, and what was moved.

use std::collections::BTreeMap;

use actix_web::get;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::MERGED;
use super::identity::IdentityBody;
use super::people::find_person;
use super::unreadable::Unreadable;
use crate::platform::body::PathId;
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{GetFormerIdentities, ListMerges};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::secrets::SecretError;
use crate::platform::types::{Code, Day, LongText, MonthsAndDays, Pesel, Sex, SixPlaces, Stored, text_enum};
use crate::schema::merged_people;

/// Name under which an identity that was not kept is sealed.
pub(super) const FORMER_IDENTITY: &str = "merged_people.former_identity";

text_enum! {
    /// Whose identity a person has after a merge.
    pub enum IdentityChoice {
        /// That of the survivor; where none is recorded, that of the duplicate.
        Survivor = "survivor",
        /// That of the duplicate; where none is recorded, that of the survivor.
        Duplicate = "duplicate",
    }
}

/// Rows of a table that were moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MovedRows(i64);

impl utoipa::PartialSchema for MovedRows {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Integer)
            .minimum(Some(1))
            .maximum(Some(100_000_000))
            .description(Some("Rows of a table that were moved."))
            .into()
    }
}

impl ToSchema for MovedRows {}

/// A duplicate, and what became of it.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = merged_people)]
#[serde(rename_all = "camelCase")]
pub struct MergeView {
    /// The duplicate.
    #[diesel(column_name = id)]
    pub person_id: Uuid,
    /// The person as recorded now.
    #[diesel(column_name = into_id)]
    pub merged_into: Uuid,
    /// Why they are the same.
    pub reason: LongText,
    /// Whose identity was kept.
    #[diesel(column_name = identity_choice)]
    pub identity: IdentityChoice,
    /// Whether the other identity was kept, too, for `get_former_identities`.
    #[diesel(select_expression = merged_people::former_identity.is_not_null(), select_expression_type = diesel::dsl::IsNotNull<merged_people::former_identity>)]
    pub has_former_identity: bool,
    /// Applications that were given up; none in merges of before they were kept.
    #[schema(max_items = 100)]
    pub dropped_application_ids: Option<Vec<Uuid>>,
    /// Memberships of households that were given up; none in merges of before they were kept.
    #[schema(max_items = 100)]
    pub dropped_membership_ids: Option<Vec<Uuid>>,
    /// Whether the other identity was to be discarded; none in merges of before it was kept.
    pub discarded_other: Option<bool>,
    /// Sex of the duplicate as recorded; the person keeps its own, as with the two that follow.
    pub former_sex: Sex,
    /// Year of birth of the duplicate as recorded.
    #[schema(minimum = 1900, maximum = 2200)]
    pub former_birth_year: Option<i16>,
    /// Remarks about the duplicate.
    pub former_note: Option<LongText>,
    /// How many rows were moved, by their table.
    #[schema(value_type = BTreeMap<String, MovedRows>)]
    pub moved: Stored<BTreeMap<String, MovedRows>>,
    /// When.
    pub recorded_at: DateTime<Utc>,
    /// Client that did it.
    pub recorded_by: Uuid,
}

impl View for MergeView {}

/// What is now to be looked at, because two records are one person; `code` says which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "code")]
pub enum MergeWarning {
    /// The participations together are longer than the law lets anybody take part; none of them is changed.
    #[serde(rename = "participation.cumulative_limit", rename_all = "camelCase")]
    TookPartTooLong {
        /// Group of regimes within which participations count together.
        cumulative_group: Code,
        /// Length together.
        used: MonthsAndDays,
        /// The same in months, a leftover day as a thirtieth.
        used_months: SixPlaces,
        /// Most months in total by the regime of the latest edition.
        #[schema(minimum = 1, maximum = 120)]
        limit_months: u32,
    },
    /// A seat is promised that the person can no longer take up: take the offer back, or end what stands in the way.
    #[serde(rename = "recruitment.offer_unusable", rename_all = "camelCase")]
    OfferUnusable {
        /// The offer.
        offer_id: Uuid,
        /// Application of the candidate.
        application_id: Uuid,
        /// Edition.
        edition_id: Uuid,
        /// Participations at the time of the seat, which exclude it.
        #[schema(max_items = 1000)]
        overlapping_participation_ids: Vec<Uuid>,
        /// Whether the person would take part for longer in total than the regime allows.
        exceeds_limit: bool,
    },
}

/// What slices that know programmes say about a person who was merged.
pub struct AfterMerge(pub fn(&mut Tx, Uuid) -> Result<Vec<MergeWarning>, Problem>);

/// A merge just done.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MergedView {
    /// What was merged.
    #[serde(flatten)]
    pub merge: MergeView,
    /// What the two records come to together.
    #[schema(max_items = 100)]
    pub warnings: Vec<MergeWarning>,
}

impl View for MergedView {}

/// An identity that a duplicate had.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FormerIdentityView {
    /// The duplicate.
    pub person_id: Uuid,
    /// The identity that was not kept, as it was; `null` where the person's data were erased.
    #[schema(value_type = Option<super::identity::PersonIdentityView>)]
    pub identity: Option<Value>,
}

/// The identities that duplicates of a person had.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FormerIdentitiesView {
    /// The identities that were kept beside the person's own.
    #[schema(max_items = 1000)]
    pub items: Vec<FormerIdentityView>,
}

impl View for FormerIdentitiesView {}

/// Lists the duplicates of a person that were merged into it.
#[utoipa::path(tag = "people", params(("id" = Uuid, Path, description = "Person"), PageQuery),
    responses((status = 200, body = Page<MergeView>, description = "A page of duplicates")))]
#[get("/people/{id}/merges")]
async fn list_merges(permit: Permit<ListMerges>, person: PathId) -> Result<Reply, Problem> {
    permit.list(|merge: &MergeView| merge.person_id, move |tx, window| select_merges(tx, person.0, window)).await
}

/// Reveals the identities under which a person was recorded as a duplicate.
#[utoipa::path(tag = "people", params(("id" = Uuid, Path, description = "Person")),
    responses((status = 200, body = FormerIdentitiesView, description = "The identities")))]
#[get("/people/{id}/former-identities")]
async fn get_former_identities(permit: Permit<GetFormerIdentities>, person: PathId) -> Result<Reply, Problem> {
    permit
        .reveal(move |tx| {
            find_person(tx, person.0)?;
            let rows: Vec<(Uuid, Option<Vec<u8>>)> = merged_people::table
                .filter(own(tx, merged_people::tenant_id))
                .filter(merged_people::into_id.eq(person.0))
                .filter(merged_people::former_identity.is_not_null())
                .order(merged_people::id)
                .select((merged_people::id, merged_people::former_identity))
                .load(tx.conn)?;
            tx.touch("person", rows.iter().map(|(duplicate, _)| *duplicate).chain([person.0]));
            let mut items = Vec::with_capacity(rows.len());
            for (person_id, sealed) in rows {
                let identity = sealed.map(|sealed| open(tx, person.0, &sealed)).transpose()?.flatten();
                items.push(FormerIdentityView { person_id, identity });
            }
            Ok(FormerIdentitiesView { items })
        })
        .await
}

fn open(tx: &Tx, survivor: Uuid, sealed: &[u8]) -> Result<Option<Value>, Problem> {
    match tx.safe().vault.open(tx.tenant(), survivor, FORMER_IDENTITY, sealed) {
        Ok(json) => serde_json::from_slice(&json).map(Some).map_err(|error| catalogue::INTERNAL.problem().because(error)),
        Err(SecretError::Destroyed) => Ok(None),
        Err(other) => Err(catalogue::INTERNAL.problem().because(other)),
    }
}

/// As [`open`]; where the key is lost or damaged the operator is told, and nobody else is kept waiting for it.
fn open_readable(tx: &Tx, survivor: Uuid, sealed: &[u8]) -> Result<Option<Value>, Problem> {
    let opened = tx.safe().vault.open(tx.tenant(), survivor, FORMER_IDENTITY, sealed).map_err(Unreadable::from);
    match opened.and_then(|json| serde_json::from_slice(&json).map_err(|error| Unreadable::Broken(error.to_string()))) {
        Ok(identity) => Ok(Some(identity)),
        Err(Unreadable::Erased) => Ok(None),
        Err(Unreadable::Broken(cause)) => {
            tx.safe().vault.report_unreadable(tx.tenant(), survivor, &cause);
            Ok(None)
        }
        Err(Unreadable::Failed(cause)) => Err(catalogue::INTERNAL.problem().because(cause)),
    }
}

/// The date of birth in an identity that a merge kept; none where it has none, or nobody can read it.
pub(super) fn birth_in_former(tx: &Tx, survivor: Uuid, sealed: &[u8]) -> Result<Option<NaiveDate>, Problem> {
    let Some(view) = open_readable(tx, survivor, sealed)? else { return Ok(None) };
    let identity = identity_in(view).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    let by_pesel = || identity.pesel.as_ref().map(Pesel::birth_date);
    Ok(identity.birth_date.map(Day::date).or_else(by_pesel))
}

/// An identity that was not kept, and whose it is now.
#[derive(Clone)]
pub(super) struct Former {
    pub survivor: Uuid,
    pub identity: IdentityBody,
}

/// Whose duplicates are meant.
#[derive(Clone, Copy)]
pub(super) enum Whose {
    Anybody,
    Only(Uuid),
    Others(Uuid),
}

/// The identities of duplicates that the tenant keeps, for a comparison in memory; the erased, and whom nobody can read, are left out.
pub(super) fn open_former(tx: &mut Tx, whose: Whose) -> Result<Vec<Former>, Problem> {
    let mut kept = merged_people::table
        .filter(own(tx, merged_people::tenant_id))
        .filter(merged_people::former_identity.is_not_null())
        .into_boxed();
    kept = match whose {
        Whose::Anybody => kept,
        Whose::Only(person) => kept.filter(merged_people::into_id.eq(person)),
        Whose::Others(person) => kept.filter(merged_people::into_id.ne(person)),
    };
    let rows: Vec<(Uuid, Option<Vec<u8>>)> =
        kept.order(merged_people::id).select((merged_people::into_id, merged_people::former_identity)).load(tx.conn)?;
    let mut former = Vec::with_capacity(rows.len());
    for (survivor, sealed) in rows {
        let Some(identity) = sealed.and_then(|sealed| open_readable(tx, survivor, &sealed).transpose()).transpose()? else {
            continue;
        };
        let identity = identity_in(identity).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
        former.push(Former { survivor, identity });
    }
    Ok(former)
}

/// The identity in the view of one that is kept.
pub(super) fn identity_in(mut view: Value) -> serde_json::Result<IdentityBody> {
    if let Some(members) = view.as_object_mut() {
        members.retain(|name, _| !["personId", "warnings", "version"].contains(&name.as_str()));
    }
    serde_json::from_value(view)
}

/// Notes of a merge just made into whom it was asked for, and by what another town finds the person as the duplicate was known.
pub(super) fn complete_merge(tx: &mut Tx, duplicate: Uuid, into: Uuid, former: Option<&IdentityBody>) -> Result<(), Problem> {
    let safe = tx.safe();
    let pesel = former.and_then(|identity| identity.pesel.as_ref());
    let number = pesel.map(|pesel| safe.index.participation_index(pesel.expose()).to_vec());
    let (_, key) = safe.index.key_ids();
    let key = former.map(|_| key.to_bytes().to_vec());
    diesel::update(merged_people::table.filter(own(tx, merged_people::tenant_id)).filter(merged_people::id.eq(duplicate)))
        .set((
            merged_people::asked_into_id.eq(into),
            merged_people::former_participation_index.eq(number),
            merged_people::former_participation_index_key.eq(key),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Whether a duplicate was merged at the wish to merge it into somebody.
pub(super) fn was_asked_into(tx: &mut Tx, merge: &MergeView, into: Uuid) -> Result<bool, Problem> {
    let asked: Option<Uuid> = merged_people::table
        .filter(own(tx, merged_people::tenant_id))
        .filter(merged_people::id.eq(merge.person_id))
        .select(merged_people::asked_into_id)
        .first(tx.conn)?;
    Ok(asked.unwrap_or(merge.merged_into) == into)
}

fn select_merges(tx: &mut Tx, person: Uuid, window: Window) -> Result<Vec<MergeView>, Problem> {
    find_person(tx, person)?;
    Ok(merged_people::table
        .filter(own(tx, merged_people::tenant_id))
        .filter(merged_people::into_id.eq(person))
        .filter(merged_people::id.gt(window.after))
        .order(merged_people::id)
        .limit(window.rows())
        .select(MergeView::as_select())
        .load(tx.conn)?)
}

/// What became of a duplicate.
pub(super) fn find_merge(tx: &mut Tx, duplicate: Uuid) -> Result<Option<MergeView>, Problem> {
    Ok(merged_people::table
        .filter(own(tx, merged_people::tenant_id))
        .filter(merged_people::id.eq(duplicate))
        .select(MergeView::as_select())
        .first(tx.conn)
        .optional()?)
}

/// Who was asked for turned out to be somebody else.
pub fn merged_into(survivor: &str) -> Problem {
    MERGED.problem().with("mergedInto", survivor)
}

/// Why somebody is not there: never was, or was a duplicate.
pub(super) fn absent(tx: &mut Tx, id: Uuid) -> Problem {
    match find_merge(tx, id) {
        Ok(Some(merge)) => merged_into(&merge.merged_into.to_string()),
        Ok(None) => catalogue::NOT_FOUND.problem(),
        Err(problem) => problem,
    }
}

/// The id of a duplicate is never given to somebody else; asked after the insert, which waits for a merge of that id.
pub(super) fn refuse_a_merged_id(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    if find_merge(tx, id)?.is_some() { Err(catalogue::ID_TAKEN.at("/id")) } else { Ok(()) }
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_merges).service(get_former_identities);
}
