//! What is due in an exchange, and what is overdue: by the calendar, by the end of editions, and drafts that wait.

use std::collections::HashMap;

use actix_web::get;
use chrono::Datelike as _;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::deadlines::{list_due, plan_due, verification_due, working_days_after};
use super::exchange_links::{ExchangeLinkView, all_links, find_link, receiver_of};
use super::kinds::{DeadlineRule, MessageDirection, MessageKind, MessageReceiver};
use super::shared_editions::shared_by;
use super::tellings::{Telling, Version, tellings};
use super::told_anew::is_told_anew;
use crate::participation::settlements::SettlementState;
use crate::platform::body::Filter;
use crate::platform::db::{Tx, own};
use crate::platform::hint::Hint;
use crate::platform::permit::{Permit, invalid_parameter};
use crate::platform::policy::GetExchangeDeadlines;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Month, text_enum};
use crate::schema::settlements;

/// How far back deadlines are looked for. **Units**: days.
const BACK: u32 = 366;
/// How far ahead, by their last day. **Units**: months.
const AHEAD: u32 = 1;
/// Days of the longest month.
const LONGEST_MONTH: u32 = 31;

text_enum! {
    /// How a deadline stands on a day.
    pub enum ExchangeDeadlineState {
        /// To be met, in time so far.
        Due = "due",
        /// Its day has passed, and nothing is in force that was sent.
        Overdue = "overdue",
        /// Sent in time.
        Met = "met",
        /// Sent, but after its day.
        MetLate = "metLate",
    }
}

/// A deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExchangeDeadlineView {
    /// Exchange.
    pub link_id: Uuid,
    /// What is to be sent.
    pub kind: MessageKind,
    /// Who has to send it.
    pub sender_id: Uuid,
    /// First day of the month or year that it is about.
    pub period_on: Option<Day>,
    /// Edition that it is about.
    pub edition_id: Option<Uuid>,
    /// Last day in time, a working day: by the calendar, the month, the edition or what it answers, never by the day of the message that meets it.
    pub due_on: Day,
    /// Message in force that meets it, of corrections the last; else one that waits as a draft of the caller's, or was refused.
    pub message_id: Option<Uuid>,
    /// Day on which it was met: of corrections about the same month, year or edition the first that was sent.
    pub sent_on: Option<Day>,
    /// How it stands on the day.
    pub state: ExchangeDeadlineState,
}

/// Deadlines on a day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExchangeDeadlinesView {
    /// The day.
    pub on: Day,
    /// Those of a year back and a month ahead, by their last day.
    #[schema(max_items = 100_000)]
    pub deadlines: Vec<ExchangeDeadlineView>,
}

impl View for ExchangeDeadlinesView {}

/// Which deadlines.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct DeadlineFilter {
    /// Only those of this exchange.
    link_id: Option<Uuid>,
    /// Only those that stand so.
    #[param(inline)]
    state: Option<ExchangeDeadlineState>,
    /// Only those that the caller's institution has to meet.
    mine: Option<bool>,
    /// Day on which is asked how they stand; today when left out, and a year before the end of the calendar at the latest.
    #[param(inline)]
    effective_on: Option<Day>,
}

/// Answers what is due and overdue on a day, for each exchange of the caller's institution.
///
/// The plan of needs by 31 January, the office's list by the 10th of the next month, the verification of employment within
/// three months of the end of each shared edition (not before that end), the final report and the claim of each approved month as agreed, and
/// every message with a deadline of its own. A message in force meets a deadline: what was refused as a whole does not, and of a
/// message and its corrections the last that was not refused says of what month, year or edition it tells. A refused one is owed
/// until the same is told again: the same event of each person, a list of the same people, the same claim. A month or an edition
/// of an exchange that has ended since is settled nevertheless. A last day on a Saturday or day off work is the next working day (art. 57 § 4 k.p.a.).
#[utoipa::path(tag = "exchange-deadlines", params(DeadlineFilter),
    responses((status = 200, body = ExchangeDeadlinesView, description = "The deadlines")))]
