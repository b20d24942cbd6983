//! The rows of some tenants one by one, where their sums differ from what was sealed.

use std::collections::{HashMap, HashSet};

use diesel::PgConnection;
use uuid::Uuid;

use super::chain::each_seal;
use super::rows::{Row, Rows};
use super::{Finding, Findings, VerifyError};

/// Names every row of these tenants that is not as it was sealed.
pub(super) fn compare(
    conn: &mut PgConnection,
    reading: &Rows,
    tenants: &HashSet<Uuid>,
    findings: &mut Findings,
) -> Result<(), VerifyError> {
    let mut sealed = HashMap::new();
    let mut found = Vec::new();
    each_seal(conn, |seal| {
        for (tenant, id, digest) in seal.entries().filter(|(tenant, _, _)| tenants.contains(tenant)) {
            if sealed.insert((tenant, id), (digest, seal.number)).is_some() {
                found.push(Finding::RowSealedTwice { tenant, id, seal: seal.number });
            }
        }
    })?;
    let rows = reading.read(Vec::new, |rows: &mut Vec<Row>, row| {
        if tenants.contains(&row.tenant) {
            rows.push(row);
        }
    })?;
    for row in rows.into_iter().flatten() {
        let (tenant, id) = (row.tenant, row.id);
        match sealed.remove(&(tenant, id)) {
            Some((digest, _)) if digest == row.digest => {}
            Some((_, seal)) => found.push(Finding::RowChanged { tenant, id, seal }),
            None if reading.is_young(&row) => {}
            None => found.push(Finding::RowInserted { tenant, id }),
        }
    }
    found.extend(sealed.into_iter().map(|((tenant, id), (_, seal))| Finding::RowMissing { tenant, id, seal }));
    // Readers come in no order; a report reads the same each time.
    found.sort_unstable();
    for finding in found {
        findings.add(finding);
    }
    Ok(())
}
