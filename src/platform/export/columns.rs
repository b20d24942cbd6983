//! The columns of each list, read from the contract.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::platform::listing::Cell;
use crate::platform::openapi::operations;
use crate::platform::xml::{Interchange, ListAsXml};

/// Types whose values are added up for control.
const ADDED_UP: [&str; 3] = ["Hours", "HourChange", "Money"];
/// How deep objects in objects become columns; what lies deeper stands in one cell, as JSON.
const DEPTH: usize = 3;

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Text,
    Whole,
    Decimal,
    Day,
    /// Lists and whatever else has no single value, as JSON.
    Json,
}

/// A column of a list.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Its head: the names of the members that lead to it, joined by points.
    pub head: String,
    /// What stands in it, as the contract says.
    pub meaning: String,
    path: Vec<String>,
    holds: Holds,
    /// Whether its values are added up for control.
    pub added_up: bool,
}

/// A list: its name and its columns.
#[derive(Debug)]
pub(crate) struct Shape {
    /// Last word of its path.
    pub name: String,
    /// The columns from left to right.
    pub columns: Vec<Column>,
    /// How its records are spelt in XML, where they can be.
    pub as_xml: Option<Arc<ListAsXml>>,
}

/// The shapes of all lists by their operations.
#[derive(Debug, Default)]
pub(crate) struct Lists(HashMap<String, Arc<Shape>>);

impl Lists {
    /// Reads them from the contract.
    pub(crate) fn of(document: &Value, interchange: &Interchange) -> Self {
        let shapes = operations(document).filter_map(|(path, _, operation)| {
            let item = item_of(document, operation)?;
            let name = path.rsplit('/').find(|segment| !segment.starts_with('{'))?.to_owned();
            let mut columns = Vec::new();
            collect(document, item, &[], &mut columns);
            let id = operation["operationId"].as_str()?;
            Some((id.to_owned(), Arc::new(Shape { name, columns, as_xml: interchange.list(id) })))
        });
        Self(shapes.collect())
    }

    /// The shape of an operation that lists something.
    pub(crate) fn find(&self, operation: &str) -> Option<&Arc<Shape>> {
        self.0.get(operation)
    }
}

/// The schema of one record of an operation that answers pages.
fn item_of<'d>(document: &'d Value, operation: &'d Value) -> Option<&'d Value> {
    let is_paged = operation["parameters"].as_array()?.iter().any(|parameter| parameter["name"] == "cursor");
    let page = operation.pointer("/responses/200/content/application~1json/schema").filter(|_| is_paged)?;
    resolve(document, page).0.pointer("/properties/items/items")
}

/// The schema that references and `null` beside it lead to, with the name that it has last.
fn resolve<'d>(document: &'d Value, schema: &'d Value) -> (&'d Value, Option<&'d str>) {
    let (mut schema, mut name) = (schema, None);
    loop {
        if let Some(reference) = schema["$ref"].as_str() {
            name = reference.rsplit('/').next();
            let Some(found) = document.pointer(reference.trim_start_matches('#')) else { return (schema, name) };
            schema = found;
            continue;
        }
        let alternatives = ["oneOf", "anyOf", "allOf"].into_iter().find_map(|keyword| schema[keyword].as_array());
        let mut alternatives = alternatives.into_iter().flatten().filter(|one| one["type"] != "null");
        match (alternatives.next(), alternatives.next()) {
            (Some(only), None) => schema = only,
            _ => return (schema, name),
        }
    }
}

/// What a schema says about its meaning, on the way to where it leads.
fn meaning_of(document: &Value, schema: &Value) -> String {
    let own = schema["description"].as_str();
    let of_one = || ["oneOf", "anyOf"].into_iter().find_map(|keyword| schema[keyword][0]["description"].as_str());
    own.or_else(of_one).or_else(|| resolve(document, schema).0["description"].as_str()).unwrap_or_default().to_owned()
}

fn collect(document: &Value, schema: &Value, above: &[String], columns: &mut Vec<Column>) {
    let (schema, _) = resolve(document, schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect(document, part, above, columns);
    }
    let Some(members) = schema["properties"].as_object() else { return };
    // The contract knows the order of those that are never absent; the others follow by name.
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut names: Vec<&str> = required.filter(|name| members.contains_key(*name)).collect();
    names.extend(members.keys().map(String::as_str).filter(|name| !names.contains(name)).collect::<Vec<_>>());
    for name in names {
        let member = &members[name];
        let path: Vec<String> = above.iter().cloned().chain([name.to_owned()]).collect();
        let (leads_to, type_name) = resolve(document, member);
        let has_members = leads_to["properties"].as_object().is_some_and(|members| !members.is_empty());
        if (has_members || leads_to["allOf"].is_array()) && path.len() < DEPTH {
            collect(document, member, &path, columns);
            continue;
        }
        let added_up = type_name.is_some_and(|name| ADDED_UP.contains(&name));
        let head = path.join(".");
        columns.push(Column { head, meaning: meaning_of(document, member), path, holds: holds(leads_to), added_up });
    }
}

