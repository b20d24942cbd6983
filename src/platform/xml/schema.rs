//! The published schema, in XML Schema 1.0: what any validator needs to judge a document before it is sent.
//!
//! Members of an object may come in any order (`xs:all`), as in JSON.

use std::fmt::{self, Write as _};

use super::Dialect;
use super::plain::Plain;
use super::vocabulary::{Content, Member, Vocabulary};
use super::writing::DECLARATION;

/// The schema of a dialect.
pub(super) fn written(vocabulary: &Vocabulary, dialect: &Dialect) -> String {
    let mut out = String::from(DECLARATION);
    // Writing to a text cannot fail.
    let _ = Schema { vocabulary, out: &mut out }.schema(dialect);
    out
}

struct Schema<'w> {
    vocabulary: &'w Vocabulary,
    out: &'w mut String,
}

/// A text as the value of an attribute or between elements.
fn quoted(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

impl Schema<'_> {
    fn schema(&mut self, dialect: &Dialect) -> fmt::Result {
        let (namespace, version) = (dialect.namespace, dialect.version);
        writeln!(
            self.out,
            "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns=\"{namespace}\" targetNamespace=\"{namespace}\" elementFormDefault=\"qualified\" version=\"{version}\">"
        )?;
        self.meaning(1, dialect.about)?;
        for (name, schema) in dialect.roots {
            writeln!(self.out, "  <xs:element name=\"{name}\" type=\"{schema}\"/>")?;
        }
        for (list, record, schema) in dialect.lists {
            writeln!(self.out, "  <xs:element name=\"{list}\">\n    <xs:complexType>\n      <xs:sequence>")?;
            writeln!(self.out, "        <xs:element name=\"{record}\" type=\"{schema}\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>")?;
            writeln!(self.out, "      </xs:sequence>\n    </xs:complexType>\n  </xs:element>")?;
        }
        let vocabulary = self.vocabulary;
        for (name, found) in &vocabulary.types {
            match &found.content {
                Content::Plain(plain) => self.simple(1, Some(name), &found.meaning, plain)?,
                content => {
                    writeln!(self.out, "  <xs:complexType name=\"{name}\">")?;
                    self.meaning(2, &found.meaning)?;
                    self.model(2, content)?;
                    writeln!(self.out, "  </xs:complexType>")?;
                }
            }
        }
        writeln!(self.out, "</xs:schema>")
    }

    fn indent(&mut self, depth: usize) {
        self.out.extend(std::iter::repeat_n("  ", depth));
    }

    fn line(&mut self, depth: usize, line: &str) -> fmt::Result {
        self.indent(depth);
        writeln!(self.out, "{line}")
    }

    fn meaning(&mut self, depth: usize, text: &str) -> fmt::Result {
        if text.is_empty() {
            return Ok(());
        }
        let text = quoted(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        self.line(depth, &format!("<xs:annotation><xs:documentation xml:lang=\"en\">{text}</xs:documentation></xs:annotation>"))
    }

    /// What may stand in an element that holds others.
    fn model(&mut self, depth: usize, content: &Content) -> fmt::Result {
        match content {
            Content::Members(members) => {
                self.line(depth, "<xs:all>")?;
                for member in members {
                    self.member(depth + 1, member)?;
                }
                self.line(depth, "</xs:all>")
            }
            Content::Items { element, of, least, most } => {
                let most = most.map_or_else(|| "unbounded".to_owned(), |most| most.to_string());
                self.line(depth, "<xs:sequence>")?;
                self.element(depth + 1, element, of, "", &format!(" minOccurs=\"{least}\" maxOccurs=\"{most}\""))?;
                self.line(depth, "</xs:sequence>")
            }
            Content::Choice { alternatives, .. } => {
                self.line(depth, "<xs:choice>")?;
                for (name, of) in alternatives {
                    self.line(depth + 1, &format!("<xs:element name=\"{name}\" type=\"{of}\"/>"))?;
                }
                self.line(depth, "</xs:choice>")
            }
            Content::Named(_) | Content::Plain(_) => Ok(()),
        }
    }

    fn member(&mut self, depth: usize, member: &Member) -> fmt::Result {
        let occurs = if member.required { "" } else { " minOccurs=\"0\"" };
        self.element(depth, &member.name, &member.content, &member.meaning, occurs)
    }

    fn element(&mut self, depth: usize, name: &str, content: &Content, meaning: &str, occurs: &str) -> fmt::Result {
        if let Content::Named(of) = content {
            if meaning.is_empty() {
                return self.line(depth, &format!("<xs:element name=\"{name}\" type=\"{of}\"{occurs}/>"));
            }
            self.line(depth, &format!("<xs:element name=\"{name}\" type=\"{of}\"{occurs}>"))?;
            self.meaning(depth + 1, meaning)?;
            return self.line(depth, "</xs:element>");
        }
        self.line(depth, &format!("<xs:element name=\"{name}\"{occurs}>"))?;
        self.meaning(depth + 1, meaning)?;
        if let Content::Plain(plain) = content {
            self.simple(depth + 1, None, "", plain)?;
        } else {
            self.line(depth + 1, "<xs:complexType>")?;
            self.model(depth + 2, content)?;
            self.line(depth + 1, "</xs:complexType>")?;
        }
        self.line(depth, "</xs:element>")
    }

    fn simple(&mut self, depth: usize, name: Option<&str>, meaning: &str, plain: &Plain) -> fmt::Result {
        let name = name.map(|name| format!(" name=\"{name}\"")).unwrap_or_default();
        self.line(depth, &format!("<xs:simpleType{name}>"))?;
        self.meaning(depth + 1, meaning)?;
        self.line(depth + 1, &format!("<xs:restriction base=\"{}\">", plain.base.name()))?;
        for (facet, value) in &plain.facets {
            self.line(depth + 2, &format!("<xs:{facet} value=\"{}\"/>", quoted(value)))?;
        }
        self.line(depth + 1, "</xs:restriction>")?;
        self.line(depth, "</xs:simpleType>")
    }
}
