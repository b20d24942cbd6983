//! The sections of a report, and which figure stands in which.

use super::document::{ReportFigure, Section};
use crate::platform::types::text_enum;

text_enum! {
    /// A section of the report.
    pub enum SectionCode {
        /// What was planned, with its revisions.
        Plan = "plan",
        /// Who applied and what was decided.
        Recruitment = "recruitment",
        /// Who took part, for how long, how it ended.
        Participation = "participation",
        /// Who the participants were.
        People = "people",
        /// Hours of classes and of socially useful work.
        Hours = "hours",
        /// Benefits, costs, unit costs.
        Money = "money",
        /// Gains of competences.
        Competences = "competences",
        /// Expected effects of the agreement.
        Effects = "effects",
        /// Jobs.
        Jobs = "jobs",
        /// What participants and offices did next.
        NextSteps = "nextSteps",
        /// All other figures.
        Other = "other",
    }
}

/// Figures that tell what was planned, though their numbers lie among hours and money.
const OF_THE_PLAN: &[&str] = &["M-14.planned_hours", "M-14.planned_person_hours", "M-25.cost_planned"];

impl SectionCode {
    /// The title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Plan => "Plan",
            Self::Recruitment => "Rekrutacja",
            Self::Participation => "Udział",
            Self::People => "Uczestnicy",
            Self::Hours => "Godziny",
            Self::Money => "Pieniądze",
            Self::Competences => "Kompetencje",
            Self::Effects => "Oczekiwane efekty",
            Self::Jobs => "Praca",
            Self::NextSteps => "Co dalej",
            Self::Other => "Pozostałe wskaźniki",
        }
    }

    /// The section of a figure, by the number of its definition.
    pub fn of(definition: &str) -> Self {
        if OF_THE_PLAN.contains(&definition) {
            return Self::Plan;
        }
        let number = definition.split('.').next().unwrap_or(definition);
        match number {
            "M-04" => Self::Plan,
            "M-01" | "M-02" | "M-03" => Self::Recruitment,
            "M-05" | "M-06" | "M-07" | "M-08" | "M-09" | "M-10" | "M-11" | "M-12" | "M-23" => Self::Participation,
            "M-27" | "M-28" => Self::People,
            "M-13" | "M-14" | "M-15" => Self::Hours,
            "M-16" | "M-25" | "M-26" => Self::Money,
            "M-17" | "M-18" | "M-19" => Self::Competences,
            "M-20" => Self::Effects,
            "M-21" | "M-22" => Self::Jobs,
            "M-24" => Self::NextSteps,
            _ => Self::Other,
        }
    }
}

/// The figures in their sections, each in exactly one; a section without figures is left out.
pub fn in_sections(figures: Vec<ReportFigure>) -> Vec<Section> {
    let mut sections: Vec<Section> = SectionCode::ALL
        .iter()
        .map(|code| Section { code: *code, title: code.title().to_owned(), figures: Vec::new() })
        .collect();
    for figure in figures {
        let code = SectionCode::of(&figure.definition_id);
        if let Some(section) = sections.iter_mut().find(|section| section.code == code) {
            section.figures.push(figure);
        }
    }
    sections.retain(|section| !section.figures.is_empty());
    sections
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcomes::figures::definitions::all;

    #[test]
    fn every_definition_has_a_section_of_its_own_kind() {
        let strangers: Vec<&str> =
            all().map(|definition| definition.id).filter(|id| SectionCode::of(id) == SectionCode::Other).collect();
        assert_eq!(strangers, [""; 0], "say where they belong");
        assert_eq!(SectionCode::of("M-25.cost_planned"), SectionCode::Plan);
        assert_eq!(SectionCode::of("M-25.cost_spent"), SectionCode::Money);
        assert_eq!(SectionCode::of("M-99.unheard_of"), SectionCode::Other);
    }
}
