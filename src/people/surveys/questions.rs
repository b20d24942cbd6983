//! Questions of a form, and the facts that their answers give. Pure.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use crate::people::fact_kinds::{PersonFactKind, WrongValue};
use crate::platform::types::{Code, ShortText, Text, count_between, text_enum};

text_enum! {
    /// What a question is answered with.
    pub enum QuestionKind {
        /// `true` or `false`.
        YesNo = "yesNo",
        /// The code of one of the choices.
        Choice = "choice",
        /// A decimal number, with up to 12 digits before and 6 after the point.
        Number = "number",
        /// A day, `YYYY-MM-DD`.
        Date = "date",
        /// Words; no names and no PESEL.
        Text = "text",
    }
}

/// A choice of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Choice {
    /// Code, unique within the question.
    pub code: Code,
    /// What it says.
    pub text: ShortText,
}

/// The value of a fact that an answer gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GivenValue {
    /// The answer: `true`, `false`, or the code of a choice.
    pub answer: Code,
    /// Value of the fact.
    pub value: ShortText,
}

/// The fact that an answer gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GivenFact {
    /// Kind of the fact. An answer in words gives a `residence` only, a day only `unemployedSince`, a number nothing.
    pub kind: PersonFactKind,
    /// What each answer means; one that is not named gives no fact. Without any, the answer itself is the value.
    #[serde(default, deserialize_with = "count_between::<0, 50, _, _>")]
    #[schema(max_items = 50)]
    pub values: Vec<GivenValue>,
    /// Code of the question for the day since which it is so; without one, or its answer, the day of answering.
    pub since_question: Option<Code>,
}

/// A question of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Question {
    /// Code, unique within the form.
    pub code: Code,
    /// What is asked.
    pub text: Text<1, 1000>,
    /// What it is answered with.
    pub kind: QuestionKind,
    /// What can be chosen; at least two with `choice`, none with anything else.
    #[serde(default, deserialize_with = "count_between::<0, 50, _, _>")]
    #[schema(max_items = 50)]
    pub choices: Vec<Choice>,
    /// Whether the form cannot be recorded without an answer.
    #[serde(default)]
    pub required: bool,
    /// The fact that the answer gives.
    pub gives_fact: Option<GivenFact>,
}

/// Why a question cannot be asked; the places are positions in the form.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QuestionFault {
    /// Two questions have one code.
    #[error("the code stands in an earlier question")]
    Repeated { question: usize },
    /// Two choices have one code.
    #[error("the code stands in an earlier choice")]
    ChoiceRepeated { question: usize, choice: usize },
    /// A choice without choices, or choices of something else.
    #[error("choice needs at least two choices; no other kind has any")]
    Choices { question: usize },
    /// An answer of this kind can give no such fact.
    #[error("an answer of this kind gives no such fact")]
    Fact { question: usize },
    /// A meaning of what is no answer, or of one that has its meaning already.
    #[error("is no answer to the question, or stands there twice")]
    Meaning { question: usize, value: usize },
    /// A value that the kind of fact does not have.
    #[error("must be {allowed}")]
    Value { question: usize, value: usize, allowed: String },
    /// Answers whose own words are no values of the kind.
    #[error("the answers are no values of the kind ({allowed}): say what each means")]
    Unmeant { question: usize, allowed: String },
    /// No question for a day.
    #[error("is no question of the form that is answered with a date")]
    Since { question: usize },
}

impl Question {
    /// The answers that can be listed beforehand.
    fn listed_answers(&self) -> Vec<&str> {
        match self.kind {
            QuestionKind::YesNo => vec!["true", "false"],
            QuestionKind::Choice => self.choices.iter().map(|choice| choice.code.as_str()).collect(),
            QuestionKind::Number | QuestionKind::Date | QuestionKind::Text => Vec::new(),
        }
    }
}

/// All that is wrong with the questions of a form.
pub fn question_faults(questions: &[Question]) -> Vec<QuestionFault> {
    let mut faults = Vec::new();
    for (at, question) in questions.iter().enumerate() {
        if questions[..at].iter().any(|earlier| earlier.code == question.code) {
            faults.push(QuestionFault::Repeated { question: at });
        }
        for (place, choice) in question.choices.iter().enumerate() {
            if question.choices[..place].iter().any(|earlier| earlier.code == choice.code) {
                faults.push(QuestionFault::ChoiceRepeated { question: at, choice: place });
            }
        }
        let fits = if question.kind == QuestionKind::Choice { question.choices.len() >= 2 } else { question.choices.is_empty() };
        if !fits {
            faults.push(QuestionFault::Choices { question: at });
        }
        if let Some(given) = &question.gives_fact {
            fact_faults(questions, at, question, given, &mut faults);
        }
    }
    faults
}

