//! Who a person is: answered only for a stated purpose, with a row in the access register.

use actix_web::{get, put};
use chrono::Datelike as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::births::expect_born;
use super::people::{BIRTH_YEARS, PersonView, complete_birth_year, find_person, lock_person};
use super::pesel_comparison::{Compared, IdentityWarning, differences};
use super::sealed_identity::{Plain, change_identity, insert_identity, locked_version, open_identity};
use crate::platform::body::{Body, PathId};
use crate::platform::db::Tx;
use crate::platform::permit::Permit;
use crate::platform::policy::{GetPersonIdentity, UpdatePersonIdentity};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Pesel, Sex, ShortText, Text, text_enum};

text_enum! {
    /// Kind of an identity document.
    pub enum DocumentKind {
        /// Polish identity card (Polish: dowód osobisty).
        IdentityCard = "identityCard",
        /// Passport.
        Passport = "passport",
        /// Residence card of a foreigner (Polish: karta pobytu).
        ResidenceCard = "residenceCard",
        /// Another document.
        Other = "other",
    }
}

/// An identity document, for somebody without a PESEL.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DocumentBody {
    /// Kind.
    pub kind: DocumentKind,
    /// Series and number, no PESEL; spaces, hyphens and case do not matter when searching.
    pub number: Text<1, 40>,
}

impl DocumentBody {
    /// The form in which two spellings of one document are equal.
    pub fn normalised(&self) -> String {
        let number: String = self.number.as_str().chars().filter(|sign| sign.is_alphanumeric()).collect();
        let number = if number.is_empty() { self.number.as_str() } else { &number };
        format!("{}:{}", self.kind.as_str(), number.to_uppercase())
    }
}

/// Who a person is, as recorded or replaced.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "givenNames": "Anna Maria", "surname": "Przykładowa", "missingReason": "PESEL w trakcie ustalania" }))]
pub struct IdentityBody {
    /// Given names.
    pub given_names: Option<ShortText>,
    /// Surname.
    pub surname: Option<ShortText>,
    /// PESEL number.
    pub pesel: Option<Pesel>,
    /// Identity document, for somebody without a PESEL.
    pub document: Option<DocumentBody>,
    /// Date of birth.
    pub birth_date: Option<Day>,
    /// Postal address.
    pub address: Option<ShortText>,
    /// Telephone or e-mail.
    pub contact: Option<ShortText>,
    /// Reference of the office, such as the number of a case file; nobody else of the institution may have it.
    pub local_reference: Option<LocalReference>,
    /// Why names or identifier are missing; no personal data.
    pub missing_reason: Option<ShortText>,
}

/// Reference of the office: up to 60 characters.
pub type LocalReference = Text<1, 60>;

/// The form in which two spellings of one reference are equal.
pub(super) fn normal_reference(reference: &LocalReference) -> String {
    reference.as_str().split_whitespace().collect::<String>().to_uppercase()
}

impl IdentityBody {
    /// Whether names and an identifier are there.
    pub(super) fn is_complete(&self) -> bool {
        self.surname.is_some() && self.given_names.is_some() && (self.pesel.is_some() || self.document.is_some())
    }

    /// The year of birth by the date of birth or, without one, by the PESEL; none outside the years that a person may have.
    pub(super) fn birth_year(&self) -> Option<i16> {
        let date = self.birth_date.map(Day::date).or_else(|| Some(self.pesel.as_ref()?.birth_date()))?;
        i16::try_from(date.year()).ok().filter(|year| BIRTH_YEARS.contains(year))
    }

    /// What does not agree with the rest of the record.
    pub(super) fn differences(&self, sex: Sex, birth_year: Option<i16>) -> Vec<IdentityWarning> {
        differences(Compared { pesel: self.pesel.as_ref(), birth_date: self.birth_date, birth_year, sex })
    }
}

/// Who a person is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonIdentityView {
    /// Person.
    pub person_id: Uuid,
    /// Given names.
    pub given_names: Option<ShortText>,
    /// Surname.
    pub surname: Option<ShortText>,
    /// PESEL number.
    #[serde(serialize_with = "in_the_clear")]
    pub pesel: Option<Pesel>,
    /// Identity document.
    pub document: Option<DocumentBody>,
    /// Date of birth.
    pub birth_date: Option<Day>,
    /// Postal address.
    pub address: Option<ShortText>,
    /// Telephone or e-mail.
    pub contact: Option<ShortText>,
    /// Reference of the office.
    pub local_reference: Option<LocalReference>,
    /// Why names or identifier are missing.
    pub missing_reason: Option<ShortText>,
    /// What does not agree with the rest of the record.
    #[schema(max_items = 10)]
    pub warnings: Vec<IdentityWarning>,
    /// Version, as in the ETag; apart from the person's own version.
    #[schema(minimum = 1)]
    pub version: i32,
}

