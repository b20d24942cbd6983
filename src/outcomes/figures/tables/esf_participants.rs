//! The participants of a project of the European Social Fund, as its participant table holds them: each person once, with the
//! first start, the final exit and the results that are asked for after it. Nobody is named.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::outcomes::figures::definition::FactKind;
use crate::outcomes::figures::facts::{CollectionState, Facts, Participation};
use crate::outcomes::figures::figure::RecordKind;
use crate::outcomes::figures::metrics::job_phases::{Employed, FollowUp, Jobs, Phase};
use crate::outcomes::figures::metrics::structure::value_on;
use crate::people::PersonFactKind;
use crate::platform::types::{Day, Sex, text_enum};

text_enum! {
    /// Whether something is known to be so.
    pub enum KnownAnswer {
        /// It is.
        Yes = "yes",
        /// It is not.
        No = "no",
        /// Nobody knows, or its time is not over.
        Unknown = "unknown",
    }
}

/// What is told of a trait that nobody asked about, or that is told in two ways; it is never a no.
const NOT_COLLECTED: &str = "notCollected";

/// A participant of a project. Traits are those of the first day; `notCollected` is neither yes nor no.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EsfParticipantView {
    /// Who.
    pub person_id: Uuid,
    /// Participations that count as this one, by their first day.
    #[schema(max_items = 100)]
    pub participation_ids: Vec<Uuid>,
    /// Sex.
    pub sex: Sex,
    /// Completed years on the first day; `null` where the date of birth is not known.
    #[schema(minimum = 0, maximum = 130)]
    pub age_at_start: Option<i32>,
    /// Education on the first day, or `notCollected`.
    #[schema(max_length = 40)]
    pub education: String,
    /// Status on the labour market on the first day, or `notCollected`.
    #[schema(max_length = 40)]
    pub status_at_start: String,
    /// Long-term unemployment on the first day, or `notCollected`.
    #[schema(max_length = 40)]
    pub long_term_unemployed: String,
    /// Disability on the first day, or `notCollected`; it may have been refused.
    #[schema(max_length = 40)]
    pub disability: String,
    /// Territorial unit of residence on the first day (TERC code), or `notCollected`.
    #[schema(max_length = 40)]
    pub residence: String,
    /// Degree of urbanisation of the residence on the first day (DEGURBA), or `notCollected`.
    #[schema(max_length = 40)]
    pub urbanisation: String,
    /// Situation of the household on the first day, `refused` or `notCollected`.
    #[schema(max_length = 40)]
    pub household_situation: String,
    /// Group of the citizenship on the first day, `refused` or `notCollected`.
    #[schema(max_length = 40)]
    pub citizenship: String,
    /// Minority, migrant or foreign background on the first day: `true`, `false`, `refused` or `notCollected`.
    #[schema(max_length = 40)]
    pub minority_or_migrant: String,
    /// Homelessness or housing exclusion on the first day: `true`, `false`, `refused` or `notCollected`.
    #[schema(max_length = 40)]
    pub homelessness: String,
    /// Another disadvantage on the first day: `true`, `false`, `refused` or `notCollected`.
    #[schema(max_length = 40)]
    pub other_disadvantage: String,
    /// First day of the first participation.
    pub starts_on: Day,
    /// Day of the first support that is on file: attended hours, or hours of work; from it the participation in the project is
    /// counted.
    pub first_support_on: Option<Day>,
    /// Planned end of the last participation.
    pub planned_end_on: Day,
    /// Last day of the last participation; `null` while it goes on.
    pub ended_on: Option<Day>,
    /// Whether the participation ended as planned.
    pub ended_as_planned: KnownAnswer,
    /// Why it ended.
    #[schema(max_length = 40)]
    pub end_reason: Option<String>,
    /// Whether the person had a job within four weeks (28 days) after the exit.
    pub employed_within_4_weeks: KnownAnswer,
    /// Whether the person had a job within six months after the exit.
    pub employed_within_6_months: KnownAnswer,
}

