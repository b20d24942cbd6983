//! What an edition's plan leaves to be desired: shown, never refused, because
//! programmes were run that way.

use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::facts::EditionFacts;
use super::regime_parameters::RegimeParameters;
use crate::platform::types::{Day, Hours, IsoWeek, MonthsAndDays, Period, Ratio};

/// A warning about an edition; `code` says which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "code")]
pub enum EditionWarning {
    /// The edition is not as long as the regime says.
    #[serde(rename = "programmes.edition_length", rename_all = "camelCase")]
    EditionLength {
        /// Length by the regime, in calendar months.
        #[schema(minimum = 1, maximum = 120)]
        expected_months: u32,
        /// Length of the edition.
        length: MonthsAndDays,
        /// Days of the edition, both ends counted.
        #[schema(minimum = 1, maximum = 120_000)]
        days: i64,
    },
    /// Fewer hours of integration are planned in a week than the regime asks for.
    #[serde(rename = "programmes.integration_weekly_minimum", rename_all = "camelCase")]
    IntegrationWeeklyMinimum {
        /// Planned hours a week for one participant, rounded half-up to two places.
        #[schema(max_length = 20, example = "9.75")]
        weekly_average: String,
        /// Exact average: hours times seven, in lowest terms with the denominator.
        #[schema(minimum = 0, maximum = 10_000_000_000_i64)]
        numerator: i64,
        /// Exact average: days of the edition, in lowest terms with the numerator.
        #[schema(minimum = 1, maximum = 10_000_000)]
        denominator: i64,
        /// Fewest hours a week by the regime.
        minimum: Hours,
        /// ISO weeks that it concerns: all that the edition touches, since the plan does not tell them apart.
        #[schema(max_items = 16_000)]
        weeks: Vec<IsoWeek>,
    },
    /// The agreement was signed on a day on which its regime was not in force.
    #[serde(rename = "programmes.regime_not_in_force", rename_all = "camelCase")]
    RegimeNotInForce {
        /// Day of signing.
        signed_on: Day,
        /// First day of the regime.
        valid_from: Option<Day>,
        /// Last day of the regime.
        valid_to: Option<Day>,
    },
}

/// Planned hours of a block for one participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedHours {
    /// In the whole edition.
    pub total: Option<Hours>,
    /// In a week.
    pub weekly: Option<Hours>,
}

/// Every warning about an edition with these integration blocks.
pub fn edition_warnings(facts: &EditionFacts, integration: &[PlannedHours]) -> Vec<EditionWarning> {
    let plan = facts.period().into_iter().flat_map(|period| plan_warnings(&facts.regime, period, integration));
    let in_force = regime_not_in_force(facts.signed_on, facts.regime_valid_from, facts.regime_valid_to);
    plan.chain(in_force).collect()
}

fn plan_warnings(regime: &RegimeParameters, period: Period, integration: &[PlannedHours]) -> Vec<EditionWarning> {
    [edition_length(regime, period), integration_weekly_minimum(regime, period, integration)].into_iter().flatten().collect()
}

fn edition_length(regime: &RegimeParameters, period: Period) -> Option<EditionWarning> {
    let expected_months = regime.length_months.filter(|months| !period.is_exactly_months(*months))?;
    Some(EditionWarning::EditionLength { expected_months, length: period.calendar_months(), days: period.days() })
}

fn integration_weekly_minimum(regime: &RegimeParameters, period: Period, integration: &[PlannedHours]) -> Option<EditionWarning> {
    let minimum = regime.integration_weekly_minimum?;
    let average = weekly_average(integration, period)?;
    if !is_below(average, minimum) {
        return None;
    }
    Some(EditionWarning::IntegrationWeeklyMinimum {
        weekly_average: two_places(average),
        numerator: average.numerator(),
        denominator: average.denominator(),
        minimum,
        weeks: period.weeks_touched().collect(),
    })
}

fn regime_not_in_force(signed_on: Day, valid_from: Option<Day>, valid_to: Option<Day>) -> Option<EditionWarning> {
    let outside = valid_from.is_some_and(|from| signed_on < from) || valid_to.is_some_and(|to| signed_on > to);
    outside.then_some(EditionWarning::RegimeNotInForce { signed_on, valid_from, valid_to })
}

/// Planned hours of a participant in a week, over blocks, as a fraction in lowest terms.
///
/// The weekly hours where all blocks state them; otherwise hours × 7 ÷ days
/// of the edition. None where nothing is planned or a block states no hours,
/// because what is not known is not zero.
///
/// **Units**: hours a week.
pub fn weekly_average(blocks: &[PlannedHours], period: Period) -> Option<Ratio> {
    if blocks.is_empty() {
        return None;
    }
    let days = period.days();
    let weekly: Option<Vec<i64>> = blocks.iter().map(|block| block.weekly.map(minutes)).collect();
    if let Some(weekly) = weekly {
        return in_lowest_terms(weekly.iter().sum(), 60);
    }
    let totals: Option<Vec<i64>> = blocks.iter().map(|block| block.total.map(minutes)).collect();
    if let Some(totals) = totals {
        return in_lowest_terms(totals.iter().sum::<i64>().checked_mul(7)?, days.checked_mul(60)?);
    }
    // Some blocks are planned by the week and others as a whole: both on the days of the edition.
    let minutes_times_days: Option<Vec<i64>> = blocks
        .iter()
        .map(|block| block.weekly.map(|weekly| minutes(weekly) * days).or(block.total.map(|total| minutes(total) * 7)))
        .collect();
    in_lowest_terms(minutes_times_days?.iter().sum(), days.checked_mul(60)?)
}

fn minutes(hours: Hours) -> i64 {
    i64::from(hours.minutes())
}

fn is_below(average: Ratio, minimum: Hours) -> bool {
    i128::from(average.numerator()) * 60 < i128::from(minimum.minutes()) * i128::from(average.denominator())
}

fn in_lowest_terms(numerator: i64, denominator: i64) -> Option<Ratio> {
    let divisor = greatest_common_divisor(numerator, denominator).max(1);
    Ratio::new(numerator / divisor, denominator / divisor)
}

fn greatest_common_divisor(left: i64, right: i64) -> i64 {
    if right == 0 { left } else { greatest_common_divisor(right, left % right) }
}

/// Rounded once, on whole numbers, half-up; hours are never negative.
fn two_places(ratio: Ratio) -> String {
    let (numerator, denominator) = (i128::from(ratio.numerator()), i128::from(ratio.denominator()));
    let hundredths = (2 * numerator * 100 + denominator) / (2 * denominator);
    Decimal::from_i128_with_scale(hundredths, 2).to_string()
}

#[cfg(test)]
mod tests;
