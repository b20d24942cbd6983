//! What each rule of early warning means, without SQL and HTTP.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::situation::{Expiring, Situation};
use super::warning_rules::{EarlyWarningCode, WarningParameters, WarningRuleView};
use crate::participation::attendance::AttendanceStatus;
use crate::participation::class_register::{Class, Mark, Schedule, hours_of};
use crate::participation::completion::{MinimumOutlook, Moment};
use crate::participation::duties::duty_terms::Recipient;
use crate::participation::duties::information_duties::DutyRecord;
use crate::participation::participations::Stay;
use crate::platform::public_holidays::is_working_day;
use crate::platform::types::{Day, IsoWeek, Period, text_enum};
use crate::programmes::completion_rule::Measure;
use crate::programmes::facts::plan_on;

text_enum! {
    /// Of what kind the records behind a warning are.
    pub enum WarningFactKind {
        /// Rows of attendance sheets.
        Attendance = "attendance",
        /// Sessions.
        Session = "session",
        /// Facts about a person.
        PersonFact = "personFact",
        /// Duties to inform.
        InformationDuty = "informationDuty",
        /// Participations.
        Participation = "participation",
    }
}

/// Something that a rule has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub participation: Option<Uuid>,
    pub weeks: Vec<IsoWeek>,
    pub kind: WarningFactKind,
    pub facts: Vec<Uuid>,
    pub reason_pl: String,
    pub reason_en: String,
}

/// Everything that a rule finds in an edition on a day.
pub(super) fn findings(situation: &Situation, rule: &WarningRuleView) -> Vec<Finding> {
    let parameters = &rule.parameters;
    match rule.code {
        EarlyWarningCode::ConsecutiveAbsences => {
            of_each(situation, |stay, schedule| absences_in_a_row(situation, parameters, stay, schedule))
        }
        EarlyWarningCode::LowAttendance => {
            of_each(situation, |stay, schedule| low_attendance(situation, parameters, stay, schedule))
        }
        EarlyWarningCode::MinimumAtRisk => {
            of_each(situation, |stay, schedule| minimum_at_risk(situation, parameters, stay, schedule))
        }
        EarlyWarningCode::MinimumUnreachable => {
            of_each(situation, |stay, schedule| minimum_unreachable(situation, stay, schedule))
        }
        EarlyWarningCode::WeekWithoutPsu => {
            of_each(situation, |stay, schedule| weeks_without_psu(situation, parameters, stay, schedule))
        }
        EarlyWarningCode::ShortIntegrationWeek => short_weeks(situation, parameters).into_iter().collect(),
        EarlyWarningCode::FactExpiring => facts_expiring(situation, parameters),
        EarlyWarningCode::EmptySeat => empty_seats(situation, parameters).into_iter().collect(),
        EarlyWarningCode::DutyOverdue => duties_overdue(situation),
        EarlyWarningCode::ExcuseOverdue => of_each(situation, |stay, _| excuses_overdue(situation, stay)),
    }
}

fn of_each(situation: &Situation, rule: impl Fn(&Stay, &Schedule) -> Option<Finding>) -> Vec<Finding> {
    let schedule = |stay: &Stay| situation.register.schedule(stay.id);
    situation.running().filter_map(|stay| rule(stay, schedule(stay)?)).collect()
}

/// The parameters that the rule must have; the service takes no rule without them.
fn count(parameters: &WarningParameters) -> usize {
    parameters.count.and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX)
}

fn days(parameters: &WarningParameters) -> u32 {
    parameters.days.and_then(|days| u32::try_from(days).ok()).unwrap_or_default()
}

/// Rows of a participant on sheets up to the day, by the day of the class.
fn marks<'s>(situation: &'s Situation, schedule: &'s Schedule) -> impl DoubleEndedIterator<Item = (&'s Class, Mark)> {
    let held = situation.register.classes.iter().filter(|class| class.held_on <= situation.on);
    held.filter_map(|class| Some((class, situation.register.mark(class.id, schedule.participation)?)))
}

/// Rows that say that somebody missed a class, or a part of it.
fn missed(situation: &Situation, schedule: &Schedule) -> Vec<Uuid> {
    marks(situation, schedule).filter(|(class, mark)| mark.hours < class.hours).map(|(_, mark)| mark.row).collect()
}

fn about(stay: &Stay, facts: Vec<Uuid>, (reason_pl, reason_en): (String, String)) -> Finding {
    Finding { participation: Some(stay.id), weeks: Vec::new(), kind: WarningFactKind::Attendance, facts, reason_pl, reason_en }
}

