//! Roots of exact fractions.

use num_bigint::{BigInt, BigUint, Sign};
use rust_decimal::Decimal;

use crate::platform::types::SixPlaces;

const PLACES: u32 = 6;
/// Four times the square of the scale: the root of it is twice the scale, one step finer than what is shown.
const FOUR_SQUARED_SCALES: u64 = 4_000_000_000_000;

/// The root of a fraction with the sign of `direction`, rounded to six places, half away from zero.
///
/// None for a denominator of zero, and for a root too great to be shown.
pub(super) fn signed_root(direction: &BigInt, numerator: &BigUint, denominator: &BigUint) -> Option<SixPlaces> {
    if denominator.bits() == 0 {
        return None;
    }
    // Twice the root in millionths, cut off; adding one and halving rounds at the half.
    let doubled = (numerator * FOUR_SQUARED_SCALES / denominator).sqrt();
    let millionths = i128::try_from((doubled + 1_u32) >> 1_u32).ok()?;
    let millionths = if direction.sign() == Sign::Minus { -millionths } else { millionths };
    Decimal::try_from_i128_with_scale(millionths, PLACES).ok().map(SixPlaces::half_up)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_rounded_once_and_at_the_half() {
        let root = |direction: i32, numerator: u64, denominator: u64| {
            signed_root(&direction.into(), &numerator.into(), &denominator.into()).map(|root| root.to_string())
        };
        assert_eq!(root(1, 2, 1).as_deref(), Some("1.414214"));
        assert_eq!(root(-1, 1, 4).as_deref(), Some("-0.500000"));
        assert_eq!(root(1, 0, 7).as_deref(), Some("0.000000"));
        assert_eq!(root(-1, 0, 7).as_deref(), Some("0.000000"), "no minus zero");
        // The square of 0.0000005 is where rounding turns.
        assert_eq!(root(1, 25, 100_000_000_000_000).as_deref(), Some("0.000001"));
        assert_eq!(root(1, 24, 100_000_000_000_000).as_deref(), Some("0.000000"));
        assert_eq!(root(1, 1, 0), None);
    }
}
