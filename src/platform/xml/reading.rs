//! From XML to the JSON that it stands for, led by the types: what no type has a place for is refused where it stands.
//!
//! Nothing outside the document is ever read, nothing in it is replaced but the five entities that XML builds in and
//! numbered characters, so that a document never grows by being read; and its depth is that of the types.

use std::fmt::Write as _;

use quick_xml::NsReader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use serde_json::{Map, Value};

use super::vocabulary::{Content, Member, Vocabulary};
use crate::platform::body::nearest;
use crate::platform::hint::Hint;
use crate::platform::problem::{Definition, Problem, catalogue};

/// Most attributes of an element: namespaces and places of schemas, nothing else is taken.
const MOST_ATTRIBUTES: usize = 8;
/// Namespace of the attributes that name schemas.
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The JSON that a document stands for.
///
/// # Errors
/// As [`super::XmlBody::to_json`].
pub(super) fn read(vocabulary: &Vocabulary, root: &'static str, document: &[u8]) -> Result<Value, Problem> {
    let text = match std::str::from_utf8(document) {
        Ok(text) => text,
        Err(error) => return Err(at_line(&catalogue::XML_NOT_PARSEABLE, document, error.valid_up_to())),
    };
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if let Some((at, _)) = text.char_indices().find(|(_, character)| !is_allowed(*character)) {
        return Err(at_line(&catalogue::XML_NOT_PARSEABLE, text.as_bytes(), at));
    }
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().check_comments = true;
    Reading { reader, vocabulary, text, path: String::new(), chosen: None }.document(root)
}

/// Whether a document of XML 1.0 may hold a character (section 2.2).
pub(super) const fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

fn is_blank(text: &str) -> bool {
    text.chars().all(|character| character.is_ascii_whitespace())
}

fn at_line(definition: &'static Definition, document: &[u8], at: usize) -> Problem {
    let line = document.iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
    definition.problem().with("line", line)
}

/// What comes next in a document.
enum Token {
    Open(String),
    Text(String),
    Close,
    End,
}

struct Reading<'x> {
    reader: NsReader<&'x [u8]>,
    vocabulary: &'x Vocabulary,
    text: &'x str,
    /// Where it reads, as a JSON pointer.
    path: String,
    /// The element that the last choice was made by.
    chosen: Option<String>,
}

