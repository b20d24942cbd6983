//! Regimes: the legal rules of a kind of programme as immutable, versioned
//! rows. Those of the nil tenant are built in; a town may enter its own.

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::regime_parameters::RegimeParameters;
use super::{REGIME_EXISTS, REGIME_PARAMETERS};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateRegime, GetRegime, ListRegimes};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Code, Day, LongText, ShortText, Stored, between};
use crate::schema::regimes;

/// Tenant of the built-in regimes.
const BUILT_IN: Uuid = Uuid::nil();

/// A regime of one's own, as created; it never changes.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = regimes)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "code": "PAI-TOWN", "version": 1,
    "namePl": "PAI według uchwały rady", "nameEn": "PAI by resolution of the council",
    "legalSource": "Art. 62a–62c of the Act of 20 April 2004; resolution of the council",
    "validFrom": "2019-06-14",
    "parameters": {
        "lengthMonths": 2, "cumulativeLimitMonths": 6, "cumulativeGroup": "PAI",
        "psuWeeklyLimit": "10.00", "integrationWeeklyMinimum": "10.00", "refundPercentCap": "60.00",
        "eligibility": [{ "rule": "registeredUnemployed", "severity": "hard", "legalSource": "art. 62a(2)" }],
        "jobMinDays": 30, "followUpClock": "programme", "positiveExits": ["employed"]
    }
}))]
pub struct RegimeBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Code, shared by all versions.
    pub code: Code,
    /// Version of the code, from 1.
    #[serde(deserialize_with = "between::<1, 1_000_000, _, _>")]
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub version: i32,
    /// Polish name.
    pub name_pl: ShortText,
    /// English name.
    pub name_en: ShortText,
    /// Acts and articles, or rules of the programme; also says what is not verified.
    pub legal_source: LongText,
    /// First day on which an agreement under it may be signed.
    #[diesel(column_name = valid_from_on)]
    pub valid_from: Option<Day>,
    /// Last such day.
    #[diesel(column_name = valid_to_on)]
    pub valid_to: Option<Day>,
    /// The rules.
    #[schema(value_type = RegimeParameters)]
    pub parameters: Stored<RegimeParameters>,
}

/// A regime.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = regimes)]
#[serde(rename_all = "camelCase")]
pub struct RegimeView {
    /// Id.
    pub id: Uuid,
    /// Whether the service brings it along; all others are the tenant's own.
    #[diesel(
        select_expression = regimes::tenant_id.eq(BUILT_IN),
        select_expression_type = diesel::dsl::Eq<regimes::tenant_id, Uuid>
    )]
    pub built_in: bool,
    /// Code, shared by all versions.
    pub code: Code,
    /// Version of the code, from 1.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub version: i32,
    /// Polish name.
    pub name_pl: ShortText,
    /// English name.
    pub name_en: ShortText,
    /// Acts and articles, or rules of the programme; also says what is not verified.
    pub legal_source: LongText,
    /// First day on which an agreement under it may be signed.
    #[diesel(column_name = valid_from_on)]
    pub valid_from: Option<Day>,
    /// Last such day.
    #[diesel(column_name = valid_to_on)]
    pub valid_to: Option<Day>,
    /// The rules.
    #[schema(value_type = RegimeParameters)]
    pub parameters: Stored<RegimeParameters>,
}

impl View for RegimeView {}

/// Enters a regime of the tenant's own.
///
/// Regimes never change: a legal rule that changes is a new version, and
/// agreements made under the old one keep it.
#[utoipa::path(tag = "regimes", request_body = RegimeBody, responses((status = 201, body = RegimeView, description = "The regime")))]
#[post("/regimes")]
async fn create_regime(permit: Permit<CreateRegime>, body: Body<RegimeBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("regime", [id]);
            check_parameters(&body.parameters.0)?;
            refuse_built_in(tx, id, body)?;
            let view = insert_regime(tx, id, body)?;
            Ok(Written::created(format!("/regimes/{id}"), view))
        })
        .await
}

/// Lists the regimes: the built-in ones and the tenant's own.
#[utoipa::path(tag = "regimes", params(PageQuery), responses((status = 200, body = Page<RegimeView>, description = "A page of regimes")))]
#[get("/regimes")]
async fn list_regimes(permit: Permit<ListRegimes>) -> Result<Reply, Problem> {
    permit.list(|regime: &RegimeView| regime.id, select_regimes).await
}

/// Reads a regime.
#[utoipa::path(tag = "regimes", params(("id" = Uuid, Path, description = "Regime")), responses((status = 200, body = RegimeView, description = "The regime")))]
#[get("/regimes/{id}")]
async fn get_regime(permit: Permit<GetRegime>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_regime(tx, id.0)).await
}

fn check_parameters(parameters: &RegimeParameters) -> Result<(), Problem> {
    parameters.check().map_err(|error| {
        let pointer = format!("/parameters/{}", error.parameter());
        REGIME_PARAMETERS.problem().and(pointer, &REGIME_PARAMETERS, Some(error.hint()))
    })
}

/// A regime of one's own must not pass for a built-in one, neither by id nor by code and version.
fn refuse_built_in(tx: &mut Tx, id: Uuid, body: &RegimeBody) -> Result<(), Problem> {
    let taken: Option<Uuid> = regimes::table
        .filter(regimes::tenant_id.eq(BUILT_IN))
        .filter(regimes::id.eq(id).or(regimes::code.eq(&body.code).and(regimes::version.eq(body.version))))
        .select(regimes::id)
        .first(tx.conn)
        .optional()?;
    match taken {
        None => Ok(()),
        Some(taken) if taken == id => Err(catalogue::ID_TAKEN.at("/id")),
        Some(_) => Err(REGIME_EXISTS.at("/version")),
    }
}

fn insert_regime(tx: &mut Tx, id: Uuid, body: &RegimeBody) -> Result<RegimeView, Problem> {
    Ok(diesel::insert_into(regimes::table)
        .values((body, regimes::id.eq(id)))
        .returning(RegimeView::as_returning())
        .get_result(tx.conn)?)
}

fn select_regimes(tx: &mut Tx, window: Window) -> Result<Vec<RegimeView>, Problem> {
    Ok(regimes::table
        .filter(own(tx, regimes::tenant_id).or(regimes::tenant_id.eq(BUILT_IN)))
        .filter(regimes::id.gt(window.after))
        .order(regimes::id)
        .limit(window.rows())
        .select(RegimeView::as_select())
        .load(tx.conn)?)
}

fn find_regime(tx: &mut Tx, id: Uuid) -> Result<RegimeView, Problem> {
    Ok(regimes::table
        .filter(own(tx, regimes::tenant_id).or(regimes::tenant_id.eq(BUILT_IN)))
        .filter(regimes::id.eq(id))
        .select(RegimeView::as_select())
        .first(tx.conn)?)
}

/// The tenant and the rules of the regime that a body refers to.
///
/// # Errors
/// `platform.reference_not_found` at `/regimeId` when it is neither built in nor the tenant's own.
pub(super) fn find_referred_regime(tx: &mut Tx, id: Uuid) -> Result<(Uuid, RegimeParameters), Problem> {
    let found: Option<(Uuid, Stored<RegimeParameters>)> = regimes::table
        .filter(own(tx, regimes::tenant_id).or(regimes::tenant_id.eq(BUILT_IN)))
        .filter(regimes::id.eq(id))
        .select((regimes::tenant_id, regimes::parameters))
        .first(tx.conn)
        .optional()?;
    let (tenant, parameters) = found.ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at("/regimeId"))?;
    Ok((tenant, parameters.0))
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_regime).service(list_regimes).service(get_regime);
}
