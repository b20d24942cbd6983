//! What an agreement fixes, and what it may fix under its regime.

use std::fmt;
use std::str::FromStr;

use chrono::{Months, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use super::AgreementBody;
use crate::platform::db::Tx;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{
    Code, DatePrecision, Day, InvalidValue, LongText, Money, Percent, ShortText, Stored, StringSchema, count_between,
    json_from_text, json_to_text, stored_as, text_enum,
};
use crate::programmes::day_bounds::expect_within;
use crate::programmes::regime_parameters::RegimeParameters;
use crate::programmes::{AMOUNT_NEGATIVE, REFUND_OVER_CAP, SIGNED_ON_MISSING};

/// The first year with labour offices (Act of 29 December 1989 on employment), so that nobody can have agreed before.
const FIRST_LABOUR_OFFICES: i32 = 1990;

text_enum! {
    /// What an agreement is about.
    pub enum AgreementKind {
        /// Labour office and social-assistance centre run the programme together (art. 62a(7)).
        Implementation = "implementation",
        /// The labour office commissions integration from another body (art. 62a(11)).
        Commission = "commission",
        /// Selection and exchange of information besides a commission (art. 62a(12)).
        Cooperation = "cooperation",
        /// Socially useful work (section 3 of the regulation of 21 December 2017).
        Psu = "psu",
        /// Funding of a project.
        Funding = "funding",
    }
}

text_enum! {
    /// Where money comes from.
    pub enum FinancingSource {
        /// Labour Fund (Polish: Fundusz Pracy).
        LabourFund = "FP",
        /// Reserve of the Labour Fund held by the minister.
        LabourFundReserve = "FP_RESERVE",
        /// Budget of the municipality.
        Municipality = "GMINA",
        /// European Social Fund.
        SocialFund = "ESF",
        /// Own contribution.
        Own = "OWN",
    }
}

text_enum! {
    /// In what form a contribution is made.
    pub enum ContributionKind {
        /// Money.
        Cash = "cash",
        /// Social-assistance benefits paid to participants.
        Benefits = "benefits",
    }
}

/// An expected effect with its measure (art. 62a(7)(3)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExpectedEffect {
    /// Code by which results refer to it.
    pub code: Code,
    /// The effect in words.
    pub text: LongText,
    /// How it is measured.
    pub measure: Option<LongText>,
    /// Value to be reached, in the unit of the measure; none where the effect is qualitative.
    pub target: Option<EffectTarget>,
    /// Definition of the figure of the edition that measures it, such as `M-11.strict`; none where the result is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition_id: Option<ShortText>,
}

/// A line of financing (art. 62a(7)(4)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FinancingLine {
    /// Where the money comes from.
    pub source: FinancingSource,
    /// In what form.
    pub kind: ContributionKind,
    /// Amount in zł; `null` where it is not stated.
    pub amount: Option<Money>,
}

/// A value to be reached, in the unit of its measure.
///
/// **Limits**: up to 9 digits before and 6 after the point, with an optional sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Numeric)]
pub struct EffectTarget(Decimal);

impl EffectTarget {
    /// The value as a decimal.
    pub const fn decimal(self) -> Decimal {
        self.0
    }
}

impl TryFrom<Decimal> for EffectTarget {
    type Error = InvalidValue;

    fn try_from(value: Decimal) -> Result<Self, InvalidValue> {
        value.normalize().to_string().parse()
    }
}

impl fmt::Display for EffectTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl FromStr for EffectTarget {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let invalid = || {
            InvalidValue::new(
                "musi być liczbą o najwyżej 9 cyfrach przed kropką i 6 po niej, na przykład \"1.5\"",
                "must be a decimal of at most 9 digits before and 6 after the point, such as \"1.5\"",
            )
        };
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, places) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let digits = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        let canonical = digits(whole, 9) && digits(places, 6) && (whole.len() == 1 || !whole.starts_with('0'));
        if canonical { text.parse().map(Self).map_err(|_| invalid()) } else { Err(invalid()) }
    }
}

json_from_text!(
    EffectTarget,
    StringSchema {
        description: "Decimal string in the unit of the measure.".into(),
        pattern: r"^-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?$".into(),
        min_length: 1,
        max_length: 17,
        format: Some("decimal"),
        example: "1.5",
    }
);
json_to_text!(EffectTarget);
stored_as!(EffectTarget, diesel::sql_types::Numeric, Decimal);

/// Most expected effects and lines of financing.
const MOST: usize = 50;

/// Reads the expected effects of a body.
pub(super) fn effects<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Stored<Vec<ExpectedEffect>>, D::Error> {
    count_between::<0, MOST, _, _>(deserializer).map(Stored)
}

/// Reads the lines of financing of a body.
pub(super) fn lines<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Stored<Vec<FinancingLine>>, D::Error> {
    count_between::<0, MOST, _, _>(deserializer).map(Stored)
}

/// Which definitions are of figures of an edition, by which an effect can be measured.
#[derive(Clone, Copy, Debug)]
pub struct Measures(pub fn(&str) -> bool);

