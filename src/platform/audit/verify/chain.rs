//! The seals as they are: each against its keyed hash, all against their order and the anchor.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_query;
use uuid::Uuid;

use super::rows::{Sums, Total};
use super::{AnchorLines, Finding, Findings, VerifyError};
use crate::platform::audit::seal::{BEFORE_THE_FIRST, FORM, Seal, hex};
use crate::platform::keys::{KeyId, KeyRing};

/// Seals in memory at a time.
const AT_A_TIME: usize = 16;

/// What the seals say about the rows.
#[derive(Default)]
pub(super) struct Chain {
    pub seals: u64,
    pub rows: u64,
    pub totals: HashMap<Uuid, Total>,
    pub head: Option<(i64, Vec<u8>)>,
    /// Keyed hashes that the anchor names too.
    anchored: HashMap<i64, String>,
}

/// Gives each seal to `take`, in the order of their numbers.
pub(super) fn each_seal(conn: &mut PgConnection, mut take: impl FnMut(Seal)) -> Result<(), VerifyError> {
    sql_query("DECLARE seals NO SCROLL CURSOR FOR SELECT * FROM public.audit_seals ORDER BY number").execute(conn)?;
    loop {
        let seals: Vec<Seal> = sql_query(format!("FETCH {AT_A_TIME} FROM seals")).load(conn)?;
        if seals.is_empty() {
            break;
        }
        seals.into_iter().for_each(&mut take);
    }
    sql_query("CLOSE seals").execute(conn)?;
    Ok(())
}

impl Chain {
    /// Reads the chain and notes what is wrong with it.
    pub fn read(
        conn: &mut PgConnection,
        ring: &KeyRing,
        sums: &Sums,
        anchor: Option<&AnchorLines>,
        findings: &mut Findings,
    ) -> Result<Self, VerifyError> {
        let mut chain = Self::default();
        for head in anchor.into_iter().flatten().flatten() {
            chain.anchored.insert(head.number, String::new());
        }
        let mut previous = BEFORE_THE_FIRST.to_vec();
        let mut expected = 1;
        each_seal(conn, |seal| {
            if seal.number != expected {
                findings.add(Finding::SealMissing { number: expected.min(seal.number) });
            }
            if let Some(finding) = judge(&seal, ring, &previous) {
                findings.add(finding);
            }
            for (tenant, _, digest) in seal.entries() {
                chain.totals.entry(tenant).or_default().add(sums.term(&digest));
            }
            chain.seals += 1;
            chain.rows += seal.entry_ids.len() as u64;
            if let Some(mac) = chain.anchored.get_mut(&seal.number) {
                *mac = hex(&seal.mac);
            }
            expected = seal.number + 1;
            previous.clone_from(&seal.mac);
            chain.head = Some((seal.number, seal.mac));
        })?;
        Ok(chain)
    }

    /// Compares the chain with what was noted outside the database.
    pub fn compare_with_anchor(&self, lines: &AnchorLines, findings: &mut Findings) {
        let end = self.head.as_ref().map_or(0, |(number, _)| *number);
        let mut last = 0;
        for (index, line) in lines.iter().enumerate() {
            let damaged = Finding::AnchorDamaged { line: index + 1 };
            match line {
                Ok(head) if head.number < last => findings.add(damaged),
                Ok(head) => {
                    last = head.number;
                    if head.number <= end && self.anchored.get(&head.number) != Some(&head.mac) {
                        findings.add(Finding::AnchorDiffers { number: head.number });
                    }
                }
                Err(_) => findings.add(damaged),
            }
        }
        if last > end {
            findings.add(Finding::ChainCutOff { anchored: last, number: end });
        }
    }
}

/// What is wrong with a seal by itself and after the one before.
fn judge(seal: &Seal, ring: &KeyRing, previous: &[u8]) -> Option<Finding> {
    let number = seal.number;
    let key = seal.key_id.as_slice().try_into().ok().and_then(|id| ring.audit_seal.find(KeyId::from_bytes(id)));
    let Some(key) = key else { return Some(Finding::SealOfUnknownKey { number }) };
    let holds = seal.form == FORM && seal.is_even() && seal.expected_mac(key, previous).as_slice() == seal.mac;
    (!holds).then_some(Finding::SealChanged { number })
}
