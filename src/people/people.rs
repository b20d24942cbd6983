//! People without their identities: what every other part may know of them.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use actix_web::{get, post, put};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::births::expect_born;
use super::families::{expect_in_sight, people_in_sight};
use super::identity::IdentityBody;
use super::merged::{absent, refuse_a_merged_id};
use super::pesel_comparison::IdentityWarning;
use super::sealed_identity::{Plain, insert_identity};
use crate::platform::body::{Body, PathId, same_id};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreatePerson, GetPerson, ListPeople, UpdatePerson};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{LongText, Sex, between};
use crate::schema::people;

/// A person, as recorded for the first time.
#[derive(Deserialize, Insertable, ToSchema)]
#[diesel(table_name = people)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "sex": "female", "birthYear": 1984,
    "identity": { "givenNames": "Anna", "surname": "Przykładowa", "missingReason": "PESEL w trakcie ustalania" }
}))]
pub struct NewPersonBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Sex as in the register.
    pub sex: Sex,
    /// Year of birth; left out, the one that the identity tells.
    #[diesel(skip_insertion)]
    #[serde(default, deserialize_with = "between::<1900, 2200, _, _>")]
    #[schema(minimum = 1900, maximum = 2200)]
    pub birth_year: Option<i16>,
    /// Remarks; no names and no identifiers.
    pub note: Option<LongText>,
    /// Who it is; left out, the person is known by id only.
    #[diesel(skip_insertion)]
    pub identity: Option<IdentityBody>,
}

/// The years in which a person may be born.
pub(super) const BIRTH_YEARS: RangeInclusive<i16> = 1900..=2200;

impl NewPersonBody {
    /// The year of birth as sent or, where it was not, as the identity tells it.
    pub(super) fn year(&self) -> Option<i16> {
        self.birth_year.or_else(|| self.identity.as_ref()?.birth_year())
    }
}

/// What is known of a person besides the identity, as replaced.
#[derive(Deserialize, AsChangeset, ToSchema)]
#[diesel(table_name = people, treat_none_as_null = true)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "sex": "female", "birthYear": 1984 }))]
pub struct PersonBody {
    /// Id, as in the path.
    #[diesel(skip_update)]
    pub id: Option<Uuid>,
    /// Sex as in the register.
    pub sex: Sex,
    /// Year of birth.
    #[serde(default, deserialize_with = "between::<1900, 2200, _, _>")]
    #[schema(minimum = 1900, maximum = 2200)]
    pub birth_year: Option<i16>,
    /// Remarks; no names and no identifiers.
    pub note: Option<LongText>,
}

/// A person, without identity.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = people)]
#[serde(rename_all = "camelCase")]
pub struct PersonView {
    /// Id, by which the person is known everywhere.
    pub id: Uuid,
    /// Sex as in the register.
    pub sex: Sex,
    /// Year of birth.
    #[schema(minimum = 1900, maximum = 2200)]
    pub birth_year: Option<i16>,
    /// Remarks.
    pub note: Option<LongText>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for PersonView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

/// A person just recorded.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonCreatedView {
    /// The person.
    #[serde(flatten)]
    pub person: PersonView,
    /// What was recorded as sent but does not agree.
    #[schema(max_items = 10)]
    pub warnings: Vec<IdentityWarning>,
}

impl View for PersonCreatedView {
    fn version(&self) -> Option<i32> {
        self.person.version()
    }
}

/// Records a person.
///
/// The identity may be left out, or be incomplete with `missingReason`. A date
/// of birth, year or sex that differs from the PESEL is recorded as sent and
/// answered with a warning. A year of birth that is left out is the one of the
/// date of birth or, without one, of the PESEL. The answer never repeats the identity.
#[utoipa::path(tag = "people", request_body = NewPersonBody,
    responses((status = 201, body = PersonCreatedView, description = "The person, without identity")))]
#[post("/people")]
async fn create_person(permit: Permit<CreatePerson>, body: Body<NewPersonBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("person", [id]);
            expect_born(tx, body.birth_year, body.identity.as_ref(), "/identity")?;
            let person = insert_person(tx, id, body)?;
            refuse_a_merged_id(tx, id)?;
            let warnings = match &body.identity {
                None => Vec::new(),
                Some(identity) => {
                    let plain = Plain { person: id, identity, pointer: "/identity" };
                    insert_identity(tx, plain)?;
                    identity.differences(person.sex, person.birth_year)
                }
            };
            tx.announce("person", id, "person.recorded", json!({ "personId": id }));
            Ok(Written::created(format!("/people/{id}"), PersonCreatedView { person, warnings }))
        })
        .await
}

/// Lists the people of the institution, without identities.
///
/// A family assistant's client that is narrowed to an assistant sees who lives
/// today in the households with which that assistant works today.
#[utoipa::path(tag = "people", params(PageQuery), responses((status = 200, body = Page<PersonView>, description = "A page of people")))]
#[get("/people")]
async fn list_people(permit: Permit<ListPeople>) -> Result<Reply, Problem> {
    permit.list(|person: &PersonView| person.id, select_people).await
}

/// Reads a person, without identity.
#[utoipa::path(tag = "people", params(("id" = Uuid, Path, description = "Person")),
    responses((status = 200, body = PersonView, description = "The person")))]
