//! The types of the contract, as far as a dialect reaches: what stands in an element.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Dialect;
use super::plain::Plain;

/// What stands in an element.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// Elements of different names, in any order.
    Members(Vec<Member>),
    /// Elements of one name.
    Items {
        /// Name of each.
        element: String,
        of: Box<Self>,
        least: u64,
        most: Option<u64>,
    },
    /// One element, whose name is the value of the member `by` of the same object.
    Choice { by: &'static str, alternatives: Vec<(&'static str, String)> },
    /// A type that has a name.
    Named(String),
    /// Text.
    Plain(Plain),
}

/// A member of an object.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub name: String,
    pub required: bool,
    pub content: Content,
    pub meaning: String,
}

/// A type that has a name.
#[derive(Clone, Debug)]
pub(super) struct Type {
    pub meaning: String,
    pub content: Content,
}

/// All types by their names, and the elements that documents begin with.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    pub namespace: &'static str,
    pub roots: &'static [(&'static str, &'static str)],
    pub types: BTreeMap<String, Type>,
}

impl Vocabulary {
    /// Reads the types from the contract.
    pub(super) fn of(document: &Value, dialect: &Dialect) -> Self {
        let mut compiler = Compiler { document, dialect, types: BTreeMap::new() };
        let of_lists = dialect.lists.iter().map(|(.., schema)| *schema);
        for schema in dialect.roots.iter().map(|(_, schema)| *schema).chain(of_lists) {
            compiler.named(schema);
        }
        let types = compiler.types.into_iter().filter_map(|(name, found)| Some((name, found?))).collect();
        Self { namespace: dialect.namespace, roots: dialect.roots, types }
    }

    /// What stands in an element, behind all names of types.
    pub(super) fn resolve<'v>(&'v self, mut content: &'v Content) -> &'v Content {
        while let Content::Named(name) = content {
            let Some(found) = self.types.get(name) else { break };
            content = &found.content;
        }
        content
    }

    /// What stands in an element that a document begins with.
    pub(super) fn root(&self, name: &str) -> Option<&Content> {
        let (_, schema) = self.roots.iter().find(|(root, _)| *root == name)?;
        self.types.get(*schema).map(|found| &found.content)
    }
}

struct Compiler<'d> {
    document: &'d Value,
    dialect: &'d Dialect,
    /// Types that are being read stand there without content, so that none is read twice.
    types: BTreeMap<String, Option<Type>>,
}

impl<'d> Compiler<'d> {
    fn schema(&self, name: &str) -> &'d Value {
        let schemas = &self.document["components"]["schemas"];
        let page = format!("Page_{name}");
        // A type that is answered in pages only stands within its page.
        let schema = schemas.get(name).unwrap_or(&schemas[page.as_str()]["properties"]["items"]["items"]);
        assert!(schema.is_object(), "the contract has no type {name}");
        schema
    }

    fn named(&mut self, name: &str) -> Content {
        if !self.types.contains_key(name) {
            self.types.insert(name.to_owned(), None);
            let schema = self.schema(name);
            let content = match self.dialect.choices.iter().find(|choice| choice.schema == name) {
                Some(choice) => {
                    let alternatives = (choice.alternatives)();
                    for (_, of) in &alternatives {
                        self.named(of);
                    }
                    Content::Choice { by: choice.by, alternatives }
                }
                None => self.content(schema, ""),
            };
            self.types.insert(name.to_owned(), Some(Type { meaning: meaning(schema), content }));
        }
        Content::Named(name.to_owned())
    }

    fn content(&mut self, schema: &'d Value, member: &str) -> Content {
        if let Some(reference) = schema["$ref"].as_str() {
            return self.named(reference.rsplit('/').next().unwrap_or_default());
        }
        if let Some(alternatives) = schema["oneOf"].as_array() {
            let mut told = alternatives.iter().filter(|one| one["type"] != "null");
            let (Some(only), None) = (told.next(), told.next()) else {
                panic!("{member} is one of several types, and no member says which");
            };
            return self.content(only, member);
        }
        if schema["properties"].is_object() || schema["allOf"].is_array() {
            let mut members = Vec::new();
            self.members(schema, &mut members);
            return Content::Members(members);
        }
        if schema["type"] == "array" {
            let element = self.dialect.items.iter().find(|(name, _)| *name == member).map(|(_, element)| *element);
            let element = element.unwrap_or_else(|| panic!("{member} holds several values, and no element is named for one"));
            return Content::Items {
                element: element.to_owned(),
                of: Box::new(self.content(&schema["items"], member)),
                least: schema["minItems"].as_u64().unwrap_or(0),
                most: schema["maxItems"].as_u64(),
            };
        }
        Content::Plain(Plain::of(schema))
    }

    fn members(&mut self, schema: &'d Value, members: &mut Vec<Member>) {
        for part in schema["allOf"].as_array().into_iter().flatten() {
            let part = part["$ref"].as_str().map_or(part, |name| self.schema(name.rsplit('/').next().unwrap_or_default()));
            self.members(part, members);
        }
        let Some(properties) = schema["properties"].as_object() else { return };
        // The contract knows the order of those that are never absent; the others follow by name.
        let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let others = properties.keys().map(String::as_str).filter(|name| !required.contains(name));
        for name in required.iter().copied().filter(|name| properties.contains_key(*name)).chain(others) {
            let property = &properties[name];
            let content = self.content(property, name);
            members.push(Member {
                name: name.to_owned(),
                required: required.contains(&name),
                content,
                meaning: meaning(property),
            });
        }
    }
}

/// What a schema says about its meaning.
fn meaning(schema: &Value) -> String {
    let own = schema["description"].as_str();
    own.or_else(|| schema["oneOf"].as_array()?.iter().find_map(|one| one["description"].as_str())).unwrap_or_default().to_owned()
}
