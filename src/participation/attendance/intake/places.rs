//! Which row of which sheet a row of a file is about.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use uuid::Uuid;

use super::refuse_placeless;
use crate::participation::papers::row_code;
use crate::participation::sessions::expected::day_or;
use crate::platform::db::{Tx, own};
use crate::platform::imports::{Cells, Finding, Key};
use crate::platform::problem::{Problem, catalogue};
use crate::schema::{participations, sessions};

/// What a row says of its place.
pub enum Place {
    /// The code of a row of a sign-in sheet, and perhaps of which session.
    Code(String, Option<Uuid>),
    /// A session and a participation.
    Named(Uuid, Uuid),
}

impl Place {
    /// Reads the place; a code may be written in small letters, and O, I and L for the digits that they look like.
    pub fn read(cells: &mut Cells) -> Option<Self> {
        let session = cells.text("sessionId");
        if let Some(code) = cells.raw("rowCode") {
            return Some(Self::Code(typed_code(code), session));
        }
        if cells.raw("sessionId").is_none() || cells.raw("participationId").is_none() {
            refuse_placeless(cells);
            return None;
        }
        Some(Self::Named(session?, cells.text("participationId")?))
    }

    /// The natural key within a file.
    pub fn key(&self) -> Key {
        match self {
            Self::Code(code, _) => Key { column: "rowCode", value: code.clone() },
            Self::Named(session, participation) => Key { column: "participationId", value: format!("{session} {participation}") },
        }
    }

    /// The column that says it.
    pub fn column(&self) -> &'static str {
        match self {
            Self::Code(..) => "rowCode",
            Self::Named(..) => "participationId",
        }
    }

    /// The finding of a place that does not exist, here or in another town.
    pub fn unknown(&self) -> Finding {
        Finding::new(Some(self.column()), &catalogue::REFERENCE_NOT_FOUND)
    }
}

/// A code as it was printed, however it was typed.
fn typed_code(text: &str) -> String {
    let digit = |letter: char| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    text.chars().filter(|letter| !matches!(letter, ' ' | '-')).map(digit).collect()
}

/// A session and a participation.
type Pair = (Uuid, Uuid);

/// The places of a file that were found.
pub struct Places(HashMap<String, Vec<Pair>>);

impl Places {
    /// Looks the codes up among the rows of the tenant's sign-in sheets: those of the sessions that the file names, or of
    /// all where a row names none.
    ///
    /// # Errors
    /// Only when the store fails.
    pub fn find<'p>(tx: &mut Tx, places: impl Iterator<Item = &'p Place>) -> Result<Self, Problem> {
        let mut codes: HashSet<&str> = HashSet::new();
        let mut named: Option<HashSet<Uuid>> = Some(HashSet::new());
        for place in places {
            if let Place::Code(code, session) = place {
                codes.insert(code);
                match (session, &mut named) {
                    (Some(session), Some(named)) => {
                        named.insert(*session);
                    }
                    (None, _) => named = None,
                    (Some(_), None) => {}
                }
            }
        }
        let mut found: HashMap<String, Vec<Pair>> = HashMap::new();
        if codes.is_empty() {
            return Ok(Self(found));
        }
        for (session, participation) in sign_in_rows(tx, named)? {
            let code = row_code(session, participation);
            if codes.contains(code.as_str()) {
                found.entry(code).or_default().push((session, participation));
            }
        }
        Ok(Self(found))
    }

    /// The session and the participation of a place.
    pub fn of(&self, place: &Place) -> Result<Pair, Finding> {
        let (code, session) = match place {
            Place::Named(session, participation) => return Ok((*session, *participation)),
            Place::Code(code, session) => (code, session),
        };
        let of_session = |pair: &&Pair| session.is_none_or(|session| session == pair.0);
        let mut pairs = self.0.get(code).into_iter().flatten().filter(of_session);
        match (pairs.next(), pairs.next()) {
            (Some(pair), None) => Ok(*pair),
            (None, _) => Err(place.unknown()),
            (Some(_), Some(_)) => {
                let hint = "Ten kod mają wiersze dwóch list: podaj także identyfikator zajęć.";
                Err(Finding::because(Some("sessionId"), &catalogue::REFERENCE_NOT_FOUND, hint))
            }
        }
    }
}

/// Every row that a sign-in sheet may have: the participations that cover the day of a session of their edition.
fn sign_in_rows(tx: &mut Tx, named: Option<HashSet<Uuid>>) -> Result<Vec<Pair>, Problem> {
    let of_edition = participations::tenant_id.eq(sessions::tenant_id).and(participations::edition_id.eq(sessions::edition_id));
    let mut query = sessions::table
        .inner_join(participations::table.on(of_edition))
        .filter(own(tx, sessions::tenant_id))
        .filter(participations::starts_on.le(sessions::held_on))
        .filter(day_or(participations::ended_on, participations::planned_end_on).ge(sessions::held_on))
        .select((sessions::id, participations::id))
        .into_boxed();
    if let Some(named) = named {
        query = query.filter(sessions::id.eq_any(named));
    }
    Ok(query.load(tx.conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_however_it_was_typed() {
        for typed in ["0A1B2C3D", "oa1b2c3d", "OAIB 2C3D", "0al b2c3d", "0A1B-2C3D"] {
            assert_eq!(typed_code(typed), "0A1B2C3D", "{typed}");
        }
    }
}