impl Measures {
    /// Refuses an effect that nothing would ever measure.
    fn expect_all(self, effects: &[ExpectedEffect]) -> Result<(), Problem> {
        let is_unknown = |effect: &ExpectedEffect| effect.definition_id.as_ref().is_some_and(|id| !(self.0)(id.as_str()));
        match effects.iter().position(is_unknown) {
            Some(place) => Err(catalogue::REFERENCE_NOT_FOUND.at(format!("/expectedEffects/{place}/definitionId"))),
            None => Ok(()),
        }
    }
}

/// Why terms are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
enum TermsError {
    /// Neither a day of signing nor a period to derive it from.
    #[error("neither a day of signing nor a period")]
    SignedOnMissing,
    /// A refund above the cap of the regime.
    #[error("the refund is above {cap} per cent")]
    RefundOverCap { field: &'static str, cap: Percent },
    /// A line of financing below zero.
    #[error("an amount is negative")]
    AmountNegative { line: usize },
}

impl From<TermsError> for Problem {
    fn from(error: TermsError) -> Self {
        match error {
            TermsError::SignedOnMissing => SIGNED_ON_MISSING.at("/signedOn"),
            TermsError::RefundOverCap { field, cap } => REFUND_OVER_CAP.at(field).with("cap", cap.to_string()),
            TermsError::AmountNegative { line } => AMOUNT_NEGATIVE.at(format!("/financing/{line}/amount")),
        }
    }
}

/// The day of signing and how it is known; an unknown one is that of the agreed period.
///
/// # Errors
/// `programmes.signed_on_missing`; `programmes.day_out_of_bounds` for a day on which there were no labour offices yet, and
/// for one that is more than a year ahead.
pub(super) fn signing(tx: &Tx, body: &AgreementBody) -> Result<(Day, DatePrecision), Problem> {
    let (day, precision) = signed(body.signed_on, body.signed_precision, body.period_from)?;
    let pointer = if body.signed_on.is_some() { "/signedOn" } else { "/periodFrom" };
    let earliest = NaiveDate::from_ymd_opt(FIRST_LABOUR_OFFICES, 1, 1).unwrap_or(NaiveDate::MIN);
    expect_within(day, earliest, tx.today() + Months::new(12), pointer)?;
    Ok((day, precision))
}

fn signed(
    signed_on: Option<Day>,
    precision: Option<DatePrecision>,
    period_from: Option<Day>,
) -> Result<(Day, DatePrecision), TermsError> {
    match (signed_on, period_from) {
        (Some(day), _) => Ok((day, precision.unwrap_or_default())),
        (None, Some(day)) => Ok((day, DatePrecision::Derived)),
        (None, None) => Err(TermsError::SignedOnMissing),
    }
}

/// Checks the terms against the rules of the regime, and the measures of the expected effects.
pub(super) fn check_terms(body: &AgreementBody, regime: &RegimeParameters, measures: Measures) -> Result<(), Problem> {
    measures.expect_all(&body.expected_effects.0)?;
    within_cap("/refundPercent", body.refund_percent, regime.refund_percent_cap)?;
    within_cap("/refundPercentCarers", body.refund_percent_carers, regime.refund_percent_cap_carers)?;
    no_negative_line(&body.financing.0)?;
    Ok(())
}

fn within_cap(field: &'static str, refund: Option<Percent>, cap: Option<Percent>) -> Result<(), TermsError> {
    match (refund, cap) {
        (Some(refund), Some(cap)) if refund > cap => Err(TermsError::RefundOverCap { field, cap }),
        _ => Ok(()),
    }
}

fn no_negative_line(lines: &[FinancingLine]) -> Result<(), TermsError> {
    match lines.iter().position(|line| line.amount.is_some_and(Money::is_negative)) {
        Some(line) => Err(TermsError::AmountNegative { line }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_day_of_signing_is_derived_from_the_period() {
        let day = |text: &str| text.parse::<Day>().ok();
        let (july, august) = (day("2020-07-22"), day("2020-08-01"));
        for (signed_on, precision, from, expected) in [
            (july, None, august, Ok((july, DatePrecision::Day))),
            (july, Some(DatePrecision::Month), None, Ok((july, DatePrecision::Month))),
            (None, None, august, Ok((august, DatePrecision::Derived))),
            (None, Some(DatePrecision::Day), august, Ok((august, DatePrecision::Derived))),
            (None, None, None, Err(TermsError::SignedOnMissing)),
        ] {
            let found = signed(signed_on, precision, from).map(|(day, precision)| (Some(day), precision));
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_refund_is_bound_by_the_cap_only_where_there_is_one() {
        let percent = |text: &str| text.parse::<Percent>().ok();
        for (refund, cap, within) in [
            (percent("60"), percent("60"), true),
            (percent("60.01"), percent("60"), false),
            (percent("100"), None, true),
            (None, percent("60"), true),
        ] {
            assert_eq!(within_cap("/refundPercent", refund, cap).is_ok(), within);
        }
    }

    #[test]
    fn a_target_is_a_plain_decimal() {
        for (text, valid) in [
            ("0", true),
            ("-1.5", true),
            ("999999999.999999", true),
            ("1000000000", false),
            ("1.", false),
            ("01", false),
            ("1e3", false),
            ("", false),
        ] {
            assert_eq!(text.parse::<EffectTarget>().is_ok(), valid, "{text:?}");
        }
    }
}
