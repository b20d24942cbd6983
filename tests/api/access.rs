//! Who may do what: every operation as nobody, as a stranger and in every role.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use pai::platform::policy::{Access, RULES, Role};
use serde_json::Value;

use crate::support::bless::{compare, ratchet};
use crate::support::contract::{MISSING, Operation, operations};
use crate::support::{Api, TestApp};

/// Operations on a resource that no test makes; to be emptied.
const NOT_REACHED: &[&str] = &[];

fn apis(app: &TestApp) -> BTreeMap<Role, Api> {
    Role::ALL.into_iter().map(|role| (role, app.api(role))).collect()
}

/// The operation with a body that cannot be accepted: the caller is judged before what it sends.
fn send(operation: &Operation, api: &Api) -> crate::support::Answer {
    let body = operation.body_schema().map(|_| "{}".to_owned());
    api.with("If-Match", "\"1\"").send(&operation.method, &operation.path_with(MISSING), body)
}

#[test]
fn nobody_gets_in_without_a_valid_token() {
    let app = TestApp::start();
    let anonymous = app.anonymous();
    let token = app.token(Role::Coordinator);
    // One character of the signature is another.
    let broken = format!("{}{}", &token[..token.len() - 6], if token.ends_with("AAAAAA") { "BBBBBB" } else { "AAAAAA" });
    for operation in operations() {
        if operation.rule().is_none() {
            assert_eq!(send(&operation, &anonymous).status, 200, "{} is open", operation.id);
            continue;
        }
        for (what, api) in [
            ("no token", anonymous.clone()),
            ("a broken token", anonymous.with("Authorization", &format!("Bearer {broken}"))),
            ("no JWT", anonymous.with("Authorization", "Bearer none")),
            ("another scheme", anonymous.with("Authorization", "Basic cGFpOnBhaQ==")),
        ] {
            let answer = send(&operation, &api);
            assert_eq!(answer.status, 401, "{} with {what}: {}", operation.id, answer.text);
            answer.refused(401, "platform.unauthenticated");
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{}", operation.id);
        }
    }
}

#[test]
fn each_role_may_do_what_the_policy_says_and_nothing_else() {
    for operation in operations() {
        let Some(rule) = operation.rule() else { continue };
        assert!(!rule.roles.is_empty(), "{} is for nobody", operation.id);
        assert!(rule.roles.windows(2).all(|pair| pair[0] < pair[1]), "{}: roles in their order, once", operation.id);
        if rule.access.reveals_identity() {
            // What was sent to a labour office is for its officers to read, and for those of no other.
            let of_office = (operation.id == "get_message_subjects").then_some(Role::PupOfficer);
            let trusted: Vec<Role> = [Role::Coordinator, Role::SocialWorker].into_iter().chain(of_office).collect();
            assert!(rule.roles.iter().all(|role| trusted.contains(role)), "{} reveals identities", operation.id);
        }
    }
    let app = TestApp::start();
    // A first call of a fresh client looks its row up, a second remembers it: both must be judged alike.
    for _ in 0..2 {
        let apis = apis(&app);
        for operation in operations() {
            let Some(rule) = operation.rule() else { continue };
            for (role, api) in &apis {
                let answer = send(&operation, api);
                let of_role = rule.roles.contains(role);
                if rule.admits(*role) {
                    let refused = answer.status == 401 || answer.text.contains("platform.forbidden");
                    assert!(!refused, "{} as {}: {}", operation.id, role.as_str(), answer.text);
                } else {
                    assert_eq!(answer.status, 403, "{} as {}: {}", operation.id, role.as_str(), answer.text);
                    let refused = answer.refused(403, if of_role { "platform.families_only" } else { "platform.forbidden" });
                    // Nobody is sent for a role that is refused as well.
                    let admitted: Vec<&str> = rule.admitted().map(Role::as_str).collect();
                    assert!(of_role || refused["roles"] == admitted.join(", "), "{}: {refused}", operation.id);
                }
            }
        }
    }
}

