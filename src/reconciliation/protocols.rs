//! Protocols: both sides sign off the same two statements, which closes the month.

use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Date, Text as SqlText, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::comparison::{differences, other_statement, own_statement};
use super::pair::{expect_own_side, expect_sides, key_of_pair, queue_for_pair};
use super::{ALREADY_SIGNED, DIFFERENCES_LEFT, KEY_EXCHANGED, MONTH_CLOSED, MONTH_NOT_OVER, NO_DIFFERENCES, STATEMENT_MISSING};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{GetReconciliationProtocol, ListReconciliationProtocols, SignReconciliation};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::rows_of::rows_of;
use crate::platform::types::{Day, LongText, Month};
use crate::schema::reconciliation_protocols;

diesel::define_sql_function! {
    /// What the other side has signed; see the migration.
    fn other_side_signature(other: SqlUuid, month_first: Date) -> Record<(Integer, SqlText, SqlText, Date)>;
}

diesel::define_sql_function! {
    /// The highest number of the year; see the migration.
    fn last_protocol_number(other: SqlUuid, month_first: Date) -> Integer;
}

/// A signature, as given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "institutionId": crate::platform::examples::LABOUR_OFFICE, "month": "2026-02", "effectiveOn": "2026-06-15"
}))]
pub struct ReconciliationProtocolBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Institution on the other side.
    pub institution_id: Uuid,
    /// Month of the work.
    pub month: Month,
    /// Day of the signature, after the month.
    pub effective_on: Day,
    /// Why it is signed although the statements differ; no personal data.
    pub acceptance_reason: Option<LongText>,
}

/// One's own signature under the protocol of a month.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = reconciliation_protocols)]
#[serde(rename_all = "camelCase")]
pub struct ReconciliationProtocolView {
    /// Id.
    pub id: Uuid,
    /// Institution on the other side.
    pub institution_id: Uuid,
    /// Month of the work.
    #[diesel(column_name = month_on)]
    pub month: Month,
    /// Number of the protocol in the year of the month, the same on both sides.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub number: i32,
    /// Hash of one's own statement.
    #[schema(max_length = 64)]
    pub own_sha256: String,
    /// Hash of the other side's statement.
    #[schema(max_length = 64)]
    pub other_sha256: String,
    /// People about whom the statements differ.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub difference_count: i32,
    /// Why it was signed all the same.
    pub acceptance_reason: Option<LongText>,
    /// Day of the signature.
    pub signed_on: Day,
    /// When the side signed again, because a statement had changed.
    pub superseded_at: Option<DateTime<Utc>>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Client that signed.
    pub recorded_by: Uuid,
}

impl View for ReconciliationProtocolView {}

/// A signature.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignatureView {
    /// Number of the protocol.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub number: i32,
    /// Day of the signature.
    pub signed_on: Day,
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct ProtocolFilter {
    /// With this institution.
    institution_id: Option<Uuid>,
    /// Of this month.
    #[param(inline)]
    month: Option<Month>,
}

#[derive(Insertable)]
#[diesel(table_name = reconciliation_protocols)]
struct NewProtocol<'a> {
    id: Uuid,
    institution_id: Uuid,
    month_on: Month,
    number: i32,
    own_sha256: &'a str,
    other_sha256: &'a str,
    difference_count: i32,
    acceptance_reason: Option<&'a LongText>,
    signed_on: Day,
}

/// A signature as a side has given it: its number, the hashes of the signer's and of the other statement, the day.
type Signed = (i32, String, String, NaiveDate);

/// The signatures under a month that are about the current statements.
pub(super) struct Signatures {
    pub own: Option<SignatureView>,
    pub other: Option<SignatureView>,
}

