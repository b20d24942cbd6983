//! The data of the charts, and what each shows in words.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Days, NaiveDate};
use uuid::Uuid;

use super::amount::Amount;
use super::document::{Chart, ChartCode, ChartColumn, ChartRow, PlanLine, ReportFigure, ReportGroup};
use super::sections::SectionCode;
use super::wording::{group, no_value, polish_day};
use crate::outcomes::figures::definition::Unit;
use crate::outcomes::figures::facts::{Facts, Session};
use crate::outcomes::figures::figure::{Number, divide};
use crate::outcomes::figures::verdict::Status;
use crate::platform::types::{Day, IsoWeek};
use crate::programmes::facts::EditionFacts;

/// All charts of an edition.
pub fn charts(facts: &Facts, edition: &EditionFacts, figures: &[ReportFigure], plan: &[PlanLine]) -> Vec<Chart> {
    vec![funnel(figures), seats(facts, edition, figures), attendance(facts, figures), competences(figures), of_the_plan(plan)]
}

fn column(head: &str, unit: Unit) -> ChartColumn {
    ChartColumn { head: head.to_owned(), unit }
}

/// A chart without rows, and the state of the figure that it would show.
fn chart(code: ChartCode, section: SectionCode, title: &str, head: &str, columns: Vec<ChartColumn>) -> Chart {
    Chart {
        code,
        section,
        title: title.to_owned(),
        summary: no_value(Status::NotCollected).to_owned(),
        head: head.to_owned(),
        columns,
        rows: Vec::new(),
    }
}

/// Says why there is nothing to show.
fn empty(mut chart: Chart, status: Option<Status>) -> Chart {
    chart.summary = format!("Nie ma czego pokazać: {}.", no_value(status.unwrap_or(Status::NotApplicable)));
    chart
}

fn find<'f>(figures: &'f [ReportFigure], id: &str) -> Option<&'f ReportFigure> {
    figures.iter().find(|figure| figure.definition_id == id)
}

fn groups<'f>(figures: &'f [ReportFigure], id: &str, by: &str) -> &'f [ReportGroup] {
    let breakdown = find(figures, id).and_then(|figure| figure.breakdowns.iter().find(|one| one.by == by));
    breakdown.map_or(&[], |breakdown| &breakdown.groups)
}

fn funnel(figures: &[ReportFigure]) -> Chart {
    let mut chart = chart(
        ChartCode::Funnel,
        SectionCode::Recruitment,
        "Od zgłoszenia do ukończenia",
        "Etap",
        vec![column("Zgłoszenia", Unit::Application)],
    );
    let stages = groups(figures, "M-01", "stage");
    if stages.iter().all(|stage| stage.value.is_none()) {
        return empty(chart, find(figures, "M-01").map(|figure| figure.status));
    }
    let row = |stage: &ReportGroup| ChartRow { key: stage.key.clone(), label: stage.label.clone(), values: vec![stage.value] };
    chart.rows = stages.iter().map(row).collect();
    let told = stages.iter().filter_map(|stage| Some(format!("{} {}", stage.label, stage.value?.plain_polish())));
    chart.summary = format!("Ile zgłoszeń doszło co najmniej do każdego etapu: {}.", told.collect::<Vec<_>>().join(", "));
    chart
}

/// The days on which the number of taken or planned places may change, the last day being one of them.
fn days_of_change(facts: &Facts, edition: &EditionFacts) -> BTreeSet<NaiveDate> {
    let first = edition.starts_on.date();
    let last = edition.ends_on.date().min(facts.as_of.day);
    let starts = facts.participations.iter().map(|row| row.starts_on);
    let ends = facts.participations.iter().filter_map(|row| row.last_day().checked_add_days(Days::new(1)));
    let revisions = edition.plan.iter().map(|revision| revision.effective_on.date());
    starts.chain(ends).chain(revisions).chain([first, last]).filter(|day| (first..=last).contains(day)).collect()
}

fn seats(facts: &Facts, edition: &EditionFacts, figures: &[ReportFigure]) -> Chart {
    let mut chart = chart(
        ChartCode::Seats,
        SectionCode::Participation,
        "Zajęte i planowane miejsca w czasie",
        "Od dnia",
        vec![column("Zajęte miejsca", Unit::Participation), column("Miejsca w planie", Unit::Place)],
    );
    let peak = find(figures, "M-08.peak");
    let Some(most) = peak.and_then(|figure| figure.value) else { return empty(chart, peak.map(|figure| figure.status)) };
    for day in days_of_change(facts, edition) {
        let Ok(day) = Day::try_from(day) else { continue };
        let taken = facts.participations.iter().filter(|row| row.covers(day.date())).count();
        let planned = edition.places_on(day).map(|places| Amount::Whole(places.into()));
        let values = vec![Some(Number::count(taken).into()), planned];
        chart.rows.push(ChartRow { key: day.to_string(), label: polish_day(day), values });
    }
    let planned = find(figures, "M-04.latest").and_then(|figure| figure.value);
    let of_planned = planned.map(|places| format!(" przy {} miejscach w planie", places.plain_polish())).unwrap_or_default();
    chart.summary = format!(
        "Zajęte miejsca od {} do {}: najwięcej {} jednego dnia{of_planned}. Każdy wiersz tabeli mówi, ile miejsc było zajętych od tego dnia do następnego.",
        polish_day(edition.starts_on),
        polish_day(edition.ends_on),
        most.plain_polish()
    );
    chart
}