#[test]
fn a_call_is_judged_by_its_caller_before_its_content() {
    let app = TestApp::start();
    for operation in operations() {
        let Some(rule) = operation.rule() else { continue };
        let Some(stranger) = Role::ALL.into_iter().find(|role| !rule.roles.contains(role)) else { continue };
        // A client that has never called, so that its row is still to be read.
        let api = app.fresh_api(stranger);
        let body = operation.body_schema().map(|_| "not JSON".to_owned());
        api.send(&operation.method, &operation.path_with("not-an-id"), body).refused(403, "platform.forbidden");
    }
}

#[test]
fn another_towns_resource_is_as_absent_as_none() {
    let app = TestApp::start_with_demo();
    let mut unreached = Vec::new();
    for operation in operations() {
        if operation.rule().is_none() || !operation.names_a_resource() {
            continue;
        }
        // Reference data belong to all towns.
        if matches!(operation.id, "get_institution" | "update_institution" | "get_regime" | "get_minimum_rate" | "get_definition")
        {
            continue;
        }
        let role = operation.allowed_role();
        let theirs = operation.example_path();
        let other = app.other_api(role);
        let foreign = operation.rehearse(&other, &theirs);
        let missing = operation.rehearse(&other, &operation.path_with(MISSING));
        assert_eq!(
            comparable(&foreign.text, &theirs),
            comparable(&missing.text, &operation.path_with(MISSING)),
            "{}",
            operation.id
        );
        assert_eq!(foreign.status, missing.status, "{}", operation.id);
        assert!(
            foreign.status == 404 || operation.id == "update_institution",
            "{}: {} {}",
            operation.id,
            foreign.status,
            foreign.text
        );
        // Only a resource that is there for its own town proves anything.
        if operation.rehearse(&app.api(role), &theirs).status == 404 {
            unreached.push(operation.id.to_owned());
        }
    }
    ratchet("operations without a resource to try them on", NOT_REACHED, unreached);
}

/// A problem without what differs from call to call.
fn comparable(text: &str, path: &str) -> Value {
    let mut body: Value = serde_json::from_str(text).unwrap_or(Value::Null);
    assert!(body["instance"].as_str().is_none_or(|instance| path.ends_with(instance) || instance.ends_with(path)), "{text}");
    if let Some(members) = body.as_object_mut() {
        members.remove("instance");
        members.remove("requestId");
    }
    body
}

#[test]
fn the_matrix_of_roles_is_the_published_one() {
    let operations = operations();
    let mut text = String::from(
        "# Who may do what\n\nGenerated from `src/platform/policy.rs`; a test compares it. `x` the role may call the operation.\n\
         Family assistants may call what is narrowed to their own families, and the settings listed in `policy/families.rs`.\n\
         Of a household they are told the members who have lived there while the assistant worked with it, today at the latest.\n\
         Access: *read* facts without identities, *reveal* identities (purpose required, logged), *add* facts,\n\
         *change* an existing resource (If-Match), *put* (If-Match where there is something to replace).\n\n",
    );
    let heads: Vec<String> = Role::ALL.iter().map(|role| role.as_str().replace('_', " ")).collect();
    writeln!(text, "| operation | call | access | {} |", heads.join(" | ")).expect("text");
    writeln!(text, "|---|---|---|{}", ":-:|".repeat(Role::ALL.len())).expect("text");
    for rule in RULES {
        let call = operations.iter().find(|operation| operation.id == rule.operation).map_or_else(String::new, |operation| {
            format!("`{} {}`", operation.method, operation.path.trim_start_matches("/api/v1"))
        });
        let access = match rule.access {
            Access::Read => "read",
            Access::Reveal => "reveal",
            Access::Add => "add",
            Access::Change => "change",
            Access::Put => "put",
            Access::ChangeIdentity => "change, reveal",
        };
        let marks: Vec<&str> = Role::ALL.iter().map(|role| if rule.admits(*role) { "x" } else { "" }).collect();
        writeln!(text, "| `{}` | {call} | {access} | {} |", rule.operation, marks.join(" | ")).expect("text");
    }
    compare("docs/ACCESS.md", &text);
}
