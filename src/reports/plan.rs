//! What was planned beside what came of it: places, hours, money and the expected effects of the agreement.
//!
//! Every line is a ratio that the figures know; nothing is counted anew here.

use super::document::{PlanLine, ReportFigure};
use crate::outcomes::figures::definition::Unit;

/// A ratio of the figures, with the figures of its parts for where one part is known alone.
struct Compared {
    ratio: &'static str,
    label: &'static str,
    unit: Unit,
    planned: Option<&'static str>,
    actual: Option<&'static str>,
}

const LINES: &[Compared] = &[
    Compared {
        ratio: "M-05.of_planned_places",
        label: "Miejsca obsadzone na początku",
        unit: Unit::Participation,
        planned: Some("M-04.latest"),
        actual: Some("M-05"),
    },
    Compared {
        ratio: "M-06.of_planned_places",
        label: "Objęci programem do miejsc",
        unit: Unit::Participation,
        planned: Some("M-04.latest"),
        actual: Some("M-06"),
    },
    Compared {
        ratio: "M-14.delivered_of_planned", label: "Godziny prowadzących", unit: Unit::Hour, planned: None, actual: None
    },
    Compared {
        ratio: "M-14.received_of_planned",
        label: "Osobogodziny",
        unit: Unit::Hour,
        planned: Some("M-14.planned_person_hours"),
        actual: None,
    },
    Compared {
        ratio: "M-25.cost_spent_of_planned",
        label: "Koszty",
        unit: Unit::Zloty,
        planned: Some("M-25.cost_planned"),
        actual: Some("M-25.cost_spent"),
    },
];

/// Expected effects, each with its target and its result.
const EFFECTS: &str = "M-20.target_attainment";

/// What was planned beside what came of it.
pub fn plan_and_actual(figures: &[ReportFigure]) -> Vec<PlanLine> {
    let find = |id: &str| figures.iter().find(|figure| figure.definition_id == id);
    let value = |id: Option<&str>| id.and_then(find).and_then(|figure| figure.value);
    let line = |compared: &Compared| {
        let ratio = find(compared.ratio)?;
        Some(PlanLine {
            definition_id: compared.ratio.to_owned(),
            label: compared.label.to_owned(),
            unit: compared.unit,
            planned: ratio.denominator.or_else(|| value(compared.planned)),
            actual: ratio.numerator.or_else(|| value(compared.actual)),
            ratio: ratio.value,
            status: ratio.status,
            records: ratio.records.clone(),
        })
    };
    LINES.iter().filter_map(line).chain(find(EFFECTS).into_iter().flat_map(effects)).collect()
}

fn effects(figure: &ReportFigure) -> Vec<PlanLine> {
    let groups = figure.breakdowns.iter().flat_map(|breakdown| &breakdown.groups);
    let line = |group: &super::document::ReportGroup| PlanLine {
        definition_id: figure.definition_id.clone(),
        label: format!("Efekt: {}", group.label),
        unit: Unit::Effect,
        planned: group.denominator,
        actual: group.numerator,
        ratio: group.value,
        status: group.status,
        records: figure.records.clone(),
    };
    groups.map(line).collect()
}
