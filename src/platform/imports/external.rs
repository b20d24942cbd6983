//! Records by what other systems call them: any number of systems, each with its own id for the same record.

use std::collections::{HashMap, HashSet};

use actix_web::get;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::{excluded, on_constraint};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{CellKind, Cells, Column, VALUE_MISSING};
use crate::platform::body::Filter;
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::ListExternalIds;
use crate::platform::problem::Problem;
use crate::platform::reply::Reply;
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Code, Text};
use crate::schema::external_ids;

/// Column of the system whose id a row gives.
pub const SYSTEM: Column = Column::new(
    "system",
    "System źródłowy",
    CellKind::Text,
    "Kod systemu, który nadał identyfikator: małe litery, cyfry i łączniki; razem z identyfikatorem.",
    "pomost",
);
/// Column of the id there.
pub const EXTERNAL_ID: Column = Column::new(
    "externalId",
    "Identyfikator w systemie źródłowym",
    CellKind::Text,
    "Po nim plik rozpoznaje zapis, także po zmianie jego treści; bez danych osobowych.",
    "ZATR/2026/15",
);

/// What a system calls a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExternalId {
    system: String,
    id: String,
}

impl ExternalId {
    /// Reads the two columns, which come together.
    pub fn read(cells: &mut Cells) -> Option<Self> {
        let (system, id) = (cells.raw("system").is_some(), cells.raw("externalId").is_some());
        if system != id {
            cells.refuse(if system { "externalId" } else { "system" }, &VALUE_MISSING);
        }
        let (system, id): (Option<Code>, Option<Text<1, 100>>) = (cells.text("system"), cells.words("externalId"));
        Some(Self { system: system?.to_string(), id: id?.as_str().to_owned() })
    }

    /// Code of the system.
    pub fn system(&self) -> &str {
        &self.system
    }

    /// Its normal form, for comparisons within a file.
    pub fn key(&self) -> String {
        format!("{}\u{0}{}", self.system, self.id)
    }
}

#[derive(Insertable)]
#[diesel(table_name = external_ids)]
struct NewExternalId<'a> {
    id: Uuid,
    record_kind: &'a str,
    system: &'a str,
    external_id: &'a str,
    record_id: Uuid,
}

/// The records of a kind that these ids name.
///
/// # Errors
/// Only when the store fails.
pub fn find_external(tx: &mut Tx, kind: &str, wanted: &[&ExternalId]) -> Result<HashMap<ExternalId, Uuid>, Problem> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<&str> = wanted.iter().map(|wanted| wanted.id.as_str()).collect();
    let found: Vec<(String, String, Uuid)> = external_ids::table
        .filter(own(tx, external_ids::tenant_id))
        .filter(external_ids::record_kind.eq(kind))
        .filter(external_ids::external_id.eq_any(ids))
        .select((external_ids::system, external_ids::external_id, external_ids::record_id))
        .load(tx.conn)?;
    Ok(found.into_iter().map(|(system, id, record)| (ExternalId { system, id }, record)).collect())
}

/// Which of some records have an id of which system.
///
/// # Errors
/// Only when the store fails.
pub fn named_by_systems(tx: &mut Tx, kind: &str, records: &[Uuid]) -> Result<HashSet<(String, Uuid)>, Problem> {
    let named: Vec<(String, Uuid)> = external_ids::table
        .filter(own(tx, external_ids::tenant_id))
        .filter(external_ids::record_kind.eq(kind))
        .filter(external_ids::record_id.eq_any(records))
        .select((external_ids::system, external_ids::record_id))
        .load(tx.conn)?;
    Ok(named.into_iter().collect())
}

