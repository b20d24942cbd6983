//! Values without elements in them: how they are bounded, and how they are read from text.

use serde_json::Value;

/// What white space around a value may be (XML 1.0, section 2.3).
const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// What a value is, as XML Schema knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// Text in which white space counts.
    Text,
    /// A word, around which it does not.
    Word,
    Day,
    Instant,
    Decimal,
    Whole,
    LongWhole,
    Flag,
}

impl Base {
    /// Its name among the types of XML Schema.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Text => "xs:string",
            Self::Word => "xs:token",
            Self::Day => "xs:date",
            Self::Instant => "xs:dateTime",
            Self::Decimal => "xs:decimal",
            Self::Whole => "xs:int",
            Self::LongWhole => "xs:long",
            Self::Flag => "xs:boolean",
        }
    }
}

/// A value without elements in it.
#[derive(Clone, Debug)]
pub(super) struct Plain {
    pub base: Base,
    /// Facets of XML Schema with their values.
    pub facets: Vec<(&'static str, String)>,
}

/// How a UUID is spelt.
const UUID: &str = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";

impl Plain {
    /// The value that a schema of the contract describes.
    pub(super) fn of(schema: &Value) -> Self {
        let is = |wanted: &str| {
            let kind = &schema["type"];
            kind == wanted || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == wanted))
        };
        let mut facets = Vec::new();
        if is("boolean") {
            return Self { base: Base::Flag, facets };
        }
        if is("integer") {
            let bounds = [("minInclusive", "minimum"), ("maxInclusive", "maximum")];
            facets.extend(bounds.iter().filter_map(|(facet, bound)| Some((*facet, schema[bound].as_i64()?.to_string()))));
            let base = if schema["format"] == "int64" { Base::LongWhole } else { Base::Whole };
            return Self { base, facets };
        }
        assert!(is("string"), "no XML for {schema}");
        if let Some(words) = schema["enum"].as_array() {
            facets.extend(words.iter().filter_map(Value::as_str).map(|word| ("enumeration", word.to_owned())));
            return Self { base: Base::Word, facets };
        }
        let pattern = schema["pattern"].as_str().map(pattern);
        let base = match schema["format"].as_str() {
            Some("date") => Base::Day,
            Some("date-time") => return Self { base: Base::Instant, facets },
            Some("decimal") => Base::Decimal,
            Some("uuid") => return Self { base: Base::Word, facets: vec![("pattern", UUID.to_owned())] },
            _ => {
                let bounds = ["minLength", "maxLength"];
                facets.extend(bounds.iter().filter_map(|bound| Some((*bound, schema[bound].as_u64()?.to_string()))));
                // A text that allows a space has a pattern that says where.
                if pattern.as_ref().is_none_or(|pattern| pattern.contains("[^")) { Base::Text } else { Base::Word }
            }
        };
        facets.extend(pattern.map(|pattern| ("pattern", pattern)));
        Self { base, facets }
    }

    /// The JSON that a text stands for. What is none of its kind stays text, which the reader of the JSON refuses.
    pub(super) fn read(&self, text: String) -> Value {
        if self.base == Base::Text {
            return Value::String(text);
        }
        let word = text.trim_matches(SPACE);
        match self.base {
            Base::Whole | Base::LongWhole => word.parse::<i64>().map_or_else(|_| Value::from(word), Value::from),
            Base::Flag => match word {
                "true" | "1" => Value::Bool(true),
                "false" | "0" => Value::Bool(false),
                other => Value::from(other),
            },
            _ => Value::from(word),
        }
    }
}

/// A pattern of the contract as XML Schema spells it: without anchors, escapes and characters that no document can hold.
fn pattern(json: &str) -> String {
    let body = json.strip_prefix('^').unwrap_or(json);
    let body = body.strip_suffix('$').unwrap_or(body);
    let mut out = String::with_capacity(body.len());
    let mut signs = body.chars().peekable();
    let mut in_class = false;
    while let Some(sign) = next(&mut signs) {
        match sign {
            Sign::Plain('[') if !in_class => {
                in_class = true;
                out.push('[');
            }
            Sign::Plain(']') => {
                in_class = false;
                out.push(']');
            }
            Sign::Plain(character) => out.push(character),
            Sign::Escaped(character) if !in_class => out.extend(['\\', character]),
            Sign::Escaped(from) | Sign::Exact(from) => {
                let to = range_end(&mut signs, in_class).unwrap_or(from);
                class_range(&mut out, from, to);
            }
        }
    }
    out
}

