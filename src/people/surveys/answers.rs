//! Whether answers fit the questions of a form. Pure.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use super::questions::{Question, QuestionKind};
use crate::platform::hint::Hint;
use crate::platform::types::{Code, Day, LongText, Teryt, deserialize_text, holds_pesel};

/// Most digits of a number before the point, and after it.
const DIGITS: (usize, usize) = (12, 6);

/// An answer to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Answer {
    /// Code of the question.
    pub question: Code,
    /// The answer: `true` or `false`, the code of a choice, a number, a day or words, as the question asks.
    // Whether a PESEL stands in words is judged by the kind of the question; a number may have as many digits.
    #[serde(deserialize_with = "deserialize_text")]
    pub value: LongText,
}

/// What an answer should have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// One of these words.
    OneOf(String),
    /// A number.
    Number,
    /// A day, up to the one given where there is one.
    Day(Option<Day>),
    /// A code of TERC.
    Place,
}

impl Expected {
    fn polish(&self) -> String {
        match self {
            Self::OneOf(words) => words.clone(),
            Self::Number => "liczba, na przykład -12.50".to_owned(),
            Self::Day(None) => "dzień RRRR-MM-DD".to_owned(),
            Self::Day(Some(latest)) => format!("dzień RRRR-MM-DD, nie późniejszy niż {latest}"),
            Self::Place => "kod TERC: 2, 4 albo 7 cyfr".to_owned(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::OneOf(words) => words.clone(),
            Self::Number => "a number such as -12.50".to_owned(),
            Self::Day(None) => "a day YYYY-MM-DD".to_owned(),
            Self::Day(Some(latest)) => format!("a day YYYY-MM-DD, not after {latest}"),
            Self::Place => "a code of TERC: 2, 4 or 7 digits".to_owned(),
        }
    }
}

/// Why answers do not fit a form; the places are positions in the list of answers.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AnswerFault {
    /// The form has no such question.
    #[error("the form has no such question")]
    Unknown { answer: usize },
    /// A question is answered twice.
    #[error("the question is answered above")]
    Repeated { answer: usize },
    /// The answer is not of the kind.
    #[error("must be {}", expected.english())]
    Unfit { answer: usize, expected: Expected },
    /// The answer names somebody by number.
    #[error("holds a PESEL")]
    Pesel { answer: usize },
    /// A required question has no answer.
    #[error("'{question}' is not answered")]
    Missing { question: Code },
}

impl AnswerFault {
    /// The same in both languages; never an answer.
    pub fn hint(&self) -> Hint {
        let pl: Cow<'static, str> = match self {
            Self::Unknown { .. } => "ankieta nie ma takiego pytania".into(),
            Self::Repeated { .. } => "na to pytanie odpowiedziano już wyżej".into(),
            Self::Unfit { expected, .. } => format!("oczekiwano: {}", expected.polish()).into(),
            Self::Pesel { .. } => "zawiera PESEL".into(),
            Self::Missing { question } => format!("brak odpowiedzi na '{question}'").into(),
        };
        Hint::new(pl, self.to_string())
    }
}

/// All that is wrong with answers given on a day.
pub fn answer_faults(questions: &[Question], answers: &[Answer], answered_on: Day) -> Vec<AnswerFault> {
    let mut faults = Vec::new();
    for (at, answer) in answers.iter().enumerate() {
        let Some(question) = questions.iter().find(|question| question.code == answer.question) else {
            faults.push(AnswerFault::Unknown { answer: at });
            continue;
        };
        if answers[..at].iter().any(|earlier| earlier.question == answer.question) {
            faults.push(AnswerFault::Repeated { answer: at });
        }
        let value = answer.value.as_str();
        let latest = tells_a_beginning(questions, question).then_some(answered_on);
        if let Err(expected) = check(question, value, latest) {
            faults.push(AnswerFault::Unfit { answer: at, expected });
        }
        if question.kind == QuestionKind::Text && holds_pesel(value) {
            faults.push(AnswerFault::Pesel { answer: at });
        }
    }
    let unanswered = questions.iter().filter(|question| answers.iter().all(|answer| answer.question != question.code));
    faults.extend(unanswered.filter(|question| question.required).map(|one| AnswerFault::Missing { question: one.code.clone() }));
    faults
}

/// Whether the answer is the day since which something is so, which cannot lie ahead.
fn tells_a_beginning(questions: &[Question], question: &Question) -> bool {
    let since = questions.iter().filter_map(|other| other.gives_fact.as_ref()?.since_question.as_ref());
    question.kind == QuestionKind::Date && (question.gives_fact.is_some() || since.into_iter().any(|code| *code == question.code))
}

