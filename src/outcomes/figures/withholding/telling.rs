//! Which counts may be told together without telling of a handful of records.
//!
//! Whoever knows some counts knows their sums and differences, so what is kept apart is not the single count but the finest
//! parts that all told counts share out the records into. Whatever can be put together from the counts is made of whole parts.

use std::collections::BTreeMap;

/// Records of which a count is told.
pub const FEWEST: usize = 5;

/// Whether a count tells of a handful; of nobody there is nothing to tell.
pub fn is_few(count: usize) -> bool {
    (1..FEWEST).contains(&count)
}

/// The parts that the counts told so far share out the records into.
#[derive(Debug, Clone)]
pub struct Telling {
    /// The part of each record; none of those that nothing told has counted, of which nobody knows how many there are.
    parts: Vec<Option<usize>>,
}

impl Telling {
    /// Nothing told yet about so many records.
    pub fn of(records: usize) -> Self {
        Self { parts: vec![None; records] }
    }

    /// Takes for told what is known from elsewhere, however few it counts.
    #[must_use]
    pub fn knowing<C: Ord>(mut self, classes: &[Option<C>]) -> Self {
        let pieces = self.pieces(classes);
        self.share_out(classes, &pieces);
        self
    }

    /// Tells how many records each class has, or none of these counts; answers whether they are told.
    ///
    /// They are where no class has a handful, and where none cuts a handful off a part or leaves a handful of it. A record
    /// without a class is in none.
    pub fn tell<C: Ord>(&mut self, classes: &[Option<C>]) -> bool {
        let pieces = self.pieces(classes);
        let (mut parts, mut sizes) = (BTreeMap::new(), BTreeMap::new());
        for ((part, class), count) in &pieces {
            *parts.entry(part).or_insert(0) += count;
            *sizes.entry(class).or_insert(0) += count;
        }
        let leaves_few = |(piece, count): (&(Option<usize>, Option<&C>), &usize)| {
            let is_outside = *piece == (None, None);
            let is_cut = piece.0.is_none() || parts[&piece.0] != *count;
            !is_outside && is_cut && is_few(*count)
        };
        let has_few = sizes.iter().any(|(class, count)| class.is_some() && is_few(*count));
        if has_few || pieces.iter().any(leaves_few) {
            return false;
        }
        self.share_out(classes, &pieces);
        true
    }

    /// How many records of each part are of each class.
    fn pieces<'c, C: Ord>(&self, classes: &'c [Option<C>]) -> BTreeMap<(Option<usize>, Option<&'c C>), usize> {
        let mut pieces = BTreeMap::new();
        for (part, class) in self.parts.iter().zip(classes) {
            *pieces.entry((*part, class.as_ref())).or_insert(0) += 1;
        }
        pieces
    }

    fn share_out<C: Ord>(&mut self, classes: &[Option<C>], pieces: &BTreeMap<(Option<usize>, Option<&C>), usize>) {
        let numbers: BTreeMap<_, usize> = pieces.keys().filter(|piece| **piece != (None, None)).copied().zip(0..).collect();
        for (part, class) in self.parts.iter_mut().zip(classes) {
            *part = numbers.get(&(*part, class.as_ref())).copied();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One class for the first so many of twenty records.
    fn first(count: usize) -> Vec<Option<()>> {
        (0..20).map(|record| (record < count).then_some(())).collect()
    }

    #[test]
    fn a_handful_is_told_neither_by_itself_nor_as_a_difference() {
        let mut telling = Telling::of(20);
        assert!(!telling.tell(&first(4)), "four are a handful");
        assert!(telling.tell(&first(18)), "nobody knows of the other two");
        assert!(!telling.tell(&first(20)), "they would be two more");
        assert!(!telling.tell(&first(14)), "four fewer");
        assert!(telling.tell(&first(13)) && telling.tell(&first(0)) && telling.tell(&first(18)));
        assert!(!telling.tell(&first(9)), "the step before is four more");
        assert!(telling.tell(&first(8)));
    }

    #[test]
    fn what_is_known_from_elsewhere_is_subtracted_too() {
        let mut telling = Telling::of(20).knowing(&first(3));
        assert!(!telling.tell(&first(3)), "known, but still a handful");
        assert!(!telling.tell(&first(7)), "four more than are known");
        assert!(telling.tell(&first(8)));
    }

    #[test]
    fn classes_are_told_all_or_none() {
        let classes = |sizes: &[usize]| -> Vec<Option<usize>> {
            let all = sizes.iter().enumerate().flat_map(|(class, size)| std::iter::repeat_n(Some(class), *size));
            all.chain(std::iter::repeat(None)).take(20).collect()
        };
        let mut telling = Telling::of(20);
        assert!(!telling.tell(&classes(&[9, 7, 4])));
        assert!(telling.tell(&classes(&[10, 0, 10])));
        assert!(!telling.tell(&classes(&[6, 14])), "four of the first ten are left");
    }
}