impl Signatures {
    /// Reads them; a signature about an earlier statement of either side does not count.
    pub(super) fn load(tx: &mut Tx, other: Uuid, month: Month) -> Result<Self, Problem> {
        let (Some(ours), Some(theirs)) = (own_statement(tx, other, month)?, other_statement(tx, other, month)?) else {
            return Ok(Self { own: None, other: None });
        };
        let (ours, theirs) = (ours.head.sha256, theirs.head.sha256);
        let own_row: Option<Signed> = reconciliation_protocols::table
            .filter(own(tx, reconciliation_protocols::tenant_id))
            .filter(reconciliation_protocols::institution_id.eq(other))
            .filter(reconciliation_protocols::month_on.eq(month))
            .filter(reconciliation_protocols::superseded_at.is_null())
            .select((
                reconciliation_protocols::number,
                reconciliation_protocols::own_sha256,
                reconciliation_protocols::other_sha256,
                reconciliation_protocols::signed_on,
            ))
            .first(tx.conn)
            .optional()?;
        let other_row: Option<Signed> = rows_of(other_side_signature(other, month.first_day())).get_result(tx.conn).optional()?;
        Ok(Self { own: current(own_row, &ours, &theirs), other: current(other_row, &theirs, &ours) })
    }

    fn closed(&self) -> Option<i32> {
        self.own.as_ref().zip(self.other.as_ref()).map(|(own, _)| own.number)
    }
}

/// The signature, if the signer's and the other statement are still those that it is about.
fn current(signed: Option<Signed>, signers: &str, others: &str) -> Option<SignatureView> {
    let (number, own, other, on) = signed?;
    let signed_on = Day::try_from(on).ok()?;
    (own == signers && other == others).then_some(SignatureView { number, signed_on })
}

/// Refuses to change a month that both sides have signed.
///
/// # Errors
/// `reconciliation.month_closed`.
pub(super) fn expect_open(tx: &mut Tx, other: Uuid, month: Month) -> Result<(), Problem> {
    match Signatures::load(tx, other, month)?.closed() {
        Some(number) => Err(MONTH_CLOSED.problem().with("number", number)),
        None => Ok(()),
    }
}

/// Signs the protocol of a month off, for one's own side.
///
/// The signature is about the two statements as they stand; when one of them changes, it no longer counts and has to be
/// given again. The first side to sign gives the protocol its number, the other takes it over. With both signatures the
/// month is closed, and neither side can change its statement. Statements that differ are signed with a reason only, and
/// those that have different keys not at all.
#[utoipa::path(tag = "reconciliation-protocols", request_body = ReconciliationProtocolBody,
    responses((status = 201, body = ReconciliationProtocolView, description = "The signature")))]
#[post("/reconciliation-protocols")]
async fn sign_reconciliation(
    permit: Permit<SignReconciliation>,
    body: Body<ReconciliationProtocolBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("reconciliationProtocol", [id]);
            expect_sides(tx, body.institution_id, "/institutionId")?;
            tx.expect_past(body.effective_on, "/effectiveOn")?;
            if body.effective_on.date() <= body.month.last_day() {
                return Err(MONTH_NOT_OVER.at("/effectiveOn"));
            }
            queue_for_pair(tx, body.institution_id)?;
            let view = sign(tx, id, body)?;
            tx.announce(
                "reconciliationProtocol",
                id,
                "reconciliation_protocol.signed",
                json!({ "reconciliationProtocolId": id, "institutionId": body.institution_id, "number": view.number }),
            );
            Ok(Written::created(format!("/reconciliation-protocols/{id}"), view))
        })
        .await
}

