use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::*;
use crate::outcomes::figures::definition::Scope;
use crate::outcomes::figures::facts::Application;
use crate::outcomes::figures::metrics::fixture::{application, day, edition, facts, facts_of, groups, id, participation};
use crate::platform::types::Sex;

/// Where candidates of an example may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Started,
    Selected,
    Reserve,
    LeftReserve,
    Rejected,
    LeftUndecided,
}

const STANDINGS: [Standing; 6] = [
    Standing::Started,
    Standing::Selected,
    Standing::Reserve,
    Standing::LeftReserve,
    Standing::Rejected,
    Standing::LeftUndecided,
];

/// So many women and men of each standing.
type Table = [usize; 12];

fn candidate(person: u128, standing: Standing) -> Application {
    let decision = match standing {
        Standing::Started | Standing::Selected => Some("selected"),
        Standing::Reserve | Standing::LeftReserve => Some("reserve"),
        Standing::Rejected => Some("rejected"),
        Standing::LeftUndecided => None,
    };
    let has_left = matches!(standing, Standing::LeftReserve | Standing::LeftUndecided);
    Application {
        decision: decision.map(str::to_owned),
        withdrawn_on: has_left.then(|| day("2020-10-01")),
        withdrawal_reason: has_left.then(|| "other".to_owned()),
        ..application(person)
    }
}

fn facts_with(table: &Table) -> Facts {
    let mut facts = facts().complete();
    let mut person = 0;
    for (cell, count) in table.iter().enumerate() {
        for _ in 0..*count {
            person += 1;
            let standing = STANDINGS[cell / 2];
            facts.applications.push(candidate(person, standing));
            facts.sexes([(person, if cell % 2 == 0 { Sex::Female } else { Sex::Male })]);
            if standing == Standing::Started {
                facts.participations.push(participation(person));
            }
        }
    }
    facts
}

/// What a statistician is told: each number of recruitment, and who started, by sex.
fn told(facts: &Facts) -> BTreeMap<String, Value> {
    let (figures, _) = figures_for(Role::Statistician, facts);
    let mut told = BTreeMap::new();
    let is_recruitment = |figure: &&Figure| ["M-01", "M-02", "M-03"].iter().any(|id| figure.definition.id.starts_with(id));
    for figure in figures.iter().filter(is_recruitment) {
        told.insert(figure.definition.id.to_owned(), serde_json::to_value(figure.value).expect("a number"));
        for breakdown in figure.breakdowns.iter().filter(|breakdown| ["sex", "decision", "stage"].contains(&breakdown.by)) {
            let Value::Object(values) = groups(figure, breakdown.by) else { continue };
            told.extend(
                values.into_iter().map(|(key, value)| (format!("{} {} {key}", figure.definition.id, breakdown.by), value)),
            );
        }
    }
    for figure in figures.iter().filter(|figure| ["M-06", "M-09"].contains(&figure.definition.id)) {
        told.insert(figure.definition.id.to_owned(), serde_json::to_value(figure.value).expect("a number"));
        told.insert(format!("{} sex", figure.definition.id), figure.breakdowns.iter().map(|_| groups(figure, "sex")).collect());
    }
    told
}

fn tables(people: usize, cells: &[usize]) -> Vec<Table> {
    let Some((cell, others)) = cells.split_first() else {
        return if people == 0 { vec![Table::default()] } else { Vec::new() };
    };
    let with = |count: usize| {
        tables(people - count, others).into_iter().map(move |mut table| {
            table[*cell] = count;
            table
        })
    };
    (0..=people).flat_map(with).collect()
}

/// Sets of candidates that did not start: of any standings together, of both sexes or of one.
fn sets(cells: &[usize]) -> Vec<Vec<usize>> {
    let open: Vec<usize> = cells.iter().copied().filter(|cell| STANDINGS[cell / 2] != Standing::Started).collect();
    let mut sets = BTreeSet::new();
    for chosen in 1..1_usize << (STANDINGS.len() - 1) {
        let of_standings = |cell: &&usize| chosen >> (*cell / 2 - 1) & 1 == 1;
        for sexes in [[0, 1], [0, 0], [1, 1]] {
            let set: Vec<usize> = open.iter().filter(of_standings).filter(|cell| sexes.contains(&(*cell % 2))).copied().collect();
            sets.insert(set);
        }
    }
    sets.into_iter().filter(|set| !set.is_empty()).collect()
}

