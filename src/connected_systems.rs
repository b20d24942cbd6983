//! Connected systems: when each client called last, how often it was refused, and what is open between the two sides.
//!
//! The side of a system is its institution; a system of the role `pup_officer` at a town is the labour office's.
//!
//! Counts are kept by day and client, never by what was called: the access register holds that.

use std::collections::HashMap;

use actix_web::get;
use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::exchange::standing::{Standing, standing};
use crate::institutions::is_labour_office;
use crate::participation::Recipient;
use crate::platform::body::Filter;
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListConnectedSystems, Role};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::Reply;
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Ratio, ShortText, SixPlaces, between};
use crate::schema::{client_calls, clients, information_duties};

/// Days that are counted over where the caller says nothing.
const USUAL_DAYS: i32 = 7;

/// A calling system and how it gets on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectedSystemView {
    /// Client.
    pub id: Uuid,
    /// Name of the calling system.
    pub name: ShortText,
    /// What it may do.
    pub role: Role,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Its last call of the last 90 days; none where there was none.
    pub last_call_at: Option<DateTime<Utc>>,
    /// Calls of the days that are counted over, today among them.
    #[schema(minimum = 0)]
    pub calls: i64,
    /// Calls of these that were answered with 400 to 499.
    #[schema(minimum = 0)]
    pub refused_calls: i64,
    /// Calls of these that were answered with 500 or more.
    #[schema(minimum = 0)]
    pub failed_calls: i64,
    /// Refused and failed ones among the calls; `null` without a call.
    pub error_rate: Option<SixPlaces>,
    /// Messages whose next step is for the side of this system: to be sent, answered, or their answer noted.
    #[schema(minimum = 0)]
    pub open_messages: i64,
    /// Of these, messages to be answered.
    #[schema(minimum = 0)]
    pub answers_owed: i64,
    /// Duties whose day has passed. At systems of the institution, its own: messages that it should have sent (plans,
    /// lists, notices, monthly claims) and duties to inform any office. At systems that a labour office has at a town, the
    /// duties to inform that office and the starost, who acts through it.
    #[schema(minimum = 0)]
    pub overdue_duties: i64,
}

#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct ConnectedSystemFilter {
    /// Days that are counted over, up to today.
    #[serde(default = "usual_days", deserialize_with = "between::<1, 90, _, _>")]
    #[param(minimum = 1, maximum = 90, default = 7)]
    days: i32,
}

fn usual_days() -> i32 {
    USUAL_DAYS
}

/// Lists the calling systems of the institution with their last call, error rate, open messages and overdue duties.
///
/// Calls that another process of the service has answered are counted within half a minute.
#[utoipa::path(tag = "connected-systems", params(ConnectedSystemFilter, PageQuery),
    responses((status = 200, body = Page<ConnectedSystemView>, description = "A page of systems")))]
#[get("/connected-systems")]
async fn list_connected_systems(
    permit: Permit<ListConnectedSystems>,
    filter: Filter<ConnectedSystemFilter>,
) -> Result<Reply, Problem> {
    let service = permit.service();
    service.calls.note(&service.db).await?;
    permit.list(|system: &ConnectedSystemView| system.id, move |tx, window| select_systems(tx, filter.0.days, window)).await
}

/// A client as far as it is shown.
type ClientRow = (Uuid, ShortText, String, Option<DateTime<Utc>>);

