//! What each side states of its month.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::comparison::{other_statement, own_statement};
use super::from_settlements::settled_month;
use super::pair::{KeyName, Pseudonym, expect_own_side, expect_sides, is_in_use, key_of_pair, queue_for_pair};
use super::protocols::expect_open;
use super::{KEY_DIFFERS, LINES_AND_KEY, NOTHING_TO_CORRECT, PSEUDONYM_REPEATED, REASON_NEEDED, TOO_MUCH};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::deadline::DEADLINE_OF_THOUSANDS;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{GetMonthStatement, ListMonthStatementLines, ListMonthStatements, PostMonthStatement};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::secrets::digest_hex;
use crate::platform::types::{Hours, LongText, Money, Month, text_enum};
use crate::schema::{month_statement_lines, month_statements};

text_enum! {
    /// What a statement was made from.
    pub enum StatementSource {
        /// Its side has posted the lines.
        Posted = "posted",
        /// Approved settlements of its side.
        Settlements = "settlements",
    }
}

/// A person in a statement.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MonthLineBody {
    /// Who.
    pub pseudonym: Pseudonym,
    /// Hours of socially useful work in the month.
    pub hours: Hours,
    /// Benefits for them, in zł.
    pub benefit: Money,
    /// What of it the labour office refunds, in zł.
    pub refund: Money,
}

/// A statement, as posted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "institutionId": crate::platform::examples::LABOUR_OFFICE, "month": "2026-02", "correctionReason": "Korekta wpisu po zatwierdzeniu"
}))]
pub struct MonthStatementBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Institution on the other side, for which it is made.
    pub institution_id: Uuid,
    /// Month of the work.
    pub month: Month,
    /// Key of the pair with which the pseudonyms are made; together with `lines`.
    pub key_id: Option<KeyName>,
    /// People of the month; when left out, those of the approved settlements under agreements with that institution.
    #[schema(max_items = 5000)]
    #[serde(default, deserialize_with = "at_most_5000")]
    pub lines: Option<Vec<MonthLineBody>>,
    /// Why it takes the place of the statement before; given where there is one.
    pub correction_reason: Option<LongText>,
}

fn at_most_5000<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<MonthLineBody>>, D::Error> {
    let lines = Option::<Vec<MonthLineBody>>::deserialize(deserializer)?;
    if lines.as_ref().is_some_and(|lines| lines.len() > 5000) {
        return Err(serde::de::Error::custom("too many items, expected at most 5000"));
    }
    Ok(lines)
}

/// A statement of a month.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = month_statements)]
#[serde(rename_all = "camelCase")]
pub struct MonthStatementView {
    /// Id.
    pub id: Uuid,
    /// Institution for which it is made.
    pub institution_id: Uuid,
    /// Month of the work.
    #[diesel(column_name = month_on)]
    pub month: Month,
    /// Key of the pair.
    pub key_id: KeyName,
    /// What it was made from.
    pub source: StatementSource,
    /// People.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub people_count: i32,
    /// Hours of all.
    #[diesel(column_name = minutes)]
    pub hours: Hours,
    /// Benefits of all, in zł.
    pub benefit: Money,
    /// Refund of all, in zł.
    pub refund: Money,
    /// Hash of the lines, which protocols name.
    #[diesel(column_name = content_sha256)]
    #[schema(max_length = 64)]
    pub sha256: String,
    /// People of the settlements who have no PESEL and so no pseudonym: they are not in it.
    #[diesel(column_name = left_out_people)]
    #[schema(max_items = 5000)]
    pub left_out_person_ids: Vec<Uuid>,
    /// Statement that it takes the place of.
    pub supersedes_id: Option<Uuid>,
    /// When a later one took its place.
    pub superseded_at: Option<DateTime<Utc>>,
    /// Why the earlier one was corrected.
    pub correction_reason: Option<LongText>,
    /// When it was made.
    pub recorded_at: DateTime<Utc>,
    /// Client that made it.
    pub recorded_by: Uuid,
}

impl View for MonthStatementView {}

/// A person in a statement of one's own.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = month_statement_lines)]
#[serde(rename_all = "camelCase")]
pub struct MonthLineView {
    /// Id.
    pub id: Uuid,
    /// Who, for both sides.
    pub pseudonym: Pseudonym,
    /// Who it is, where the statement was made from one's own settlements.
    pub person_id: Option<Uuid>,
    /// Hours.
    #[diesel(column_name = minutes)]
    pub hours: Hours,
    /// Benefits, in zł.
    pub benefit: Money,
    /// Refund, in zł.
    pub refund: Money,
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct MonthStatementFilter {
    /// Made for this institution.
    institution_id: Option<Uuid>,
    /// Of this month.
    #[param(inline)]
    month: Option<Month>,
    /// Also those that were corrected.
    #[serde(default)]
    include_superseded: bool,
}

/// A line on its way into the store.
pub(super) struct Line {
    pub person: Option<Uuid>,
    pub body: MonthLineBody,
}

/// The lines of a statement with where they come from.
pub(super) struct Content {
    pub source: StatementSource,
    pub key_id: String,
    pub lines: Vec<Line>,
    pub left_out: Vec<Uuid>,
}

#[derive(Insertable)]
#[diesel(table_name = month_statements)]
struct NewStatement<'a> {
    id: Uuid,
    institution_id: Uuid,
    month_on: Month,
    key_id: &'a str,
    source: StatementSource,
    people_count: i32,
    minutes: Hours,
    benefit: Money,
    refund: Money,
    content_sha256: String,
    left_out_people: &'a [Uuid],
    supersedes_id: Option<Uuid>,
    correction_reason: Option<&'a LongText>,
}