/// The participants of some facts, by the id of the person.
pub fn participants(facts: &Facts) -> Vec<EsfParticipantView> {
    let mut stays: BTreeMap<Uuid, Vec<&Participation>> = BTreeMap::new();
    for row in &facts.participations {
        stays.entry(row.person_id).or_default().push(row);
    }
    for of_person in stays.values_mut() {
        of_person.sort_by_key(|row| (row.starts_on, row.id));
    }
    let results = Results::of(facts, &stays);
    let first_support = first_support(facts);
    let view = |(person, of_person): (&Uuid, &Vec<&Participation>)| {
        let (first, last) = (*of_person.first()?, *of_person.last()?);
        participant(facts, *person, of_person, (first, last), &results, first_support.get(person).copied())
    };
    stays.iter().filter_map(view).collect()
}

fn participant(
    facts: &Facts,
    person: Uuid,
    of_person: &[&Participation],
    (first, last): (&Participation, &Participation),
    results: &Results,
    first_support: Option<NaiveDate>,
) -> Option<EsfParticipantView> {
    let starts_on = Day::try_from(first.starts_on).ok()?;
    let at_start = |kind| value_on(facts, person, kind, starts_on).unwrap_or(NOT_COLLECTED).to_owned();
    let age = facts.births.get(&person).map(|birth| birth.age_on(first.starts_on));
    Some(EsfParticipantView {
        person_id: person,
        participation_ids: of_person.iter().map(|row| row.id).collect(),
        sex: facts.sexes.get(&person).copied().unwrap_or(Sex::Unknown),
        age_at_start: age.filter(|(least, most)| least == most).map(|(age, _)| age),
        education: at_start(PersonFactKind::Education),
        status_at_start: at_start(PersonFactKind::EmploymentStatus),
        long_term_unemployed: at_start(PersonFactKind::LongTermUnemployed),
        disability: at_start(PersonFactKind::Disability),
        residence: at_start(PersonFactKind::Residence),
        urbanisation: at_start(PersonFactKind::Urbanisation),
        household_situation: at_start(PersonFactKind::HouseholdSituation),
        citizenship: at_start(PersonFactKind::Citizenship),
        minority_or_migrant: at_start(PersonFactKind::MinorityOrMigrant),
        homelessness: at_start(PersonFactKind::Homelessness),
        other_disadvantage: at_start(PersonFactKind::OtherDisadvantage),
        starts_on,
        first_support_on: first_support.and_then(|day| Day::try_from(day).ok()),
        planned_end_on: Day::try_from(last.planned_end_on).ok()?,
        ended_on: last.ended_on.and_then(|day| Day::try_from(day).ok()),
        ended_as_planned: match last.ended_on {
            None => KnownAnswer::Unknown,
            Some(_) if last.is_completed() => KnownAnswer::Yes,
            Some(_) => KnownAnswer::No,
        },
        end_reason: last.end_reason.clone(),
        employed_within_4_weeks: results.answer(facts, last, FollowUp::FourWeeks),
        employed_within_6_months: results.answer(facts, last, FollowUp::SixMonths),
    })
}

/// The day of the first hours of each person.
fn first_support(facts: &Facts) -> HashMap<Uuid, NaiveDate> {
    let held: HashMap<Uuid, NaiveDate> = facts.sessions.iter().map(|session| (session.id, session.held_on)).collect();
    let people = facts.participations_by_id();
    let attended = facts.attendance.iter().filter(|row| row.minutes > 0).filter_map(|row| {
        let person = people.get(&row.participation_id)?.person_id;
        Some((person, *held.get(&row.session_id)?))
    });
    let worked = facts.psu_entries.iter().filter(|entry| entry.minutes > 0).map(|entry| (entry.person_id, entry.worked_on));
    let mut first: HashMap<Uuid, NaiveDate> = HashMap::new();
    for (person, day) in attended.chain(worked) {
        let known = first.entry(person).or_insert(day);
        *known = (*known).min(day);
    }
    first
}

