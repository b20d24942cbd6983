//! What a slice says about one kind of import.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::cells::Cells;
use crate::platform::db::Tx;
use crate::platform::policy::Rule;
use crate::platform::problem::{Definition, Locale, Problem, render};

/// A column of a kind.
#[derive(Debug)]
pub struct Column {
    /// Its name in NDJSON, in findings and, if one likes, as a head.
    pub name: &'static str,
    /// Its Polish head.
    pub label: &'static str,
    /// What its cells hold.
    pub holds: CellKind,
    /// Whether every row needs it.
    pub required: bool,
    /// What it means, in Polish.
    pub meaning: &'static str,
    /// A cell as it may be written.
    pub example: &'static str,
}

impl Column {
    /// A column that a row may leave blank.
    pub const fn new(
        name: &'static str,
        label: &'static str,
        holds: CellKind,
        meaning: &'static str,
        example: &'static str,
    ) -> Self {
        Self { name, label, holds, required: false, meaning, example }
    }

    /// The column, where every row needs it.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug)]
pub enum CellKind {
    /// Any text.
    Text,
    /// A day, `YYYY-MM-DD` or `DD.MM.YYYY`.
    Day,
    /// A whole number.
    Whole,
    /// A decimal number, with comma or point.
    Decimal,
    /// A PESEL number.
    Pesel,
    /// One of a few words: the code, then its Polish spellings.
    Word(&'static [(&'static str, &'static [&'static str])]),
}

impl CellKind {
    /// The name in the contract.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Day => "day",
            Self::Whole => "whole",
            Self::Decimal => "decimal",
            Self::Pesel => "pesel",
            Self::Word(_) => "word",
        }
    }

    /// How a cell has to be written, in Polish; never what stood there.
    pub(super) fn form(self) -> String {
        match self {
            Self::Text => "tekst bez znaków sterujących, w dozwolonej długości".to_owned(),
            Self::Day => "dzień: RRRR-MM-DD lub DD.MM.RRRR".to_owned(),
            Self::Whole => "liczba całkowita w dozwolonych granicach".to_owned(),
            Self::Decimal => "liczba z przecinkiem lub kropką".to_owned(),
            Self::Pesel => "numer PESEL: 11 cyfr z poprawną cyfrą kontrolną".to_owned(),
            Self::Word(words) => {
                let words: Vec<&str> = words.iter().map(|(code, spellings)| spellings.first().copied().unwrap_or(code)).collect();
                format!("jedno ze słów: {}", words.join(", "))
            }
        }
    }
}

/// Something to know about a row: an error, a conflict, or a warning that keeps nobody from committing it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Column; nothing where it is about the whole row.
    pub column: Option<String>,
    /// Code of the error catalogue.
    pub code: String,
    /// What to do about it, in Polish; never a value of the row.
    pub hint: String,
}

impl Finding {
    /// A finding with the catalogue's own words, which have no places to fill.
    pub fn new(column: Option<&str>, definition: &'static Definition) -> Self {
        Self::because(column, definition, definition.fix_pl)
    }

    /// A finding with a hint of its own.
    pub fn because(column: Option<&str>, definition: &'static Definition, hint: &str) -> Self {
        Self::saying(column, definition, definition.title_pl, hint)
    }

    /// What a refusal of a single record says, in the words of the catalogue with their places filled.
    pub fn of(problem: &Problem) -> Self {
        let column = problem.fields.first().map(|field| field.pointer.trim_start_matches('/'));
        let column = column.and_then(|pointer| pointer.split('/').next()).filter(|name| !name.is_empty());
        let said = render(problem, Locale::Polish, "", Uuid::nil());
        Self::saying(column, problem.definition, &said.title, &said.detail)
    }

    fn saying(column: Option<&str>, definition: &'static Definition, title: &str, hint: &str) -> Self {
        debug_assert!(!title.contains('{') && !hint.contains('{'), "{}: a place is not filled", definition.code);
        Self { column: column.map(str::to_owned), code: definition.code.to_owned(), hint: format!("{title}. {hint}") }
    }
}