#[derive(Insertable)]
#[diesel(table_name = month_statement_lines)]
struct NewLine<'a> {
    id: Uuid,
    statement_id: Uuid,
    pseudonym: &'a Pseudonym,
    person_id: Option<Uuid>,
    minutes: Hours,
    benefit: Money,
    refund: Money,
}

/// States one's own month to another institution.
///
/// With `lines` as they stand, or without them from the approved settlements of the month under agreements with that
/// institution. A later statement corrects the earlier one, with its reason, until both sides have signed the protocol.
/// Both sides use one key, until the operator exchanges it: then a correction has the present one, and the other side
/// states the month again too.
/// What the other side states is told by `GET /reconciliations` only, and only where it differs.
#[utoipa::path(tag = "month-statements", request_body = MonthStatementBody,
    responses((status = 201, body = MonthStatementView, description = "The statement")))]
#[post("/month-statements")]
async fn post_month_statement(permit: Permit<PostMonthStatement>, body: Body<MonthStatementBody>) -> Result<Reply, Problem> {
    permit
        .taking_up_to(DEADLINE_OF_THOUSANDS)
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("monthStatement", [id]);
            expect_sides(tx, body.institution_id, "/institutionId")?;
            if body.month.first_day() > tx.today() {
                return Err(catalogue::IN_FUTURE.at("/month").with("today", tx.today().to_string()));
            }
            queue_for_pair(tx, body.institution_id)?;
            expect_open(tx, body.institution_id, body.month)?;
            let content = content_of(tx, body)?;
            // Whose PESEL was read for it.
            tx.touch_too(content.lines.iter().filter_map(|line| line.person));
            let view = insert_statement(tx, id, body, &content)?;
            tx.announce(
                "monthStatement",
                id,
                "month_statement.recorded",
                json!({ "monthStatementId": id, "institutionId": body.institution_id }),
            );
            Ok(Written::created(format!("/month-statements/{id}"), view))
        })
        .await
}

/// The lines that are posted, or those of the settlements.
fn content_of(tx: &mut Tx, body: &MonthStatementBody) -> Result<Content, Problem> {
    let stated = other_statement(tx, body.institution_id, body.month)?.map(|statement| statement.key_id);
    // A key that is gone binds nobody, or neither side could ever correct the month.
    let key_of_other = stated.filter(|id| is_in_use(tx, body.institution_id, id));
    let content = match (&body.lines, &body.key_id) {
        (Some(lines), Some(key_id)) => {
            let key = key_of_pair(tx, body.institution_id, Some(key_id.as_ref()))?;
            let lines = lines.iter().map(|line| Line { person: None, body: line.clone() }).collect();
            Content { source: StatementSource::Posted, key_id: key.id.to_string(), lines, left_out: Vec::new() }
        }
        (None, None) => {
            let key = key_of_pair(tx, body.institution_id, key_of_other.as_deref())?;
            settled_month(tx, body.institution_id, body.month, &key)?
        }
        (Some(_), None) => return Err(LINES_AND_KEY.at("/keyId")),
        (None, Some(_)) => return Err(LINES_AND_KEY.at("/lines")),
    };
    match key_of_other {
        Some(key_id) if key_id != content.key_id => Err(KEY_DIFFERS.at("/keyId").with("keyId", key_id)),
        _ => Ok(content),
    }
}

