//! What somebody has taken part in so far, and how long: seen before an admission, over all editions of the centre.

use actix_web::get;
use diesel::prelude::*;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::participations::{ParticipationState, Stay};
use crate::people::expect_person;
use crate::people::merged::MergeWarning;
use crate::platform::body::{Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::permit::Permit;
use crate::platform::policy::GetParticipationHistory;
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Code, Day, MonthsAndDays, Period, SixPlaces};
use crate::programmes::cumulation::{limit_of, together, too_long};
use crate::programmes::facts::get_edition_facts;
use crate::recruitment::offers::live_offers_of;
use crate::schema::participations;

/// What an admission would come to.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct HistoryFilter {
    /// Edition to which the person might be admitted.
    edition_id: Option<Uuid>,
    /// First day of that participation; the first day of the edition when left out.
    #[param(inline)]
    starts_on: Option<Day>,
    /// Planned last day; the last day of the edition when left out.
    #[param(inline)]
    planned_end_on: Option<Day>,
}

/// A participation and its length.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PastParticipationView {
    /// Participation.
    pub participation_id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// First day.
    pub starts_on: Day,
    /// Last day; as planned while it runs.
    pub last_on: Day,
    /// Where it stands.
    pub state: ParticipationState,
    /// Group of regimes within which participations count together; none where it counts alone.
    pub cumulative_group: Option<Code>,
    /// Its length.
    pub length: MonthsAndDays,
}

/// Participations that count together.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupHistoryView {
    /// Group of regimes.
    pub cumulative_group: Code,
    /// How many participations it has.
    #[schema(minimum = 1, maximum = 100_000)]
    pub participations: usize,
    /// How many editions they are of.
    #[schema(minimum = 1, maximum = 100_000)]
    pub editions: usize,
    /// Editions after the first: how often the person was referred again (art. 62b(2)(1)).
    #[schema(minimum = 0, maximum = 100_000)]
    pub repeats: usize,
    /// Length together: whole calendar months and leftover days, each kept apart.
    pub used: MonthsAndDays,
    /// The same in months, a leftover day as a thirtieth.
    pub used_months: SixPlaces,
    /// Most months in total, by the regime of the latest edition; none where it sets no limit.
    #[schema(minimum = 1, maximum = 120)]
    pub limit_months: Option<u32>,
    /// Months left; none where there is no limit.
    pub left_months: Option<SixPlaces>,
}

/// What an admission would come to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProspectView {
    /// Edition.
    pub edition_id: Uuid,
    /// The days of the participation.
    pub period: Period,
    /// Its length.
    pub length: MonthsAndDays,
    /// Length of the participations that count together with it.
    pub used: MonthsAndDays,
    /// All of it in months.
    pub months_after: SixPlaces,
    /// Most months in total by the regime of the edition.
    #[schema(minimum = 1, maximum = 120)]
    pub limit_months: Option<u32>,
    /// Whether the limit would be exceeded; an admission then needs an override with a reason.
    pub exceeds_limit: bool,
    /// Participations of the person at the same time, of the edition or its group, which exclude it.
    #[schema(max_items = 1000)]
    pub overlapping_participation_ids: Vec<Uuid>,
}

/// What somebody has taken part in so far.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ParticipationHistoryView {
    /// Person.
    pub person_id: Uuid,
    /// Participations, by first day.
    #[schema(max_items = 1000)]
    pub participations: Vec<PastParticipationView>,
    /// What counts together.
    #[schema(max_items = 100)]
    pub groups: Vec<GroupHistoryView>,
    /// What an admission would come to; with `editionId`.
    pub prospect: Option<ProspectView>,
}

impl View for ParticipationHistoryView {}

/// Reads what a person has taken part in: editions, months used and left, repeats.
///
/// With `editionId` it also says what an admission would come to, before it is
/// tried. Only participations of the own centre are here; whether the person
/// takes part in another town is asked by `check_elsewhere`.
#[utoipa::path(tag = "people", params(("id" = Uuid, Path, description = "Person"), HistoryFilter),
    responses((status = 200, body = ParticipationHistoryView, description = "The history")))]
#[get("/people/{id}/participation-history")]
async fn get_participation_history(
    permit: Permit<GetParticipationHistory>,
    person: PathId,
    filter: Filter<HistoryFilter>,
) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            expect_person(tx, person.0)?;
            let past = past_of(tx, person.0)?;
            Ok(ParticipationHistoryView {
                person_id: person.0,
                groups: groups(tx, &past)?,
                prospect: prospect(tx, &past, filter.0)?,
                participations: past.iter().map(Past::view).collect(),
            })
        })
        .await
}

/// A participation with the days that count.
struct Past {
    stay: Stay,
    days: Period,
    group: Option<Code>,
}

impl Past {
    fn view(&self) -> PastParticipationView {
        PastParticipationView {
            participation_id: self.stay.id,
            edition_id: self.stay.edition_id,
            starts_on: self.days.from(),
            last_on: self.days.to(),
            state: self.stay.state,
            cumulative_group: self.group.clone(),
            length: self.days.calendar_months(),
        }
    }
}

