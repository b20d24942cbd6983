//! What the other town has in its hands: keys that it used and cursors that it was given.

use std::collections::BTreeSet;

use super::matrix::Matrix;
use super::requests::{Answered, Case, Request, Sender};
use super::towns::USED_KEY;

/// A cursor that nobody was given.
const MADE_UP: &str = "AZAAAAAAcACAAAAAAAAAMwAAAAAAAAAAAAAAAAAAAAA";

/// Tries the header contexts of all operations.
pub fn hold(matrix: &Matrix, cases: &[Case]) {
    keys(matrix, cases);
    cursors(matrix, cases);
}

/// A refused write with a key that the other towns used is refused as without it, and as the rehearsal was.
fn keys(matrix: &Matrix, cases: &[Case]) {
    let mut tried = BTreeSet::new();
    for case in cases.iter().filter(|case| matches!(case.answered, Answered::As(_)) && case.context.starts_with("id in the ")) {
        let rehearsal = &case.request;
        if !rehearsal.target.contains("dryRun=true") || !matches!(case.sender, Sender::Own(_)) {
            continue;
        }
        let (status, _) = matrix.send(case.operation, &case.context, case.sender, rehearsal);
        if status < 400 || !tried.insert((case.operation, case.context.split(" = ").next())) {
            continue;
        }
        let target = rehearsal.target.replace("?dryRun=true", "").replace("&dryRun=true", "");
        let real = Request { target, ..rehearsal.clone() };
        let keyed =
            Request { headers: [real.headers.clone(), vec![("Idempotency-Key", USED_KEY.to_owned())]].concat(), ..real.clone() };
        let (plain, with_key) = (
            matrix.send(case.operation, "for real", case.sender, &real),
            matrix.send(case.operation, "with a used key", case.sender, &keyed),
        );
        if plain != with_key || plain.0 != status {
            matrix.complain(case.operation, format!("a key used elsewhere: {with_key:?} but without it {plain:?}"));
        }
    }
}

/// Another's cursor is no cursor, whether of another town or of another client of the town.
fn cursors(matrix: &Matrix, cases: &[Case]) {
    let lists = cases.iter().filter(|case| matches!(case.answered, Answered::Well) && case.operation.starts_with("list_"));
    for case in lists {
        let Sender::Own(role) = case.sender else { continue };
        let with = |cursor: &str| {
            let joint = if case.request.target.contains('?') { '&' } else { '?' };
            Request { target: format!("{}{joint}limit=1{cursor}", case.request.target), ..case.request.clone() }
        };
        let made_up = matrix.send(case.operation, "a made-up cursor", case.sender, &with(&format!("&cursor={MADE_UP}")));
        let colleague = matrix.allowed(case.operation).iter().find(|other| **other != role).copied().map(Sender::Own);
        let others = colleague.into_iter().chain([Sender::Other(role)]);
        for other in others {
            let Some(cursor) = matrix.cursor(other, &with("")) else { continue };
            let answer = matrix.send(case.operation, "another's cursor", case.sender, &with(&format!("&cursor={cursor}")));
            let alike = answer.1.replace(&cursor, MADE_UP) == made_up.1;
            if answer.0 != 400 || !alike {
                matrix.complain(case.operation, format!("the cursor of {other:?} works: {answer:?}"));
            }
        }
    }
}
