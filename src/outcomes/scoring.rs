//! Whether a template can be filled in, and whether a sheet fills it in.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use thiserror::Error;

use super::scale::{Scale, ScaleNumber};
use super::sheet_templates::Competence;
use super::sheets::{ObserverRole, Rater, Score, SheetMoment};
use crate::platform::hint::Hint;
use crate::platform::policy::Role;

/// Competences of a template, and items of a competence, at most.
pub(super) const MOST_PARTS: usize = 30;
/// Labels of a scale, at most.
pub(super) const MOST_LABELS: usize = 100;

/// What keeps a template from being filled in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum TemplateFault {
    /// The steps do not lead from the lowest to the highest score.
    #[error("the scale has no whole number of steps")]
    Ungraduated,
    /// A label stands between the steps or beside the scale.
    #[error("label {label} is not on the scale")]
    LabelOffScale { label: usize },
    /// Two labels of one number.
    #[error("label {label} is repeated")]
    LabelRepeated { label: usize },
    /// Two competences of one code.
    #[error("competence {competence} is repeated")]
    CompetenceRepeated { competence: usize },
    /// Two items of one code in a competence.
    #[error("item {item} of competence {competence} is repeated")]
    ItemRepeated { competence: usize, item: usize },
    /// No competence at all.
    #[error("there is no competence")]
    Empty,
    /// More parts than a sheet can have.
    #[error("there are more than {most} parts")]
    TooMany { pointer: String, most: usize },
}

impl TemplateFault {
    /// The same in both languages; places are counted from 0, as in the pointer.
    pub(super) fn hint(&self) -> Hint {
        let pl = match self {
            Self::Ungraduated => "skala nie ma całkowitej liczby stopni".to_owned(),
            Self::LabelOffScale { label } => format!("etykieta {label} nie leży na skali"),
            Self::LabelRepeated { label } => format!("etykieta {label} się powtarza"),
            Self::CompetenceRepeated { competence } => format!("kompetencja {competence} się powtarza"),
            Self::ItemRepeated { competence, item } => format!("pozycja {item} kompetencji {competence} się powtarza"),
            Self::Empty => "nie ma żadnej kompetencji".to_owned(),
            Self::TooMany { most, .. } => format!("jest więcej niż {most} części"),
        };
        Hint::new(pl, self.to_string())
    }
}

/// Everything that keeps a template from being filled in.
pub(super) fn template_faults(scale: &Scale, competences: &[Competence]) -> Vec<TemplateFault> {
    let mut faults = oversized(scale, competences);
    if competences.is_empty() {
        faults.push(TemplateFault::Empty);
    }
    if scale.is_graduated() {
        let mut labelled = HashSet::new();
        for (label, named) in scale.labels.iter().enumerate() {
            if !scale.holds(named.value) {
                faults.push(TemplateFault::LabelOffScale { label });
            } else if !labelled.insert(named.value) {
                faults.push(TemplateFault::LabelRepeated { label });
            }
        }
    } else {
        faults.push(TemplateFault::Ungraduated);
    }
    let mut codes = HashSet::new();
    for (competence, part) in competences.iter().enumerate() {
        if !codes.insert(&part.code) {
            faults.push(TemplateFault::CompetenceRepeated { competence });
        }
        let mut items = HashSet::new();
        for (item, asked) in part.items.iter().enumerate() {
            if !items.insert(&asked.code) {
                faults.push(TemplateFault::ItemRepeated { competence, item });
            }
        }
    }
    faults
}

fn oversized(scale: &Scale, competences: &[Competence]) -> Vec<TemplateFault> {
    let items =
        competences.iter().enumerate().map(|(at, part)| (format!("/competences/{at}/items"), part.items.len(), MOST_PARTS));
    [("/scale/labels".to_owned(), scale.labels.len(), MOST_LABELS), ("/competences".to_owned(), competences.len(), MOST_PARTS)]
        .into_iter()
        .chain(items)
        .filter(|(_, size, most)| size > most)
        .map(|(pointer, _, most)| TemplateFault::TooMany { pointer, most })
        .collect()
}

/// What keeps a sheet from filling in its template; `score` is its place in the sheet, from 0, as in the pointer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum ScoreFault {
    /// The template has no competence of this code.
    #[error("score no. {} is of an unknown competence", .score + 1)]
    UnknownCompetence { score: usize },
    /// The competence has no item of this code.
    #[error("score no. {} is of an unknown item", .score + 1)]
    UnknownItem { score: usize },
    /// The number is not on the scale.
    #[error("the score of {of} is not on the scale from {} to {} in steps of {}", .scale[0], .scale[1], .scale[2])]
    OffScale { score: usize, of: String, scale: [ScaleNumber; 3] },
    /// Scored before, or scored both as a whole and by its items.
    #[error("the score of {of} is repeated")]
    Repeated { score: usize, of: String },
    /// Neither a score of the competence nor of all its items.
    #[error("competence {competence} lacks its score")]
    Missing { competence: String },
}