/// Remembers what systems call records; an id that is known names the record from now on.
///
/// # Errors
/// Only when the store fails.
pub fn remember_external(tx: &mut Tx, kind: &str, named: &[(&ExternalId, Uuid)]) -> Result<(), Problem> {
    let new: Vec<NewExternalId> = named
        .iter()
        .map(|(external, record_id)| NewExternalId {
            id: tx.id_or_new(None),
            record_kind: kind,
            system: &external.system,
            external_id: &external.id,
            record_id: *record_id,
        })
        .collect();
    diesel::insert_into(external_ids::table)
        .values(new)
        .on_conflict(on_constraint("external_ids_name_key"))
        .do_update()
        .set(external_ids::record_id.eq(excluded(external_ids::record_id)))
        .execute(tx.conn)?;
    Ok(())
}

/// Gives all ids of a record to the one that takes its place.
///
/// # Errors
/// Only when the store fails.
pub fn hand_on_external(tx: &mut Tx, from: Uuid, to: Uuid) -> Result<(), Problem> {
    let of_record = external_ids::table.filter(own(tx, external_ids::tenant_id)).filter(external_ids::record_id.eq(from));
    diesel::update(of_record).set(external_ids::record_id.eq(to)).execute(tx.conn)?;
    Ok(())
}

/// As [`hand_on_external`], for many records of which few have ids.
///
/// # Errors
/// Only when the store fails.
pub fn hand_on_all_external(tx: &mut Tx, handed: &[(Uuid, Uuid)]) -> Result<(), Problem> {
    let known: HashSet<Uuid> = external_ids::table
        .filter(own(tx, external_ids::tenant_id))
        .filter(external_ids::record_id.eq_any(handed.iter().map(|(from, _)| *from)))
        .select(external_ids::record_id)
        .load::<Uuid>(tx.conn)?
        .into_iter()
        .collect();
    for (from, to) in handed.iter().filter(|(from, _)| known.contains(from)) {
        hand_on_external(tx, *from, *to)?;
    }
    Ok(())
}

/// What a system calls a record.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = external_ids)]
#[serde(rename_all = "camelCase")]
pub struct ExternalIdView {
    /// Id.
    pub id: Uuid,
    /// Kind of the record, as in the kinds of import.
    #[schema(max_length = 60)]
    pub record_kind: String,
    /// Code of the system.
    #[schema(max_length = 60)]
    pub system: String,
    /// What it calls the record.
    #[schema(max_length = 100)]
    pub external_id: String,
    /// The record.
    pub record_id: Uuid,
    /// When the service first heard of it.
    pub recorded_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct ExternalIdFilter {
    /// Of this record.
    record_id: Option<Uuid>,
    /// Of this system.
    #[param(inline)]
    system: Option<Code>,
    /// With this id there.
    #[param(inline)]
    external_id: Option<Text<1, 100>>,
}

/// Lists what other systems call records of this service.
///
/// Files of bulk intake with the columns `system` and `externalId` leave these ids, and find their records by them.
#[utoipa::path(tag = "external-ids", params(ExternalIdFilter, PageQuery),
    responses((status = 200, body = Page<ExternalIdView>, description = "A page of ids")))]
#[get("/external-ids")]
async fn list_external_ids(permit: Permit<ListExternalIds>, filter: Filter<ExternalIdFilter>) -> Result<Reply, Problem> {
    permit.list(|external: &ExternalIdView| external.id, move |tx, window| select(tx, &filter.0, window)).await
}

fn select(tx: &mut Tx, filter: &ExternalIdFilter, window: Window) -> Result<Vec<ExternalIdView>, Problem> {
    let mut query =
        external_ids::table.filter(own(tx, external_ids::tenant_id)).filter(external_ids::id.gt(window.after)).into_boxed();
    if let Some(record) = filter.record_id {
        query = query.filter(external_ids::record_id.eq(record));
    }
    if let Some(system) = &filter.system {
        query = query.filter(external_ids::system.eq(system.to_string()));
    }
    if let Some(external_id) = &filter.external_id {
        query = query.filter(external_ids::external_id.eq(external_id.as_str().to_owned()));
    }
    Ok(query.order(external_ids::id).limit(window.rows()).select(ExternalIdView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_external_ids);
}