fn holds(schema: &Value) -> Holds {
    let is = |wanted: &str| {
        let kind = &schema["type"];
        kind == wanted || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == wanted))
    };
    match schema["format"].as_str() {
        Some("date") => Holds::Day,
        Some("decimal") => Holds::Decimal,
        _ if is("integer") => Holds::Whole,
        _ if is("string") || is("boolean") => Holds::Text,
        _ => Holds::Json,
    }
}

impl Column {
    /// The member of a record that stands in this column.
    fn value<'r>(&self, record: &'r Value) -> &'r Value {
        self.path.iter().fold(record, |value, name| &value[name.as_str()])
    }

    /// The cell of a record.
    pub(crate) fn cell(&self, record: &Value) -> Cell {
        match (self.holds, self.value(record)) {
            (_, Value::Null) => Cell::Empty,
            (Holds::Whole, Value::Number(number)) if number.is_i64() => Cell::Whole(number.as_i64().unwrap_or_default()),
            (Holds::Decimal, Value::String(number)) => number.parse().map_or_else(|_| Cell::text(number), Cell::Exact),
            (Holds::Day, Value::String(day)) => day.parse().map_or_else(|_| Cell::text(day), Cell::Day),
            (_, Value::String(words)) => Cell::text(words),
            (_, other) => Cell::text(other),
        }
    }

    /// The number of a record in a column that is added up.
    fn number(&self, record: &Value) -> Option<Decimal> {
        self.value(record).as_str()?.parse().ok()
    }
}

/// What was counted and added up over the rows of a list.
#[derive(Debug)]
pub(crate) struct Totals {
    /// Rows.
    pub rows: u64,
    /// Sums of the columns that are added up, by their heads.
    pub sums: BTreeMap<String, Decimal>,
}

impl Totals {
    /// Nothing yet: a column without any number adds up to zero.
    pub(crate) fn of(shape: &Shape) -> Self {
        let added_up = shape.columns.iter().filter(|column| column.added_up);
        Self { rows: 0, sums: added_up.map(|column| (column.head.clone(), Decimal::new(0, 2))).collect() }
    }

    /// Counts a record and adds its numbers.
    pub(crate) fn add(&mut self, shape: &Shape, record: &Value) {
        self.rows += 1;
        for column in shape.columns.iter().filter(|column| column.added_up) {
            if let (Some(sum), Some(number)) = (self.sums.get_mut(&column.head), column.number(record)) {
                *sum += number;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "paths": { "/api/v1/entries": { "get": { "operationId": "list_entries",
                "parameters": [{ "name": "cursor", "in": "query" }],
                "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Page" } } } } } } } },
            "components": { "schemas": {
                "Page": { "properties": { "items": { "items": { "$ref": "#/components/schemas/Entry" } } } },
                "Hours": { "type": "string", "format": "decimal" },
                "Day": { "type": "string", "format": "date" },
                "Place": { "type": "object", "properties": { "name": { "type": "string" }, "floor": { "type": "integer" } } },
                "Entry": { "allOf": [{ "$ref": "#/components/schemas/Core" }, { "type": "object", "properties": { "last": { "type": "boolean" } } }] },
                "Core": { "type": "object", "required": ["id", "workedOn"], "properties": {
                    "hours": { "oneOf": [{ "$ref": "#/components/schemas/Hours", "description": "Hours." }, { "type": "null" }] },
                    "id": { "type": "string", "format": "uuid", "description": "Id." },
                    "place": { "$ref": "#/components/schemas/Place" },
                    "tags": { "type": "array", "items": { "type": "string" } },
                    "workedOn": { "$ref": "#/components/schemas/Day" },
                } },
            } },
        })
    }

    #[test]
    fn columns_are_those_of_the_contract_and_cells_have_their_types() {
        let lists = Lists::of(&document(), &Interchange::default());
        let shape = lists.find("list_entries").expect("a list");
        assert_eq!(shape.name, "entries");
        let heads: Vec<&str> = shape.columns.iter().map(|column| column.head.as_str()).collect();
        assert_eq!(heads, ["id", "workedOn", "hours", "place.floor", "place.name", "tags", "last"]);
        assert_eq!(shape.columns[2].meaning, "Hours.");
        let record = json!({ "id": "a", "workedOn": "2020-11-03", "hours": "-1.25", "place": { "floor": 2, "name": "=1" }, "tags": ["x"], "last": true });
        let cells: Vec<Cell> = shape.columns.iter().map(|column| column.cell(&record)).collect();
        let day = Cell::Day("2020-11-03".parse().expect("a day"));
        let hours = Cell::Exact(Decimal::new(-125, 2));
        assert_eq!(
            cells,
            [Cell::text("a"), day, hours, Cell::Whole(2), Cell::text("=1"), Cell::text("[\"x\"]"), Cell::text("true")]
        );
        let mut totals = Totals::of(shape);
        for record in [&record, &json!({ "hours": "3.00" }), &json!({ "hours": null })] {
            totals.add(shape, record);
        }
        assert_eq!((totals.rows, totals.sums["hours"].to_string()), (3, "1.75".to_owned()));
    }
}
