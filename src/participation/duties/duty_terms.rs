//! Terms of the duties to inform: within how many working days, by kind of duty and from a day on.
//!
//! The built-in ones belong to the nil tenant. A town enters its own reading, or
//! what an agreement says; a term is never changed, the next version takes its place.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::deadline::due_on;
use crate::platform::body::{Body, Filter};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateDutyTerm, ListDutyTerms};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText, between, text_enum};
use crate::schema::duty_terms;

/// Tenant of the built-in terms.
const BUILT_IN: Uuid = Uuid::nil();

text_enum! {
    /// Of what an office has to be informed.
    pub enum DutyKind {
        /// Somebody did not report for work (regulation of 21 December 2017, section 5(2)(1)).
        NotReported = "notReported",
        /// Somebody did not take up the work assigned (section 5(2)(2)).
        NotTakenUp = "notTakenUp",
        /// Somebody left the place of work (section 5(2)(3)).
        LeftPlace = "leftPlace",
        /// Somebody broke order or discipline (section 5(2)(4)).
        Discipline = "discipline",
        /// Somebody was absent (section 3(1)(5)).
        Absence = "absence",
        /// Somebody refused (section 3(1)(5)).
        Refusal = "refusal",
        /// Somebody broke the programme off by own fault (art. 33(4)(12) of the Act of 20 April 2004).
        Interruption = "interruption",
    }
}

text_enum! {
    /// Who has to be informed.
    pub enum Recipient {
        /// The starost (Polish: starosta).
        Starost = "starost",
        /// The labour office (Polish: powiatowy urząd pracy).
        LabourOffice = "labourOffice",
        /// The social-assistance centre (Polish: ośrodek pomocy społecznej).
        WelfareCentre = "welfareCentre",
    }
}

impl Recipient {
    /// Whom a message to a labour office reaches: the starost acts through it (art. 9 of the Act of 20 April 2004).
    pub const AT_LABOUR_OFFICE: [Self; 2] = [Self::Starost, Self::LabourOffice];
}

impl DutyKind {
    /// Who has to be informed: one duty each.
    pub const fn recipients(self) -> &'static [Recipient] {
        match self {
            Self::NotReported | Self::NotTakenUp | Self::LeftPlace | Self::Discipline => {
                &[Recipient::Starost, Recipient::WelfareCentre]
            }
            Self::Absence | Self::Refusal => &[Recipient::Starost, Recipient::LabourOffice],
            Self::Interruption => &[Recipient::LabourOffice],
        }
    }
}

/// A term, as entered.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = duty_terms)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "duty": "absence", "from": "2026-06-01", "workingDays": 2, "legalSource": "§ 9 ust. 3 porozumienia" }))]
pub struct DutyTermBody {
    /// Of what is to be informed.
    pub duty: DutyKind,
    /// Agreement that says so; when left out, the term is for all agreements of the town that say nothing.
    pub agreement_id: Option<Uuid>,
    /// First day on which a duty under this term arises.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Working days after the day on which the duty arises; zero is the same working day.
    #[serde(deserialize_with = "between::<0, 60, _, _>")]
    #[schema(minimum = 0, maximum = 60)]
    pub working_days: i32,
    /// Agreement, act or instruction that sets it.
    pub legal_source: LongText,
}

/// A term.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = duty_terms)]
#[serde(rename_all = "camelCase")]
pub struct DutyTermView {
    /// Id.
    pub id: Uuid,
    /// Whether the service brings it along; all others are the tenant's own.
    #[diesel(
        select_expression = duty_terms::tenant_id.eq(BUILT_IN),
        select_expression_type = diesel::dsl::Eq<duty_terms::tenant_id, Uuid>
    )]
    pub built_in: bool,
    /// Of what is to be informed.
    pub duty: DutyKind,
    /// Agreement that says so.
    pub agreement_id: Option<Uuid>,
    /// Version among the terms for the same; the highest whose day has come holds.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub version: i32,
    /// First day on which a duty under this term arises.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Working days after the day on which the duty arises.
    #[schema(minimum = 0, maximum = 60)]
    pub working_days: i32,
    /// What sets it.
    pub legal_source: LongText,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl View for DutyTermView {}

