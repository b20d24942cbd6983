//! Sealed values that nobody can read any more, and what is said of them.

use uuid::Uuid;

use super::IDENTITY_UNREADABLE;
use crate::platform::db::Tx;
use crate::platform::person_keys::PersonKeyError;
use crate::platform::problem::Problem;
use crate::platform::secrets::SecretError;

/// Why a sealed value could not be read.
pub(super) enum Unreadable {
    /// The person's key was destroyed on purpose.
    Erased,
    /// The key is lost, or key or value are damaged; the text says nothing of the value.
    Broken(String),
    /// The store of keys failed, which says nothing of this person.
    Failed(String),
}

impl From<SecretError> for Unreadable {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Destroyed => Self::Erased,
            SecretError::NoKey | SecretError::Seal(_) | SecretError::Store(PersonKeyError::Damaged { .. }) => {
                Self::Broken(error.to_string())
            }
            SecretError::Store(_) => Self::Failed(error.to_string()),
        }
    }
}

/// The problem of one identity that cannot be read.
pub(super) fn unreadable(tx: &Tx, person: Uuid, cause: &str) -> Problem {
    tx.safe().vault.report_unreadable(tx.tenant(), person, cause);
    IDENTITY_UNREADABLE.problem().because(cause)
}