/// A natural key of a row: no two rows of a file may share one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Column that holds it.
    pub column: &'static str,
    /// Its normal form.
    pub value: String,
}

/// What a row would do.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Record something new, perhaps with a warning.
    Create(Vec<Finding>),
    /// Change a record.
    Change {
        /// The record.
        record: Uuid,
        /// The state that the change was planned on; another one at the commit refuses it.
        base: String,
        /// Columns that differ.
        columns: Vec<&'static str>,
        /// Warnings.
        findings: Vec<Finding>,
    },
    /// Nothing: the record is as the row says.
    Unchanged(Uuid),
    /// Contradict what is recorded.
    Conflict(Option<Uuid>, Finding),
    /// Record the same as an earlier row of the file, by its place among those compared.
    Repeats(usize),
    /// Refer to something that is not there, or is no row of this kind.
    Error(Finding),
}

/// A record that a row changes.
pub struct Change<'a, C> {
    /// The record.
    pub record: Uuid,
    /// The state that the change was planned on.
    pub base: &'a str,
    /// The row.
    pub command: &'a C,
}

/// A kind of import: the columns of its files, and one command for each row.
pub trait Kind: 'static {
    /// A row, understood.
    type Command: Send;
    /// Name in the contract.
    const NAME: &'static str;
    /// What it is, in Polish.
    const TITLE: &'static str;
    /// Kind of its records in the access register.
    const RECORD: &'static str;
    /// The operation that records one of them; whoever may not call it may not import either.
    const RULE: &'static Rule;
    /// The operation that reads what [`addresses`](Self::addresses) names.
    const READ: &'static Rule;
    /// Columns, in the order of the sample.
    const COLUMNS: &'static [Column];

    /// Understands a row; what is wrong with it is noted in `cells`.
    fn read(cells: &mut Cells) -> Option<Self::Command>;

    /// Natural keys of a row.
    fn keys(command: &Self::Command) -> Vec<Key>;

    /// Keeps others from recording the same until the commit ends, by what single calls hold too: asked before the rows are
    /// compared the last time. A kind whose records a constraint keeps apart leaves this out.
    ///
    /// # Errors
    /// `platform.unavailable` when that takes too long.
    fn hold(_: &mut Tx, _: &[&Self::Command]) -> Result<(), Problem> {
        Ok(())
    }

    /// Compares rows with what is recorded; one verdict each, in their order.
    ///
    /// # Errors
    /// Only when the store fails: what is wrong with a row is its verdict.
    fn compare(tx: &mut Tx, commands: &[&Self::Command]) -> Result<Vec<Verdict>, Problem>;

    /// Records new ones in few statements, announces them, and answers their ids in the order of the rows.
    ///
    /// # Errors
    /// As the operation that records one.
    fn create(tx: &mut Tx, commands: &[&Self::Command]) -> Result<Vec<Uuid>, Problem>;

    /// Changes records in few statements, and announces them; answers for each the record that holds now, which is another
    /// where a correction took its place, and nothing for those that are not in the state any more that the change was
    /// planned on, for whose sake all is undone. A kind that plans no change leaves this out.
    ///
    /// # Errors
    /// As the operation that changes one.
    fn change(_: &mut Tx, changes: &[Change<Self::Command>]) -> Result<Vec<Option<Uuid>>, Problem> {
        Ok(changes.iter().map(|_| None).collect())
    }

    /// Where each of these records is read; those that are not there any more are left out.
    ///
    /// # Errors
    /// Only when the store fails.
    fn addresses(tx: &mut Tx, records: &[Uuid]) -> Result<HashMap<Uuid, String>, Problem>;
}

/// Addresses of records that are read by their own id.
pub fn each_at(path: &str, records: &[Uuid]) -> HashMap<Uuid, String> {
    records.iter().map(|id| (*id, format!("/api/v1/{path}/{id}"))).collect()
}
