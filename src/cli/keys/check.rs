//! Looking after the key files of people.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use serde_json::json;
use uuid::Uuid;

use super::{Check, Desk, KeysError};
use crate::people::lost_keys::{tenants_with_sealed_data, without_key};
use crate::platform::person_keys::{FilePersonKeys, FileReport};
use crate::startup::load_ring;

/// Longer than a service trusts its memory of a key file.
const FORGOTTEN_AFTER: Duration = Duration::from_millis(1500);

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

pub(super) fn check(desk: &mut Desk, asked: &Check) -> Result<(String, ExitCode), KeysError> {
    let people = desk.people(load_ring(&desk.settings)?)?;
    let (mut text, mut rows, mut is_sound) = (String::new(), Vec::new(), true);
    for tenant in tenants(&mut desk.owner, &people)? {
        let report = people.inspect(tenant);
        let strays = strays(&mut desk.owner, &report)?;
        let lost = without_key(&mut desk.owner, &report)?;
        let removed =
            if asked.repair && report.damage.is_none() { remove(&mut desk.owner, &people, tenant, &strays)? } else { 0 };
        is_sound &= report.damage.is_none() && lost.is_empty() && removed == strays.len();
        let damage = report.damage.as_ref().map(ToString::to_string);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{tenant}: {} keys, {} destroyed, {} of nobody ({removed} removed), {} people without their key{}{}",
            report.live.len(),
            report.destroyed.len(),
            strays.len(),
            lost.len(),
            if report.in_exchange > 0 { ", an exchange is not finished" } else { "" },
            damage.as_ref().map(|damage| format!("\n  DAMAGED {damage}")).unwrap_or_default(),
        );
        rows.push(json!({ "tenant": tenant, "keys": report.live.len(), "destroyed": report.destroyed.len(),
            "strays": strays.len(), "removed": removed, "peopleWithoutKey": lost, "inExchange": report.in_exchange, "damage": damage }));
    }
    let text = if asked.plain.json { format!("{:#}\n", json!({ "sound": is_sound, "tenants": rows })) } else { text };
    Ok((text, if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }))
}

fn tenants(owner: &mut PgConnection, people: &FilePersonKeys) -> Result<Vec<Uuid>, KeysError> {
    let mut tenants: Vec<Uuid> = people.tenants()?.into_iter().chain(tenants_with_sealed_data(owner)?).collect();
    tenants.sort_unstable();
    tenants.dedup();
    Ok(tenants)
}

/// People with a key whom the database does not know: the transaction that made the key has failed, or still runs.
fn strays(owner: &mut PgConnection, report: &FileReport) -> Result<Vec<Uuid>, KeysError> {
    let known: HashSet<Uuid> = ids(owner, "SELECT id FROM people WHERE tenant_id = $1", report.tenant)?.into_iter().collect();
    Ok(report.live.difference(&known).copied().collect())
}

fn ids(owner: &mut PgConnection, query: &str, tenant: Uuid) -> QueryResult<Vec<Uuid>> {
    let rows: Vec<Id> = diesel::sql_query(query).bind::<SqlUuid, _>(tenant).load(owner)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Removes keys of nobody.
///
/// A placeholder row keeps each person from coming into being meanwhile, and waits for one that is
/// just being recorded; it is rolled back only when every service has forgotten the removed key.
fn remove(owner: &mut PgConnection, people: &FilePersonKeys, tenant: Uuid, strays: &[Uuid]) -> Result<usize, KeysError> {
    if strays.is_empty() {
        return Ok(0);
    }
    let mut removed = Ok(0);
    let outcome = owner.transaction::<(), diesel::result::Error, _>(|owner| {
        owner.batch_execute(&format!(
            "SET LOCAL app.tenant = '{tenant}'; SET LOCAL app.client = '{tenant}'; SET LOCAL app.now = '2000-01-01T00:00:00Z';
             SET LOCAL lock_timeout = '20s'"
        ))?;
        let held: Vec<Id> = diesel::sql_query(
            "INSERT INTO people (tenant_id, id, sex) SELECT $1, unnest($2::uuid[]), 'unknown' ON CONFLICT DO NOTHING RETURNING id",
        )
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(strays)
        .load(owner)?;
        let held: Vec<Uuid> = held.into_iter().map(|row| row.id).collect();
        removed = people.remove(tenant, &held).map(|()| held.len());
        thread::sleep(FORGOTTEN_AFTER);
        Err(diesel::result::Error::RollbackTransaction)
    });
    match outcome {
        Ok(()) | Err(diesel::result::Error::RollbackTransaction) => Ok(removed?),
        Err(error) => Err(error.into()),
    }
}