impl ScoreFault {
    /// The same in both languages.
    pub(super) fn hint(&self) -> Hint {
        let pl = match self {
            Self::UnknownCompetence { score } => format!("{}. ocena dotyczy nieznanej kompetencji", score + 1),
            Self::UnknownItem { score } => format!("{}. ocena dotyczy nieznanej pozycji", score + 1),
            Self::OffScale { of, scale: [min, max, step], .. } => {
                format!("ocena {of} nie leży na skali od {min} do {max} co {step}")
            }
            Self::Repeated { of, .. } => format!("ocena {of} się powtarza"),
            Self::Missing { competence } => format!("kompetencji {competence} brakuje oceny"),
        };
        Hint::new(pl, self.to_string())
    }
}

/// What is scored of one competence.
#[derive(Default)]
struct Scored<'s> {
    whole: bool,
    items: HashSet<&'s str>,
}

/// Everything that keeps the scores from covering each competence once, on the scale.
pub(super) fn score_faults(scale: &Scale, competences: &[Competence], scores: &[Score]) -> Vec<ScoreFault> {
    let mut faults = Vec::new();
    let mut seen: HashMap<&str, Scored> = HashMap::new();
    for (score, given) in scores.iter().enumerate() {
        let Some(competence) = competences.iter().find(|competence| competence.code == given.competence) else {
            faults.push(ScoreFault::UnknownCompetence { score });
            continue;
        };
        if given.item.as_ref().is_some_and(|item| competence.items.iter().all(|asked| asked.code != *item)) {
            faults.push(ScoreFault::UnknownItem { score });
            continue;
        }
        // Both codes are those of the template.
        let of = given.item.as_ref().map_or_else(|| competence.code.to_string(), |item| format!("{}/{item}", competence.code));
        if !scale.holds(given.score) {
            let scale = bounds(scale).map(|(_, number)| number);
            faults.push(ScoreFault::OffScale { score, of: of.clone(), scale });
        }
        let before = seen.entry(competence.code.as_str()).or_default();
        let first = match &given.item {
            None => !std::mem::replace(&mut before.whole, true) && before.items.is_empty(),
            Some(item) => before.items.insert(item.as_str()) && !before.whole,
        };
        if !first {
            faults.push(ScoreFault::Repeated { score, of });
        }
    }
    let covered = |competence: &&Competence| {
        seen.get(competence.code.as_str()).is_some_and(|scored| scored.whole || scored.items.len() == competence.items.len())
    };
    let missing = competences.iter().filter(|competence| !covered(competence));
    faults.extend(missing.map(|competence| ScoreFault::Missing { competence: competence.code.to_string() }));
    faults
}

/// Why a rater may not fill in a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum RaterFault {
    /// An observer without a role, or a role of somebody who rates themselves.
    #[error("the observer's role does not fit the rater")]
    RoleMismatch,
    /// The client's role records observations of its own role only.
    #[error("only own observations")]
    NotOwn,
}

/// The observer's role whose sheets alone a client of this role may record; none for those who record any.
pub(super) fn only_observer_role(role: Role) -> Option<ObserverRole> {
    match role {
        Role::FamilyAssistant => Some(ObserverRole::FamilyAssistant),
        Role::Facilitator => Some(ObserverRole::Facilitator),
        Role::Administrator
        | Role::Coordinator
        | Role::SocialWorker
        | Role::HostSupervisor
        | Role::PupOfficer
        | Role::Auditor
        | Role::Statistician => None,
    }
}

/// Refuses a rater without a fitting role, and a client the observations of others.
///
/// # Errors
/// [`RaterFault`].
pub(super) fn check_rater(client: Role, rater: Rater, observer: Option<ObserverRole>) -> Result<(), RaterFault> {
    if (rater == Rater::Observer) != observer.is_some() {
        return Err(RaterFault::RoleMismatch);
    }
    match only_observer_role(client) {
        Some(own) if observer != Some(own) => Err(RaterFault::NotOwn),
        _ => Ok(()),
    }
}

/// Whether the moment of a sheet can be true: a sheet of the end is not earlier than the start.
pub(super) fn is_in_order(moment: SheetMoment, filled_on: NaiveDate, participation_starts_on: NaiveDate) -> bool {
    moment != SheetMoment::After || filled_on >= participation_starts_on
}

/// The three numbers of a scale, as a refused score is told them.
pub(super) fn bounds(scale: &Scale) -> [(&'static str, ScaleNumber); 3] {
    [("min", scale.min), ("max", scale.max), ("step", scale.step)]
}

#[cfg(test)]
mod tests;