/// What is expected, where the answer is something else.
fn check(question: &Question, value: &str, latest: Option<Day>) -> Result<(), Expected> {
    let (fits, expected) = match question.kind {
        QuestionKind::YesNo => (matches!(value, "true" | "false"), Expected::OneOf("true, false".to_owned())),
        QuestionKind::Choice => {
            let codes: Vec<&str> = question.choices.iter().map(|choice| choice.code.as_str()).collect();
            (codes.contains(&value), Expected::OneOf(codes.join(", ")))
        }
        QuestionKind::Number => (is_number(value), Expected::Number),
        QuestionKind::Date => {
            let fits = value.parse::<Day>().is_ok_and(|day| latest.is_none_or(|latest| day <= latest));
            (fits, Expected::Day(latest))
        }
        QuestionKind::Text if question.gives_fact.is_some() => (value.parse::<Teryt>().is_ok(), Expected::Place),
        QuestionKind::Text => return Ok(()),
    };
    if fits { Ok(()) } else { Err(expected) }
}

fn is_number(text: &str) -> bool {
    let digits = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match unsigned.split_once('.') {
        None => digits(unsigned, DIGITS.0),
        Some((whole, fraction)) => digits(whole, DIGITS.0) && digits(fraction, DIGITS.1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn form() -> Vec<Question> {
        serde_json::from_value(json!([
            { "code": "yes", "text": "?", "kind": "yesNo", "required": true, "givesFact": { "kind": "benefitRight", "sinceQuestion": "since" } },
            { "code": "since", "text": "?", "kind": "date" },
            { "code": "plan", "text": "?", "kind": "date" },
            { "code": "one", "text": "?", "kind": "choice", "choices": [{ "code": "a", "text": "A" }, { "code": "b", "text": "B" }] },
            { "code": "count", "text": "?", "kind": "number" },
            { "code": "words", "text": "?", "kind": "text" },
            { "code": "place", "text": "?", "kind": "text", "givesFact": { "kind": "residence" } }
        ]))
        .expect("questions")
    }

    fn faults(answers: &Value) -> Vec<AnswerFault> {
        let answers: Vec<Answer> = serde_json::from_value(answers.clone()).expect("answers");
        answer_faults(&form(), &answers, "2020-10-10".parse().expect("a day"))
    }

    #[test]
    fn each_kind_of_question_takes_its_kind_of_answer() {
        for (question, value, fits) in [
            ("since", "2020-10-10", true),
            ("since", "2020-10-11", false),
            ("plan", "2030-01-01", true),
            ("plan", "2021-02-29", false),
            ("one", "b", true),
            ("one", "c", false),
            ("count", "-12.50", true),
            ("count", "12,5", false),
            ("count", ".5", false),
            ("count", "1234567890123", false),
            ("words", "chcę wrócić do pracy", true),
            ("place", "1013011", true),
            ("place", "Rawa", false),
        ] {
            let found = faults(&json!([{ "question": "yes", "value": "true" }, { "question": question, "value": value }]));
            assert_eq!(found.is_empty(), fits, "{question} {value}: {found:?}");
        }
    }

    #[test]
    fn a_question_is_answered_once_and_a_required_one_always() {
        let twice = json!([{ "question": "count", "value": "1" }, { "question": "count", "value": "2" }, { "question": "other", "value": "x" }]);
        assert_eq!(
            faults(&twice),
            [
                AnswerFault::Repeated { answer: 1 },
                AnswerFault::Unknown { answer: 2 },
                AnswerFault::Missing { question: "yes".parse().expect("a code") }
            ]
        );
    }

    #[test]
    fn a_fault_is_told_in_the_language_of_the_reader() {
        for (question, value, polish, english) in [
            (
                "since",
                "2020-10-11",
                "oczekiwano: dzień RRRR-MM-DD, nie późniejszy niż 2020-10-10",
                "must be a day YYYY-MM-DD, not after 2020-10-10",
            ),
            ("count", "dwa", "oczekiwano: liczba, na przykład -12.50", "must be a number such as -12.50"),
        ] {
            let found = faults(&json!([{ "question": "yes", "value": "true" }, { "question": question, "value": value }]));
            assert_eq!(found[0].hint(), Hint::new(polish, english));
        }
    }

    #[test]
    fn words_name_nobody_by_number() {
        let pesel = crate::platform::types::fictitious_pesel(
            "1980-01-02".parse().expect("a day"),
            crate::platform::types::Sex::Female,
            7,
        );
        let words = format!("mój numer to {}", pesel.expose());
        let found = faults(&json!([{ "question": "yes", "value": "true" }, { "question": "words", "value": words }]));
        assert_eq!(found, [AnswerFault::Pesel { answer: 1 }]);
    }
}