fn absences_in_a_row(situation: &Situation, parameters: &WarningParameters, stay: &Stay, schedule: &Schedule) -> Option<Finding> {
    let last: Vec<(&Class, Mark)> =
        marks(situation, schedule).rev().take_while(|(_, mark)| mark.status == AttendanceStatus::Unexcused).collect();
    if last.len() < count(parameters) {
        return None;
    }
    let (since, number) = (last.last()?.0.held_on, last.len());
    let facts = last.iter().rev().map(|(_, mark)| mark.row).collect();
    let reason = (
        format!("Nieobecności nieusprawiedliwione z rzędu: {number}, od {since}."),
        format!("Absences in a row without an excuse: {number}, since {since}."),
    );
    Some(about(stay, facts, reason))
}

fn low_attendance(situation: &Situation, parameters: &WarningParameters, stay: &Stay, schedule: &Schedule) -> Option<Finding> {
    let asked = parameters.percent?;
    let tally = situation.register.tally(schedule, situation.on);
    let low = Decimal::from(tally.attended) * Decimal::ONE_HUNDRED < asked.decimal() * Decimal::from(tally.recorded);
    if !low || marks(situation, schedule).count() < count(parameters) {
        return None;
    }
    let (attended, recorded) = (hours_of(tally.attended), hours_of(tally.recorded));
    let reason = (
        format!("Obecność {attended} h z {recorded} h zajęć to mniej niż {asked} %."),
        format!("{attended} of {recorded} hours of classes attended are less than {asked} %."),
    );
    Some(about(stay, missed(situation, schedule), reason))
}

fn minimums(situation: &Situation, stay: &Stay, schedule: &Schedule) -> Vec<MinimumOutlook> {
    situation.progress.outlooks(&situation.register, schedule, Moment::of(stay, situation.on))
}

/// One finding of all minimums that a rule finds, with what was missed of the classes that they count.
fn of_minimums(
    situation: &Situation,
    stay: &Stay,
    schedule: &Schedule,
    found: &[MinimumOutlook],
    reason: impl Fn(&MinimumOutlook) -> (String, String),
) -> Option<Finding> {
    let reasons: Vec<(String, String)> = found.iter().map(reason).collect();
    let joined = |pick: fn(&(String, String)) -> &String| reasons.iter().map(pick).cloned().collect::<Vec<_>>().join(" ");
    let counts = |class: &Class| {
        found.iter().any(|one| match one.asked.measure {
            Measure::Classes => true,
            Measure::ClassesOf(block) => class.block_id == block,
            Measure::Work => false,
        })
    };
    let missed = marks(situation, schedule).filter(|(class, mark)| mark.hours < class.hours && counts(class));
    let facts: Vec<Uuid> = missed.map(|(_, mark)| mark.row).collect();
    let of_classes = found.iter().any(|one| one.asked.measure != Measure::Work);
    let words = (joined(|(pl, _)| pl), joined(|(_, en)| en));
    (!found.is_empty()).then(|| match of_classes {
        true => about(stay, facts, words),
        false => Finding { kind: WarningFactKind::Participation, ..about(stay, vec![stay.id], words) },
    })
}

/// What is asked, in words: the share of all classes, or the minimum of a block.
fn asked_words(one: &MinimumOutlook) -> (String, String) {
    let hours = hours_of(one.outlook.asked());
    let block = one.asked.block.as_ref().map_or(String::new(), |block| format!(" ({})", block.name.as_str()));
    match one.asked.percent {
        Some(share) => (format!("{share} %{block}"), format!("{share} %{block}")),
        None => (format!("{hours} h{block}"), format!("{hours} hours{block}")),
    }
}

/// What the hours ahead are, in words.
fn ahead_words(one: &MinimumOutlook) -> (&'static str, &'static str) {
    match one.asked.measure {
        Measure::Work => ("godzin pracy", "hours of work"),
        _ => ("h zajęć", "hours of classes"),
    }
}

fn minimum_at_risk(situation: &Situation, parameters: &WarningParameters, stay: &Stay, schedule: &Schedule) -> Option<Finding> {
    let spare = i64::from(parameters.hours?.minutes());
    let mut found = minimums(situation, stay, schedule);
    found.retain(|MinimumOutlook { outlook, .. }| outlook.reachable && outlook.needed > 0 && outlook.may_be_missed <= spare);
    of_minimums(situation, stay, schedule, &found, |one| {
        let outlook = one.outlook;
        let (needed, ahead, left) = (hours_of(outlook.needed), hours_of(outlook.tally.ahead), hours_of(outlook.may_be_missed));
        let ((asked_pl, asked_en), (of_pl, of_en)) = (asked_words(one), ahead_words(one));
        (
            format!("Do wymaganych {asked_pl} potrzeba {needed} h z pozostałych {ahead} {of_pl}; można opuścić tylko {left} h."),
            format!("{needed} of the {ahead} {of_en} ahead are needed for the {asked_en} asked for; only {left} may be missed."),
        )
    })
}

