//! Every write and reveal, carried out on the demonstration data with the examples of the contract.

use pai::platform::policy::Access;
use serde_json::Value;

use super::contract::{Operation, operations};
use super::{Answer, Api, TestApp};

/// Acts that end something which the others need.
const ENDINGS: &[&str] = &[
    "withdraw_application",
    "substitute_participant",
    "end_participation",
    "close_edition",
    "revoke_client",
    "commit_import",
    "cancel_import",
    "approve_settlement",
    "withdraw_settlement",
];

/// How an operation is tried: as a caller, on a path, with a body.
pub type Attempt<'a> = dyn FnMut(&TestApp, &Operation, &Api, &str, Option<&Value>) -> Answer + 'a;

/// Carries out every write and reveal once, with the examples of the contract; acts that end something come last.
pub fn exercise(attempt: &mut Attempt) {
    let app = TestApp::start_with_demo();
    let (endings, others): (Vec<_>, Vec<_>) =
        writes_and_reveals().into_iter().partition(|operation| ENDINGS.contains(&operation.id));
    let mut left = settle(&app, others, attempt);
    for id in ENDINGS {
        left.extend(settle(&app, endings.iter().filter(|operation| operation.id == *id).cloned().collect(), attempt));
    }
    drop(app);
    // What contradicts another example gets data of its own.
    for operation in left {
        settle(&TestApp::start_with_demo(), vec![operation], attempt);
    }
}

/// Every operation that changes something or reveals identities.
pub fn writes_and_reveals() -> Vec<Operation> {
    operations().into_iter().filter(|operation| operation.rule().is_some_and(|rule| rule.access != Access::Read)).collect()
}

/// Tries operations until none of those that are left succeeds, because some need what others make.
fn settle(app: &TestApp, mut left: Vec<Operation>, attempt: &mut Attempt) -> Vec<Operation> {
    let mut before = usize::MAX;
    while left.len() < before {
        before = left.len();
        left.retain(|operation| {
            let api = app.api(operation.allowed_role());
            let path = operation.example_path();
            let body = operation.example().cloned();
            attempt(app, operation, &operation.conditional(&api, &path), &path, body.as_ref()).status >= 300
        });
    }
    left
}