fn sign(tx: &mut Tx, id: Uuid, body: &ReconciliationProtocolBody) -> Result<ReconciliationProtocolView, Problem> {
    let (other, month) = (body.institution_id, body.month);
    let statements = own_statement(tx, other, month)?.zip(other_statement(tx, other, month)?);
    let (ours, theirs) = statements.ok_or_else(|| STATEMENT_MISSING.problem())?;
    if ours.head.key_id != theirs.head.key_id {
        return Err(KEY_EXCHANGED.problem().with("keyId", key_of_pair(tx, other, None)?.id.to_string()));
    }
    let signatures = Signatures::load(tx, other, month)?;
    if let Some(number) = signatures.closed() {
        return Err(MONTH_CLOSED.problem().with("number", number));
    }
    if signatures.own.is_some() {
        return Err(ALREADY_SIGNED.problem());
    }
    let difference_count = i32::try_from(differences(tx, other, month)?.count()).unwrap_or(i32::MAX);
    match (difference_count, &body.acceptance_reason) {
        (0, Some(_)) => return Err(NO_DIFFERENCES.at("/acceptanceReason")),
        (1.., None) => return Err(DIFFERENCES_LEFT.at("/acceptanceReason").with("differences", difference_count)),
        _ => {}
    }
    let number = match signatures.other {
        Some(signature) => signature.number,
        None => diesel::select(last_protocol_number(other, month.first_day())).get_result::<i32>(tx.conn)? + 1,
    };
    let now = tx.now();
    let outdated = reconciliation_protocols::table
        .filter(own(tx, reconciliation_protocols::tenant_id))
        .filter(reconciliation_protocols::institution_id.eq(other))
        .filter(reconciliation_protocols::month_on.eq(month))
        .filter(reconciliation_protocols::superseded_at.is_null());
    diesel::update(outdated).set(reconciliation_protocols::superseded_at.eq(now)).execute(tx.conn)?;
    let new = NewProtocol {
        id,
        institution_id: other,
        month_on: month,
        number,
        own_sha256: &ours.head.sha256,
        other_sha256: &theirs.head.sha256,
        difference_count,
        acceptance_reason: body.acceptance_reason.as_ref(),
        signed_on: body.effective_on,
    };
    Ok(diesel::insert_into(reconciliation_protocols::table)
        .values(new)
        .returning(ReconciliationProtocolView::as_returning())
        .get_result(tx.conn)?)
}

/// Lists one's own signatures, also those that no longer count.
#[utoipa::path(tag = "reconciliation-protocols", params(ProtocolFilter, PageQuery),
    responses((status = 200, body = Page<ReconciliationProtocolView>, description = "A page of signatures")))]
#[get("/reconciliation-protocols")]
async fn list_reconciliation_protocols(
    permit: Permit<ListReconciliationProtocols>,
    filter: Filter<ProtocolFilter>,
) -> Result<Reply, Problem> {
    permit.list(|protocol: &ReconciliationProtocolView| protocol.id, move |tx, window| select(tx, &filter.0, window)).await
}

fn select(tx: &mut Tx, filter: &ProtocolFilter, window: Window) -> Result<Vec<ReconciliationProtocolView>, Problem> {
    expect_own_side(tx)?;
    let mut query = reconciliation_protocols::table
        .filter(own(tx, reconciliation_protocols::tenant_id))
        .filter(reconciliation_protocols::id.gt(window.after))
        .into_boxed();
    if let Some(institution) = filter.institution_id {
        query = query.filter(reconciliation_protocols::institution_id.eq(institution));
    }
    if let Some(month) = filter.month {
        query = query.filter(reconciliation_protocols::month_on.eq(month));
    }
    let query = query.order(reconciliation_protocols::id).limit(window.rows());
    Ok(query.select(ReconciliationProtocolView::as_select()).load(tx.conn)?)
}

/// Reads one's own signature under a protocol.
#[utoipa::path(tag = "reconciliation-protocols", params(("id" = Uuid, Path, description = "Signature")),
    responses((status = 200, body = ReconciliationProtocolView, description = "The signature")))]
#[get("/reconciliation-protocols/{id}")]
async fn get_reconciliation_protocol(permit: Permit<GetReconciliationProtocol>, id: PathId) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            expect_own_side(tx)?;
            Ok(reconciliation_protocols::table
                .filter(own(tx, reconciliation_protocols::tenant_id))
                .filter(reconciliation_protocols::id.eq(id.0))
                .select(ReconciliationProtocolView::as_select())
                .first(tx.conn)?)
        })
        .await
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(sign_reconciliation).service(list_reconciliation_protocols).service(get_reconciliation_protocol);
}
