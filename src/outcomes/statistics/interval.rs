//! How far a share of few people can be trusted: the interval of Wilson, and that of Newcombe for what two shares differ by.
//!
//! Both hold for small numbers, where the common interval (the share plus and minus a multiple of its deviation) does not: it
//! has no width at all where nobody or everybody is counted. Checked against `scipy`: see `script/prove intervals`.

use num_bigint::BigUint;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::types::SixPlaces;

/// Square of the 97.5th percentile of the normal distribution (1.959963984540054), for a confidence of 95 per cent.
const SQUARED_PERCENTILE: Decimal = Decimal::from_parts(3_401_821_574, 894_409_329, 0, false, 18);
/// Decimal places that a root is taken to.
const PLACES: u32 = 14;

/// Bounds of an interval with a confidence of 95 per cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Interval {
    /// Lower bound.
    pub low: SixPlaces,
    /// Upper bound.
    pub high: SixPlaces,
}

impl Interval {
    fn of((low, high): (Decimal, Decimal)) -> Self {
        Self { low: SixPlaces::half_up(low), high: SixPlaces::half_up(high) }
    }

    /// Whether nothing lies outside it.
    pub fn holds_zero(self) -> bool {
        self.low.decimal() <= Decimal::ZERO && self.high.decimal() >= Decimal::ZERO
    }
}

/// A share: some of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    some: u32,
    all: u32,
}

impl Share {
    /// Some of all; none of nobody, and none where some are more than all.
    pub fn of(some: i64, all: i64) -> Option<Self> {
        let share = Self { some: u32::try_from(some).ok()?, all: u32::try_from(all).ok()? };
        (share.all > 0 && share.some <= share.all).then_some(share)
    }

    fn value(self) -> Decimal {
        Decimal::from(self.some) / Decimal::from(self.all)
    }

    /// The interval of Wilson, without correction for continuity.
    pub fn wilson(self) -> Interval {
        Interval::of(self.bounds())
    }

    /// Bounds before they are rounded: `(x + z²/2 ± z √(x (n - x) / n + z²/4)) / (n + z²)`.
    fn bounds(self) -> (Decimal, Decimal) {
        let (some, all) = (Decimal::from(self.some), Decimal::from(self.all));
        let (half, below) = (SQUARED_PERCENTILE / Decimal::TWO, all + SQUARED_PERCENTILE);
        let width = root(SQUARED_PERCENTILE * (some * (all - some) / all + half / Decimal::TWO));
        let (low, high) = ((some + half - width) / below, (some + half + width) / below);
        // Where nobody or everybody is counted the bound is exact, which a root is not.
        (if self.some == 0 { Decimal::ZERO } else { low }, if self.some == self.all { Decimal::ONE } else { high })
    }

    /// What this share differs by from an earlier one of other people, and the interval of Newcombe for it (method 10).
    pub fn change_from(self, earlier: Self) -> (SixPlaces, Interval) {
        let (now, then) = (self.value(), earlier.value());
        let ((now_low, now_high), (then_low, then_high)) = (self.bounds(), earlier.bounds());
        let difference = now - then;
        let square = |number: Decimal| number * number;
        let below = root(square(now - now_low) + square(then_high - then));
        let above = root(square(now_high - now) + square(then - then_low));
        (SixPlaces::half_up(difference), Interval::of((difference - below, difference + above)))
    }
}

/// The root of a number that is not negative, cut off after fourteen places.
fn root(number: Decimal) -> Decimal {
    let mut number = number;
    // Twice the places under the root; what is cut off lies far behind those that are shown.
    number.rescale(PLACES * 2);
    // A number too great for so many places keeps those that fit.
    let missing = PLACES * 2 - number.scale();
    let under = BigUint::from(number.mantissa().unsigned_abs()) * BigUint::from(10_u32).pow(missing);
    let root = i64::try_from(under.sqrt()).unwrap_or(i64::MAX);
    Decimal::new(root, PLACES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(interval: Interval) -> (String, String) {
        (interval.low.to_string(), interval.high.to_string())
    }

    /// Rows of the table that `script/prove intervals` makes with `scipy`.
    const TABLE: &str = include_str!("intervals.csv");

    #[test]
    fn intervals_are_those_that_scipy_tells() {
        let mut rows = 0;
        for row in TABLE.lines().skip(1) {
            let cells: Vec<&str> = row.split(',').collect();
            let number = |place: usize| cells[place].parse::<i64>().expect("a number");
            let (then, now) =
                (Share::of(number(0), number(1)).expect("a share"), Share::of(number(2), number(3)).expect("a share"));
            let near = |ours: SixPlaces, theirs: &str| {
                let theirs: Decimal = theirs.parse().expect("a decimal");
                assert!((ours.decimal() - theirs).abs() <= Decimal::new(1, 6), "{row}: {ours} is not {theirs}");
            };
            let (difference, change) = now.change_from(then);
            for (ours, place) in [
                (then.wilson().low, 4),
                (then.wilson().high, 5),
                (now.wilson().low, 6),
                (now.wilson().high, 7),
                (difference, 8),
                (change.low, 9),
                (change.high, 10),
            ] {
                near(ours, cells[place]);
            }
            rows += 1;
        }
        assert!(rows > 400, "{rows}");
    }

    #[test]
    fn nobody_and_everybody_have_an_exact_bound_and_a_width() {
        let of = |some, all| told(Share::of(some, all).expect("a share").wilson());
        assert_eq!(of(0, 10), ("0.000000".to_owned(), "0.277533".to_owned()));
        assert_eq!(of(10, 10), ("0.722467".to_owned(), "1.000000".to_owned()));
        assert_eq!((Share::of(1, 0), Share::of(11, 9), Share::of(-1, 9)), (None, None, None));
    }

    proptest! {
        #[test]
        fn a_share_lies_within_its_interval(all in 1_i64..2000, part in 0.0..=1.0_f64) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a share of a small number")]
            let some = (all as f64 * part) as i64;
            let share = Share::of(some, all).expect("a share");
            let interval = share.wilson();
            let value = SixPlaces::half_up(share.value()).decimal();
            prop_assert!(interval.low.decimal() <= value && value <= interval.high.decimal());
            prop_assert!(interval.low.decimal() >= Decimal::ZERO && interval.high.decimal() <= Decimal::ONE);
            let (difference, change) = share.change_from(share);
            prop_assert!(difference.decimal().is_zero() && change.holds_zero());
        }
    }
}