fn past_of(tx: &mut Tx, person: Uuid) -> Result<Vec<Past>, Problem> {
    let rows: Vec<(Stay, Option<Code>)> = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::person_id.eq(person))
        .order((participations::starts_on, participations::id))
        .select((Stay::as_select(), participations::cumulative_group))
        .load(tx.conn)?;
    let past =
        |(stay, group): (Stay, Option<Code>)| Some(Past { stay, days: Period::new(stay.starts_on, stay.last_on()).ok()?, group });
    Ok(rows.into_iter().filter_map(past).collect())
}

fn groups(tx: &mut Tx, past: &[Past]) -> Result<Vec<GroupHistoryView>, Problem> {
    let mut codes: Vec<&Code> = past.iter().filter_map(|one| one.group.as_ref()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.into_iter().map(|code| group_history(tx, code, past)).collect()
}

fn group_history(tx: &mut Tx, code: &Code, past: &[Past]) -> Result<GroupHistoryView, Problem> {
    let of_group: Vec<&Past> = past.iter().filter(|one| one.group.as_ref() == Some(code)).collect();
    let mut editions: Vec<Uuid> = of_group.iter().map(|one| one.stay.edition_id).collect();
    let latest = editions.last().copied();
    editions.sort_unstable();
    editions.dedup();
    let used = together(&of_group.iter().map(|one| one.days).collect::<Vec<_>>());
    let limit_months = match latest {
        Some(edition) => limit_of(&get_edition_facts(tx, edition)?.regime),
        None => None,
    };
    let used_months = used.total_months().rounded();
    let left = |limit: u32| SixPlaces::half_up((Decimal::from(limit) - used_months.decimal()).max(Decimal::ZERO));
    Ok(GroupHistoryView {
        cumulative_group: code.clone(),
        participations: of_group.len(),
        editions: editions.len(),
        repeats: editions.len().saturating_sub(1),
        used,
        used_months,
        limit_months,
        left_months: limit_months.map(left),
    })
}

/// What a merge of two records of a person comes to: participations that are together too long, and offers that exclude
/// themselves by what the other record takes part in.
///
/// # Errors
/// When the store fails.
pub fn warnings_after_merge(tx: &mut Tx, person: Uuid) -> Result<Vec<MergeWarning>, Problem> {
    let past = past_of(tx, person)?;
    let warning = |group: GroupHistoryView| {
        let limit_months = group.limit_months.filter(|limit| group.used.exceeds(*limit))?;
        let GroupHistoryView { cumulative_group, used, used_months, .. } = group;
        Some(MergeWarning::TookPartTooLong { cumulative_group, used, used_months, limit_months })
    };
    let mut warnings: Vec<MergeWarning> = groups(tx, &past)?.into_iter().filter_map(warning).collect();
    warnings.extend(unusable_offers(tx, person, &past)?);
    Ok(warnings)
}

/// Offers to a person of seats that would be refused as they are promised.
fn unusable_offers(tx: &mut Tx, person: Uuid, past: &[Past]) -> Result<Vec<MergeWarning>, Problem> {
    let mut unusable = Vec::new();
    for offer in live_offers_of(tx, person)? {
        let wanted = HistoryFilter { edition_id: Some(offer.edition), starts_on: Some(offer.seat_from), planned_end_on: None };
        let Some(seat) = prospect(tx, past, wanted)? else { continue };
        if seat.exceeds_limit || !seat.overlapping_participation_ids.is_empty() {
            unusable.push(MergeWarning::OfferUnusable {
                offer_id: offer.id,
                application_id: offer.application,
                edition_id: offer.edition,
                overlapping_participation_ids: seat.overlapping_participation_ids,
                exceeds_limit: seat.exceeds_limit,
            });
        }
    }
    Ok(unusable)
}

fn prospect(tx: &mut Tx, past: &[Past], wanted: HistoryFilter) -> Result<Option<ProspectView>, Problem> {
    let Some(edition) = wanted.edition_id else { return Ok(None) };
    let edition = get_edition_facts(tx, edition)?;
    let from = wanted.starts_on.unwrap_or(edition.starts_on);
    let Ok(period) = Period::new(from, wanted.planned_end_on.unwrap_or(edition.ends_on)) else { return Ok(None) };
    let group = edition.regime.cumulative_group.as_ref();
    let in_group = |one: &Past| group.is_some() && one.group.as_ref() == group;
    let of_group: Vec<Period> = past.iter().filter(|one| in_group(one)).map(|one| one.days).collect();
    let excluding = past.iter().filter(|one| in_group(one) || one.stay.edition_id == edition.id);
    let limit_months = limit_of(&edition.regime);
    let (used, length) = (together(&of_group), period.calendar_months());
    Ok(Some(ProspectView {
        edition_id: edition.id,
        period,
        length,
        used,
        months_after: used.plus(length).total_months().rounded(),
        limit_months,
        exceeds_limit: too_long(period, &of_group, limit_months).is_some(),
        overlapping_participation_ids: excluding.filter(|one| one.days.overlaps(period)).map(|one| one.stay.id).collect(),
    }))
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_participation_history);
}
