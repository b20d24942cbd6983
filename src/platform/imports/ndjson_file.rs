//! One JSON object on each line; its members are the columns.

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::csv_file::decoded;
use super::rows::{Collected, too_large};
use super::table::{Dialect, ImportFormat, Table};
use super::{FILE_BROKEN, MOST_COLUMNS};
use crate::platform::problem::Problem;

pub(super) fn read(bytes: &[u8], charset: Option<&str>) -> Result<Table, Problem> {
    let (text, _) = decoded(bytes, charset)?;
    let mut header: Vec<String> = Vec::new();
    let mut objects: Vec<(u32, Map<String, Value>)> = Vec::new();
    for (place, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line_number = u32::try_from(place + 1).unwrap_or(u32::MAX);
        let Members(object) = serde_json::from_str(line).map_err(|_| FILE_BROKEN.problem().with("line", line_number))?;
        for name in object.keys() {
            if !header.contains(name) {
                header.push(name.clone());
            }
        }
        if header.len() > MOST_COLUMNS {
            return Err(too_large("columns"));
        }
        objects.push((line_number, object));
    }
    let mut collected = Collected::default();
    collected.take(0, header.clone())?;
    for (line, object) in objects {
        let mut cells = Vec::with_capacity(header.len());
        for name in &header {
            let cell = text_of(object.get(name)).ok_or_else(|| FILE_BROKEN.problem().with("line", line))?;
            collected.weigh(&cell)?;
            cells.push(cell);
        }
        collected.take(line, cells)?;
    }
    collected.into_table(ImportFormat::Ndjson, Dialect { separator: b',', marked: false })
}

/// An object that names no member twice: of two values one would be lost.
struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EachOnce)
    }
}

struct EachOnce;

impl<'de> Visitor<'de> for EachOnce {
    type Value = Members;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members, A::Error> {
        let mut members = Map::new();
        while let Some((name, value)) = access.next_entry()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member is named twice"));
            }
        }
        Ok(Members(members))
    }
}

/// A member as text; lists and objects are no cells.
fn text_of(value: Option<&Value>) -> Option<String> {
    match value {
        None | Some(Value::Null) => Some(String::new()),
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::Bool(value)) => Some(value.to_string()),
        Some(Value::Array(_) | Value::Object(_)) => None,
    }
}

/// Writes rows as objects; blank cells are left out.
pub(super) fn write(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut text = String::new();
    for row in rows {
        let members = header.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        let object: Map<String, Value> = members.map(|(name, cell)| ((*name).to_owned(), Value::String(cell))).collect();
        text.push_str(&Value::Object(object).to_string());
        text.push('\n');
    }
    text.into_bytes()
}
