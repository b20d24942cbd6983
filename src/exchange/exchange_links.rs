//! With which labour office a town exchanges messages, on the ground of which agreement, and what the two agreed on; and
//! which municipal centre gets a copy of what both are told.

use actix_web::{get, post, put};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::kinds::{DeadlineRule, MessageKind, MessageReceiver};
use super::parties::visible;
use super::payload::MessagePayload;
use super::proposals::ProposalKind;
use super::{AGREEMENT_OF_ANOTHER, BY_A_PERSON, NOT_AN_OFFICE, NOT_IN_FORCE, PERIOD_INVERTED, TERM_NOT_AGREED};
use crate::institutions::{is_labour_office, is_own_centre};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateExchangeLink, GetExchangeLink, ListExchangeLinks, UpdateExchangeLink};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Stored, between, count_between};
use crate::schema::{agreements, exchange_links};

/// Within how many working days messages of a kind are sent, by agreement.
///
/// What the agreement says of absences and refusals is a term of the duty to inform (`POST /duty-terms` with `agreementId`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExchangeTerm {
    /// Kind of message, one whose deadline is for the agreement to set.
    pub kind: MessageKind,
    /// Working days after the day of the event.
    #[serde(deserialize_with = "between::<0, 60, _, _>")]
    #[schema(minimum = 0, maximum = 60)]
    pub working_days: i32,
}

/// An exchange with a labour office, as entered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "officeId": examples::LABOUR_OFFICE, "agreementId": examples::OTHER_AGREEMENT, "validFrom": "2025-04-10",
    "terms": [{ "kind": "eligibleList", "workingDays": 5 }], "confirmedByRule": []
}))]
pub struct ExchangeLinkBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Labour office, or the centre of the caller's own municipality.
    pub office_id: Uuid,
    /// Agreement with that office; of the centre, that with the office about whose matters it is told too.
    pub agreement_id: Uuid,
    /// First day of the exchange.
    pub valid_from: Day,
    /// Last day; none while no end is agreed.
    pub valid_to: Option<Day>,
    /// Deadlines that the agreement sets.
    #[serde(default, deserialize_with = "count_between::<0, 20, _, _>")]
    #[schema(max_items = 20)]
    pub terms: Vec<ExchangeTerm>,
    /// Consequences that follow from an accepted record without a person confirming them.
    #[serde(default, deserialize_with = "count_between::<0, 4, _, _>")]
    #[schema(max_items = 4)]
    pub confirmed_by_rule: Vec<ProposalKind>,
}

/// What was agreed on, as replaced.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "validFrom": "2025-04-10", "terms": [{ "kind": "eligibleList", "workingDays": 3 }], "confirmedByRule": ["endParticipation"]
}))]
pub struct ExchangeLinkChangeBody {
    /// First day of the exchange.
    pub valid_from: Day,
    /// Last day; none while no end is agreed.
    pub valid_to: Option<Day>,
    /// Deadlines that the agreement sets.
    #[serde(default, deserialize_with = "count_between::<0, 20, _, _>")]
    #[schema(max_items = 20)]
    pub terms: Vec<ExchangeTerm>,
    /// Consequences that follow from an accepted record without a person confirming them.
    #[serde(default, deserialize_with = "count_between::<0, 4, _, _>")]
    #[schema(max_items = 4)]
    pub confirmed_by_rule: Vec<ProposalKind>,
}

/// An exchange with a labour office.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = exchange_links)]
#[serde(rename_all = "camelCase")]
pub struct ExchangeLinkView {
    /// Id.
    pub id: Uuid,
    /// The town.
    #[diesel(column_name = tenant_id)]
    pub town_id: Uuid,
    /// Labour office, or municipal centre.
    #[diesel(column_name = office_tenant_id)]
    pub office_id: Uuid,
    /// Agreement.
    pub agreement_id: Uuid,
    /// First day of the exchange.
    #[diesel(column_name = valid_from_on)]
    pub valid_from: Day,
    /// Last day.
    #[diesel(column_name = valid_to_on)]
    pub valid_to: Option<Day>,
    /// Deadlines that the agreement sets.
    #[schema(value_type = Vec<ExchangeTerm>, max_items = 20)]
    pub terms: Stored<Vec<ExchangeTerm>>,
    /// Consequences that follow from an accepted record without a person confirming them.
    #[schema(value_type = Vec<ProposalKind>, max_items = 4)]
    pub confirmed_by_rule: Stored<Vec<ProposalKind>>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for ExchangeLinkView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

impl ExchangeLinkView {
    /// Refuses a day on which nothing is exchanged.
    pub(super) fn expect_in_force(&self, on: Day, pointer: &str) -> Result<(), Problem> {
        if on >= self.valid_from && self.valid_to.is_none_or(|to| on <= to) {
            return Ok(());
        }
        let to = self.valid_to.map_or_else(|| "–".to_owned(), |to| to.to_string());
        Err(NOT_IN_FORCE.at(pointer).with("validFrom", self.valid_from.to_string()).with("validTo", to))
    }

