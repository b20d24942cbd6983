//! The canonical form of a JSON document, which its hash is taken of.

use std::cell::RefCell;
use std::io;
use std::ops::Range;
use std::rc::Rc;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::problem::{Problem, catalogue};
use super::secrets::digest_hex;

/// The canonical form of a document: UTF-8 without spaces, members in the order of their names (as RFC 8785 for what holds
/// no fractions, and names of plain letters and digits).
///
/// # Errors
/// When it cannot be written, which no document of ours is.
pub fn canonical(document: &impl Serialize) -> Result<String, Problem> {
    let written = Rc::new(RefCell::new(Vec::new()));
    let ordering = Ordering { written: Written(Rc::clone(&written)), open: Vec::new() };
    let failed = |error: serde_json::Error| catalogue::INTERNAL.problem().because(error);
    document.serialize(&mut Serializer::with_formatter(Written(Rc::clone(&written)), ordering)).map_err(failed)?;
    String::from_utf8(written.take()).map_err(|error| catalogue::INTERNAL.problem().because(error))
}

/// SHA-256 of the canonical form, in lower-case hexadecimal.
///
/// # Errors
/// As [`canonical`].
pub fn fingerprint(document: &impl Serialize) -> Result<String, Problem> {
    Ok(digest_hex(canonical(document)?.as_bytes()))
}

/// What was written so far; the serializer appends, the formatter puts the members of an object in order.
struct Written(Rc<RefCell<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn len(&self) -> usize {
        self.0.borrow().len()
    }
}

/// A member of an object that is being written, by its places in the text.
struct Member {
    /// The name in its quotation marks.
    name: Range<usize>,
    end: usize,
}

/// Orders the members of each object when it ends: a tree of the whole document would take several times as long.
struct Ordering {
    written: Written,
    /// The objects that have begun, each with its members.
    open: Vec<Vec<Member>>,
}

impl Ordering {
    fn member(&mut self) -> Option<&mut Member> {
        self.open.last_mut()?.last_mut()
    }
}

impl Formatter for Ordering {
    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open.push(Vec::new());
        writer.write_all(b"{")
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        let at = self.written.len();
        if let Some(members) = self.open.last_mut() {
            members.push(Member { name: at..at, end: at });
        }
        Ok(())
    }

    fn end_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        let at = self.written.len();
        if let Some(member) = self.member() {
            member.name.end = at;
        }
        Ok(())
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        let at = self.written.len();
        if let Some(member) = self.member() {
            member.end = at;
        }
        Ok(())
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let mut members = self.open.pop().unwrap_or_default();
        put_in_order(&mut self.written.0.borrow_mut(), &mut members);
        writer.write_all(b"}")
    }
}

/// Puts the members of an object, the last thing written, in the order of their names.
fn put_in_order(written: &mut Vec<u8>, members: &mut [Member]) {
    let Some(start) = members.first().map(|member| member.name.start) else { return };
    let name = |member: &Member| written.get(member.name.start + 1..member.name.end - 1).unwrap_or_default();
    if members.is_sorted_by_key(name) {
        return;
    }
    members.sort_by(|one, other| name(one).cmp(name(other)));
    let texts = members.iter().filter_map(|member| written.get(member.name.start..member.end));
    let ordered = texts.collect::<Vec<_>>().join(&b","[..]);
    written.truncate(start);
    written.extend_from_slice(&ordered);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn documents() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC*".prop_map(Value::from)
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            let names = "[a-zA-Z0-9_!]{0,4}";
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((names, inner), 0..6).prop_map(|members| members.into_iter().collect::<Value>()),
            ]
        })
    }

    /// Writes the members of every object from the last to the first.
    struct Backwards<'v>(&'v Value);

    impl Serialize for Backwards<'_> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self.0 {
                Value::Object(members) => {
                    serializer.collect_map(members.iter().rev().map(|(name, value)| (name, Backwards(value))))
                }
                Value::Array(items) => serializer.collect_seq(items.iter().map(Backwards)),
                plain => plain.serialize(serializer),
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_order_members_come_in_they_leave_in_that_of_their_names(document in documents()) {
            // A `Value` keeps its members sorted.
            let expected = serde_json::to_string(&document).expect("a document");
            prop_assert_eq!(canonical(&document).expect("a document"), expected.clone());
            prop_assert_eq!(canonical(&Backwards(&document)).expect("a document"), expected);
        }
    }

    #[test]
    fn a_name_that_begins_another_comes_first() {
        let document = json!({ "places": 1, "place": 2, "": 3 });
        assert_eq!(canonical(&Backwards(&document)).expect("a document"), r#"{"":3,"place":2,"places":1}"#);
    }
}
