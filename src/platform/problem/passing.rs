//! Failures of the store that pass: the same call may succeed in a moment.

use diesel::result::{DatabaseErrorKind as Kind, Error};

/// What `PostgreSQL` says when a statement gave way to others, when the server stops, starts or
/// recovers, and when it has run out of something. Diesel hides the code (`SQLSTATE`), so the text
/// decides; the service's role has `lc_messages` set to C.
const PASSING: &[&str] = &[
    // 55P03, 57014, 40P01, 40001
    "lock timeout",
    "statement timeout",
    "deadlock detected",
    "could not serialize access",
    // 57P01, 57P02, 57P03
    "terminating connection",
    "the database system is",
    "server closed the connection",
    "no connection to the server",
    "could not receive data",
    "could not send data",
    // 53100, 58030
    "No space left on device",
    "could not extend file",
    "could not write",
    "Disk quota exceeded",
    // 53200, 53300
    "out of memory",
    "out of shared memory",
    "too many clients",
    "too many connections",
    "remaining connection slots",
];

/// Seconds after which the failed call may be repeated, for a failure that passes.
pub(super) fn comes_back_after(error: &Error) -> Option<u32> {
    match error {
        Error::DatabaseError(Kind::ReadOnlyTransaction, _) => Some(2),
        Error::DatabaseError(Kind::UnableToSendCommand | Kind::ClosedConnection, _) | Error::BrokenTransactionManager => Some(1),
        Error::DatabaseError(_, info) => PASSING.iter().any(|cause| info.message().contains(cause)).then_some(1),
        // Whether a commit arrived is unknown when the connection broke; the idempotency key tells.
        Error::RollbackErrorOnCommit { commit_error, .. } => comes_back_after(commit_error),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(kind: Kind, message: &str) -> Error {
        Error::DatabaseError(kind, Box::new(message.to_owned()))
    }

    #[test]
    fn a_server_that_stops_or_lacks_room_comes_back_and_a_fault_does_not() {
        for message in [
            "could not extend file \"base/16400/16500\": No space left on device",
            "the database system is in recovery mode",
            "terminating connection because of crash of another server process",
            "canceling statement due to lock timeout",
        ] {
            assert_eq!(comes_back_after(&failed(Kind::Unknown, message)), Some(1), "{message}");
        }
        for message in ["column \"x\" does not exist", "permission denied for table audit_entries"] {
            assert_eq!(comes_back_after(&failed(Kind::Unknown, message)), None, "{message}");
        }
    }

    #[test]
    fn a_connection_lost_while_committing_comes_back() {
        let lost = Error::RollbackErrorOnCommit {
            commit_error: Box::new(failed(Kind::ClosedConnection, "server closed the connection unexpectedly")),
            rollback_error: Box::new(Error::BrokenTransactionManager),
        };
        assert_eq!(comes_back_after(&lost), Some(1));
        assert_eq!(comes_back_after(&Error::BrokenTransactionManager), Some(1));
    }
}
