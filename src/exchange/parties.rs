//! The two sides of an exchange, and what of it a caller sees.

use uuid::Uuid;

use super::kinds::MessageDirection;
use crate::platform::db::Tx;
use crate::platform::policy::Role;

/// A side of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The town, which runs the programme.
    Town,
    /// The labour office.
    Office,
}

impl Side {
    /// The side of the caller.
    pub(super) fn of(tx: &Tx, town: Uuid) -> Self {
        if town == tx.tenant() { Self::Town } else { Self::Office }
    }

    /// Which way its messages go.
    pub(super) const fn sends(self) -> MessageDirection {
        match self {
            Self::Town => MessageDirection::ToOffice,
            Self::Office => MessageDirection::ToTown,
        }
    }
}

/// Whether the caller may see what concerns it as a town: an officer of a labour office sees the side of the office only.
pub(super) fn sees_towns_side(tx: &Tx) -> bool {
    tx.caller.role != Role::PupOfficer
}

/// The rows of a shared table that the caller may see: those of its institution, on either side.
macro_rules! visible {
    ($tx:expr, $table:ident) => {
        $table::table.filter(
            $crate::platform::db::own($tx, $table::tenant_id)
                .and(diesel::IntoSql::into_sql::<diesel::sql_types::Bool>($crate::exchange::parties::sees_towns_side($tx)))
                .or($crate::platform::db::own($tx, $table::office_tenant_id)),
        )
    };
}
pub(super) use visible;

/// The messages that the caller may see: a draft is its sender's only.
macro_rules! visible_messages {
    ($tx:expr) => {
        $crate::exchange::parties::visible!($tx, messages)
            .filter(messages::sent_on.is_not_null().or($crate::platform::db::own($tx, messages::sender_tenant_id)))
    };
}
pub(super) use visible_messages;
