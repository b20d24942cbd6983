//! What an edition asks for completion beside the planned end: a share of all classes, and minimums of its blocks.
//!
//! Whether somebody completes is asked in many places (standings, previews, warnings, plans of substitutions, figures);
//! all of them ask [`CompletionRule::is_met`].

use diesel::prelude::*;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use uuid::Uuid;

use super::BlockKind;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{Hours, Percent, ShortText};
use crate::schema::blocks;

/// Minutes of the smallest part of an hour that is recorded.
const QUARTER: i64 = 15;

/// What is counted for a minimum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Classes of all blocks.
    Classes,
    /// Classes of one block.
    ClassesOf(Uuid),
    /// Socially useful work; its entries belong to the edition and to no block.
    Work,
}

/// How much is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Minimum {
    /// A share of the hours that there are.
    Share(Percent),
    /// So many hours.
    Hours(Hours),
}

impl Minimum {
    /// What is asked of so many minutes. **Units**: minutes, not rounded.
    pub fn of(self, minutes: i64) -> Decimal {
        match self {
            Self::Share(share) => share.decimal() * Decimal::from(minutes) / Decimal::ONE_HUNDRED,
            Self::Hours(hours) => Decimal::from(hours.minutes()),
        }
    }

    /// What is asked of so many minutes in whole quarters, which alone can be recorded. **Units**: minutes.
    pub fn in_quarters_of(self, minutes: i64) -> i64 {
        self.in_quarters_above(minutes, 0)
    }

    /// The same beyond what is attended already; below nothing where that is more. **Units**: minutes.
    pub fn in_quarters_above(self, minutes: i64, attended: i64) -> i64 {
        to_quarters(self.of(minutes) - Decimal::from(attended))
    }
}

/// Minutes rounded up to quarters of an hour.
fn to_quarters(minutes: Decimal) -> i64 {
    (minutes / Decimal::from(QUARTER)).ceil().to_i64().unwrap_or(i64::MAX / QUARTER) * QUARTER
}

/// Minutes of a measure, as far as they are on file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reached {
    /// Minutes that there were: of classes with the participant on the sheet.
    pub recorded: i64,
    /// Of these, attended; of socially useful work all of them.
    pub attended: i64,
}

/// The block that a minimum belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockOfMinimum {
    /// Id.
    pub id: Uuid,
    /// What it is.
    pub kind: BlockKind,
    /// Name.
    pub name: ShortText,
}

/// One minimum of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedMinimum {
    /// What is counted.
    pub measure: Measure,
    /// How much of it is asked.
    pub minimum: Minimum,
    /// The share as it was set, also where it comes to hours.
    pub percent: Option<Percent>,
    /// Its block; none where all classes are meant.
    pub block: Option<BlockOfMinimum>,
}

impl AskedMinimum {
    /// Whether it is met by what is on file.
    pub fn is_met(&self, reached: Reached) -> bool {
        Decimal::from(reached.attended) >= self.minimum.of(reached.recorded)
    }
}

/// What a block says of completion.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = blocks)]
pub struct BlockTerms {
    /// Id.
    pub id: Uuid,
    /// What it is.
    pub kind: BlockKind,
    /// Name.
    pub name: ShortText,
    /// Planned hours of a participant.
    #[diesel(column_name = planned_minutes)]
    pub planned: Option<Hours>,
    /// Share of its hours that is asked for.
    #[diesel(column_name = completion_attendance_percent)]
    pub percent: Option<Percent>,
    /// Hours that are asked for.
    #[diesel(column_name = completion_minutes)]
    pub hours: Option<Hours>,
}

impl BlockTerms {
    fn minimum(self) -> Option<AskedMinimum> {
        let is_work = self.kind == BlockKind::Activation;
        let minimum = match (self.percent, self.hours) {
            // Work is not scheduled: a share is one of the planned hours, which such a block has.
            (Some(share), _) if is_work => {
                let planned = i64::from(self.planned?.minutes());
                Minimum::Hours(Hours::from_minutes(Minimum::Share(share).in_quarters_of(planned).to_i32()?).ok()?)
            }
            (Some(share), _) => Minimum::Share(share),
            (None, hours) => Minimum::Hours(hours?),
        };
        let measure = if is_work { Measure::Work } else { Measure::ClassesOf(self.id) };
        let block = Some(BlockOfMinimum { id: self.id, kind: self.kind, name: self.name });
        Some(AskedMinimum { measure, minimum, percent: self.percent, block })
    }
}

/// Everything that an edition asks for completion beside the planned end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompletionRule {
    /// The share of all classes first, then the blocks in their order.
    pub minimums: Vec<AskedMinimum>,
}

impl CompletionRule {
    /// The rule of an edition: its share of all classes, and what its blocks say.
    pub fn new(share: Option<Percent>, blocks: impl IntoIterator<Item = BlockTerms>) -> Self {
        let of_all =
            |share| AskedMinimum { measure: Measure::Classes, minimum: Minimum::Share(share), percent: Some(share), block: None };
        Self { minimums: share.map(of_all).into_iter().chain(blocks.into_iter().filter_map(BlockTerms::minimum)).collect() }
    }

    /// Whether everything that is asked is met by what is on file.
    pub fn is_met(&self, reached: impl Fn(Measure) -> Reached) -> bool {
        self.minimums.iter().all(|asked| asked.is_met(reached(asked.measure)))
    }

    /// Whether hours of classes are asked for.
    pub fn asks_for_classes(&self) -> bool {
        self.minimums.iter().any(|asked| asked.measure != Measure::Work)
    }

    /// Whether hours of socially useful work are asked for.
    pub fn asks_for_work(&self) -> bool {
        self.minimums.iter().any(|asked| asked.measure == Measure::Work)
    }
}

