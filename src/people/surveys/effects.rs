//! Which facts follow from answers, and which of them are known already. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answers::Answer;
use super::questions::Question;
use crate::people::fact_kinds::PersonFactKind;
use crate::people::known_facts::KnownFact;
use crate::platform::types::{Code, Day, ShortText, text_enum};

text_enum! {
    /// What became of the fact that an answer gives.
    pub enum EffectOutcome {
        /// A fact was recorded.
        Recorded = "recorded",
        /// The form that this one corrects gave the fact; it stays.
        Kept = "kept",
        /// The fact was known; nothing was recorded.
        Unchanged = "unchanged",
    }
}

/// What came of an answer that gives a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Effect {
    /// Code of the question.
    pub question: Code,
    /// Kind of the fact.
    pub kind: PersonFactKind,
    /// What became of it.
    pub outcome: EffectOutcome,
    /// The fact that says so: the new one, or the one that was known.
    pub fact_id: Uuid,
    /// Facts of the kind that said otherwise on the day of answering; where one of them is wrong, correct or withdraw it.
    #[schema(max_items = 50)]
    pub contradicts: Vec<Uuid>,
}

/// A fact that an answer states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub question: Code,
    pub kind: PersonFactKind,
    pub value: ShortText,
    pub from: Day,
}

impl Statement {
    /// Whether a fact says just this.
    pub fn says(&self, fact: &KnownFact) -> bool {
        fact.kind == self.kind && fact.value == self.value && fact.from == self.from
    }
}

/// Most contradicting facts that are named.
const MOST_CONTRADICTED: usize = 50;

/// The facts that answers state, in the order of the questions; answers must fit the form.
pub fn statements(questions: &[Question], answers: &[Answer], answered_on: Day) -> Vec<Statement> {
    let answer_to = |code: &Code| answers.iter().find(|answer| answer.question == *code).map(|answer| answer.value.as_str());
    let state = |question: &Question| {
        let given = question.gives_fact.as_ref()?;
        let answer = answer_to(&question.code)?;
        let meaning = given.values.iter().find(|meaning| meaning.answer.as_str() == answer);
        let value = if given.values.is_empty() { answer } else { meaning?.value.as_str() };
        let since = given.since_question.as_ref().and_then(answer_to).and_then(|day| day.parse().ok());
        let from = since.unwrap_or(answered_on);
        Some(Statement { question: question.code.clone(), kind: given.kind, value: value.parse().ok()?, from })
    };
    questions.iter().filter_map(state).collect()
}

/// The fact that says what a statement says: of its value, at least as old, and relied upon on the day.
pub fn known_already<'f>(known: &'f [KnownFact], statement: &Statement, on: Day) -> Option<&'f KnownFact> {
    let counting = counting(known, statement.kind, on);
    let same = |fact: &&&KnownFact| fact.value == statement.value && fact.from <= statement.from && fact.is_fresh_on(on);
    if !statement.kind.holds_several() && counting.iter().any(|fact| fact.value != statement.value) {
        return None;
    }
    counting.iter().find(same).copied()
}

/// Facts that said otherwise on the day.
pub fn contradicted(known: &[KnownFact], statement: &Statement, on: Day) -> Vec<Uuid> {
    if statement.kind.holds_several() {
        return Vec::new();
    }
    let others = counting(known, statement.kind, on).into_iter().filter(|fact| fact.value != statement.value);
    others.take(MOST_CONTRADICTED).map(|fact| fact.id).collect()
}

/// Of the facts that hold on a day those that began last, unless several values may hold.
fn counting(known: &[KnownFact], kind: PersonFactKind, on: Day) -> Vec<&KnownFact> {
    let holding = || known.iter().filter(|fact| fact.kind == kind && fact.holds_on(on));
    let began = holding().map(|fact| fact.from).max();
    holding().filter(|fact| kind.holds_several() || Some(fact.from) == began).collect()
}
