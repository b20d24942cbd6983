//! The role of a client as its column holds it.

use diesel::deserialize;
use diesel::pg::Pg;
use diesel::prelude::*;

use crate::platform::policy::Role;

/// The column of a role, which the policy table reads as a type.
pub struct StoredRole(Role);

impl Queryable<diesel::sql_types::Text, Pg> for StoredRole {
    type Row = String;

    fn build(name: String) -> deserialize::Result<Self> {
        Ok(Self(Role::named(&name).ok_or("unknown role in clients")?))
    }
}

impl From<StoredRole> for Role {
    fn from(stored: StoredRole) -> Self {
        stored.0
    }
}
