//! From JSON to XML, led by the types: what no type has a place for is a fault, never left out in silence.

use std::fmt::{self, Write as _};

use serde_json::{Map, Value};
use thiserror::Error;

use super::reading::is_allowed;
use super::vocabulary::{Content, Vocabulary};

/// Beginning of every document.
pub(super) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Why JSON has no XML.
#[derive(Debug, Error)]
pub(super) enum Unwritable {
    #[error("no type has a place for {0}")]
    NoPlace(String),
    #[error(transparent)]
    Format(#[from] fmt::Error),
}

/// The document of an element that stands for some JSON.
pub(super) fn document(vocabulary: &Vocabulary, root: &str, value: &Value) -> Result<String, Unwritable> {
    let mut out = String::from(DECLARATION);
    let content = vocabulary.root(root).ok_or_else(|| Unwritable::NoPlace(root.to_owned()))?;
    let attribute = format!(" xmlns=\"{}\"", vocabulary.namespace);
    Writing { vocabulary, out: &mut out }.element(root, &attribute, content, value, (0, &Map::new()))?;
    Ok(out)
}

/// An element inside of a document.
pub(super) fn element(vocabulary: &Vocabulary, name: &str, content: &Content, value: &Value) -> Result<String, Unwritable> {
    let mut out = String::new();
    Writing { vocabulary, out: &mut out }.element(name, "", content, value, (1, &Map::new()))?;
    Ok(out)
}

struct Writing<'w> {
    vocabulary: &'w Vocabulary,
    out: &'w mut String,
}

impl Writing<'_> {
    /// Writes an element at a depth, for a value of an object.
    fn element(
        &mut self,
        name: &str,
        attribute: &str,
        content: &Content,
        value: &Value,
        (depth, beside): (usize, &Map<String, Value>),
    ) -> Result<(), Unwritable> {
        let no_place = || Unwritable::NoPlace(name.to_owned());
        self.indent(depth);
        write!(self.out, "<{name}{attribute}>")?;
        match (self.vocabulary.resolve(content), value) {
            (Content::Members(members), Value::Object(object)) => {
                if let Some(strange) = object.keys().find(|key| members.iter().all(|member| member.name != **key)) {
                    return Err(Unwritable::NoPlace(strange.clone()));
                }
                self.out.push('\n');
                for member in members {
                    let Some(value) = object.get(&member.name).filter(|value| !value.is_null()) else { continue };
                    self.element(&member.name, "", &member.content, value, (depth + 1, object))?;
                }
                self.indent(depth);
            }
            (Content::Items { element, of, .. }, Value::Array(items)) => {
                self.out.push('\n');
                for item in items {
                    self.element(element, "", of, item, (depth + 1, &Map::new()))?;
                }
                self.indent(depth);
            }
            (Content::Choice { by, alternatives }, value) => {
                let stated = beside.get(*by).and_then(Value::as_str);
                let (name, of) = alternatives.iter().find(|(name, _)| Some(*name) == stated).ok_or_else(no_place)?;
                self.out.push('\n');
                self.element(name, "", &Content::Named(of.clone()), value, (depth + 1, &Map::new()))?;
                self.indent(depth);
            }
            (Content::Plain(_), Value::String(text)) => self.text(text)?,
            (Content::Plain(_), Value::Number(number)) => write!(self.out, "{number}")?,
            (Content::Plain(_), Value::Bool(flag)) => write!(self.out, "{flag}")?,
            _ => return Err(no_place()),
        }
        writeln!(self.out, "</{name}>")?;
        Ok(())
    }

    fn indent(&mut self, depth: usize) {
        self.out.extend(std::iter::repeat_n("  ", depth));
    }

    fn text(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            match character {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                // A reader would take it for the end of a line.
                '\r' => self.out.push_str("&#13;"),
                allowed if is_allowed(allowed) => self.out.push(allowed),
                _ => self.out.push(char::REPLACEMENT_CHARACTER),
            }
        }
        Ok(())
    }
}
