//! People whose data is sealed under a key that is nowhere.

use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::platform::person_keys::{FilePersonKeys, FileReport};

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// People of a tenant with sealed values whose key is not in the tenant's file, nor destroyed.
///
/// # Errors
/// Those of the database.
pub fn without_key(conn: &mut PgConnection, report: &FileReport) -> QueryResult<Vec<Uuid>> {
    let sealed: Vec<Id> = conn.transaction(|conn| {
        // The owner sees every tenant; the service sees the one that is set.
        diesel::sql_query("SELECT set_config('app.tenant', $1, true)")
            .bind::<Text, _>(report.tenant.to_string())
            .execute(conn)?;
        diesel::sql_query(
            "SELECT person_id AS id FROM person_identities WHERE tenant_id = $1
                AND coalesce(given_names, surname, pesel, document, birth_date, address, contact) IS NOT NULL ORDER BY person_id",
        )
        .bind::<SqlUuid, _>(report.tenant)
        .load(conn)
    })?;
    let has_key = |person: &Uuid| report.live.contains(person) || report.destroyed.contains(person);
    Ok(sealed.into_iter().map(|row| row.id).filter(|person| !has_key(person)).collect())
}

/// Tenants with sealed values, as the owner of the database sees them.
///
/// # Errors
/// Those of the database.
pub fn tenants_with_sealed_data(owner: &mut PgConnection) -> QueryResult<Vec<Uuid>> {
    let tenants: Vec<Id> = diesel::sql_query("SELECT DISTINCT tenant_id AS id FROM person_identities").load(owner)?;
    Ok(tenants.into_iter().map(|row| row.id).collect())
}

/// Logs, person by person, whose key is lost; such data can be read again only when the key is restored.
///
/// # Errors
/// Those of the database.
pub fn report(conn: &mut PgConnection, keys: &FilePersonKeys, tenants: &[Uuid]) -> QueryResult<()> {
    for tenant in tenants {
        for person in without_key(conn, &keys.inspect(*tenant))? {
            tracing::error!(%tenant, %person, "the key of a person is lost; see `pai keys check`");
        }
    }
    Ok(())
}