    /// As [`Self::expect_in_force`] for the day of a message; what settles days within the exchange is taken after its end, too.
    pub(super) fn expect_taken(&self, on: Day, settles_own_days: bool) -> Result<(), Problem> {
        if settles_own_days && on >= self.valid_from { Ok(()) } else { self.expect_in_force(on, "/effectiveOn") }
    }

    /// Whether a message settles what lies within the exchange: a month that began in it, an edition that ended in it, or a
    /// claim that was taken.
    pub(super) fn is_settled_by(&self, payload: &MessagePayload, edition_end: Option<Day>) -> bool {
        match payload {
            MessagePayload::ReferredOrRefused(_) | MessagePayload::RefundClaim(_) => {
                payload.period_on().is_some_and(|month| self.lasts_until(month))
            }
            MessagePayload::EmploymentVerification(_) | MessagePayload::FinalReport(_) => {
                edition_end.is_some_and(|end| self.lasts_until(end))
            }
            MessagePayload::RefundDecision(_) => true,
            _ => false,
        }
    }

    /// Whether it has not ended before a day.
    pub(super) fn lasts_until(&self, on: Day) -> bool {
        self.valid_to.is_none_or(|to| on <= to)
    }

    /// The working days that the agreement gives for a kind.
    pub(super) fn term_of(&self, kind: MessageKind) -> Option<i32> {
        self.terms.0.iter().find(|term| term.kind == kind).map(|term| term.working_days)
    }
}

/// Opens the exchange of messages with a labour office, on the ground of an agreement with it.
///
/// Without one, neither side can send the other anything. `confirmedByRule` names the consequences that
/// the town lets follow by themselves; all others wait for a person, and so does the correction of an end. A municipality
/// whose centre is an institution of its own (its `parentId`) opens one with the centre too: the plan of needs and
/// incidents under the same agreement then reach the centre as copies, in the moment in which they are sent to the office.
#[utoipa::path(tag = "exchange-links", request_body = ExchangeLinkBody,
    responses((status = 201, body = ExchangeLinkView, description = "The exchange")))]
#[post("/exchange-links")]
async fn create_exchange_link(permit: Permit<CreateExchangeLink>, body: Body<ExchangeLinkBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("exchangeLink", [id]);
            check_office(tx, body)?;
            check_terms((body.valid_from, body.valid_to), &body.terms)?;
            check_rules(&body.confirmed_by_rule)?;
            let view: ExchangeLinkView = diesel::insert_into(exchange_links::table)
                .values((
                    (exchange_links::id.eq(id), exchange_links::office_tenant_id.eq(body.office_id)),
                    exchange_links::agreement_id.eq(body.agreement_id),
                    exchange_links::valid_from_on.eq(body.valid_from),
                    exchange_links::valid_to_on.eq(body.valid_to),
                    exchange_links::terms.eq(Stored(body.terms.clone())),
                    exchange_links::confirmed_by_rule.eq(Stored(body.confirmed_by_rule.clone())),
                ))
                .returning(ExchangeLinkView::as_returning())
                .get_result(tx.conn)?;
            Ok(Written::created(format!("/exchange-links/{id}"), view))
        })
        .await
}

/// Lists the exchanges of the caller's institution: a labour office sees those of all its towns.
#[utoipa::path(tag = "exchange-links", params(PageQuery),
    responses((status = 200, body = Page<ExchangeLinkView>, description = "A page of exchanges")))]
#[get("/exchange-links")]
async fn list_exchange_links(permit: Permit<ListExchangeLinks>) -> Result<Reply, Problem> {
    permit.list(|link: &ExchangeLinkView| link.id, select_links).await
}

/// Reads an exchange with a labour office.
#[utoipa::path(tag = "exchange-links", params(("id" = Uuid, Path, description = "Exchange")),
    responses((status = 200, body = ExchangeLinkView, description = "The exchange")))]
#[get("/exchange-links/{id}")]
async fn get_exchange_link(permit: Permit<GetExchangeLink>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_link(tx, id.0)).await
}

/// Replaces what was agreed on: days, deadlines, and what follows by itself.
///
/// Office and agreement stay as they are. Messages that were sent keep their deadlines.
#[utoipa::path(tag = "exchange-links", request_body = ExchangeLinkChangeBody, params(("id" = Uuid, Path, description = "Exchange")),
    responses((status = 200, body = ExchangeLinkView, description = "The exchange as it is now")))]
