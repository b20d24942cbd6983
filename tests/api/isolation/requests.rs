//! The requests of the matrix, made from the contract: an operation that is added is in it at once.

use std::collections::BTreeMap;

use crate::support::DOCUMENT;
use pai::platform::examples;
use pai::platform::policy::{Access, Role};
use serde_json::Value;
use uuid::Uuid;

use super::towns::{EVERYTHING, Towns, missing, moved, uuids};
use crate::support::contract::{MISSING, Operation, PURPOSE};
use crate::support::json_schema::resolve;

/// Operations on what all towns share, so that another town's is there and may be read.
const SHARED: &[&str] = &["get_institution", "update_institution", "get_definition", "get_error"];
/// Path ids that are no record of the calling town, with another town's in their place.
const FOREIGN_PATHS: &[(&str, &str)] = &[("institutions", examples::OTHER_INSTITUTION)];

/// A request, whoever sends it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub body: Option<String>,
    pub headers: Vec<(&'static str, String)>,
}

/// Who sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sender {
    Nobody,
    /// A client of the calling town, a supervisor or facilitator with its narrowing.
    Own(Role),
    /// A client of the other town.
    Other(Role),
}

/// What must be answered.
#[derive(Clone, Debug)]
pub enum Answered {
    /// As the contract's example promises.
    Well,
    /// Anything but a refusal of the caller.
    Admitted,
    Forbidden,
    Unauthenticated,
    /// Exactly as this request, but for the ids that differ.
    As(Request),
}

/// A cell of the matrix.
#[derive(Clone, Debug)]
pub struct Case {
    pub operation: &'static str,
    pub context: String,
    pub sender: Sender,
    pub request: Request,
    pub answered: Answered,
}

/// A place in a request where an id stands, or could.
#[derive(Clone, Debug)]
enum Slot {
    Path(Uuid),
    Query { name: String, given: Option<Uuid> },
    Body { parent: String, name: String, given: Option<Uuid> },
}

impl Slot {
    /// The id that the example has here.
    fn given(&self) -> Option<Uuid> {
        match self {
            Self::Path(given) => Some(*given),
            Self::Query { given, .. } | Self::Body { given, .. } => *given,
        }
    }

    /// The name of the field.
    fn field(&self) -> &str {
        match self {
            Self::Path(_) => "id",
            Self::Query { name, .. } | Self::Body { name, .. } => name,
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Path(_) => "id in the path".to_owned(),
            Self::Query { name, .. } => format!("id in the query, {name}"),
            Self::Body { parent, name, .. } => format!("id in the body, {parent}/{name}"),
        }
    }
}

/// An operation with what its requests are made of.
pub struct Draft<'o> {
    operation: &'o Operation,
    path: String,
    query: Vec<(String, String)>,
    body: Option<Value>,
    etag: String,
}

impl<'o> Draft<'o> {
    /// The contract's example; `etag` is that of the resource it changes.
    pub fn new(operation: &'o Operation, etag: String) -> Self {
        let has_body = operation.body_schema().is_some() || operation.file().is_some();
        let body = has_body.then(|| operation.example().cloned().unwrap_or_else(|| serde_json::json!({})));
        let id = operation.parameters("path").into_iter().find(|path| path["name"] == "id" && path["schema"]["format"] != "uuid");
        let path = match id.and_then(|id| id["example"].as_str()) {
            Some(example) => operation.path_with(example),
            None => operation.example_path(),
        };
        let text = |value: &Value| value.as_str().map(str::to_owned).or_else(|| value.as_i64().map(|number| number.to_string()));
        let example = |query: &Value| Some((query["name"].as_str()?.to_owned(), text(&query["example"])?));
        let query = operation.parameters("query").into_iter().filter_map(example).collect();
        Self { operation, path, query, body, etag }
    }

    /// The example as a rehearsal.
    pub fn request(&self) -> Request {
        self.with(&self.path, &self.query, self.body.as_ref())
    }

