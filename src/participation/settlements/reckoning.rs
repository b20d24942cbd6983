//! The arithmetic of a settlement, without SQL and HTTP.
//!
//! A settlement is what should be settled now less what was settled before:
//! the first one of a month takes from nothing, a correction from all that was
//! approved. So what was approved adds up to the truth of the last correction,
//! to the grosz.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::platform::types::{HourChange, Hours, Money};
use crate::programmes::benefit_rates::Price;

/// Whose hours at which rates a line adds up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineKey {
    /// Who worked.
    pub person: Uuid,
    /// Rates, and the days of the month on which they hold.
    pub price: Price,
}

/// An entry of the register with its price.
#[derive(Clone, Debug)]
pub struct PricedEntry {
    /// Entry.
    pub id: Uuid,
    /// Whose line it belongs to.
    pub key: LineKey,
    /// Hours worked.
    pub hours: Hours,
}

/// Amounts of a line or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Hours.
    pub hours: HourChange,
    /// Benefit of the person.
    pub benefit: Money,
    /// Refund of the labour office.
    pub refund: Money,
    /// What the municipality pays itself.
    pub municipal_share: Money,
}

/// A line of a settlement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whose hours at which rates.
    pub key: LineKey,
    /// What they come to.
    pub amounts: Amounts,
    /// Entries with the minutes that they count, in the order of their ids.
    pub entries: BTreeMap<Uuid, i32>,
}

/// Control totals of a settlement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// People with a line.
    pub people: usize,
    /// Sums of the lines.
    pub amounts: Amounts,
}

/// An amount beyond what can be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an amount is out of range")]
pub struct OutOfRange;

impl Amounts {
    /// What hours come to: benefit and refund are each rounded half-up.
    ///
    /// # Errors
    /// [`OutOfRange`].
    pub fn of(hours: HourChange, price: &Price) -> Result<Self, OutOfRange> {
        let times = |rate: Money| hours.decimal().checked_mul(rate.decimal()).ok_or(OutOfRange);
        let benefit = Money::half_up(times(price.hourly_rate)?).ok_or(OutOfRange)?;
        let refund = price.refund_percent.of(times(price.minimum_rate)?).and_then(Money::half_up).ok_or(OutOfRange)?;
        let municipal_share = benefit.checked_sub(refund).ok_or(OutOfRange)?;
        Ok(Self { hours, benefit, refund, municipal_share })
    }

    /// Both together.
    ///
    /// # Errors
    /// [`OutOfRange`].
    pub fn plus(self, other: Self) -> Result<Self, OutOfRange> {
        let sum = |one: Money, other: Money| one.checked_add(other).ok_or(OutOfRange);
        Ok(Self {
            hours: self.hours.checked_add(other.hours).ok_or(OutOfRange)?,
            benefit: sum(self.benefit, other.benefit)?,
            refund: sum(self.refund, other.refund)?,
            municipal_share: sum(self.municipal_share, other.municipal_share)?,
        })
    }

    /// The difference.
    ///
    /// # Errors
    /// [`OutOfRange`].
    pub fn less(self, other: Self) -> Result<Self, OutOfRange> {
        let difference = |one: Money, other: Money| one.checked_sub(other).ok_or(OutOfRange);
        Ok(Self {
            hours: self.hours.checked_sub(other.hours).ok_or(OutOfRange)?,
            benefit: difference(self.benefit, other.benefit)?,
            refund: difference(self.refund, other.refund)?,
            municipal_share: difference(self.municipal_share, other.municipal_share)?,
        })
    }
}

/// The sum of amounts.
///
/// # Errors
/// [`OutOfRange`].
pub fn sum(amounts: impl IntoIterator<Item = Amounts>) -> Result<Amounts, OutOfRange> {
    amounts.into_iter().try_fold(Amounts::default(), Amounts::plus)
}