/// The rule of an edition whose share of all classes is known.
///
/// # Errors
/// When the store fails.
pub fn completion_rule(tx: &mut Tx, edition: Uuid, share: Option<Percent>) -> Result<CompletionRule, Problem> {
    let terms: Vec<BlockTerms> = blocks::table
        .filter(own(tx, blocks::tenant_id))
        .filter(blocks::edition_id.eq(edition))
        .filter(blocks::completion_attendance_percent.is_not_null().or(blocks::completion_minutes.is_not_null()))
        .order(blocks::id)
        .select(BlockTerms::as_select())
        .load(tx.conn)?;
    Ok(CompletionRule::new(share, terms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn terms(number: u128, kind: BlockKind, planned: Option<&str>, percent: Option<&str>, hours: Option<&str>) -> BlockTerms {
        BlockTerms {
            id: Uuid::from_u128(number),
            kind,
            name: "Blok".parse().expect("a name"),
            planned: planned.map(|text| text.parse().expect("hours")),
            percent: percent.map(|text| text.parse().expect("a share")),
            hours: hours.map(|text| text.parse().expect("hours")),
        }
    }

    #[test]
    fn a_block_asks_for_a_share_of_its_classes_or_of_planned_work_or_for_hours() {
        let hours = |text: &str| Minimum::Hours(text.parse().expect("hours"));
        let share = |text: &str| Minimum::Share(text.parse().expect("a share"));
        let block = Uuid::from_u128(1);
        for (terms, expected) in [
            (
                terms(1, BlockKind::Integration, Some("80"), Some("75.00"), None),
                Some((Measure::ClassesOf(block), share("75.00"))),
            ),
            (terms(1, BlockKind::Integration, None, None, Some("60")), Some((Measure::ClassesOf(block), hours("60")))),
            (terms(1, BlockKind::Activation, Some("80"), Some("75.00"), None), Some((Measure::Work, hours("60")))),
            (terms(1, BlockKind::Activation, Some("10"), Some("33.33"), None), Some((Measure::Work, hours("3.50")))),
            (terms(1, BlockKind::Activation, None, None, Some("60")), Some((Measure::Work, hours("60")))),
            (terms(1, BlockKind::Integration, Some("80"), None, None), None),
        ] {
            let rule = CompletionRule::new(None, [terms]);
            assert_eq!(rule.minimums.first().map(|asked| (asked.measure, asked.minimum)), expected);
        }
    }

    #[test]
    fn the_total_does_not_make_up_for_a_block() {
        let blocks = [
            terms(1, BlockKind::Integration, None, Some("50.00"), None),
            terms(2, BlockKind::Activation, None, None, Some("20.00")),
        ];
        let rule = CompletionRule::new(Some("80.00".parse().expect("a share")), blocks);
        assert!(rule.asks_for_classes() && rule.asks_for_work());
        let met = |all: (i64, i64), block: (i64, i64), work: i64| {
            rule.is_met(|measure| match measure {
                Measure::Classes => Reached { recorded: all.0 * 60, attended: all.1 * 60 },
                Measure::ClassesOf(_) => Reached { recorded: block.0 * 60, attended: block.1 * 60 },
                Measure::Work => Reached { recorded: work * 60, attended: work * 60 },
            })
        };
        assert!(met((100, 80), (10, 5), 20));
        assert!(!met((100, 99), (10, 4), 40), "a block below its share");
        assert!(!met((100, 99), (10, 10), 19), "too few hours of work");
        assert!(!met((100, 79), (10, 10), 40), "the total below its share");
    }

    proptest! {
        /// Whoever is judged by several minimums completes exactly where each of them alone is met, and more never harms.
        #[test]
        fn all_minimums_have_to_be_met_and_attending_more_never_harms(
            share in proptest::option::of(0..=10_000_i64),
            blocks in proptest::collection::vec((0..=10_000_i64, any::<bool>(), 1..400_i32, 0..400_i64, 0..400_i64), 0..5),
            more in 0..400_i64,
        ) {
            let percent = |hundredths: i64| Percent::try_from(Decimal::new(hundredths, 2)).expect("a share");
            let terms = blocks.iter().enumerate().map(|(number, (share, by_share, quarters, ..))| BlockTerms {
                id: Uuid::from_u128(number as u128),
                kind: BlockKind::Integration,
                name: "Blok".parse().expect("a name"),
                planned: None,
                percent: by_share.then(|| percent(*share)),
                hours: (!by_share).then(|| Hours::from_minutes(quarters * 15).expect("hours")),
            });
            let rule = CompletionRule::new(share.map(percent), terms);
            let of_block = |number: usize, more: i64| {
                let (.., recorded, missed) = blocks[number];
                Reached { recorded: recorded * 15, attended: ((recorded - missed).max(0) + more).min(recorded) * 15 }
            };
            let reached = |measure: Measure, more: i64| match measure {
                Measure::ClassesOf(id) => of_block(usize::try_from(id.as_u128()).expect("small"), more),
                _ => (0..blocks.len()).map(|number| of_block(number, more)).fold(Reached::default(), |sum, one| Reached {
                    recorded: sum.recorded + one.recorded,
                    attended: sum.attended + one.attended,
                }),
            };
            let whole = rule.is_met(|measure| reached(measure, 0));
            let apart = rule.minimums.iter().all(|asked| CompletionRule { minimums: vec![asked.clone()] }.is_met(|measure| reached(measure, 0)));
            prop_assert_eq!(whole, apart);
            prop_assert!(!whole || rule.is_met(|measure| reached(measure, more)));
            prop_assert!(CompletionRule::default().is_met(|_| Reached::default()));
        }
    }
}