fn attendance(facts: &Facts, figures: &[ReportFigure]) -> Chart {
    let mut chart = chart(
        ChartCode::Attendance,
        SectionCode::Hours,
        "Frekwencja na zajęciach według tygodni",
        "Tydzień",
        vec![column("Obecność", Unit::Hour), column("Zajęcia", Unit::Hour), column("Frekwencja", Unit::Ratio)],
    );
    let rate = find(figures, "M-13.attendance_rate");
    let Some(whole) = rate.and_then(|figure| figure.value) else { return empty(chart, rate.map(|figure| figure.status)) };
    let sessions: HashMap<Uuid, &Session> = facts.sessions.iter().map(|session| (session.id, session)).collect();
    let mut weeks: BTreeMap<IsoWeek, (i64, i64)> = BTreeMap::new();
    for row in &facts.attendance {
        let Some(session) = sessions.get(&row.session_id) else { continue };
        let week = weeks.entry(IsoWeek::of(session.held_on)).or_default();
        week.0 += i64::from(row.minutes);
        week.1 += i64::from(session.minutes);
    }
    let row = |(week, (attended, scheduled)): (&IsoWeek, &(i64, i64))| {
        let share = divide(Number::Minutes(*attended), Number::Minutes(*scheduled)).map(Amount::from);
        let key = week.to_string();
        let label = group("isoWeek", &key).unwrap_or_else(|| key.clone());
        ChartRow { key, label, values: vec![Some(Amount::hours(*attended)), Some(Amount::hours(*scheduled)), share] }
    };
    chart.rows = weeks.iter().map(row).collect();
    let share = |row: &ChartRow| row.values.last().copied().flatten();
    let by_share = |one: &&ChartRow, other: &&ChartRow| share(one).map(Amount::decimal).cmp(&share(other).map(Amount::decimal));
    let told = |word: &str, row: Option<&ChartRow>| {
        let row = row?;
        Some(format!(", {word} w tygodniu zaczynającym się {} ({})", monday(&row.key)?, share(row)?.spelled(Unit::Ratio)))
    };
    chart.summary = format!(
        "Frekwencja w całej edycji: {}{}{}.",
        whole.spelled(Unit::Ratio),
        told("najniższa", chart.rows.iter().min_by(by_share)).unwrap_or_default(),
        told("najwyższa", chart.rows.iter().max_by(by_share)).unwrap_or_default()
    );
    chart
}

/// The first day of a week.
fn monday(week: &str) -> Option<String> {
    let week: IsoWeek = week.parse().ok()?;
    Day::try_from(week.monday()).ok().map(polish_day)
}

fn competences(figures: &[ReportFigure]) -> Chart {
    let mut chart = chart(
        ChartCode::Competences,
        SectionCode::Competences,
        "Kompetencje przed programem i po nim",
        "Kompetencja i źródło",
        vec![
            column("Średnia przed", Unit::CompetenceBySource),
            column("Średnia po", Unit::CompetenceBySource),
            column("Przyrost", Unit::CompetenceBySource),
            column("Pary", Unit::SheetPair),
        ],
    );
    let figure = find(figures, "M-17.competence_gain");
    let row = |gain: &ReportGroup| {
        let told = |code: &str| gain.details.iter().find(|detail| detail.code == code).map(|detail| detail.value);
        let values = vec![Some(told("meanBefore")?), Some(told("meanAfter")?), gain.value, told("pairs")];
        Some(ChartRow { key: gain.key.clone(), label: gain.label.clone(), values })
    };
    chart.rows = groups(figures, "M-17.competence_gain", "competence").iter().filter_map(row).collect();
    if chart.rows.is_empty() {
        let withheld = groups(figures, "M-17.competence_gain", "competence").first().map(|group| group.status);
        return empty(chart, withheld.or_else(|| figure.map(|figure| figure.status)));
    }
    let better = figure.and_then(|figure| Some((figure.value?, figure.denominator?)));
    chart.summary = match better {
        Some((better, all)) => format!(
            "Średnie oceny tych samych osób przed programem i po nim: poprawa w {} z {} porównań (kompetencja i źródło).",
            better.plain_polish(),
            all.plain_polish()
        ),
        None => "Średnie oceny tych samych osób przed programem i po nim.".to_owned(),
    };
    chart
}

fn of_the_plan(plan: &[PlanLine]) -> Chart {
    let mut chart = chart(
        ChartCode::PlanAndActual,
        SectionCode::Plan,
        "Wykonanie planu",
        "Co zaplanowano",
        vec![column("Wykonanie planu", Unit::Ratio)],
    );
    let row = |line: &PlanLine| {
        let ratio = line.ratio?;
        Some(ChartRow { key: line.definition_id.clone(), label: line.label.clone(), values: vec![Some(ratio)] })
    };
    chart.rows = plan.iter().filter_map(row).collect();
    if chart.rows.is_empty() {
        return empty(chart, plan.first().map(|line| line.status));
    }
    let told = chart.rows.iter().filter_map(|row| {
        let share = row.values.first().copied().flatten()?;
        Some(format!("{} {}", row.label, share.spelled(Unit::Ratio)))
    });
    chart.summary = format!("Wykonanie w procentach planu: {}.", told.collect::<Vec<_>>().join("; "));
    chart
}