/// The lines by which what was settled differs from the entries as they are now.
///
/// # Errors
/// [`OutOfRange`].
pub fn reckon(entries: &[PricedEntry], settled: &[Line]) -> Result<Vec<Line>, OutOfRange> {
    let mut now: BTreeMap<&LineKey, BTreeMap<Uuid, i32>> = BTreeMap::new();
    for entry in entries {
        *now.entry(&entry.key).or_default().entry(entry.id).or_default() += entry.hours.minutes();
    }
    let mut before: BTreeMap<&LineKey, (Amounts, BTreeMap<Uuid, i32>)> = BTreeMap::new();
    for line in settled {
        let (amounts, counted) = before.entry(&line.key).or_default();
        *amounts = amounts.plus(line.amounts)?;
        for (entry, minutes) in &line.entries {
            *counted.entry(*entry).or_default() += minutes;
        }
    }
    let keys: BTreeSet<&LineKey> = now.keys().chain(before.keys()).copied().collect();
    let mut lines = Vec::new();
    for key in keys {
        let counts = now.remove(key).unwrap_or_default();
        let hours = HourChange::from_minutes(counts.values().sum()).map_err(|_| OutOfRange)?;
        let (settled, counted) = before.remove(key).unwrap_or_default();
        let amounts = Amounts::of(hours, &key.price)?.less(settled)?;
        let entries = differences(counts, counted);
        if !entries.is_empty() {
            lines.push(Line { key: key.clone(), amounts, entries });
        }
    }
    Ok(lines)
}

/// What each entry counts now less what it counted before, where that differs.
fn differences(mut now: BTreeMap<Uuid, i32>, before: BTreeMap<Uuid, i32>) -> BTreeMap<Uuid, i32> {
    for (entry, minutes) in before {
        *now.entry(entry).or_default() -= minutes;
    }
    now.retain(|_, minutes| *minutes != 0);
    now
}

/// Control totals.
///
/// # Errors
/// [`OutOfRange`].
pub fn totals(lines: &[Line]) -> Result<Totals, OutOfRange> {
    let people: BTreeSet<Uuid> = lines.iter().map(|line| line.key.person).collect();
    Ok(Totals { people: people.len(), amounts: sum(lines.iter().map(|line| line.amounts))? })
}

