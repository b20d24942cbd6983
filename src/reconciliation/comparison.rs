//! Where the statements of the two sides differ.

use actix_web::get;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Date, Text as SqlText, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::pair::{KeyName, Pseudonym, expect_own_side};
use super::protocols::{SignatureView, Signatures};
use crate::platform::body::Filter;
use crate::platform::db::{Tx, own};
use crate::platform::hint::Hint;
use crate::platform::permit::{Permit, invalid_parameter};
use crate::platform::policy::GetReconciliation;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::rows_of::rows_of;
use crate::platform::types::{Hours, Money, Month, text_enum};
use crate::schema::month_statements;

diesel::define_sql_function! {
    /// The head of the other side's statement; see the migration.
    fn other_side_statement(other: SqlUuid, month_first: Date) -> Record<(SqlText, Integer, Integer, Numeric, Numeric, SqlText, Timestamptz)>;
}

diesel::define_sql_function! {
    /// Where the two statements differ; see the migration.
    fn month_differences(other: SqlUuid, month_first: Date) -> Record<(Binary, SqlText, Nullable<Integer>, Nullable<Integer>, Nullable<Numeric>, Nullable<Numeric>, Nullable<Numeric>, Nullable<Numeric>)>;
}

text_enum! {
    /// What differs about a person.
    pub enum DifferingMember {
        /// Hours.
        Hours = "hours",
        /// Benefit.
        Benefit = "benefit",
        /// Refund.
        Refund = "refund",
    }
}

/// The head of a statement.
#[derive(Debug, Queryable, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatementHeadView {
    /// Key of the pair.
    pub key_id: KeyName,
    /// People.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub people_count: i32,
    /// Hours of all.
    pub hours: Hours,
    /// Benefits of all, in zł.
    pub benefit: Money,
    /// Refund of all, in zł.
    pub refund: Money,
    /// Hash of its lines.
    #[schema(max_length = 64)]
    pub sha256: String,
    /// When it was made.
    pub recorded_at: DateTime<Utc>,
}

/// One's own current statement.
pub(super) struct OwnStatement {
    pub id: Uuid,
    pub head: StatementHeadView,
}

/// The other side's current statement.
pub(super) struct OtherStatement {
    pub key_id: String,
    pub head: StatementHeadView,
}

/// What one side states of a person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatedView {
    /// Hours.
    pub hours: Hours,
    /// Benefit, in zł.
    pub benefit: Money,
    /// Refund, in zł.
    pub refund: Money,
}

/// A person about whom the sides differ.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DifferenceView {
    /// Who.
    pub pseudonym: Pseudonym,
    /// What differs.
    #[schema(max_items = 3)]
    pub members: Vec<DifferingMember>,
    /// As one's own side states it.
    pub own: StatedView,
    /// As the other side states it.
    pub other: StatedView,
}

/// Where two sides stand about a month. What they agree about is not in it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReconciliationView {
    /// Institution on the other side.
    pub institution_id: Uuid,
    /// Month.
    pub month: Month,
    /// Head of one's own statement; none yet.
    pub own: Option<StatementHeadView>,
    /// Head of the other side's statement; none yet.
    pub other: Option<StatementHeadView>,
    /// Whether the statements agree in every line; `null` while one is missing, or has a key that was exchanged since.
    pub agrees: Option<bool>,
    /// People whom only the other side has.
    #[schema(max_items = 5000)]
    pub missing: Vec<Pseudonym>,
    /// People whom only one's own side has.
    #[schema(max_items = 5000)]
    pub extra: Vec<Pseudonym>,
    /// People about whom the sides differ.
    #[schema(max_items = 5000)]
    pub different: Vec<DifferenceView>,
    /// One's own signature, where it is about these two statements.
    pub own_signature: Option<SignatureView>,
    /// The other side's signature, where it is about these two statements.
    pub other_signature: Option<SignatureView>,
    /// Whether both have signed, which closes the month.
    pub closed: bool,
}

impl View for ReconciliationView {}

/// Which month, with whom.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct ReconciliationQuery {
    /// Institution on the other side.
    #[param(example = "01900000-0000-7000-8000-000000000003")]
    institution_id: Uuid,
    /// Month of the work.
    #[param(inline, example = "2026-02")]
    month: Month,
}

/// Compares one's own month with that of another institution.
///
/// Names only whom one side has and the other has not, and about whom they differ. Nothing is told of the other side
/// before it has made a statement for one's own institution.
#[utoipa::path(tag = "reconciliations", params(ReconciliationQuery),
    responses((status = 200, body = ReconciliationView, description = "Where the two sides stand")))]
#[get("/reconciliations")]
async fn get_reconciliation(permit: Permit<GetReconciliation>, query: Filter<ReconciliationQuery>) -> Result<Reply, Problem> {
    permit.read(move |tx| compare(tx, query.0.institution_id, query.0.month)).await
}