enum Sign {
    /// A sign with its own meaning in a pattern.
    Plain(char),
    /// One behind a backslash, such as `\.`.
    Escaped(char),
    /// A character told by its number or as `\t` and `\n`.
    Exact(char),
}

fn next(signs: &mut std::iter::Peekable<std::str::Chars>) -> Option<Sign> {
    let sign = signs.next()?;
    if sign != '\\' {
        return Some(Sign::Plain(sign));
    }
    Some(match signs.next()? {
        't' => Sign::Exact('\t'),
        'n' => Sign::Exact('\n'),
        'u' => {
            let number: String = signs.by_ref().take(4).collect();
            Sign::Exact(u32::from_str_radix(&number, 16).ok().and_then(char::from_u32).unwrap_or('\u{FFFD}'))
        }
        other => Sign::Escaped(other),
    })
}

/// The other end of a range in a class of characters, where one follows.
fn range_end(signs: &mut std::iter::Peekable<std::str::Chars>, in_class: bool) -> Option<char> {
    let mut ahead = signs.clone();
    if !in_class || ahead.next() != Some('-') || ahead.peek() == Some(&']') {
        return None;
    }
    let (Sign::Plain(end) | Sign::Escaped(end) | Sign::Exact(end)) = next(&mut ahead)?;
    *signs = ahead;
    Some(end)
}

/// A range of characters without those that no document can hold.
fn class_range(out: &mut String, from: char, to: char) {
    const BELOW_SPACE: [char; 3] = ['\t', '\n', '\r'];
    for character in BELOW_SPACE.into_iter().filter(|character| (from..=to).contains(character)) {
        push_escaped(out, character);
    }
    let from = from.max(' ');
    if from > to {
        return;
    }
    push_escaped(out, from);
    if from < to {
        out.push('-');
        push_escaped(out, to);
    }
}

fn push_escaped(out: &mut String, character: char) {
    match character {
        '\t' => out.push_str("\\t"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\\' | '[' | ']' | '-' | '^' => out.extend(['\\', character]),
        other => out.push(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patterns_lose_what_no_document_can_hold_and_keep_their_meaning() {
        for (json, xml) in [
            ("^[0-9]{11}$", "[0-9]{11}"),
            (r"^-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,2})?$", r"-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,2})?"),
            ("^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$", "[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"),
            (r"^[\t\n \u00A0]*$", "[\\t\\n \u{A0}]*"),
            (r"^[^\u0000-\u0008\u000B-\u001F\u007F-\u009F]*$", "[^\\r\u{7F}-\u{9F}]*"),
            (r"^[^\u0000-\u0020]$", "[^\\t\\n\\r ]"),
        ] {
            assert_eq!(pattern(json), xml, "{json}");
        }
    }

    #[test]
    fn values_are_read_by_their_kind_and_what_is_none_stays_text() {
        let read = |schema: Value, text: &str| Plain::of(&schema).read(text.to_owned());
        assert_eq!(read(json!({ "type": "integer" }), " 7\n"), json!(7));
        assert_eq!(read(json!({ "type": "integer" }), "7.5"), json!("7.5"));
        assert_eq!(read(json!({ "type": "integer" }), "99999999999999999999"), json!("99999999999999999999"));
        assert_eq!(read(json!({ "type": ["boolean", "null"] }), "1"), json!(true));
        assert_eq!(read(json!({ "type": "boolean" }), "tak"), json!("tak"));
        assert_eq!(read(json!({ "type": "string", "format": "date" }), " 2026-05-04 "), json!("2026-05-04"));
        assert_eq!(read(json!({ "type": "string", "maxLength": 9 }), " a "), json!(" a "));
    }
}