    fn with(&self, path: &str, query: &[(String, String)], body: Option<&Value>) -> Request {
        let mut pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if self.operation.rule().is_some_and(|rule| rule.access.writes()) {
            pairs.push("dryRun=true".to_owned());
        }
        let mut headers = vec![("Pai-Purpose", PURPOSE.to_owned())];
        if changes(self.operation) {
            headers.push(("If-Match", self.etag.clone()));
        }
        headers.extend(self.operation.file().map(|(media, _)| ("Content-Type", media.to_owned())));
        Request {
            method: self.operation.method.clone(),
            target: if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) },
            body: body.map(|body| self.operation.text_of(body)),
            headers,
        }
    }

    /// The request with an id of one's own in a slot.
    fn fill(&self, slot: &Slot, id: Uuid) -> Request {
        match slot {
            Slot::Path(given) => {
                self.with(&self.path.replace(&given.to_string(), &id.to_string()), &self.query, self.body.as_ref())
            }
            Slot::Query { name, .. } => {
                let mut query = self.query.clone();
                query.retain(|(known, _)| known != name);
                query.push((name.clone(), id.to_string()));
                self.with(&self.path, &query, self.body.as_ref())
            }
            Slot::Body { parent, name, .. } => {
                let mut body = self.body.clone().unwrap_or_default();
                match body.pointer_mut(parent) {
                    Some(Value::Object(members)) => {
                        members.insert(name.clone(), Value::String(id.to_string()));
                    }
                    Some(list) => *list = serde_json::json!([id]),
                    None => set_list(&mut body, parent, id),
                }
                self.with(&self.path, &self.query, Some(&body))
            }
        }
    }

    fn slots(&self) -> Vec<Slot> {
        let mut slots = Vec::new();
        let of_path = self.operation.parameters("path").into_iter().any(|path| path["schema"]["format"] == "uuid");
        if of_path && !SHARED.contains(&self.operation.id) {
            slots.extend(uuids(&self.path).map(Slot::Path));
        }
        let queries = self.operation.parameters("query").into_iter().filter(|query| query["schema"]["format"] == "uuid");
        slots.extend(queries.filter_map(|query| query["name"].as_str()).map(|name| {
            let example = self.query.iter().find(|(known, _)| known == name).and_then(|(_, id)| id.parse().ok());
            Slot::Query { name: name.to_owned(), given: example }
        }));
        if let (Some(schema), Some(example)) = (self.operation.body_schema(), &self.body) {
            body_slots(schema, Some(example), "", &mut slots);
        }
        slots
    }
}

fn set_list(body: &mut Value, pointer: &str, id: Uuid) {
    let (parent, name) = pointer.rsplit_once('/').unwrap_or(("", pointer));
    if let Some(Value::Object(members)) = body.pointer_mut(parent) {
        members.insert(name.to_owned(), serde_json::json!([id]));
    }
}

/// Whether the operation looks at If-Match.
pub fn changes(operation: &Operation) -> bool {
    matches!(operation.rule().map(|rule| rule.access), Some(Access::Change | Access::ChangeIdentity | Access::Put))
}

fn is_id(schema: &Value) -> bool {
    resolve(&DOCUMENT, schema)["format"] == "uuid" || alternatives(schema).any(|one| resolve(&DOCUMENT, one)["format"] == "uuid")
}

fn alternatives(schema: &Value) -> impl Iterator<Item = &Value> {
    ["oneOf", "anyOf", "allOf"].into_iter().flat_map(|keyword| schema[keyword].as_array().into_iter().flatten())
}

/// Every id that a body can hold.
fn body_slots(schema: &Value, example: Option<&Value>, at: &str, found: &mut Vec<Slot>) {
    let schema = resolve(&DOCUMENT, schema);
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let given = example.and_then(|example| example.get(name));
        let pointer = format!("{at}/{name}");
        let items = &resolve(&DOCUMENT, member)["items"];
        if is_id(member) {
            let given = given.and_then(Value::as_str).and_then(|id| id.parse().ok());
            found.push(Slot::Body { parent: at.to_owned(), name: name.clone(), given });
        } else if is_id(items) {
            let given = given.and_then(|list| list[0].as_str()).and_then(|id| id.parse().ok());
            found.push(Slot::Body { parent: pointer, name: String::new(), given });
        } else {
            body_slots(member, given, &pointer, found);
            body_slots(items, given.and_then(|list| list.get(0)), &format!("{pointer}/0"), found);
        }
    }
    for one in alternatives(schema) {
        body_slots(one, example, at, found);
    }
}

