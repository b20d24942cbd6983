//! Finding a person by identifier or name, without putting either into an address.

use actix_web::post;
use actix_web::web::{self, Data};
use chrono::TimeDelta;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::identifiers::{find_by_document, find_by_pesel};
use super::identity::{DocumentBody, IdentityBody};
use super::people::PersonView;
use super::sealed_identity::{Names, Register, open_identity, open_names};
use super::{IDENTITY_UNREADABLE, SEARCH_CRITERIA};
use crate::platform::body::Body;
use crate::platform::clock::Clock;
use crate::platform::db::{Tx, own};
use crate::platform::permit::Permit;
use crate::platform::policy::SearchPeople;
use crate::platform::problem::{Problem, method_not_allowed};
use crate::platform::rate_limit::{Quota, RateLimit};
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Pesel, Sex, ShortText, Text, folded};
use crate::schema::people;

/// Hits of one search.
const MOST_HITS: usize = 50;
/// Searches of one client per minute: enough for a desk, too few to copy a register.
const QUOTA: Quota = Quota { name: "search", limit: 60, window: TimeDelta::minutes(1) };

/// How often each client may search.
pub struct SearchLimit(RateLimit<Uuid>);

impl SearchLimit {
    /// The limit, with nothing counted yet.
    pub fn new(clock: Clock) -> Self {
        Self(RateLimit::new(QUOTA, clock))
    }
}

/// Whom to search for: by exactly one of PESEL, document and surname.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "surname": "Przykł" }))]
pub struct SearchBody {
    /// PESEL number.
    pub pesel: Option<Pesel>,
    /// Identity document.
    pub document: Option<DocumentBody>,
    /// Beginning of the surname, or of a part of a double one; case and diacritics do not matter.
    pub surname: Option<Text<2, 200>>,
    /// Beginning of a given name; only with a surname.
    pub given_names: Option<ShortText>,
}

/// Somebody found.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchHitView {
    /// Person.
    pub person_id: Uuid,
    /// Surname.
    pub surname: Option<ShortText>,
    /// Given names.
    pub given_names: Option<ShortText>,
    /// Sex as in the register.
    pub sex: Sex,
    /// Year of birth.
    #[schema(minimum = 1900, maximum = 2200)]
    pub birth_year: Option<i16>,
}

/// Everybody found.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchResultView {
    /// The people, at most 50.
    #[schema(max_items = 50)]
    pub items: Vec<SearchHitView>,
    /// Whether there are more; search for something narrower.
    pub truncated: bool,
    /// How many people were left out because their names cannot be read: their keys are lost or damaged, tell the operator.
    #[schema(maximum = 4_294_967_295_i64)]
    pub unreadable: u32,
}

impl View for SearchResultView {}

/// The one thing a search goes by.
enum Criterion<'a> {
    Pesel(&'a Pesel),
    Document(&'a DocumentBody),
    Name { surname: String, given_names: String },
}

impl SearchBody {
    fn criterion(&self) -> Result<Criterion<'_>, Problem> {
        match (&self.pesel, &self.document, &self.surname, &self.given_names) {
            (Some(pesel), None, None, None) => Ok(Criterion::Pesel(pesel)),
            (None, Some(document), None, None) => Ok(Criterion::Document(document)),
            (None, None, Some(surname), given_names) => Ok(Criterion::Name {
                surname: folded(surname.as_str()),
                given_names: given_names.as_ref().map(|names| folded(names.as_str())).unwrap_or_default(),
            }),
            (None, None, None, Some(_)) => Err(SEARCH_CRITERIA.at("/surname")),
            _ => Err(SEARCH_CRITERIA.at("")),
        }
    }
}

/// Searches for people by PESEL, document or name.
///
/// At most 50 hits. A PESEL or document that nobody has any more, but a duplicate had whose identity a merge kept, finds the
/// person who stayed. A client may search 60 times a minute; each search is
/// written to the access register with the people it found.
#[utoipa::path(tag = "people", request_body = SearchBody,
    responses((status = 200, body = SearchResultView, description = "The people found")))]