/// Who has a job after the final exit, and what was answered of those who have none.
struct Results {
    within: BTreeMap<FollowUp, Employed>,
    denied: BTreeMap<(Uuid, FollowUp), bool>,
}

impl Results {
    fn of(facts: &Facts, stays: &BTreeMap<Uuid, Vec<&Participation>>) -> Self {
        // Somebody who came again is one participant, whose exit is the last one.
        let last: Vec<Participation> = stays.values().filter_map(|rows| rows.last().map(|row| (*row).clone())).collect();
        let of_exits = Facts { participations: last, ..facts.clone() };
        let jobs = Jobs::of(&of_exits);
        let windows = [FollowUp::FourWeeks, FollowUp::SixMonths];
        let within = windows.into_iter().map(|window| (window, jobs.employed(Phase::AfterPerson(window)))).collect();
        let denied = of_exits.participations.iter().flat_map(|row| {
            let jobs = &jobs;
            windows.into_iter().map(move |window| {
                let denied = row.ended_on.is_some_and(|exit| jobs.is_denied(row.id, window, window.last_day(exit)));
                ((row.id, window), denied)
            })
        });
        Self { denied: denied.collect(), within }
    }

    fn answer(&self, facts: &Facts, exit: &Participation, window: FollowUp) -> KnownAnswer {
        let Some(ended_on) = exit.ended_on else { return KnownAnswer::Unknown };
        if self.within.get(&window).is_some_and(|employed| employed.contains_key(&exit.person_id)) {
            return KnownAnswer::Yes;
        }
        let through = window.last_day(ended_on);
        let stated = facts.statement(exit.edition_id, FactKind::Employment).is_some_and(|statement| {
            statement.completeness == CollectionState::Complete && statement.stated_on.date() >= through
        });
        let denied = self.denied.get(&(exit.id, window)).copied().unwrap_or_default();
        // An answer about a longer time tells of a job that is not on file, so that a complete statement does not say when it began.
        let later = self.within.range(window..).filter_map(|(_, employed)| employed.get(&exit.person_id)).flatten();
        let is_told_later =
            later.clone().next().is_some() && later.clone().all(|one| one.record.kind != RecordKind::EmploymentSpell);
        if facts.as_of.day > through && (denied || (stated && !is_told_later)) { KnownAnswer::No } else { KnownAnswer::Unknown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcomes::figures::metrics::fixture::{check, day, facts, participation};

    fn results(facts: &Facts) -> [KnownAnswer; 2] {
        let rows = participants(facts);
        [rows[0].employed_within_4_weeks, rows[0].employed_within_6_months]
    }

    #[test]
    fn an_answer_tells_of_its_day_and_what_nobody_knows_is_no_no() {
        use KnownAnswer::{No, Unknown, Yes};
        let of = |is_complete: bool, answers: &[(&str, &str, &str)]| {
            let mut facts = if is_complete { facts().complete() } else { facts() };
            let mut left = participation(1);
            left.ended_on = Some(day("2020-10-31"));
            left.end_reason = Some("health".to_owned());
            facts.participations.push(left);
            let checks = (1..).zip(answers);
            facts.checks.extend(checks.map(|(number, (window, result, on))| check(number, 1, window, result, on)));
            results(&facts)
        };
        assert_eq!(of(true, &[]), [No, No]);
        assert_eq!(of(false, &[]), [Unknown, Unknown]);
        assert_eq!(of(true, &[("within4Weeks", "employed", "2020-11-28")]), [Yes, Yes]);
        assert_eq!(of(true, &[("within3Months", "employed", "2021-01-10")]), [Unknown, Yes], "it may have begun before");
        assert_eq!(of(false, &[("within6Months", "notEmployed", "2020-11-02")]), [Unknown, Unknown]);
        assert_eq!(of(false, &[("within6Months", "notEmployed", "2021-05-01")]), [No, No]);
        let both = [("within4Weeks", "notEmployed", "2020-11-30"), ("within6Months", "employed", "2021-02-10")];
        assert_eq!(of(false, &both), [No, Yes]);
    }
}