fn minimum_unreachable(situation: &Situation, stay: &Stay, schedule: &Schedule) -> Option<Finding> {
    let mut found = minimums(situation, stay, schedule);
    found.retain(|one| !one.outlook.reachable);
    of_minimums(situation, stay, schedule, &found, |one| {
        let (needed, ahead) = (hours_of(one.outlook.needed), hours_of(one.outlook.tally.ahead));
        let ((asked_pl, asked_en), (of_pl, of_en)) = (asked_words(one), ahead_words(one));
        (
            format!("Do wymaganych {asked_pl} brakuje {needed} h, a przed uczestnikiem jest tylko {ahead} {of_pl}."),
            format!("{needed} hours are lacking for the {asked_en} asked for, and only {ahead} {of_en} are ahead."),
        )
    })
}

/// Whether somebody takes part on every working day of a week, of which there is one.
fn is_full(schedule: &Schedule, week: IsoWeek) -> bool {
    let days = (0..7).filter_map(|offset| Day::try_from(week.monday()).ok()?.plus_days(offset).ok());
    let working: Vec<Day> = days.filter(|day| is_working_day(*day)).collect();
    !working.is_empty() && working.iter().all(|day| schedule.is_present(*day))
}

fn weeks_without_psu(situation: &Situation, parameters: &WarningParameters, stay: &Stay, schedule: &Schedule) -> Option<Finding> {
    if !situation.expects_psu {
        return None;
    }
    let days = Period::new(stay.starts_on, situation.on).ok()?;
    let full = |week: &IsoWeek| week.sunday() < situation.on.date() && is_full(schedule, *week);
    let full: Vec<IsoWeek> = days.weeks_touched().filter(full).collect();
    let weeks: Vec<IsoWeek> = full.into_iter().rev().take_while(|week| !situation.worked.contains(&(stay.id, *week))).collect();
    if weeks.len() < count(parameters) {
        return None;
    }
    let weeks: Vec<IsoWeek> = weeks.into_iter().rev().collect();
    let named = listed(&weeks);
    Some(Finding {
        participation: Some(stay.id),
        weeks,
        kind: WarningFactKind::Participation,
        facts: vec![stay.id],
        reason_pl: format!("Brak godzin prac społecznie użytecznych w pełnych tygodniach: {named}."),
        reason_en: format!("No hours of socially useful work in full weeks: {named}."),
    })
}

