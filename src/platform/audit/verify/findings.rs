//! What a verification says.

use std::fmt::Write as _;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Findings that are kept word for word; more are counted.
const KEPT: usize = 1_000;

/// Something that is not as it was sealed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Finding {
    /// Numbers are missing from the chain.
    SealMissing {
        /// First number that is missing.
        number: i64,
    },
    /// A seal is not what its keyed hash says: changed, put elsewhere, or not made with our key.
    SealChanged {
        /// Its number.
        number: i64,
    },
    /// A seal names a key that the key ring does not hold.
    SealOfUnknownKey {
        /// Its number.
        number: i64,
    },
    /// A row is not what was sealed.
    RowChanged {
        /// Tenant that it was sealed for.
        tenant: Uuid,
        /// Its id.
        id: Uuid,
        /// Number of its seal.
        seal: i64,
    },
    /// A sealed row is gone, or belongs to another tenant now.
    RowMissing {
        /// Tenant that it was sealed for.
        tenant: Uuid,
        /// Its id.
        id: Uuid,
        /// Number of its seal.
        seal: i64,
    },
    /// A row stands among sealed ones and is in no seal.
    RowInserted {
        /// Its tenant.
        tenant: Uuid,
        /// Its id.
        id: Uuid,
    },
    /// A row is in two seals.
    RowSealedTwice {
        /// Its tenant.
        tenant: Uuid,
        /// Its id.
        id: Uuid,
        /// The later of the two.
        seal: i64,
    },
    /// The anchor has seen a longer chain: its end was cut off, or an older database put in its place.
    ChainCutOff {
        /// Last head that the anchor names.
        anchored: i64,
        /// Last number of the chain.
        number: i64,
    },
    /// The anchor has seen another seal of this number.
    AnchorDiffers {
        /// The number.
        number: i64,
    },
    /// A line of the anchor cannot be read, or goes back.
    AnchorDamaged {
        /// The line, from 1.
        line: usize,
    },
}

/// What was found, the first of it word for word.
#[derive(Debug, Default)]
pub struct Findings {
    kept: Vec<Finding>,
    more: u64,
}

impl Findings {
    pub(super) fn add(&mut self, finding: Finding) {
        if self.kept.len() < KEPT { self.kept.push(finding) } else { self.more += 1 }
    }

    /// The findings that were kept.
    pub fn kept(&self) -> &[Finding] {
        &self.kept
    }
}

/// The outcome of a verification.
#[derive(Debug)]
pub struct Report {
    /// Seals of the chain.
    pub seals: u64,
    /// Rows in seals.
    pub sealed_rows: u64,
    /// Tenants with rows.
    pub tenants: usize,
    /// Rows younger than the last seal, about which nothing can be said yet.
    pub unsealed_rows: u64,
    /// When the oldest of them was recorded.
    pub oldest_unsealed: Option<DateTime<Utc>>,
    /// Number and keyed hash of the last seal.
    pub head: Option<(i64, String)>,
    /// Lines of the anchor; nothing where none was asked for.
    pub anchored_heads: Option<usize>,
    /// Whether the database was restored elsewhere and nothing has been sealed since.
    pub moved: bool,
    /// Duration.
    pub took: Duration,
    /// What is wrong.
    pub findings: Findings,
}

impl Report {
    /// Whether the register is what was sealed.
    pub fn holds(&self) -> bool {
        self.findings.kept.is_empty()
    }

    /// Rows read in a second.
    pub fn rows_per_second(&self) -> u64 {
        let rows = u128::from(self.sealed_rows + self.unsealed_rows);
        u64::try_from(rows * 1_000_000 / self.took.as_micros().max(1)).unwrap_or(u64::MAX)
    }

    /// For a program.
    pub fn to_json(&self) -> Value {
        json!({
            "holds": self.holds(),
            "seals": self.seals,
            "sealedRows": self.sealed_rows,
            "unsealedRows": self.unsealed_rows,
            "oldestUnsealed": self.oldest_unsealed,
            "tenants": self.tenants,
            "head": self.head.as_ref().map(|(number, mac)| json!({ "number": number, "mac": mac })),
            "anchoredHeads": self.anchored_heads,
            "restoredAndNotSealedSince": self.moved,
            "milliseconds": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
            "rowsPerSecond": self.rows_per_second(),
            "findings": self.findings.kept,
            "furtherFindings": self.findings.more,
        })
    }

    /// For a person.
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "{} rows of {} tenants in {} seals: {}\n",
            self.sealed_rows,
            self.tenants,
            self.seals,
            if self.holds() { "as they were sealed" } else { "NOT as they were sealed" }
        );
        // Writing to a string cannot fail.
        if let Some((number, mac)) = &self.head {
            let _ = writeln!(text, "head: seal {number}, {mac}");
        }
        let _ = match self.anchored_heads {
            Some(heads) => writeln!(text, "anchor: {heads} heads outside the database"),
            None => writeln!(text, "anchor: NOT COMPARED; a cut-off end or an older database would not be noticed"),
        };
        if self.unsealed_rows > 0 {
            let oldest = self.oldest_unsealed.map_or_else(String::new, |at| format!(", the oldest of {at}"));
            let _ = writeln!(text, "not sealed yet: {} rows{oldest}; nothing can be said about these", self.unsealed_rows);
        }
        if self.moved {
            text.push_str("the database was restored elsewhere and nothing has been sealed there yet\n");
        }
        let _ = writeln!(text, "read in {:.1} s, {} rows/s", self.took.as_secs_f64(), self.rows_per_second());
        for finding in &self.findings.kept {
            let _ = writeln!(text, "FOUND: {}", finding.to_text());
        }
        if self.findings.more > 0 {
            let _ = writeln!(text, "and {} more", self.findings.more);
        }
        text
    }
}

impl Finding {
    fn to_text(&self) -> String {
        match self {
            Self::SealMissing { number } => format!("seal {number} is missing"),
            Self::SealChanged { number } => format!("seal {number} was changed, moved or made with another key"),
            Self::SealOfUnknownKey { number } => format!("seal {number} names a key that the key ring does not hold"),
            Self::RowChanged { tenant, id, seal } => format!("row {id} of tenant {tenant} was changed after seal {seal}"),
            Self::RowMissing { tenant, id, seal } => format!("row {id} of tenant {tenant} was removed after seal {seal}"),
            Self::RowInserted { tenant, id } => format!("row {id} of tenant {tenant} was put in afterwards"),
            Self::RowSealedTwice { tenant, id, seal } => format!("row {id} of tenant {tenant} is sealed again by seal {seal}"),
            Self::ChainCutOff { anchored, number } => {
                format!("the chain ends with seal {number}, but seal {anchored} was anchored: cut off, or an older database")
            }
            Self::AnchorDiffers { number } => format!("seal {number} is not the one that was anchored"),
            Self::AnchorDamaged { line } => format!("line {line} of the anchor cannot be read, or goes back"),
        }
    }
}