impl View for PersonIdentityView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

impl PersonIdentityView {
    pub(super) fn new(person: &PersonView, identity: IdentityBody, version: i32) -> Self {
        Self {
            person_id: person.id,
            warnings: identity.differences(person.sex, person.birth_year),
            given_names: identity.given_names,
            surname: identity.surname,
            pesel: identity.pesel,
            document: identity.document,
            birth_date: identity.birth_date,
            address: identity.address,
            contact: identity.contact,
            local_reference: identity.local_reference,
            missing_reason: identity.missing_reason,
            version,
        }
    }
}

/// The one place where a PESEL leaves this slice in the clear.
#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
fn in_the_clear<S: Serializer>(pesel: &Option<Pesel>, serializer: S) -> Result<S::Ok, S::Error> {
    pesel.as_ref().map(Pesel::expose).serialize(serializer)
}

/// Reveals who a person is.
#[utoipa::path(tag = "people", params(("id" = Uuid, Path, description = "Person")),
    responses((status = 200, body = PersonIdentityView, description = "The identity")))]
#[get("/people/{id}/identity")]
async fn get_person_identity(permit: Permit<GetPersonIdentity>, id: PathId) -> Result<Reply, Problem> {
    permit
        .reveal(move |tx| {
            tx.touch("person", [id.0]);
            let person = find_person(tx, id.0)?;
            if let Some((identity, version)) = open_identity(tx, id.0)? {
                return Ok(PersonIdentityView::new(&person, identity, version));
            }
            // None is recorded, or a merge has taken it away since the person was read.
            find_person(tx, id.0)?;
            Err(catalogue::NOT_FOUND.problem())
        })
        .await
}

/// Replaces who a person is.
///
/// Where the year of birth is unknown, the date of birth or the PESEL tells
/// it; the person then has a new version, too. Where no identity has been recorded yet, send `If-Match: "0"`.
#[utoipa::path(tag = "people", params(("id" = Uuid, Path, description = "Person")), request_body = IdentityBody,
    responses((status = 200, body = PersonIdentityView, description = "The identity as it is now")))]
#[put("/people/{id}/identity")]
async fn update_person_identity(
    permit: Permit<UpdatePersonIdentity>,
    id: PathId,
    body: Body<IdentityBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("person", [id.0]);
            // The person's row also stands for an identity that is not there yet.
            let mut person = lock_person(tx, id.0)?;
            let recorded = locked_version(tx, id.0)?;
            let current = recorded.unwrap_or(0);
            tx.expect_version(current)?;
            expect_born(tx, None, Some(body), "")?;
            let plain = Plain { person: id.0, identity: body, pointer: "" };
            if recorded.is_some() {
                change_identity(tx, plain)?;
            } else {
                insert_identity(tx, plain)?;
            }
            if let (None, Some(year)) = (person.birth_year, body.birth_year()) {
                person = complete_birth_year(tx, id.0, year)?;
                tx.announce("person", id.0, "person.changed", json!({ "personId": id.0 }));
            }
            tx.announce("person", id.0, "person.identity_changed", json!({ "personId": id.0 }));
            Ok(Written::changed(PersonIdentityView::new(&person, body.clone(), current + 1)))
        })
        .await
}

/// A person's identity in the clear, for a document that the law wants it in; nothing where none is recorded or it was erased.
///
/// # Errors
/// When the store or the keys fail.
pub fn identity_of_person(tx: &mut Tx, person: Uuid) -> Result<Option<IdentityBody>, Problem> {
    Ok(open_identity(tx, person)?.map(|(identity, _)| identity))
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_person_identity).service(update_person_identity);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_document_are_equal() {
        let document = |kind, number: &str| DocumentBody { kind, number: number.parse().expect("valid") }.normalised();
        let card = document(DocumentKind::IdentityCard, "ABC 123456");
        assert_eq!(card, document(DocumentKind::IdentityCard, "abc-123456"));
        assert_ne!(card, document(DocumentKind::Passport, "ABC 123456"));
        assert_ne!(document(DocumentKind::Other, "-"), document(DocumentKind::Other, "/"));
    }
}