/// What somebody who knows the rule, and everything that is told, cannot rule out, for every table of up to so many people.
fn attacked(cells: &[usize], most: usize) -> usize {
    let mut alike: BTreeMap<String, Vec<Table>> = BTreeMap::new();
    for table in (0..=most).flat_map(|people| tables(people, cells)) {
        let answer = serde_json::to_string(&told(&facts_with(&table))).expect("an answer");
        alike.entry(answer).or_default().push(table);
    }
    let mut handfuls = 0;
    for (answer, tables) in &alike {
        // Where the number of candidates is withheld, larger tables than those here may give the same answer.
        let started = tables[0][..2].iter().sum::<usize>();
        if answer.contains("\"M-01\":null") && started + FEWEST - 1 > most {
            continue;
        }
        for set in sets(cells) {
            let counts: BTreeSet<usize> = tables.iter().map(|table| set.iter().map(|cell| table[*cell]).sum()).collect();
            if counts.iter().any(|count| is_few(*count)) {
                handfuls += 1;
                assert!(counts.len() >= FEWEST - 1, "{set:?} is one of {counts:?}: {answer}");
            }
        }
    }
    handfuls
}

#[test]
fn whoever_knows_the_rule_cannot_pin_a_handful_of_those_who_did_not_start() {
    assert!(attacked(&[0, 2, 4, 8], 14) > 100);
}

#[test]
fn whoever_knows_the_rule_cannot_pin_a_handful_of_those_who_left() {
    assert!(attacked(&[2, 4, 6, 8], 13) > 100);
}

#[test]
fn whoever_knows_the_rule_cannot_pin_a_handful_of_those_without_a_decision() {
    assert!(attacked(&[2, 4, 8, 10], 13) > 100);
}

#[test]
fn whoever_knows_the_rule_cannot_pin_a_handful_of_one_sex() {
    assert!(attacked(&[2, 3, 8, 9], 12) > 100);
    assert!(attacked(&[4, 5, 6, 7], 12) > 100);
}

#[test]
fn whoever_knows_the_rule_cannot_pin_a_handful_of_one_sex_beside_those_who_started() {
    assert!(attacked(&[0, 1, 4, 5], 12) > 100);
}

fn shown(figures: &[Figure], definition: &str) -> (Value, &'static str) {
    let figure = figures.iter().find(|figure| figure.definition.id == definition).expect("a figure");
    (serde_json::to_value(figure.value).expect("a number"), figure.verdict.status.as_str())
}

/// Twenty candidates: nine started, eight wait, three were rejected.
fn twenty() -> Facts {
    facts_with(&[5, 4, 0, 0, 8, 0, 0, 0, 3, 0, 0, 0])
}

#[test]
fn what_a_handful_could_be_subtracted_from_is_withheld_with_it() {
    let facts = twenty();
    let (figures, _) = figures_for(Role::Statistician, &facts);
    assert_eq!(shown(&figures, "M-01"), (20.into(), "ok"));
    assert_eq!(shown(&figures, "M-03.selected"), (9.into(), "ok"));
    assert_eq!(shown(&figures, "M-03.selection_rate").0, "0.450000");
    for withheld in ["M-03.rejected", "M-03.reserve", "M-03.undecided"] {
        assert_eq!(shown(&figures, withheld), (Value::Null, "suppressed"), "{withheld}");
    }
    let candidates = figures.iter().find(|figure| figure.definition.id == "M-01").expect("a figure");
    assert_eq!(groups(candidates, "decision")["selected"], 9);
    assert_eq!(groups(candidates, "decision")["undecided"], Value::Null, "nought would say what the others add up to");
    assert_eq!(groups(candidates, "sex")["female"], Value::Null, "four men started");
    let (exact, _) = figures_for(Role::Coordinator, &facts);
    assert_eq!(shown(&exact, "M-03.rejected"), (3.into(), "ok"));
    assert_eq!(groups(&exact[0], "sex")["female"], 16);
}

