//! Breakdowns that several figures share.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::outcomes::figures::facts::Facts;
use crate::outcomes::figures::figure::{Group, Number};
use crate::outcomes::figures::verdict::Status;
use crate::platform::types::Sex;

/// Counts rows by the words of a closed vocabulary; every word gets its group, zero or not.
pub fn by_word<'r>(words: &[&'static str], rows: impl Iterator<Item = &'r str>) -> Vec<Group> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in rows {
        *counts.entry(word).or_default() += 1;
    }
    words.iter().map(|word| Group::new(*word, Number::count(counts.get(word).copied().unwrap_or_default()))).collect()
}

/// Counts rows by a key that orders them.
pub fn by_key<K: Ord + ToString>(keys: impl Iterator<Item = K>) -> Vec<Group> {
    let mut counts: BTreeMap<K, usize> = BTreeMap::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    counts.into_iter().map(|(key, count)| Group::new(key.to_string(), Number::count(count))).collect()
}

/// Adds minutes up by a key that orders them.
pub fn minutes_by<K: Ord + ToString, M: Into<i64>>(rows: impl Iterator<Item = (K, M)>) -> Vec<Group> {
    let mut sums: BTreeMap<K, i64> = BTreeMap::new();
    for (key, minutes) in rows {
        *sums.entry(key).or_default() += minutes.into();
    }
    sums.into_iter().map(|(key, minutes)| Group::new(key.to_string(), Number::Minutes(minutes))).collect()
}

/// Counts people by sex.
///
/// Where the sex of some is not recorded, the numbers of women and men are at least the ones
/// shown; where that of nobody is, they are not known at all.
pub fn by_sex(facts: &Facts, people: impl Iterator<Item = Uuid>) -> Vec<Group> {
    let sexes: Vec<Sex> = people.map(|person| facts.sexes.get(&person).copied().unwrap_or(Sex::Unknown)).collect();
    let count = |sex: Sex| sexes.iter().filter(|of| **of == sex).count();
    let unknown = count(Sex::Unknown);
    let status = match unknown {
        0 => Status::Ok,
        unknown if unknown == sexes.len() => Status::NotCollected,
        _ => Status::Provisional,
    };
    Sex::ALL
        .iter()
        .map(|sex| {
            let group = Group::new(sex.as_str(), Number::count(count(*sex)));
            if *sex == Sex::Unknown { group } else { group.standing(status) }
        })
        .collect()
}