/// Whether nothing comes of these lines for anybody.
pub fn is_nothing(lines: &[Line]) -> bool {
    lines.iter().all(|line| line.amounts == Amounts::default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::*;
    use crate::platform::types::Day;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn price(hourly_rate: &str, minimum_rate: &str, percent: &str) -> Price {
        Price {
            from: day("2020-11-01"),
            to: day("2020-11-30"),
            kind_of_work: None,
            for_carers: false,
            hourly_rate: hourly_rate.parse().expect("an amount"),
            minimum_rate: minimum_rate.parse().expect("an amount"),
            refund_percent: percent.parse().expect("per cent"),
        }
    }

    fn entry(number: u128, person: u128, quarters: i32, price: Price) -> PricedEntry {
        let hours = Hours::from_minutes(quarters * 15).expect("in quarters");
        PricedEntry { id: Uuid::from_u128(number), key: LineKey { person: Uuid::from_u128(person), price }, hours }
    }

    fn texts(amounts: Amounts) -> [String; 4] {
        [amounts.hours.to_string(), amounts.benefit.to_string(), amounts.refund.to_string(), amounts.municipal_share.to_string()]
    }

    #[test]
    fn eighty_hours_at_the_minimum_are_shared_sixty_to_forty() {
        let lines = reckon(&[entry(1, 1, 320, price("8.70", "8.70", "60"))], &[]).expect("in range");
        assert_eq!(texts(lines[0].amounts), ["80.00", "696.00", "417.60", "278.40"]);
    }

    #[test]
    fn the_refund_is_a_share_of_the_minimum_and_not_of_what_was_agreed() {
        let lines = reckon(&[entry(1, 1, 4, price("12.00", "8.70", "60"))], &[]).expect("in range");
        assert_eq!(texts(lines[0].amounts), ["1.00", "12.00", "5.22", "6.78"]);
    }

    #[test]
    fn a_line_is_rounded_once_and_half_up() {
        // 0.25 h of 8.70 is 2.175 zł, of which 60 % are 1.305 zł.
        let lines = reckon(&[entry(1, 1, 1, price("8.70", "8.70", "60"))], &[]).expect("in range");
        assert_eq!(texts(lines[0].amounts), ["0.25", "2.18", "1.31", "0.87"]);
        let twice = [entry(1, 1, 1, price("8.70", "8.70", "60")), entry(2, 1, 1, price("8.70", "8.70", "60"))];
        assert_eq!(texts(reckon(&twice, &[]).expect("in range")[0].amounts), ["0.50", "4.35", "2.61", "1.74"]);
    }

    #[test]
    fn a_correction_takes_back_what_no_longer_counts() {
        let first = reckon(&[entry(1, 1, 40, price("8.70", "8.70", "60"))], &[]).expect("in range");
        let corrected = reckon(&[entry(2, 1, 32, price("8.70", "8.70", "60"))], &first).expect("in range");
        assert_eq!(texts(corrected[0].amounts), ["-2.00", "-17.40", "-10.44", "-6.96"]);
        assert_eq!(corrected[0].entries.values().copied().collect::<Vec<_>>(), [-600, 480]);
        let settled = [first, corrected].concat();
        assert_eq!(reckon(&[entry(2, 1, 32, price("8.70", "8.70", "60"))], &settled), Ok(Vec::new()));
    }

    fn registers() -> impl Strategy<Value = Vec<Vec<PricedEntry>>> {
        let prices = [price("8.70", "8.70", "60"), price("8.73", "8.70", "55.55"), price("10.01", "8.50", "100")];
        let entry = (0..12_u128, 0..3_u128, 1..40_i32, prop::sample::select(prices.to_vec()))
            .prop_map(|(number, person, quarters, price)| entry(number, person, quarters, price));
        let register = prop::collection::vec(entry, 0..15).prop_map(|entries| {
            let by_id: BTreeMap<Uuid, PricedEntry> = entries.into_iter().map(|entry| (entry.id, entry)).collect();
            by_id.into_values().collect()
        });
        prop::collection::vec(register, 1..5)
    }

    /// What should be settled, by another way: each person and rate in grosze.
    fn truth(register: &[PricedEntry]) -> (i64, Decimal, Decimal) {
        let mut minutes: BTreeMap<&LineKey, i64> = BTreeMap::new();
        for entry in register {
            *minutes.entry(&entry.key).or_default() += i64::from(entry.hours.minutes());
        }
        let rounded = |amount: Decimal| (amount * Decimal::ONE_HUNDRED + Decimal::new(5, 1)).floor() / Decimal::ONE_HUNDRED;
        let sixty = Decimal::from(60);
        let benefit =
            minutes.iter().map(|(key, minutes)| rounded(Decimal::from(*minutes) * key.price.hourly_rate.decimal() / sixty));
        let refund = minutes.iter().map(|(key, minutes)| {
            let whole = Decimal::from(*minutes) * key.price.minimum_rate.decimal() * key.price.refund_percent.decimal();
            rounded(whole / sixty / Decimal::ONE_HUNDRED)
        });
        (minutes.values().sum(), benefit.sum(), refund.sum())
    }

    proptest! {
        #[test]
        fn a_settlement_and_its_corrections_add_up_to_the_truth(registers in registers()) {
            let mut settled: Vec<Line> = Vec::new();
            for register in &registers {
                let lines = reckon(register, &settled).expect("in range");
                let control = totals(&lines).expect("in range");
                prop_assert_eq!(control.amounts, sum(lines.iter().map(|line| line.amounts)).expect("in range"));
                for line in &lines {
                    prop_assert_eq!(line.amounts.hours.minutes(), line.entries.values().sum::<i32>());
                    prop_assert_eq!(line.amounts.benefit.checked_sub(line.amounts.refund), Some(line.amounts.municipal_share));
                }
                settled.extend(lines);
                let all = totals(&settled).expect("in range").amounts;
                let (minutes, benefit, refund) = truth(register);
                prop_assert_eq!(i64::from(all.hours.minutes()), minutes);
                prop_assert_eq!((all.benefit.decimal(), all.refund.decimal()), (benefit, refund));
                prop_assert!(reckon(register, &settled).expect("in range").is_empty());
            }
        }
    }
}