fn listed(weeks: &[IsoWeek]) -> String {
    weeks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Weeks of the edition, begun by the day, in which somebody who takes part all week is expected for fewer hours of integration.
fn short_weeks(situation: &Situation, parameters: &WarningParameters) -> Option<Finding> {
    let minimum = parameters.hours.or(situation.weekly_minimum)?;
    let edition = Period::new(situation.starts_on, situation.ends_on).ok()?;
    let whole = |week: &IsoWeek| {
        week.monday() >= edition.from().date() && week.sunday() <= edition.to().date() && week.monday() <= situation.on.date()
    };
    let least = |week: IsoWeek| fewest_minutes(situation, week).filter(|least| *least < i64::from(minimum.minutes()));
    let short: Vec<(IsoWeek, i64)> =
        edition.weeks_touched().filter(whole).filter_map(|week| Some((week, least(week)?))).collect();
    let least = hours_of(short.iter().map(|(_, least)| *least).min()?);
    let weeks: Vec<IsoWeek> = short.into_iter().map(|(week, _)| week).collect();
    let of_weeks =
        |class: &&Class| situation.integration.contains(&class.block_id) && weeks.iter().any(|week| week.contains(class.held_on));
    let named = listed(&weeks);
    Some(Finding {
        participation: None,
        kind: WarningFactKind::Session,
        facts: situation.register.classes.iter().filter(of_weeks).map(|class| class.id).collect(),
        reason_pl: format!("Mniej niż {minimum} h integracji w tygodniach: {named}; najmniej {least} h."),
        reason_en: format!("Fewer than {minimum} hours of integration in the weeks {named}; {least} at the least."),
        weeks,
    })
}

/// Of those who take part all week, the fewest minutes of integration that anybody is expected for.
fn fewest_minutes(situation: &Situation, week: IsoWeek) -> Option<i64> {
    let schedules = situation.register.stays.iter().filter_map(|stay| situation.register.schedule(stay.id));
    let of_week = || {
        let classes = situation.register.classes.iter();
        classes.filter(|class| week.contains(class.held_on) && situation.integration.contains(&class.block_id))
    };
    schedules
        .filter(|schedule| is_full(schedule, week))
        .map(|schedule| {
            let expected = of_week().filter(|class| situation.register.expects(class, schedule));
            expected.map(|class| i64::from(class.hours.minutes())).sum()
        })
        .min()
}

fn facts_expiring(situation: &Situation, parameters: &WarningParameters) -> Vec<Finding> {
    let Ok(horizon) = situation.on.plus_days(days(parameters)) else { return Vec::new() };
    let of_person = |person: Uuid| situation.running().find(move |stay| stay.person_id == person);
    let finding = |one: &Expiring| {
        let stay = of_person(one.person)?;
        let during = one.expires_on <= horizon && one.expires_on >= stay.starts_on && one.expires_on < stay.last_on();
        let day = one.expires_on;
        during.then(|| Finding {
            participation: Some(stay.id),
            weeks: Vec::new(),
            kind: WarningFactKind::PersonFact,
            facts: vec![one.fact],
            reason_pl: format!("Dowód okoliczności traci ważność {day}, przed końcem uczestnictwa ({}).", stay.last_on()),
            reason_en: format!(
                "The evidence of a fact expires on {day}, before the end of the participation ({}).",
                stay.last_on()
            ),
        })
    };
    situation.expiring.iter().filter_map(finding).collect()
}

/// Places of the plan without a participant on the day.
fn empty_on(situation: &Situation, day: Day) -> usize {
    let places = plan_on(&situation.plan, day).map_or(0, |revision| usize::try_from(revision.places).unwrap_or_default());
    places.saturating_sub(situation.register.stays.iter().filter(|stay| stay.covers(day)).count())
}

fn empty_seats(situation: &Situation, parameters: &WarningParameters) -> Option<Finding> {
    let edition = Period::new(situation.starts_on, situation.ends_on).ok()?;
    if !edition.contains(situation.on) {
        return None;
    }
    let mut since = situation.on;
    let empty = empty_on(situation, since);
    if empty == 0 {
        return None;
    }
    while let Ok(before) = since.minus_days(1)
        && edition.contains(before)
        && empty_on(situation, before) > 0
    {
        since = before;
    }
    if (situation.on.date() - since.date()).num_days() + 1 < i64::from(days(parameters)) {
        return None;
    }
    // Those whose places these may have been.
    let left = |stay: &&Stay| stay.last_on() < situation.on;
    Some(Finding {
        participation: None,
        weeks: Vec::new(),
        kind: WarningFactKind::Participation,
        facts: situation.register.stays.iter().filter(left).map(|stay| stay.id).collect(),
        reason_pl: format!("Miejsca planu bez uczestnika: {empty}; jakieś miejsce jest puste od {since}."),
        reason_en: format!("Places of the plan without a participant: {empty}; one has been empty since {since}."),
    })
}

fn duties_overdue(situation: &Situation) -> Vec<Finding> {
    let finding = |duty: &DutyRecord| Finding {
        participation: Some(duty.participation_id),
        weeks: Vec::new(),
        kind: WarningFactKind::InformationDuty,
        facts: vec![duty.id],
        reason_pl: format!("Termin zawiadomienia ({}) minął {}.", in_polish(duty.recipient), duty.due_on),
        reason_en: format!("The deadline for informing ({}) passed on {}.", in_english(duty.recipient), duty.due_on),
    };
    situation.overdue.iter().map(finding).collect()
}

/// Nobody is judged by it: a corrected sheet says whether the absence stays excused.
fn excuses_overdue(situation: &Situation, stay: &Stay) -> Option<Finding> {
    let overdue: Vec<_> = situation.excuses.iter().filter(|excuse| excuse.participation == stay.id).collect();
    let since = overdue.iter().map(|excuse| excuse.due_on).min()?;
    let number = overdue.len();
    let reason = (
        format!(
            "Usprawiedliwienia bez okazanego dowodu: {number}; pierwszy termin minął {since}. Okaż dowód albo skoryguj listę."
        ),
        format!("Excuses whose evidence was not shown: {number}; the first was due on {since}. Show it, or correct the sheet."),
    );
    Some(about(stay, overdue.iter().map(|excuse| excuse.row).collect(), reason))
}

const fn in_polish(recipient: Recipient) -> &'static str {
    match recipient {
        Recipient::Starost => "starosta",
        Recipient::LabourOffice => "powiatowy urząd pracy",
        Recipient::WelfareCentre => "ośrodek pomocy społecznej",
    }
}

const fn in_english(recipient: Recipient) -> &'static str {
    match recipient {
        Recipient::Starost => "starost",
        Recipient::LabourOffice => "labour office",
        Recipient::WelfareCentre => "social-assistance centre",
    }
}

#[cfg(test)]
mod tests;