fn select_systems(tx: &mut Tx, days: i32, window: Window) -> Result<Vec<ConnectedSystemView>, Problem> {
    let rows: Vec<ClientRow> = clients::table
        .filter(own(tx, clients::tenant_id))
        .filter(clients::id.gt(window.after))
        .order(clients::id)
        .limit(window.rows())
        .select((clients::id, clients::name, clients::role, clients::revoked_at))
        .load(tx.conn)?;
    let ids: Vec<Uuid> = rows.iter().map(|(id, ..)| *id).collect();
    let counted = counted(tx, &ids, days)?;
    let (ours, theirs) = sides(tx)?;
    rows.into_iter()
        .map(|(id, name, role, revoked_at)| {
            let role = Role::named(&role).ok_or_else(|| catalogue::INTERNAL.problem().because("unknown role in clients"))?;
            let counts = counted.get(&id).copied().unwrap_or_default();
            let side = if role == Role::PupOfficer { theirs } else { ours };
            let errors = Ratio::new(counts.refused + counts.failed, counts.calls);
            Ok(ConnectedSystemView {
                id,
                name,
                role,
                revoked_at,
                last_call_at: counts.last,
                calls: counts.calls,
                refused_calls: counts.refused,
                failed_calls: counts.failed,
                error_rate: errors.map(Ratio::rounded),
                open_messages: side.open_messages,
                answers_owed: side.answers_owed,
                overdue_duties: side.overdue,
            })
        })
        .collect()
}

#[derive(Clone, Copy, Default)]
struct Counts {
    calls: i64,
    refused: i64,
    failed: i64,
    last: Option<DateTime<Utc>>,
}

/// Calls of a client on a day.
type CallRow = (Uuid, NaiveDate, i64, i64, i64, DateTime<Utc>);

fn counted(tx: &mut Tx, ids: &[Uuid], days: i32) -> Result<HashMap<Uuid, Counts>, Problem> {
    const LONGEST: u64 = 90;
    let today = tx.today();
    let back = |days: u64| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let first = back(u64::try_from(days - 1).unwrap_or_default());
    let rows: Vec<CallRow> = client_calls::table
        .filter(own(tx, client_calls::tenant_id))
        .filter(client_calls::client_id.eq_any(ids))
        .filter(client_calls::day_on.ge(back(LONGEST)))
        .select((
            client_calls::client_id,
            client_calls::day_on,
            client_calls::calls,
            client_calls::refused,
            client_calls::failed,
            client_calls::last_call_at,
        ))
        .load(tx.conn)?;
    let mut counts: HashMap<Uuid, Counts> = HashMap::new();
    for (client, day, calls, refused, failed, last) in rows {
        let of_client = counts.entry(client).or_default();
        of_client.last = of_client.last.max(Some(last));
        if day >= first {
            of_client.calls += calls;
            of_client.refused += refused;
            of_client.failed += failed;
        }
    }
    Ok(counts)
}

/// How the two sides stand: the institution's own systems, and those of the role `pup_officer`.
fn sides(tx: &mut Tx) -> Result<(Standing, Standing), Problem> {
    let (mut ours, mut theirs) = standing(tx)?;
    let tenant = tx.tenant();
    if is_labour_office(tx, tenant)? {
        // All of its systems are its own, the officers' too.
        return Ok((ours, ours));
    }
    let (all, to_office) = overdue_duties(tx)?;
    ours.overdue += all;
    theirs.overdue = to_office;
    Ok((ours, theirs))
}

/// Duties to inform that are neither discharged nor withdrawn, after their last day; and those of them that a message to the labour office discharges.
fn overdue_duties(tx: &mut Tx) -> Result<(i64, i64), Problem> {
    let today = tx.today();
    let counted: Vec<(Recipient, i64)> = information_duties::table
        .filter(own(tx, information_duties::tenant_id))
        .filter(information_duties::discharged_on.is_null())
        .filter(information_duties::withdrawn_on.is_null())
        .filter(information_duties::due_on.lt(today))
        .group_by(information_duties::recipient)
        .select((information_duties::recipient, diesel::dsl::count_star()))
        .load(tx.conn)?;
    let to_office = counted.iter().filter(|(recipient, _)| Recipient::AT_LABOUR_OFFICE.contains(recipient));
    Ok((counted.iter().map(|(_, count)| count).sum(), to_office.map(|(_, count)| count).sum()))
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_connected_systems);
}
