//! Cohen's dz of paired differences, and its correction for few pairs by Hedges.

use num_bigint::{BigInt, BigUint};

use super::root::signed_root;
use crate::platform::types::SixPlaces;

/// The size of an effect in standard deviations of the differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EffectSize {
    /// Cohen's dz: the mean of the differences by their standard deviation (of a sample).
    pub dz: SixPlaces,
    /// dz times `1 - 3 / (4 (n - 1) - 1)`; none for two pairs, of which that leaves nothing.
    pub hedges: Option<SixPlaces>,
}

/// The effect of paired differences, in whole numbers of any unit.
///
/// None for fewer than two pairs and for differences that are all alike: there is no standard deviation to measure by.
pub fn effect_size(differences: &[i64]) -> Option<EffectSize> {
    let n = BigUint::from(differences.len());
    let sum: BigInt = differences.iter().copied().map(BigInt::from).sum();
    let squares: BigUint = differences.iter().map(|difference| BigUint::from(difference.unsigned_abs()).pow(2)).sum();
    // n times the squares less the square of the sum: n (n - 1) times the variance.
    let square_of_sum = sum.magnitude().pow(2);
    let spread = &n * squares - &square_of_sum;
    if differences.len() < 2 || spread.bits() == 0 {
        return None;
    }
    let numerator = square_of_sum * (&n - 1_u32);
    let denominator = &n * spread;
    let dz = signed_root(&sum, &numerator, &denominator)?;
    // 1 - 3 / (4 (n - 1) - 1) as one fraction.
    let (above, below) = (&n * 4_u32 - 8_u32, &n * 4_u32 - 5_u32);
    let hedges =
        (differences.len() > 2).then(|| signed_root(&sum, &(numerator * above.pow(2)), &(denominator * below.pow(2)))).flatten();
    Some(EffectSize { dz, hedges })
}