#[get("/people/{id}")]
async fn get_person(permit: Permit<GetPerson>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_person(tx, id.0)).await
}

/// Replaces what is known of a person besides the identity.
#[utoipa::path(tag = "people", params(("id" = Uuid, Path, description = "Person")), request_body = PersonBody,
    responses((status = 200, body = PersonView, description = "The person as it is now")))]
#[put("/people/{id}")]
async fn update_person(permit: Permit<UpdatePerson>, id: PathId, body: Body<PersonBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("person", [id.0]);
            let current = lock_person(tx, id.0)?.row_version;
            tx.expect_version(current)?;
            same_id(id.0, body.id)?;
            expect_born(tx, body.birth_year, None, "")?;
            let person = change_person(tx, id.0, body)?;
            tx.announce("person", id.0, "person.changed", json!({ "personId": id.0 }));
            Ok(Written::changed(person))
        })
        .await
}

fn insert_person(tx: &mut Tx, id: Uuid, body: &NewPersonBody) -> Result<PersonView, Problem> {
    Ok(diesel::insert_into(people::table)
        .values((body, people::id.eq(id), people::birth_year.eq(body.year())))
        .returning(PersonView::as_returning())
        .get_result(tx.conn)?)
}

fn select_people(tx: &mut Tx, window: Window) -> Result<Vec<PersonView>, Problem> {
    let mut query = people::table.filter(own(tx, people::tenant_id)).filter(people::id.gt(window.after)).into_boxed();
    if let Some(in_sight) = people_in_sight(tx)? {
        query = query.filter(people::id.eq_any(in_sight));
    }
    Ok(query.order(people::id).limit(window.rows()).select(PersonView::as_select()).load(tx.conn)?)
}

/// A person of the tenant whom the caller may see; 404, or 410 with the survivor where the person was a duplicate.
pub(super) fn find_person(tx: &mut Tx, id: Uuid) -> Result<PersonView, Problem> {
    expect_in_sight(tx, id)?;
    let person = people::table
        .filter(own(tx, people::tenant_id))
        .filter(people::id.eq(id))
        .select(PersonView::as_select())
        .first(tx.conn)
        .optional()?;
    person.map_or_else(|| Err(absent(tx, id)), Ok)
}

/// Answers 404 for what is asked about a person whom the tenant does not have.
///
/// # Errors
/// `platform.not_found`.
pub fn expect_person(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    find_person(tx, id).map(drop)
}

/// Lets records about a person that must not repeat wait for each other. Somebody who is not there is left to the foreign
/// key of the record.
///
/// # Errors
/// When the store fails.
pub fn hold_person(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    let _: Option<Uuid> = people::table
        .filter(own(tx, people::tenant_id))
        .filter(people::id.eq(id))
        .select(people::id)
        .for_no_key_update()
        .first(tx.conn)
        .optional()?;
    Ok(())
}

/// As [`hold_person`], of many people: always in the order of their ids, so that of two who want the same people one waits.
/// Answers whether all of them are there, and none was merged away meanwhile.
///
/// # Errors
/// When the store fails.
pub(super) fn hold_people(tx: &mut Tx, ids: &BTreeSet<Uuid>) -> Result<bool, Problem> {
    let held = people::table
        .filter(own(tx, people::tenant_id))
        .filter(people::id.eq_any(ids))
        .order(people::id)
        .select(people::id)
        .for_no_key_update()
        .execute(tx.conn)?;
    Ok(held == ids.len())
}

/// As [`find_person`], of somebody about whom something is recorded: a merge that is under way is waited for, and a later
/// one waits, so that nothing in between finds half a person.
pub(super) fn keep_person(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    expect_in_sight(tx, id)?;
    let kept: Option<Uuid> = people::table
        .filter(own(tx, people::tenant_id))
        .filter(people::id.eq(id))
        .select(people::id)
        .for_key_share()
        .first(tx.conn)
        .optional()?;
    kept.map_or_else(|| Err(absent(tx, id)), |_| Ok(()))
}

/// A person of the tenant, locked for a change of the person or of the identity, or 404.
pub(super) fn lock_person(tx: &mut Tx, id: Uuid) -> Result<PersonView, Problem> {
    let person = people::table
        .filter(own(tx, people::tenant_id))
        .filter(people::id.eq(id))
        .select(PersonView::as_select())
        .for_update()
        .first(tx.conn)
        .optional()?;
    person.map_or_else(|| Err(absent(tx, id)), Ok)
}

/// Changes what is known of a person besides the identity.
pub(super) fn change_person(tx: &mut Tx, id: Uuid, body: &PersonBody) -> Result<PersonView, Problem> {
    Ok(diesel::update(people::table.filter(own(tx, people::tenant_id)).filter(people::id.eq(id)))
        .set(body)
        .returning(PersonView::as_returning())
        .get_result(tx.conn)?)
}

/// Records the year of birth of a person of whom it was unknown.
pub(super) fn complete_birth_year(tx: &mut Tx, id: Uuid, year: i16) -> Result<PersonView, Problem> {
    Ok(diesel::update(people::table.filter(own(tx, people::tenant_id)).filter(people::id.eq(id)))
        .set(people::birth_year.eq(year))
        .returning(PersonView::as_returning())
        .get_result(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_person).service(list_people).service(get_person).service(update_person);
}