/// Which terms.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct DutyTermFilter {
    /// Only terms of this duty.
    #[param(inline)]
    duty: Option<DutyKind>,
}

/// Enters a term: a town's reading of the law, or what an agreement says.
///
/// It takes the place of the built-in one, or of the town's earlier one, for
/// duties that arise from its first day on. Duties that arose before keep theirs.
#[utoipa::path(tag = "duty-terms", request_body = DutyTermBody, responses((status = 201, body = DutyTermView, description = "The term")))]
#[post("/duty-terms")]
async fn create_duty_term(permit: Permit<CreateDutyTerm>, body: Body<DutyTermBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(None);
            tx.touch("dutyTerm", [id]);
            let latest: Option<i32> = duty_terms::table
                .filter(own(tx, duty_terms::tenant_id))
                .filter(duty_terms::duty.eq(body.duty))
                .filter(duty_terms::agreement_id.is_not_distinct_from(body.agreement_id))
                .select(diesel::dsl::max(duty_terms::version))
                .first(tx.conn)?;
            let view: DutyTermView = diesel::insert_into(duty_terms::table)
                .values((body, duty_terms::id.eq(id), duty_terms::version.eq(latest.unwrap_or_default() + 1)))
                .returning(DutyTermView::as_returning())
                .get_result(tx.conn)?;
            Ok(Written::created("/duty-terms", view))
        })
        .await
}

/// Lists the terms: the built-in ones and the town's own, with all versions.
#[utoipa::path(tag = "duty-terms", params(DutyTermFilter, PageQuery),
    responses((status = 200, body = Page<DutyTermView>, description = "A page of terms")))]
#[get("/duty-terms")]
async fn list_duty_terms(permit: Permit<ListDutyTerms>, filter: Filter<DutyTermFilter>) -> Result<Reply, Problem> {
    permit.list(|term: &DutyTermView| term.id, move |tx, window| select_terms(tx, filter.0, window)).await
}

fn select_terms(tx: &mut Tx, filter: DutyTermFilter, window: Window) -> Result<Vec<DutyTermView>, Problem> {
    let mut query = duty_terms::table
        .filter(own(tx, duty_terms::tenant_id).or(duty_terms::tenant_id.eq(BUILT_IN)))
        .filter(duty_terms::id.gt(window.after))
        .into_boxed();
    if let Some(duty) = filter.duty {
        query = query.filter(duty_terms::duty.eq(duty));
    }
    Ok(query.order(duty_terms::id).limit(window.rows()).select(DutyTermView::as_select()).load(tx.conn)?)
}

/// The term that holds for a duty that arises on a day under an agreement; none where there is none for so early a day.
pub(super) fn term_on(tx: &mut Tx, duty: DutyKind, agreement: Uuid, on: Day) -> Result<Option<DutyTermView>, Problem> {
    let terms: Vec<DutyTermView> = duty_terms::table
        .filter(own(tx, duty_terms::tenant_id).or(duty_terms::tenant_id.eq(BUILT_IN)))
        .filter(duty_terms::duty.eq(duty))
        .filter(duty_terms::valid_from_on.le(on))
        .filter(duty_terms::agreement_id.is_null().or(duty_terms::agreement_id.eq(agreement)))
        .select(DutyTermView::as_select())
        .load(tx.conn)?;
    // What the agreement says goes before the town's reading, and that before the built-in one.
    Ok(terms.into_iter().max_by_key(|term| (term.agreement_id.is_some(), !term.built_in, term.version)))
}

/// The last day for telling an office of what happened on a day under an agreement; none where no term holds on so early a day.
///
/// # Errors
/// When the store fails.
pub fn notice_due_on(tx: &mut Tx, duty: DutyKind, agreement: Uuid, on: Day) -> Result<Option<Day>, Problem> {
    let Some(term) = term_on(tx, duty, agreement, on)? else { return Ok(None) };
    let days = u32::try_from(term.working_days).unwrap_or_default();
    due_on(on, days).map(Some).map_err(|error| catalogue::INTERNAL.problem().because(error))
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_duty_term).service(list_duty_terms);
}
