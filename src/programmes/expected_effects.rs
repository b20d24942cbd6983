//! The expected effects of agreements (art. 62a(7)(3)), as the slices to the right compare them with what came of them.

use diesel::prelude::*;
use uuid::Uuid;

use super::agreements::ExpectedEffect;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::Stored;
use crate::schema::{agreements, editions};

/// The expected effects of the agreement that an edition hangs on; none where the tenant has no such edition.
///
/// # Errors
/// When the store fails.
pub fn expected_effects_of_edition(tx: &mut Tx, edition: Uuid) -> Result<Option<Vec<ExpectedEffect>>, Problem> {
    let agreement = agreements::tenant_id.eq(editions::tenant_id).and(agreements::id.eq(editions::agreement_id));
    let effects: Option<Stored<Vec<ExpectedEffect>>> = editions::table
        .inner_join(agreements::table.on(agreement))
        .filter(own(tx, editions::tenant_id))
        .filter(editions::id.eq(edition))
        .select(agreements::expected_effects)
        .first(tx.conn)
        .optional()?;
    Ok(effects.map(|effects| effects.0))
}