#[get("/exchange-deadlines")]
async fn get_exchange_deadlines(permit: Permit<GetExchangeDeadlines>, filter: Filter<DeadlineFilter>) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let filter = filter.0;
            let on = filter.effective_on.map_or_else(|| Day::try_from(tx.today()), Ok).map_err(failed)?;
            if on.plus_days(BACK).is_err() {
                return Err(invalid_parameter(
                    "effectiveOn",
                    Hint::new("najpóźniej rok przed końcem kalendarza", "a year before the end of the calendar at the latest"),
                ));
            }
            let links = match filter.link_id {
                Some(link) => vec![find_link(tx, link).map_err(|_| catalogue::NOT_FOUND.problem())?],
                None => all_links(tx)?,
            };
            let mut deadlines = Vec::new();
            for link in &links {
                deadlines.extend(deadlines_of(tx, link, on)?);
            }
            let me = tx.tenant();
            deadlines.retain(|one| {
                filter.state.is_none_or(|state| one.state == state)
                    && filter.mine.is_none_or(|mine| (one.sender_id == me) == mine)
            });
            deadlines.sort_by_key(|one| (one.due_on, one.link_id, one.kind));
            Ok(ExchangeDeadlinesView { on, deadlines })
        })
        .await
}

fn failed(error: impl std::fmt::Display) -> Problem {
    catalogue::INTERNAL.problem().because(error)
}

/// What makes a deadline one and the same: kind, period and edition.
type Key = (MessageKind, Option<Day>, Option<Uuid>);

/// The deadlines of an exchange, as they stand on a day.
pub(super) fn deadlines_of(tx: &mut Tx, link: &ExchangeLinkView, on: Day) -> Result<Vec<ExchangeDeadlineView>, Problem> {
    // Nothing lies before the first day that can be told, or after the last.
    let from = on.minus_days(BACK).map_or(link.valid_from, |from| from.max(link.valid_from));
    let until = on.plus_months(AHEAD).unwrap_or(Day::LAST);
    let ends: HashMap<Uuid, Day> =
        shared_by(tx, link.id)?.into_iter().map(|shared| (shared.edition_id, shared.ends_on)).collect();
    // What was told before the edition or the month was over is not all that is due.
    let (expected_ones, single): (Vec<Telling>, Vec<Telling>) =
        tellings(tx, link, on, |version| over_on(version, &ends))?.into_iter().partition(|one| is_expected(one.version.kind));
    let mut by_key: HashMap<Key, Telling> = HashMap::new();
    for told in
        expected_ones.into_iter().filter(|told| told.told_on.is_some() || told.version.sent_on.is_none_or(|sent| on < sent))
    {
        // The first that was sent meets the deadline; a draft only shows that it is being written.
        let known = by_key.entry(told.version.key()).or_insert(told);
        if told.told_on.is_some_and(|day| known.told_on.is_none_or(|before| day < before)) {
            *known = told;
        }
    }
    let claims = claims(tx, link, (from, until))?;
    let is_claimed =
        |told: &Telling, month: &Day| (told.version.kind, told.version.period_on) == (MessageKind::RefundClaim, Some(*month));
    // A draft of a claim that is due only shows that it is being written.
    let is_draft = |told: &Telling| told.version.sent_on.is_none_or(|sent| on < sent);
    let mut own_ones: Vec<(Telling, Day)> = Vec::new();
    for told in &single {
        let Some(due) = told.version.due_on.filter(|due| *due >= from && *due <= until) else { continue };
        let is_expected = is_draft(told) && claims.iter().any(|(month, _)| is_claimed(told, month));
        let is_met_anew = told.is_refused && is_told_anew(tx, link, &told.version, &single, on)?;
        if !is_expected && !is_met_anew {
            own_ones.push((*told, due));
        }
    }
    let mut deadlines: Vec<ExchangeDeadlineView> =
        own_ones.iter().map(|(told, due)| view(link, told.version.key(), *due, Some(told), on)).collect();
    for (key, due) in expected(tx, link, (from, until))? {
        let told = by_key.get(&key);
        // What was sent keeps the last day that was agreed on then.
        let agreed = told.filter(|told| told.told_on.is_some() && key.0.deadline() == DeadlineRule::ByAgreement);
        deadlines.push(view(link, key, agreed.and_then(|told| told.version.due_on).unwrap_or(due), told, on));
    }
    for (month, due) in claims {
        // A claim that was sent has a deadline of its own.
        if !own_ones.iter().any(|(told, _)| is_claimed(told, &month)) {
            let told = single.iter().filter(|told| is_claimed(told, &month));
            let told = told.min_by_key(|told| (told.told_on.is_none(), told.told_on));
            deadlines.push(view(link, (MessageKind::RefundClaim, Some(month), None), due, told, on));
        }
    }
    Ok(deadlines)
}

/// Whether the calendar or an edition says when messages of a kind are due.
const fn is_expected(kind: MessageKind) -> bool {
    matches!(
        kind,
        MessageKind::PsuPlan | MessageKind::ReferredOrRefused | MessageKind::EmploymentVerification | MessageKind::FinalReport
    )
}

