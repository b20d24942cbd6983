//! The person that a record is about, as both sides know them.

use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::people::DocumentBody;
use crate::platform::types::{Pesel, ShortText};

/// Whom a record is about: one of the three is given, and answers hold `subjectId` only.
#[derive(Clone, Default, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubjectBody {
    /// One of the sender's own people; the receiver never sees this id.
    #[serde(default, skip_serializing_if = "never_told")]
    pub person_id: Option<Uuid>,
    /// Subject of an earlier message between the two; beside `identity`, an id of the sender's choice (UUIDv7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<Uuid>,
    /// Who it is; only in lists for which the law demands it, by senders who keep no people here.
    #[serde(default, skip_serializing_if = "never_told")]
    pub identity: Option<SubjectIdentity>,
}

/// Surname and first names, place of residence or stay, PESEL or document (section 3(4) of the regulation of 21 December 2017).
#[derive(Clone, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubjectIdentity {
    /// Given names.
    pub given_names: ShortText,
    /// Surname.
    pub surname: ShortText,
    /// Place of residence or stay.
    pub residence: ShortText,
    /// PESEL number.
    #[serde(default, serialize_with = "in_the_clear", skip_serializing_if = "Option::is_none")]
    pub pesel: Option<Pesel>,
    /// Document, for somebody without a PESEL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentBody>,
}

/// What a message says of somebody is kept and answered by the subject id alone.
fn never_told<T>(_: &T) -> bool {
    true
}

/// Only a sealed document and a named identity operation hold it.
#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
fn in_the_clear<S: Serializer>(pesel: &Option<Pesel>, serializer: S) -> Result<S::Ok, S::Error> {
    pesel.as_ref().map(Pesel::expose).serialize(serializer)
}

impl std::fmt::Debug for SubjectBody {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SubjectBody({:?})", self.subject_id)
    }
}

impl SubjectBody {
    /// A subject that both sides know.
    pub(super) fn known(subject: Uuid) -> Self {
        Self { subject_id: Some(subject), ..Self::default() }
    }
}