impl Reading<'_> {
    fn document(mut self, root: &'static str) -> Result<Value, Problem> {
        let vocabulary = self.vocabulary;
        let content = vocabulary.root(root).ok_or_else(|| catalogue::INTERNAL.problem().because("no such element"))?;
        match self.outside()? {
            Token::Open(name) if name == root => {}
            Token::Open(_) => return Err(self.refused(Hint::one_of([root].into_iter()))),
            _ => return Err(self.malformed()),
        }
        let value = self.value(content)?;
        match self.outside()? {
            Token::End => Ok(value),
            _ => Err(self.malformed()),
        }
    }

    /// What comes next outside of the one element of a document.
    fn outside(&mut self) -> Result<Token, Problem> {
        loop {
            match self.token()? {
                Token::Text(text) if is_blank(&text) => {}
                token => return Ok(token),
            }
        }
    }

    /// What an element holds that has just begun, up to its end.
    fn value(&mut self, content: &Content) -> Result<Value, Problem> {
        match self.vocabulary.resolve(content) {
            Content::Members(members) => self.members(members),
            Content::Items { element, of, .. } => self.items(element, of),
            Content::Choice { alternatives, .. } => self.choice(alternatives),
            Content::Plain(plain) => Ok(plain.read(self.text_alone()?)),
            Content::Named(_) => Err(catalogue::INTERNAL.problem().because("a type without content")),
        }
    }

    fn members(&mut self, members: &[Member]) -> Result<Value, Problem> {
        let mut object = Map::new();
        let mut choice = None;
        while let Some(name) = self.element()? {
            let Some(member) = members.iter().find(|member| member.name == name) else {
                return Err(self.unknown(&name, &mut members.iter().map(|member| member.name.as_str())));
            };
            let value = self.within(&name, |reading| {
                if object.contains_key(&name) {
                    return Err(reading.refused(Hint::twice()));
                }
                reading.value(&member.content)
            })?;
            if let Content::Choice { by, .. } = self.vocabulary.resolve(&member.content) {
                choice = self.chosen.take().map(|chosen| (*by, chosen, name.clone()));
            }
            object.insert(name, value);
        }
        if let Some((by, chosen, member)) = choice
            && let Some(stated) = object.get(by).and_then(Value::as_str)
            && stated != chosen
        {
            return self.within(&member, |reading| Err(reading.refused(Hint::one_of([stated].into_iter()))));
        }
        Ok(Value::Object(object))
    }

    fn items(&mut self, element: &str, of: &Content) -> Result<Value, Problem> {
        let mut items = Vec::new();
        while let Some(name) = self.element()? {
            if name != element {
                return Err(self.unknown(&name, &mut [element].into_iter()));
            }
            let place = items.len().to_string();
            items.push(self.within(&place, |reading| reading.value(of))?);
        }
        Ok(Value::Array(items))
    }

    fn choice(&mut self, alternatives: &[(&'static str, String)]) -> Result<Value, Problem> {
        let names = || alternatives.iter().map(|(name, _)| *name);
        let Some(name) = self.element()? else { return Err(self.refused(Hint::one_of(names()))) };
        let Some((_, of)) = alternatives.iter().find(|(known, _)| *known == name) else {
            return Err(self.unknown(&name, &mut names()));
        };
        let value = self.value(&Content::Named(of.clone()))?;
        if self.element()?.is_some() {
            return Err(self.refused(Hint::new("ma więcej niż jeden element", "has more than one element")));
        }
        self.chosen = Some(name);
        Ok(value)
    }

    /// The next element inside of one that holds no text; nothing at its end.
    fn element(&mut self) -> Result<Option<String>, Problem> {
        loop {
            match self.token()? {
                Token::Open(name) => return Ok(Some(name)),
                Token::Close => return Ok(None),
                Token::Text(text) if is_blank(&text) => {}
                Token::Text(_) => return Err(self.refused(Hint::new("ma tekst między elementami", "has text between elements"))),
                Token::End => return Err(self.malformed()),
            }
        }
    }

    /// The text of an element that holds no others.
    fn text_alone(&mut self) -> Result<String, Problem> {
        let mut all = String::new();
        loop {
            match self.token()? {
                Token::Text(text) => all.push_str(&text),
                Token::Close => return Ok(all),
                Token::Open(name) => return Err(self.unknown(&name, &mut std::iter::empty())),
                Token::End => return Err(self.malformed()),
            }
        }
    }

    fn token(&mut self) -> Result<Token, Problem> {
        loop {
            let (namespace, event) = match self.reader.read_resolved_event() {
                Ok((ResolveResult::Bound(Namespace(namespace)), event)) => (Some(namespace.to_owned()), event),
                Ok((_, event)) => (None, event),
                Err(_) => return Err(self.malformed()),
            };
            return Ok(match event {
                Event::Start(start) => {
                    self.check_attributes(&start)?;
                    let name = start.local_name().into_inner().to_owned();
                    if namespace.as_deref() != Some(self.vocabulary.namespace) {
                        let hint = Hint::new(
                            format!("element musi należeć do przestrzeni nazw {}", self.vocabulary.namespace),
                            format!("the element must be of the namespace {}", self.vocabulary.namespace),
                        );
                        return self.within(&name, |reading| Err(reading.refused(hint)));
                    }
                    Token::Open(name)
                }
                Event::End(_) => Token::Close,
                Event::Text(text) => Token::Text(text.xml10_content().into_owned()),
                Event::CData(text) => Token::Text(text.xml10_content().into_owned()),
                Event::GeneralRef(reference) => Token::Text(self.replaced(&reference)?.to_string()),
                Event::Comment(_) => continue,
                Event::Decl(declaration) => {
                    let is_utf8 = |name: &str| name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("us-ascii");
                    let fits = declaration.version().is_ok_and(|version| version == "1.0")
                        && declaration.encoding().is_none_or(|name| name.is_ok_and(|name| is_utf8(&name)));
                    if !fits {
                        return Err(self.malformed());
                    }
                    continue;
                }
                Event::DocType(_) | Event::PI(_) => return Err(self.not_plain()),
                Event::Empty(_) => return Err(self.malformed()),
                Event::Eof => Token::End,
            });
        }
    }

    /// The character that a reference stands for; no document declares others.
    fn replaced(&self, reference: &BytesRef<'_>) -> Result<char, Problem> {
        if let Some(character) = reference.resolve_char_ref().map_err(|_| self.malformed())? {
            return if is_allowed(character) { Ok(character) } else { Err(self.malformed()) };
        }
        Ok(match reference.xml10_content().as_ref() {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "apos" => '\'',
            "quot" => '"',
            _ => return Err(self.not_plain()),
        })
    }

    fn check_attributes(&self, start: &BytesStart<'_>) -> Result<(), Problem> {
        if start.attributes().with_checks(false).nth(MOST_ATTRIBUTES).is_some() {
            return Err(self.not_plain());
        }
        for attribute in start.attributes() {
            let key = attribute.map_err(|_| self.malformed())?.key;
            if key.as_namespace_binding().is_some() {
                continue;
            }
            let (namespace, local) = self.reader.resolver().resolve_attribute(key);
            let names_schema = ["schemaLocation", "noNamespaceSchemaLocation"].contains(&local.into_inner());
            if namespace != ResolveResult::Bound(Namespace(SCHEMA_INSTANCE)) || !names_schema {
                return Err(self.unknown(&format!("@{}", key.into_inner()), &mut std::iter::empty()));
            }
        }
        Ok(())
    }

    fn within<T>(&mut self, segment: &str, work: impl FnOnce(&mut Self) -> Result<T, Problem>) -> Result<T, Problem> {
        let length = self.path.len();
        let _ = write!(self.path, "/{}", escaped(segment));
        let done = work(self);
        self.path.truncate(length);
        done
    }

    fn refused(&self, hint: Hint) -> Problem {
        catalogue::INVALID_BODY.problem().and(self.path.as_str(), &catalogue::INVALID_FIELD, Some(hint))
    }

    fn unknown(&self, name: &str, valid: &mut dyn Iterator<Item = &str>) -> Problem {
        let hint = nearest(name, &valid.collect::<Vec<_>>()).map(Hint::did_you_mean);
        catalogue::INVALID_BODY.problem().and(format!("{}/{}", self.path, escaped(name)), &catalogue::UNKNOWN_FIELD, hint)
    }

    fn here(&self, definition: &'static Definition) -> Problem {
        let at = self.reader.error_position().max(self.reader.buffer_position());
        at_line(definition, self.text.as_bytes(), usize::try_from(at).unwrap_or(usize::MAX))
    }

    fn malformed(&self) -> Problem {
        self.here(&catalogue::XML_NOT_PARSEABLE)
    }

    fn not_plain(&self) -> Problem {
        self.here(&catalogue::XML_NOT_PLAIN)
    }
}

fn escaped(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}
