//! Why a change would be refused: the rules of the changes themselves, asked beforehand.

use uuid::Uuid;

use super::group_move::left_membership;
use super::post_move::left_assignment;
use super::preview::ChangePreviewFilter;
use super::prolongation::{breaches_of, check_prolongation, dates_of};
use super::views::{ChangeKind, ChangeObstacleView};
use crate::institutions::find_host_post;
use crate::participation::ending::{EndReason, check_end, count_facts, refusal as end_refusal};
use crate::participation::groups::expect_group_of;
use crate::participation::participations::Stay;
use crate::participation::post_assignments::expect_open_place;
use crate::participation::suspensions::{check_suspension, refusal as suspension_refusal};
use crate::participation::{FACTS_AFTER_END, FACTS_IN_SUSPENSION, SUSPENSION_OVERLAP};
use crate::platform::db::Tx;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{Day, Period};
use crate::programmes::facts::EditionFacts;

/// A change that is asked about, with what it is about.
pub(super) struct Asked<'a> {
    pub edition: &'a EditionFacts,
    pub stay: &'a Stay,
    /// Days on which the participation rests already.
    pub rests: &'a [Period],
    pub filter: &'a ChangePreviewFilter,
}

/// Everything that stands in the way of a change; a failure of the store stays one.
pub(super) fn obstacles(tx: &mut Tx, asked: &Asked) -> Result<Vec<ChangeObstacleView>, Problem> {
    let refused = match asked.filter.change {
        ChangeKind::Suspension => suspension(tx, asked),
        ChangeKind::Prolongation => prolongation(tx, asked),
        ChangeKind::GroupMove => group_move(tx, asked),
        ChangeKind::PostMove => post_move(tx, asked),
        ChangeKind::End => end(tx, asked),
    };
    match refused {
        Ok(soft) => Ok(soft.iter().map(|breach| ChangeObstacleView::of(breach, true)).collect()),
        Err(problem) if problem.definition.status < 500 => Ok(vec![ChangeObstacleView::of(&problem, false)]),
        Err(problem) => Err(problem),
    }
}

/// A hard rule is an error, soft ones are answered.
type Refused = Result<Vec<Problem>, Problem>;

fn suspension(tx: &mut Tx, asked: &Asked) -> Refused {
    let (from, to) = (asked.filter.effective_on, asked.until());
    check_suspension(asked.stay, from, to).map_err(|error| suspension_refusal(error, asked.stay))?;
    if Period::new(from, to).is_ok_and(|days| asked.rests.iter().any(|rest| rest.overlaps(days))) {
        return Err(SUSPENSION_OVERLAP.at("/from"));
    }
    let within = count_facts(tx, asked.stay.id, from, Some((from, to)))?;
    if within.any() { Err(within.describe(FACTS_IN_SUSPENSION.at("/from"))) } else { Ok(Vec::new()) }
}

fn prolongation(tx: &mut Tx, asked: &Asked) -> Refused {
    let dates = dates_of(asked.edition)?;
    let whole = check_prolongation(asked.stay, dates, asked.filter.effective_on, asked.until())
        .map_err(|error| error.problem(asked.stay, asked.edition))?;
    Ok(breaches_of(tx, asked.edition, asked.stay, whole)?.into_iter().map(Problem::from).collect())
}

fn group_move(tx: &mut Tx, asked: &Asked) -> Refused {
    expect_group_of(tx, asked.edition.id, named(asked.filter.group_id))?;
    left_membership(tx, asked.stay, named(asked.filter.from_group_id), asked.filter.effective_on)?;
    Ok(Vec::new())
}

fn post_move(tx: &mut Tx, asked: &Asked) -> Refused {
    let from = asked.filter.effective_on;
    let left = left_assignment(tx, asked.stay.id, named(asked.filter.from_post_id), from)?;
    let post = find_host_post(tx, named(asked.filter.post_id))?;
    let post = post.ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at("/postId"))?;
    let last = left.last_on().min(asked.stay.last_on());
    let days = Period::new(from, last).map_err(|_| catalogue::REFERENCE_NOT_FOUND.at("/fromPostId"))?;
    expect_open_place(tx, &post, days, "/effectiveOn")?;
    Ok(Vec::new())
}

fn end(tx: &mut Tx, asked: &Asked) -> Refused {
    let on = asked.filter.effective_on;
    let reason = asked.filter.reason.unwrap_or(EndReason::Other);
    check_end(asked.stay, reason, on).map_err(|error| end_refusal(error, ""))?;
    if reason == EndReason::Completed {
        tx.expect_past(on, "/effectiveOn")?;
    }
    let later = count_facts(tx, asked.stay.id, on, None)?;
    if later.any() { Err(later.describe(FACTS_AFTER_END.at("/effectiveOn"))) } else { Ok(Vec::new()) }
}

/// Parameters that a change needs are there before anything is asked.
fn named(id: Option<Uuid>) -> Uuid {
    id.unwrap_or_default()
}

impl Asked<'_> {
    fn until(&self) -> Day {
        self.filter.until.unwrap_or(self.filter.effective_on)
    }
}
