//! Who completes an edition, who does not, and why, by the edition's own rule.
//!
//! The rule is the planned end, the share of hours of classes where the edition
//! asks for one (`completionAttendancePercent`), and the minimums of its blocks,
//! of classes and of socially useful work. It is asked of any day; nothing is
//! decided here: `end_participation` and `close_edition` record ends.

mod progress;
mod rule;
mod views;

use actix_web::get;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

pub(super) use progress::{MinimumOutlook, Moment, Progress};
pub(super) use rule::outlook;
pub(super) use views::{AttendanceOutlookView, BlockMinimumView};

use super::class_register::ClassRegister;
use super::participations::{ParticipationView, Stay, get_view};
use crate::platform::body::{Filter, PathId};
use crate::platform::db::Tx;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{GetCompletionStanding, ListCompletionStandings};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::Reply;
use crate::platform::routes::ServiceConfig;
use crate::platform::types::Day;
use crate::programmes::facts::get_edition_facts;
use rule::CompletionVerdict;
use views::{CompletionStandingView, standing};

/// Of which day completion is asked.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct StandingFilter {
    /// How it stands on this day; today when left out.
    #[param(inline, example = "2026-06-15")]
    effective_on: Option<Day>,
}

/// Of which day completion is asked, and who is wanted.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct StandingsFilter {
    /// How it stands on this day; today when left out.
    #[param(inline, example = "2026-06-15")]
    effective_on: Option<Day>,
    /// Only participants about whom this follows.
    #[param(inline)]
    verdict: Option<CompletionVerdict>,
}

/// Tells whether a participant completes the edition by its rule, and why.
///
/// Every condition of the rule says how it stands, with its numbers and its
/// reason in Polish and English: the planned end, the share of all classes, and
/// each minimum of a block with what it asks and what is reached. Classes after
/// the day count as ahead, also where they have a sheet by now; ahead of work are
/// the hours that the limits of week and month leave.
#[utoipa::path(tag = "participations", params(("id" = Uuid, Path, description = "Participation"), StandingFilter),
    responses((status = 200, body = CompletionStandingView, description = "How the participant stands")))]
#[get("/participations/{id}/completion")]
async fn get_completion_standing(
    permit: Permit<GetCompletionStanding>,
    id: PathId,
    filter: Filter<StandingFilter>,
) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let on = day_or_today(tx, filter.0.effective_on)?;
            let participation = get_view(tx, id.0)?;
            standing_of(tx, &participation, on)
        })
        .await
}

/// Lists who completes an edition, who does not, and why.
///
/// One row for each participation that had begun by the day.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"), StandingsFilter, PageQuery),
    responses((status = 200, body = Page<CompletionStandingView>, description = "A page of participants")))]
#[get("/editions/{id}/completions")]
async fn list_completion_standings(
    permit: Permit<ListCompletionStandings>,
    id: PathId,
    filter: Filter<StandingsFilter>,
) -> Result<Reply, Problem> {
    permit
        .list(|one: &CompletionStandingView| one.participation_id, move |tx, window| select_standings(tx, id.0, filter.0, window))
        .await
}

fn select_standings(
    tx: &mut Tx,
    edition: Uuid,
    filter: StandingsFilter,
    window: Window,
) -> Result<Vec<CompletionStandingView>, Problem> {
    let on = day_or_today(tx, filter.effective_on)?;
    let edition = get_edition_facts(tx, edition)?;
    let register = ClassRegister::of_edition(tx, edition.id)?;
    let progress = Progress::of_edition(tx, &edition, &register)?;
    let most = usize::try_from(window.rows()).unwrap_or_default();
    let begun = |stay: &&Stay| stay.starts_on <= on && stay.id > window.after;
    let all = register.stays.iter().filter(begun).map(|stay| standing(&register, &progress, stay, on));
    Ok(all.filter(|one| filter.verdict.is_none_or(|wanted| wanted == one.verdict)).take(most).collect())
}

fn standing_of(tx: &mut Tx, participation: &ParticipationView, on: Day) -> Result<CompletionStandingView, Problem> {
    let edition = get_edition_facts(tx, participation.edition_id)?;
    let register = ClassRegister::of_edition(tx, edition.id)?;
    let progress = Progress::of_edition(tx, &edition, &register)?;
    let stay = register.stays.iter().find(|stay| stay.id == participation.id).ok_or_else(|| catalogue::NOT_FOUND.problem())?;
    Ok(standing(&register, &progress, stay, on))
}

/// Whether somebody has completed the edition by its rule, as it stands today.
pub(super) fn has_completed(tx: &mut Tx, participation: &ParticipationView) -> Result<bool, Problem> {
    let today = day_or_today(tx, None)?;
    Ok(standing_of(tx, participation, today)?.verdict == CompletionVerdict::Completed)
}

/// The day that is asked about, or today.
pub(super) fn day_or_today(tx: &Tx, asked: Option<Day>) -> Result<Day, Problem> {
    match asked {
        Some(day) => Ok(day),
        None => Day::try_from(tx.today()).map_err(|error| catalogue::INTERNAL.problem().because(error)),
    }
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_completion_standing).service(list_completion_standings);
}