#[test]
fn several_editions_tell_what_each_of_them_tells() {
    let mut several = facts_of(vec![edition(100), edition(101)], Scope::Programme).complete();
    for (number, rejected) in [(100, 6), (101, 3)] {
        for person in 0..12 + rejected {
            let standing = if person < 12 { Standing::Reserve } else { Standing::Rejected };
            let own = number * 100 + person;
            several.applications.push(Application { edition_id: id(number), ..candidate(own, standing) });
        }
    }
    let (figures, _) = figures_for(Role::Statistician, &several);
    assert_eq!(shown(&figures, "M-01"), (33.into(), "ok"));
    assert_eq!(shown(&figures, "M-03.rejected").1, "suppressed", "nine, of which six are told by the other edition");
    let again = several.applications.last_mut().expect("a candidate");
    again.person_id = id(100 * 100);
    let (figures, _) = figures_for(Role::Statistician, &several);
    assert_eq!(shown(&figures, "M-01").1, "suppressed", "one came again, which both editions together tell");
    let (exact, _) = figures_for(Role::Auditor, &several);
    assert_eq!(shown(&exact, "M-01"), (32.into(), "ok"));
}

#[test]
fn an_effect_measured_by_a_withheld_figure_is_withheld_too() {
    let mut facts = twenty();
    let effect = |code: &str, definition: &str| {
        serde_json::from_value(serde_json::json!({ "code": code, "text": code, "measure": "osoby", "target": "5",
            "definitionId": definition }))
        .expect("an effect")
    };
    facts.editions[0].expected_effects = vec![effect("E-1", "M-03.rejected"), effect("E-2", "M-01")];
    let (figures, discretion) = figures_for(Role::Statistician, &facts);
    let attainment = figures.iter().find(|figure| figure.definition.id == "M-20.target_attainment").expect("a figure");
    assert_eq!(attainment.verdict.status, Status::Suppressed);
    assert_eq!(groups(attainment, "effect"), serde_json::json!({ "E-1": null, "E-2": "4.000000" }));
    assert_eq!(discretion.recorded(&facts, id(100), FactKind::Applications), Some(20));
    let few = facts_with(&[0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
    let (_, discretion) = figures_for(Role::Statistician, &few);
    assert_eq!(discretion.recorded(&few, id(100), FactKind::Applications), None);
    assert_eq!(people_for(Role::Statistician, 3), None);
    assert_eq!(people_for(Role::Coordinator, 3), Some(3));
}

#[test]
fn a_job_of_a_withheld_candidate_is_withheld_wherever_it_could_be_subtracted() {
    let mut facts = facts_with(&[3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    let left = facts.applications.last_mut().expect("a candidate");
    left.withdrawal_reason = Some("employed".to_owned());
    let told = ["M-21.at_recruitment", "M-21.total", "M-21.qualifying", "M-22.total.of_ever_started"];
    let (exact, _) = figures_for(Role::Coordinator, &facts);
    assert_eq!(shown(&exact, "M-21.total"), (1.into(), "ok"));
    let (figures, _) = figures_for(Role::Administrator, &facts);
    for withheld in ["M-01", "M-02"].into_iter().chain(told) {
        if shown(&exact, withheld).0 != Value::Null {
            assert_eq!(shown(&figures, withheld), (Value::Null, "suppressed"), "{withheld}");
        }
    }
    assert_eq!(shown(&figures, "M-21.during"), (0.into(), "ok"), "participants are told exactly");
    // Nobody left, and nothing is withheld: then jobs are told too.
    let all_start = facts_with(&[5, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let (figures, _) = figures_for(Role::Statistician, &all_start);
    for told in &told[..3] {
        assert_eq!(shown(&figures, told), (0.into(), "ok"), "{told}");
    }
}