/// All cells of an operation that the roles and the ids make.
pub fn cases(draft: &Draft, towns: &Towns, examples: &BTreeMap<String, Uuid>, allowed: &[Role]) -> Vec<Case> {
    let operation = draft.operation;
    let example = draft.request();
    let mut cases = Vec::new();
    let mut add = |context: String, sender, request: &Request, answered| {
        cases.push(Case { operation: operation.id, context, sender, request: request.clone(), answered });
    };
    if operation.rule().is_none() {
        add("open to all".to_owned(), Sender::Nobody, &example, Answered::Well);
        return cases;
    }
    add("no token".to_owned(), Sender::Nobody, &example, Answered::Unauthenticated);
    let usual = operation.allowed_role();
    for role in Role::ALL {
        let answered = match role {
            _ if !allowed.contains(&role) => Answered::Forbidden,
            _ if role == usual => Answered::Well,
            _ => Answered::Admitted,
        };
        let of_other = if answered_forbidden(&answered) { Answered::Forbidden } else { Answered::As(elsewhere(&example, towns)) };
        add("own records".to_owned(), Sender::Own(role), &example, answered);
        if !SHARED.contains(&operation.id) {
            add("another town's caller".to_owned(), Sender::Other(role), &example, of_other);
        }
    }
    for slot in draft.slots() {
        let given = slot.given().or_else(|| examples.get(slot.field()).copied()).filter(|given| towns.is_own_record(*given));
        let foreign = given.map_or_else(|| EVERYTHING.parse().expect("an id"), moved);
        let roles = if slot.given().is_some() { allowed } else { &[usual] };
        let absent = draft.fill(&slot, missing(foreign));
        let mut foreign = vec![foreign];
        if matches!(slot, Slot::Path(_)) {
            let others = FOREIGN_PATHS.iter().filter(|(segment, _)| operation.segment() == *segment);
            foreign.extend(others.filter_map(|(_, id)| id.parse::<Uuid>().ok()));
        }
        for id in foreign {
            for role in roles {
                add(format!("{} = {id}", slot.name()), Sender::Own(*role), &draft.fill(&slot, id), Answered::As(absent.clone()));
            }
        }
        for role in allowed {
            // That an id of the own town is taken is told to every client of the town.
            let is_chosen = matches!(&slot, Slot::Body { name, .. } if name == "id");
            for id in towns.hidden_from(*role).filter(|_| !is_chosen) {
                add(
                    format!("{} hidden, {id}", slot.name()),
                    Sender::Own(*role),
                    &draft.fill(&slot, id),
                    Answered::As(absent.clone()),
                );
            }
        }
        if let (Slot::Query { .. }, Some(given)) = (&slot, given) {
            add(format!("{} of one's own", slot.name()), Sender::Own(usual), &draft.fill(&slot, given), Answered::Admitted);
        }
    }
    let behalf =
        Request { headers: [example.headers.clone(), vec![("Pai-On-Behalf-Of", MISSING.to_owned())]].concat(), ..example };
    add("on behalf of a stranger".to_owned(), Sender::Own(usual), &behalf, Answered::As(draft.request()));
    if changes(operation) {
        let version = |number: i32| {
            let mut request = draft.request();
            request.headers.retain(|(name, _)| *name != "If-Match");
            request.headers.push(("If-Match", format!("\"{number}\"")));
            request
        };
        for ahead in 1..=3 {
            let foreign = version(super::towns::VERSIONS_AHEAD + ahead);
            add("another town's version".to_owned(), Sender::Own(usual), &foreign, Answered::As(version(70_000)));
        }
    }
    cases
}

fn answered_forbidden(answered: &Answered) -> bool {
    matches!(answered, Answered::Forbidden)
}

/// Ids that the contract's examples give under a name such as `editionId`.
pub fn example_ids(operations: &[Operation]) -> BTreeMap<String, Uuid> {
    fn collect(value: &Value, found: &mut BTreeMap<String, Uuid>) {
        match value {
            Value::Object(members) => {
                let ids = members.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.parse().ok()?)));
                found.extend(ids.filter(|(name, _)| name != "id"));
                members.values().for_each(|value| collect(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| collect(value, found)),
            _ => {}
        }
    }
    let mut found = BTreeMap::new();
    operations.iter().filter_map(Operation::example).for_each(|example| collect(example, &mut found));
    found
}

/// The same request about records that nobody has.
fn elsewhere(request: &Request, towns: &Towns) -> Request {
    let replace = |text: &str| {
        uuids(text)
            .filter(|id| towns.is_own_record(*id))
            .fold(text.to_owned(), |text, id| text.replace(&id.to_string(), &missing(id).to_string()))
    };
    Request { target: replace(&request.target), body: request.body.as_deref().map(replace), ..request.clone() }
}
