//! The kinds that the service knows, without their types.

use std::collections::HashMap;

use uuid::Uuid;

use super::kind::{Column, Kind};
use super::planning::{PlannedRow, Step, carry_out, plan};
use super::table::Table;
use crate::platform::db::Tx;
use crate::platform::policy::{Role, Rule};
use crate::platform::problem::{Problem, catalogue};

type Plan = fn(&mut Tx, &Table) -> Result<Vec<PlannedRow>, Problem>;
type CarryOut = fn(&mut Tx, &Table, &mut [PlannedRow], &mut Step) -> Result<Vec<Uuid>, Problem>;

type Addresses = fn(&mut Tx, &[Uuid]) -> Result<HashMap<Uuid, String>, Problem>;

/// A kind of import, as the mechanism holds it.
#[derive(Clone, Copy)]
pub struct Registered {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) record: &'static str,
    pub(super) rule: &'static Rule,
    pub(super) read: &'static Rule,
    pub(super) columns: &'static [Column],
    pub(super) plan: Plan,
    pub(super) carry_out: CarryOut,
    addresses: Addresses,
}

impl Registered {
    /// The kind of this type.
    pub const fn of<K: Kind>() -> Self {
        Self {
            name: K::NAME,
            title: K::TITLE,
            record: K::RECORD,
            rule: K::RULE,
            read: K::READ,
            columns: K::COLUMNS,
            plan: plan::<K>,
            carry_out: carry_out::<K>,
            addresses: K::addresses,
        }
    }

    /// Refuses a role that may not record one such record by itself.
    pub(super) fn admit(&self, role: Role) -> Result<(), Problem> {
        if self.rule.roles.contains(&role) {
            return Ok(());
        }
        let roles = self.rule.admitted().map(Role::as_str).collect::<Vec<_>>().join(", ");
        Err(catalogue::FORBIDDEN.problem().with("roles", roles))
    }
}

impl Registered {
    /// Tells of each row where its record is read; a caller who may not read such records learns of none.
    pub(super) fn locate(&self, tx: &mut Tx, rows: &mut [PlannedRow]) -> Result<HashMap<Uuid, String>, Problem> {
        if !self.read.admits(tx.caller.role) {
            for row in &mut *rows {
                row.record = None;
            }
        }
        let records: Vec<Uuid> = rows.iter().filter_map(|row| row.record).collect();
        if records.is_empty() { Ok(HashMap::new()) } else { (self.addresses)(tx, &records) }
    }
}

/// Every kind of import, joined by `app`.
#[derive(Clone, Copy)]
pub struct Kinds(pub &'static [Registered]);

impl Kinds {
    pub(super) fn find(self, name: &str) -> Option<Registered> {
        self.0.iter().find(|kind| kind.name == name).copied()
    }

    pub(super) fn names(self) -> String {
        self.list().join(", ")
    }

    /// Names of the kinds.
    pub fn list(self) -> Vec<&'static str> {
        self.0.iter().map(|kind| kind.name).collect()
    }
}
