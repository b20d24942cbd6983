//! What is loaded, in the order in which it would come about.

use secrecy::ExposeSecret as _;

use super::caller::Caller;
use super::credentials::Credential;
use super::{DemoError, Load};

/// Loads all towns; answers the clients that were made.
pub(super) fn everything(load: &Load, base: &str) -> Result<Vec<Credential>, DemoError> {
    let mut clients = Vec::new();
    for administrator in &load.administrators {
        let secret = administrator.client_secret.expose_secret();
        Caller::sign_in(base, administrator.client_id, secret)?;
        clients.push(Credential {
            tenant: administrator.tenant,
            role: "administrator".to_owned(),
            client_id: administrator.client_id,
            client_secret: secret.to_owned(),
        });
    }
    Ok(clients)
}
