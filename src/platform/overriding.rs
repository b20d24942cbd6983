//! Departing from soft rules: by one reason, which names every rule that it passes.

use serde::Deserialize;
use utoipa::ToSchema;

use super::db::Tx;
use super::problem::Problem;
use super::types::Text;

/// Why a worker decides or departs from a rule: at least three characters, so that a single letter does not pass for a reason.
pub type Reason = Text<3, 4000>;

/// A worker's reason to depart from soft rules; it is audited and shown with the rules.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Override {
    /// Why.
    pub reason: Reason,
}

/// Soft rules that were departed from, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed<'o> {
    /// Why.
    pub reason: &'o str,
    /// Codes of the rules, in the order in which they are asked.
    pub rules: Vec<&'static str>,
}

/// Departs from every soft rule that is broken; where none is, a reason is not needed and not kept.
///
/// # Errors
/// Without a reason the first of `broken`, with the codes of all of them as `rules`.
pub fn pass_or_refuse<'o>(
    tx: &mut Tx,
    broken: Vec<Problem>,
    overriding: Option<&'o Override>,
) -> Result<Option<Passed<'o>>, Problem> {
    let rules: Vec<&'static str> = broken.iter().map(|problem| problem.definition.code).collect();
    match (broken.into_iter().next(), overriding) {
        (None, _) => Ok(None),
        (Some(first), None) => Err(first.with("rules", rules)),
        (Some(_), Some(overriding)) => {
            tx.note_override(overriding.reason.as_str());
            Ok(Some(Passed { reason: overriding.reason.as_str(), rules }))
        }
    }
}