fn insert_statement(tx: &mut Tx, id: Uuid, body: &MonthStatementBody, content: &Content) -> Result<MonthStatementView, Problem> {
    let sorted: BTreeMap<&Pseudonym, &Line> = content.lines.iter().map(|line| (&line.body.pseudonym, line)).collect();
    if sorted.len() < content.lines.len() {
        return Err(PSEUDONYM_REPEATED.at("/lines"));
    }
    let bodies = || sorted.values().map(|line| &line.body);
    let too_much = || TOO_MUCH.at("/lines");
    let earlier = own_statement(tx, body.institution_id, body.month)?;
    match (&earlier, &body.correction_reason) {
        (Some(_), None) => return Err(REASON_NEEDED.at("/correctionReason")),
        (None, Some(_)) => return Err(NOTHING_TO_CORRECT.at("/correctionReason")),
        _ => {}
    }
    let supersedes_id = earlier.map(|statement| statement.id);
    if let Some(earlier) = supersedes_id {
        let now = tx.now();
        diesel::update(
            month_statements::table.filter(own(tx, month_statements::tenant_id)).filter(month_statements::id.eq(earlier)),
        )
        .set(month_statements::superseded_at.eq(now))
        .execute(tx.conn)?;
    }
    let new = NewStatement {
        id,
        institution_id: body.institution_id,
        month_on: body.month,
        key_id: &content.key_id,
        source: content.source,
        people_count: i32::try_from(sorted.len()).unwrap_or(i32::MAX),
        minutes: Hours::checked_sum(bodies().map(|line| line.hours)).ok_or_else(too_much)?,
        benefit: Money::checked_sum(bodies().map(|line| line.benefit)).ok_or_else(too_much)?,
        refund: Money::checked_sum(bodies().map(|line| line.refund)).ok_or_else(too_much)?,
        content_sha256: hash_of(bodies()),
        left_out_people: &content.left_out,
        supersedes_id,
        correction_reason: body.correction_reason.as_ref(),
    };
    let view = diesel::insert_into(month_statements::table)
        .values(new)
        .returning(MonthStatementView::as_returning())
        .get_result(tx.conn)?;
    let lines: Vec<NewLine> = sorted
        .values()
        .map(|line| NewLine {
            id: tx.id_or_new(None),
            statement_id: id,
            pseudonym: &line.body.pseudonym,
            person_id: line.person,
            minutes: line.body.hours,
            benefit: line.body.benefit,
            refund: line.body.refund,
        })
        .collect();
    for some in lines.chunks(1000) {
        diesel::insert_into(month_statement_lines::table).values(some).execute(tx.conn)?;
    }
    Ok(view)
}

/// Hash of lines in the order of their pseudonyms: `pseudonym;hours;benefit;refund` and a line feed each.
fn hash_of<'l>(lines: impl Iterator<Item = &'l MonthLineBody>) -> String {
    let text = lines.fold(String::new(), |mut text, line| {
        let MonthLineBody { pseudonym, hours, benefit, refund } = line;
        let _ = writeln!(text, "{pseudonym};{hours};{benefit};{refund}");
        text
    });
    digest_hex(text.as_bytes())
}

/// Lists one's own statements.
#[utoipa::path(tag = "month-statements", params(MonthStatementFilter, PageQuery),
    responses((status = 200, body = Page<MonthStatementView>, description = "A page of statements")))]
#[get("/month-statements")]
async fn list_month_statements(
    permit: Permit<ListMonthStatements>,
    filter: Filter<MonthStatementFilter>,
) -> Result<Reply, Problem> {
    permit.list(|statement: &MonthStatementView| statement.id, move |tx, window| select_statements(tx, &filter.0, window)).await
}

fn select_statements(tx: &mut Tx, filter: &MonthStatementFilter, window: Window) -> Result<Vec<MonthStatementView>, Problem> {
    expect_own_side(tx)?;
    let mut query = month_statements::table
        .filter(own(tx, month_statements::tenant_id))
        .filter(month_statements::id.gt(window.after))
        .into_boxed();
    if let Some(institution) = filter.institution_id {
        query = query.filter(month_statements::institution_id.eq(institution));
    }
    if let Some(month) = filter.month {
        query = query.filter(month_statements::month_on.eq(month));
    }
    if !filter.include_superseded {
        query = query.filter(month_statements::superseded_at.is_null());
    }
    Ok(query.order(month_statements::id).limit(window.rows()).select(MonthStatementView::as_select()).load(tx.conn)?)
}

/// Reads one of one's own statements.
#[utoipa::path(tag = "month-statements", params(("id" = Uuid, Path, description = "Statement")),
    responses((status = 200, body = MonthStatementView, description = "The statement")))]
#[get("/month-statements/{id}")]
async fn get_month_statement(permit: Permit<GetMonthStatement>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_statement(tx, id.0)).await
}

fn find_statement(tx: &mut Tx, id: Uuid) -> Result<MonthStatementView, Problem> {
    expect_own_side(tx)?;
    Ok(month_statements::table
        .filter(own(tx, month_statements::tenant_id))
        .filter(month_statements::id.eq(id))
        .select(MonthStatementView::as_select())
        .first(tx.conn)?)
}

/// Lists the people of one of one's own statements.
#[utoipa::path(tag = "month-statements", params(("id" = Uuid, Path, description = "Statement"), PageQuery),
    responses((status = 200, body = Page<MonthLineView>, description = "A page of lines")))]
#[get("/month-statements/{id}/lines")]
async fn list_month_statement_lines(permit: Permit<ListMonthStatementLines>, id: PathId) -> Result<Reply, Problem> {
    permit.list(|line: &MonthLineView| line.id, move |tx, window| select_lines(tx, id.0, window)).await
}

fn select_lines(tx: &mut Tx, statement: Uuid, window: Window) -> Result<Vec<MonthLineView>, Problem> {
    find_statement(tx, statement)?;
    Ok(month_statement_lines::table
        .filter(own(tx, month_statement_lines::tenant_id))
        .filter(month_statement_lines::statement_id.eq(statement))
        .filter(month_statement_lines::id.gt(window.after))
        .order(month_statement_lines::id)
        .limit(window.rows())
        .select(MonthLineView::as_select())
        .load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(post_month_statement).service(list_month_statements);
    config.service(list_month_statement_lines).service(get_month_statement);
}
