//! Finding people who may have been recorded twice.
//!
//! Names, dates of birth and PESEL numbers of one tenant are decrypted and
//! compared in memory; the answer holds ids, points and reasons only.

use actix_web::post;
use actix_web::web::{self, Data};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::people::find_person;
use super::sealed_identity::open_profiles;
use super::similarity::{DuplicateReason, candidates};
use crate::platform::body::Body;
use crate::platform::clock::Clock;
use crate::platform::examples;
use crate::platform::permit::Permit;
use crate::platform::policy::SearchDuplicates;
use crate::platform::problem::{Problem, catalogue, method_not_allowed};
use crate::platform::rate_limit::{Quota, RateLimit};
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;

/// Pairs in one answer.
const MOST_CANDIDATES: usize = 200;
/// Searches of one client per minute: each looks at everybody.
const QUOTA: Quota = Quota { name: "duplicate-search", limit: 10, window: TimeDelta::minutes(1) };

/// How often each client may search for duplicates.
pub struct DuplicateLimit(RateLimit<Uuid>);

impl DuplicateLimit {
    /// The limit, with nothing counted yet.
    pub fn new(clock: Clock) -> Self {
        Self(RateLimit::new(QUOTA, clock))
    }
}

/// Among whom duplicates are searched for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "personId": examples::PERSON }))]
pub struct DuplicateSearchBody {
    /// Only pairs with this person; left out, all pairs of the institution.
    pub person_id: Option<Uuid>,
}

/// Two records that may be of one person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DuplicateCandidateView {
    /// The one of the smaller id.
    pub person_id: Uuid,
    /// The other.
    pub other_id: Uuid,
    /// How likely they are one, in points; 60 or more.
    #[schema(minimum = 60, maximum = 100)]
    pub score: i32,
    /// What the points are for.
    #[schema(max_items = 10)]
    pub reasons: Vec<DuplicateReason>,
}

/// Everybody who may have been recorded twice.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DuplicateSearchView {
    /// People with an identity who were compared.
    #[schema(minimum = 0, maximum = 100_000_000)]
    pub compared: usize,
    /// The pairs, likeliest first, at most 200.
    #[schema(max_items = 200)]
    pub items: Vec<DuplicateCandidateView>,
    /// Whether there are more.
    pub truncated: bool,
}

impl View for DuplicateSearchView {}

/// Searches for people who may have been recorded twice.
///
/// Compares names, dates of birth and PESEL numbers in memory and answers ids,
/// points and reasons, never a name. It is written to the access register with
/// the people it found, and a client may ask 10 times a minute. Whether two are
/// one is decided by a worker, with `merge_person`.
#[utoipa::path(tag = "people", request_body = DuplicateSearchBody,
    responses((status = 200, body = DuplicateSearchView, description = "The pairs found")))]
#[post("/people/duplicate-searches")]
async fn search_duplicates(
    permit: Permit<SearchDuplicates>,
    limit: Data<DuplicateLimit>,
    body: Body<DuplicateSearchBody>,
) -> Result<Reply, Problem> {
    limit.0.count(permit.caller().client)?;
    permit
        .reveal(move |tx| {
            let about = body.value.person_id;
            if let Some(person) = about {
                find_person(tx, person).map_err(|problem| match problem.code() {
                    code if code == catalogue::NOT_FOUND.code => catalogue::REFERENCE_NOT_FOUND.at("/personId"),
                    _ => problem,
                })?;
            }
            let profiles = open_profiles(tx)?;
            let mut found = candidates(&profiles, about);
            let truncated = found.len() > MOST_CANDIDATES;
            found.truncate(MOST_CANDIDATES);
            let mut ids: Vec<Uuid> = found.iter().flat_map(|pair| [pair.person, pair.other]).chain(about).collect();
            ids.sort_unstable();
            ids.dedup();
            tx.touch("person", ids);
            let items = found
                .into_iter()
                .map(|pair| DuplicateCandidateView {
                    person_id: pair.person,
                    other_id: pair.other,
                    score: pair.score,
                    reasons: pair.reasons,
                })
                .collect();
            Ok(DuplicateSearchView { compared: profiles.len(), items, truncated })
        })
        .await
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(search_duplicates);
    // Another method would go on to the person whose id is "duplicate-searches".
    config.route("/people/duplicate-searches", web::to(|| async { method_not_allowed("POST") }));
}