#[post("/people/search")]
async fn search_people(permit: Permit<SearchPeople>, limit: Data<SearchLimit>, body: Body<SearchBody>) -> Result<Reply, Problem> {
    limit.0.count(permit.caller().client)?;
    permit
        .reveal(move |tx| {
            let Register { names: mut found, unreadable } = match body.value.criterion()? {
                Criterion::Pesel(pesel) => {
                    let people = find_by_pesel(tx, pesel)?;
                    with_names(tx, &people)?
                }
                Criterion::Document(document) => {
                    let people = find_by_document(tx, document)?;
                    with_names(tx, &people)?
                }
                Criterion::Name { surname, given_names } => {
                    let mut register = open_names(tx)?;
                    register.names.retain(|(_, names)| fits(names, &surname, &given_names));
                    register
                }
            };
            let truncated = found.len() > MOST_HITS;
            found.truncate(MOST_HITS);
            tx.touch("person", found.iter().map(|(person, _)| *person));
            Ok(SearchResultView { items: hits(tx, found)?, truncated, unreadable })
        })
        .await
}

/// The names of the people with these ids.
fn with_names(tx: &mut Tx, people: &[Uuid]) -> Result<Register, Problem> {
    let mut found = Register { names: Vec::new(), unreadable: 0 };
    for person in people {
        match open_identity(tx, *person) {
            Ok(None) => {}
            Ok(Some((IdentityBody { surname, given_names, .. }, _))) => {
                found.names.push((*person, Names { surname, given_names }));
            }
            Err(problem) if problem.code() == IDENTITY_UNREADABLE.code => found.unreadable += 1,
            Err(problem) => return Err(problem),
        }
    }
    Ok(found)
}

fn hits(tx: &mut Tx, found: Vec<(Uuid, Names)>) -> Result<Vec<SearchHitView>, Problem> {
    let ids: Vec<Uuid> = found.iter().map(|(person, _)| *person).collect();
    let known: Vec<PersonView> = people::table
        .filter(own(tx, people::tenant_id))
        .filter(people::id.eq_any(ids))
        .select(PersonView::as_select())
        .load(tx.conn)?;
    let hit = |(id, names): (Uuid, Names)| {
        let person = known.iter().find(|person| person.id == id)?;
        let Names { surname, given_names } = names;
        Some(SearchHitView { person_id: id, surname, given_names, sex: person.sex, birth_year: person.birth_year })
    };
    Ok(found.into_iter().filter_map(hit).collect())
}

/// Whether surname and given names, or a part of them, begin as wanted.
fn fits(names: &Names, surname: &str, given_names: &str) -> bool {
    let begins = |text: &Option<ShortText>, wanted: &str| {
        let text = text.as_ref().map(|text| folded(text.as_str())).unwrap_or_default();
        text.starts_with(wanted) || text.split([' ', '-']).any(|part| part.starts_with(wanted))
    };
    // Nothing but accents folds to nothing, which everybody's name begins with.
    !surname.is_empty() && begins(&names.surname, surname) && begins(&names.given_names, given_names)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(search_people);
    // Another method would go on to the person whose id is "search".
    config.route("/people/search", web::to(|| async { method_not_allowed("POST") }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_from_their_beginning_without_case_and_diacritics() {
        let names = Names { surname: "Żółkiewska-Łoś".parse().ok(), given_names: "Anna Świętosława".parse().ok() };
        for (surname, given_names, found) in [
            ("zolkiewska", "", true),
            ("ŻÓŁK", "", true),
            ("Z\u{307}o\u{301}ł", "", true),
            ("los", "", true),
            ("zolkiewska-los", "swieto", true),
            ("kiewska", "", false),
            ("zolkiewska", "Maria", false),
            ("\u{301}\u{301}", "", false),
        ] {
            assert_eq!(fits(&names, &folded(surname), &folded(given_names)), found, "{surname} {given_names}");
        }
        let unnamed = Names { surname: None, given_names: None };
        assert!(!fits(&unnamed, "a", ""));
    }
}