#[put("/exchange-links/{id}")]
async fn update_exchange_link(
    permit: Permit<UpdateExchangeLink>,
    id: PathId,
    body: Body<ExchangeLinkChangeBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("exchangeLink", [id.0]);
            let current = lock_own_link(tx, id.0)?;
            tx.expect_version(current.row_version)?;
            check_terms((body.valid_from, body.valid_to), &body.terms)?;
            check_rules(&body.confirmed_by_rule)?;
            let row = exchange_links::table.filter(own(tx, exchange_links::tenant_id)).filter(exchange_links::id.eq(id.0));
            let view: ExchangeLinkView = diesel::update(row)
                .set((
                    exchange_links::valid_from_on.eq(body.valid_from),
                    exchange_links::valid_to_on.eq(body.valid_to),
                    exchange_links::terms.eq(Stored(body.terms.clone())),
                    exchange_links::confirmed_by_rule.eq(Stored(body.confirmed_by_rule.clone())),
                ))
                .returning(ExchangeLinkView::as_returning())
                .get_result(tx.conn)?;
            Ok(Written::changed(view))
        })
        .await
}

fn check_office(tx: &mut Tx, body: &ExchangeLinkBody) -> Result<(), Problem> {
    let is_office = is_labour_office(tx, body.office_id)?;
    if !is_office && !is_own_centre(tx, body.office_id)? {
        return Err(NOT_AN_OFFICE.at("/officeId"));
    }
    let with: Option<Uuid> = agreements::table
        .filter(own(tx, agreements::tenant_id))
        .filter(agreements::id.eq(body.agreement_id))
        .select(agreements::institution_id)
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at("/agreementId"))?;
    // A centre is told of what is agreed on with the office.
    if with == Some(body.office_id) || !is_office { Ok(()) } else { Err(AGREEMENT_OF_ANOTHER.at("/agreementId")) }
}

fn check_terms((from, to): (Day, Option<Day>), terms: &[ExchangeTerm]) -> Result<(), Problem> {
    if to.is_some_and(|to| to < from) {
        return Err(PERIOD_INVERTED.at("/validTo"));
    }
    for (place, term) in terms.iter().enumerate() {
        let is_first = terms.iter().position(|other| other.kind == term.kind) == Some(place);
        if term.kind.deadline() != DeadlineRule::ByAgreement || !is_first {
            return Err(TERM_NOT_AGREED.at(format!("/terms/{place}/kind")));
        }
    }
    Ok(())
}

/// The correction of an end may leave somebody without a seat, or with two: a person looks at it.
fn check_rules(kinds: &[ProposalKind]) -> Result<(), Problem> {
    match kinds.iter().position(|kind| matches!(kind, ProposalKind::ChangeEnd | ProposalKind::TakeBackEnd)) {
        Some(place) => Err(BY_A_PERSON.at(format!("/confirmedByRule/{place}"))),
        None => Ok(()),
    }
}

fn select_links(tx: &mut Tx, window: Window) -> Result<Vec<ExchangeLinkView>, Problem> {
    Ok(visible!(tx, exchange_links)
        .filter(exchange_links::id.gt(window.after))
        .order(exchange_links::id)
        .limit(window.rows())
        .select(ExchangeLinkView::as_select())
        .load(tx.conn)?)
}

/// All exchanges of the caller's institution.
pub(super) fn all_links(tx: &mut Tx) -> Result<Vec<ExchangeLinkView>, Problem> {
    Ok(visible!(tx, exchange_links).order(exchange_links::id).select(ExchangeLinkView::as_select()).load(tx.conn)?)
}

/// An exchange of the caller's institution, or 404.
pub(super) fn find_link(tx: &mut Tx, id: Uuid) -> Result<ExchangeLinkView, Problem> {
    Ok(visible!(tx, exchange_links).filter(exchange_links::id.eq(id)).select(ExchangeLinkView::as_select()).first(tx.conn)?)
}

/// Whom messages of the town reach in an exchange.
pub(super) fn receiver_of(tx: &mut Tx, link: &ExchangeLinkView) -> Result<MessageReceiver, Problem> {
    Ok(if is_labour_office(tx, link.office_id)? { MessageReceiver::LabourOffice } else { MessageReceiver::MunicipalCentre })
}

/// The town's other exchanges under the agreement of one.
pub(super) fn links_beside(tx: &mut Tx, link: &ExchangeLinkView) -> Result<Vec<ExchangeLinkView>, Problem> {
    Ok(exchange_links::table
        .filter(own(tx, exchange_links::tenant_id))
        .filter(exchange_links::agreement_id.eq(link.agreement_id))
        .filter(exchange_links::id.ne(link.id))
        .order(exchange_links::id)
        .select(ExchangeLinkView::as_select())
        .load(tx.conn)?)
}

/// An exchange of the caller's town, locked, or 404.
pub(super) fn lock_own_link(tx: &mut Tx, id: Uuid) -> Result<ExchangeLinkView, Problem> {
    Ok(exchange_links::table
        .filter(own(tx, exchange_links::tenant_id))
        .filter(exchange_links::id.eq(id))
        .select(ExchangeLinkView::as_select())
        .for_update()
        .first(tx.conn)?)
}

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(create_exchange_link).service(list_exchange_links).service(get_exchange_link).service(update_exchange_link);
}