fn fact_faults(questions: &[Question], at: usize, question: &Question, given: &GivenFact, faults: &mut Vec<QuestionFault>) {
    let since = given.since_question.as_ref();
    let is_day = |code: &Code| questions.iter().any(|other| other.code == *code && other.kind == QuestionKind::Date);
    if since.is_some_and(|code| !is_day(code)) {
        faults.push(QuestionFault::Since { question: at });
    }
    let possible = match question.kind {
        QuestionKind::YesNo | QuestionKind::Choice => given.kind.words().is_some(),
        QuestionKind::Date => given.kind == PersonFactKind::UnemployedSince && given.values.is_empty(),
        QuestionKind::Text => given.kind == PersonFactKind::Residence && given.values.is_empty(),
        QuestionKind::Number => false,
    };
    if !possible {
        faults.push(QuestionFault::Fact { question: at });
        return;
    }
    let answers = question.listed_answers();
    for (place, meaning) in given.values.iter().enumerate() {
        let repeated = given.values[..place].iter().any(|earlier| earlier.answer == meaning.answer);
        if repeated || !answers.contains(&meaning.answer.as_str()) {
            faults.push(QuestionFault::Meaning { question: at, value: place });
        }
        if let Err(WrongValue(allowed)) = given.kind.check(meaning.value.as_str()) {
            faults.push(QuestionFault::Value { question: at, value: place, allowed });
        }
    }
    if given.values.is_empty()
        && let Some(WrongValue(allowed)) = answers.iter().find_map(|answer| given.kind.check(answer).err())
    {
        faults.push(QuestionFault::Unmeant { question: at, allowed });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn faults(questions: &Value) -> Vec<QuestionFault> {
        let questions: Vec<Question> = serde_json::from_value(questions.clone()).expect("questions");
        question_faults(&questions)
    }

    fn choice(gives: &Value) -> Value {
        json!([
            { "code": "school", "text": "Wykształcenie?", "kind": "choice", "givesFact": gives,
              "choices": [{ "code": "primary", "text": "podstawowe" }, { "code": "other", "text": "inne" }] },
            { "code": "since", "text": "Od kiedy?", "kind": "date" }
        ])
    }

    #[test]
    fn what_an_answer_means_is_a_value_of_the_kind_of_fact() {
        let allowed = PersonFactKind::Education.words().expect("words").join(", ");
        for (gives, expected) in [
            (json!({ "kind": "education", "values": [{ "answer": "primary", "value": "primary" }] }), vec![]),
            (
                json!({ "kind": "education", "values": [{ "answer": "primary", "value": "primary" }], "sinceQuestion": "since" }),
                vec![],
            ),
            (json!({ "kind": "education" }), vec![QuestionFault::Unmeant { question: 0, allowed: allowed.clone() }]),
            (
                json!({ "kind": "education", "values": [{ "answer": "missing", "value": "basic" }] }),
                vec![QuestionFault::Meaning { question: 0, value: 0 }, QuestionFault::Value { question: 0, value: 0, allowed }],
            ),
            (
                json!({ "kind": "education", "values": [{ "answer": "primary", "value": "none" }, { "answer": "primary", "value": "none" }] }),
                vec![QuestionFault::Meaning { question: 0, value: 1 }],
            ),
            (
                json!({ "kind": "education", "values": [{ "answer": "primary", "value": "none" }], "sinceQuestion": "school" }),
                vec![QuestionFault::Since { question: 0 }],
            ),
            (json!({ "kind": "residence" }), vec![QuestionFault::Fact { question: 0 }]),
        ] {
            assert_eq!(faults(&choice(&gives)), expected, "{gives}");
        }
    }

    #[test]
    fn each_kind_of_answer_gives_what_it_can_say() {
        for (kind, fact, possible) in [
            ("yesNo", "benefitRight", true),
            ("yesNo", "education", false),
            ("yesNo", "unemployedSince", false),
            ("date", "unemployedSince", true),
            ("date", "residence", false),
            ("text", "residence", true),
            ("text", "education", false),
            ("number", "benefitRight", false),
        ] {
            let found = faults(&json!([{ "code": "q", "text": "?", "kind": kind, "givesFact": { "kind": fact } }]));
            assert_eq!(found.is_empty(), possible, "{kind} {fact}: {found:?}");
        }
    }

    #[test]
    fn codes_and_choices_are_in_order() {
        let twice = json!([{ "code": "q", "text": "?", "kind": "text" }, { "code": "q", "text": "?", "kind": "choice",
            "choices": [{ "code": "a", "text": "a" }, { "code": "a", "text": "b" }] }]);
        assert_eq!(
            faults(&twice),
            [QuestionFault::Repeated { question: 1 }, QuestionFault::ChoiceRepeated { question: 1, choice: 1 }]
        );
        for (kind, choices) in
            [("choice", json!([{ "code": "a", "text": "a" }])), ("text", json!([{ "code": "a", "text": "a" }]))]
        {
            let form = json!([{ "code": "q", "text": "?", "kind": kind, "choices": choices }]);
            assert_eq!(faults(&form), [QuestionFault::Choices { question: 0 }], "{kind}");
        }
    }
}