fn compare(tx: &mut Tx, other: Uuid, month: Month) -> Result<ReconciliationView, Problem> {
    expect_own_side(tx)?;
    if other == tx.tenant() {
        return Err(invalid_parameter("institutionId", Hint::new("podaj drugą stronę", "must be the other side")));
    }
    let own = own_statement(tx, other, month)?.map(|statement| statement.head);
    let theirs = other_statement(tx, other, month)?.map(|statement| statement.head);
    let are_comparable = own.as_ref().zip(theirs.as_ref()).is_some_and(|(own, theirs)| own.key_id == theirs.key_id);
    let differences = if are_comparable { Some(differences(tx, other, month)?) } else { None };
    let Signatures { own: own_signature, other: other_signature } = Signatures::load(tx, other, month)?;
    let agrees = differences.as_ref().map(Differences::is_empty);
    let Differences { missing, extra, different } = differences.unwrap_or_default();
    let closed = own_signature.is_some() && other_signature.is_some();
    let (institution_id, other) = (other, theirs);
    Ok(ReconciliationView {
        institution_id,
        month,
        own,
        other,
        agrees,
        missing,
        extra,
        different,
        own_signature,
        other_signature,
        closed,
    })
}

/// One's own current statement for the institution, if there is one.
pub(super) fn own_statement(tx: &mut Tx, other: Uuid, month: Month) -> Result<Option<OwnStatement>, Problem> {
    let row: Option<(Uuid, StatementHeadView)> = month_statements::table
        .filter(own(tx, month_statements::tenant_id))
        .filter(month_statements::institution_id.eq(other))
        .filter(month_statements::month_on.eq(month))
        .filter(month_statements::superseded_at.is_null())
        .select((
            month_statements::id,
            (
                month_statements::key_id,
                month_statements::people_count,
                month_statements::minutes,
                month_statements::benefit,
                month_statements::refund,
                month_statements::content_sha256,
                month_statements::recorded_at,
            ),
        ))
        .first(tx.conn)
        .optional()?;
    Ok(row.map(|(id, head)| OwnStatement { id, head }))
}

/// The other side's current statement for one's own institution, if there is one.
pub(super) fn other_statement(tx: &mut Tx, other: Uuid, month: Month) -> Result<Option<OtherStatement>, Problem> {
    let head: Option<StatementHeadView> =
        rows_of(other_side_statement(other, month.first_day())).get_result(tx.conn).optional()?;
    Ok(head.map(|head| OtherStatement { key_id: head.key_id.as_str().to_owned(), head }))
}

/// Where two statements differ.
#[derive(Default)]
pub(super) struct Differences {
    missing: Vec<Pseudonym>,
    extra: Vec<Pseudonym>,
    different: Vec<DifferenceView>,
}

impl Differences {
    /// How many people they are about.
    pub(super) fn count(&self) -> usize {
        self.missing.len() + self.extra.len() + self.different.len()
    }

    fn is_empty(&self) -> bool {
        self.count() == 0
    }
}

/// A row of the comparison, as the database gives it.
#[derive(Queryable)]
struct Row {
    pseudonym: Pseudonym,
    kind: String,
    own_hours: Option<Hours>,
    other_hours: Option<Hours>,
    own_benefit: Option<Money>,
    other_benefit: Option<Money>,
    own_refund: Option<Money>,
    other_refund: Option<Money>,
}

impl Row {
    fn stated(&self) -> Option<(StatedView, StatedView)> {
        let own = StatedView { hours: self.own_hours?, benefit: self.own_benefit?, refund: self.own_refund? };
        let other = StatedView { hours: self.other_hours?, benefit: self.other_benefit?, refund: self.other_refund? };
        Some((own, other))
    }
}

/// Where the current statements differ; both must be there, and have one key.
pub(super) fn differences(tx: &mut Tx, other: Uuid, month: Month) -> Result<Differences, Problem> {
    let rows: Vec<Row> = rows_of(month_differences(other, month.first_day())).load(tx.conn)?;
    let mut differences = Differences::default();
    for row in rows {
        match (row.kind.as_str(), row.stated()) {
            ("missing", _) => differences.missing.push(row.pseudonym),
            ("extra", _) => differences.extra.push(row.pseudonym),
            (_, Some((own, other))) => {
                let unequal = [
                    (DifferingMember::Hours, own.hours != other.hours),
                    (DifferingMember::Benefit, own.benefit != other.benefit),
                    (DifferingMember::Refund, own.refund != other.refund),
                ];
                let members = unequal.into_iter().filter(|(_, differs)| *differs).map(|(member, _)| member).collect();
                differences.different.push(DifferenceView { pseudonym: row.pseudonym, members, own, other });
            }
            _ => return Err(catalogue::INTERNAL.problem().because("a difference without its two sides")),
        }
    }
    Ok(differences)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_reconciliation);
}