/// When that is over of which a message of a deadline tells.
fn over_on(version: &Version, ends: &HashMap<Uuid, Day>) -> Option<Day> {
    match version.kind {
        MessageKind::EmploymentVerification | MessageKind::FinalReport => ends.get(&version.edition_id?).copied(),
        MessageKind::ReferredOrRefused => Day::try_from(Month::of(version.period_on?).last_day()).ok(),
        _ => None,
    }
}

fn view(link: &ExchangeLinkView, key: Key, due_on: Day, told: Option<&Telling>, on: Day) -> ExchangeDeadlineView {
    let sent_on = told.and_then(|told| told.told_on);
    let state = match sent_on {
        Some(sent) if sent <= due_on => ExchangeDeadlineState::Met,
        Some(_) => ExchangeDeadlineState::MetLate,
        None if due_on < on => ExchangeDeadlineState::Overdue,
        None => ExchangeDeadlineState::Due,
    };
    let sender_id = if key.0.direction() == MessageDirection::ToOffice { link.town_id } else { link.office_id };
    let (kind, period_on, edition_id) = key;
    ExchangeDeadlineView {
        link_id: link.id,
        kind,
        sender_id,
        period_on,
        edition_id,
        due_on,
        message_id: told.map(|told| told.version.id),
        sent_on,
        state,
    }
}

/// What the calendar and the editions demand within some days.
fn expected(tx: &mut Tx, link: &ExchangeLinkView, (from, until): (Day, Day)) -> Result<Vec<(Key, Day)>, Problem> {
    let mut found = Vec::new();
    let receiver = receiver_of(tx, link)?;
    let is_near = |due: Day| due >= from && due <= until;
    let mut month = Month::of(from.minus_days(LONGEST_MONTH).map_err(failed)?);
    while month.first_day() <= until.date() {
        let first = Day::try_from(month.first_day()).map_err(failed)?;
        let due = list_due(first)?;
        // A centre is owed the plan of needs and nothing else, and owes nothing.
        let office = receiver == MessageReceiver::LabourOffice;
        // A month within the exchange is settled after its end, too.
        if office && is_near(due) && month.last_day() >= link.valid_from.date() && link.lasts_until(first) {
            found.push(((MessageKind::ReferredOrRefused, Some(first), None), due));
        }
        if month.first_day().month() == 1 {
            let due = plan_due(first)?;
            if is_near(due) && due >= link.valid_from && link.lasts_until(due) {
                found.push(((MessageKind::PsuPlan, Some(first), None), due));
            }
        }
        month = month.next();
    }
    if receiver != MessageReceiver::LabourOffice {
        return Ok(found);
    }
    // What ends after the exchange cannot be told in it.
    for edition in shared_by(tx, link.id)?.into_iter().filter(|edition| link.lasts_until(edition.ends_on)) {
        let due = verification_due(edition.ends_on)?;
        if is_near(due) {
            found.push(((MessageKind::EmploymentVerification, None, Some(edition.edition_id)), due));
        }
        if let Some(days) = link.term_of(MessageKind::FinalReport) {
            let due = working_days_after(edition.ends_on, days)?;
            if is_near(due) {
                found.push(((MessageKind::FinalReport, None, Some(edition.edition_id)), due));
            }
        }
    }
    Ok(found)
}

/// Months that the town has approved and may claim the refund of, with the last days that the agreement sets.
///
/// The office does not see the settlements of a town, and so no deadline of a claim before it is sent.
fn claims(tx: &mut Tx, link: &ExchangeLinkView, (from, until): (Day, Day)) -> Result<Vec<(Day, Day)>, Problem> {
    let Some(days) = link.term_of(MessageKind::RefundClaim) else { return Ok(Vec::new()) };
    if receiver_of(tx, link)? != MessageReceiver::LabourOffice {
        return Ok(Vec::new());
    }
    let months: Vec<Day> = settlements::table
        .filter(own(tx, settlements::tenant_id))
        .filter(settlements::agreement_id.eq(link.agreement_id))
        .filter(settlements::state.eq(SettlementState::Approved))
        .filter(settlements::refund.gt(rust_decimal::Decimal::ZERO))
        .select(settlements::month_on)
        .distinct()
        .order(settlements::month_on)
        .load(tx.conn)?;
    let mut due = Vec::new();
    for month in months {
        let last = Day::try_from(Month::of(month).last_day()).map_err(failed)?;
        let day = working_days_after(last, days)?;
        if day >= from && day <= until && last >= link.valid_from && link.lasts_until(month) {
            due.push((month, day));
        }
    }
    Ok(due)
}

/// Adds the route.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(get_exchange_deadlines);
}
