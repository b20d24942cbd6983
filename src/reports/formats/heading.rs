//! What every format says of the whole: title, facts, and the day that dates it.

use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Europe::Warsaw;

use crate::reports::document::{FinalReport, ReportFigure};
use crate::reports::rows::spelled;
use crate::reports::wording::polish_day;

/// Figures that a reader wants to know first.
const IN_SHORT: &[&str] = &[
    "M-01",
    "M-04.latest",
    "M-06",
    "M-09",
    "M-11.strict",
    "M-13.attendance_rate",
    "M-15.psu_hours",
    "M-21.total",
    "M-25.cost_spent",
];

/// The title; a draft says that it is one.
pub fn title(report: &FinalReport) -> String {
    let draft = if report.approved_on.is_none() { " – szkic" } else { "" };
    format!("Sprawozdanie końcowe: {}, {}{draft}", report.edition.programme, report.edition.edition)
}

/// What is known of the whole, as pairs of a name and a value.
pub fn facts(report: &FinalReport) -> Vec<(String, String)> {
    let edition = &report.edition;
    let agreement = edition.agreement.as_ref().map(|number| format!("{number} ")).unwrap_or_default();
    let replaces = report.replaces.as_ref();
    let pairs = [
        ("Jednostka", edition.institution.clone()),
        ("Program", Some(edition.programme.clone())),
        ("Edycja", Some(edition.edition.clone())),
        ("Termin", Some(format!("{} – {}", polish_day(edition.starts_on), polish_day(edition.ends_on)))),
        ("Zamknięta", edition.closed_on.map(polish_day)),
        ("Porozumienie", Some(format!("{agreement}z dnia {}", polish_day(edition.agreement_signed_on)))),
        ("Podstawa prawna", Some(format!("{} ({}, wersja {})", edition.regime, edition.regime_code, edition.regime_version))),
        ("Numer sprawozdania", Some(report.number.to_string())),
        ("Zastępuje", replaces.map(|replaced| format!("sprawozdanie nr {}: {}", replaced.number, replaced.reason))),
        ("Stan danych na", Some(as_of(report))),
        ("Zatwierdzone", Some(report.approved_on.map_or("nie, to jest szkic".to_owned(), polish_day))),
        ("Identyfikator", Some(report.id.to_string())),
    ];
    pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// The moment of the figures in local time.
pub fn as_of(report: &FinalReport) -> String {
    report.as_of.with_timezone(&Warsaw).format("%d.%m.%Y, %H:%M").to_string()
}

/// The figures that a reader wants to know first.
pub fn in_short(report: &FinalReport) -> impl Iterator<Item = &ReportFigure> {
    IN_SHORT.iter().filter_map(|id| report.figure(id))
}

/// What dates every copy: the day of the approval, and of a draft the moment of its figures; never the clock.
pub fn dated(report: &FinalReport) -> DateTime<Utc> {
    report.approved_on.map_or(report.as_of, |day| day.date().and_time(NaiveTime::MIN).and_utc())
}

/// What a copy was made from.
pub fn source(report: &FinalReport) -> String {
    format!("Sprawozdanie nr {} ({}), stan danych na {}", report.number, report.id, as_of(report))
}

/// The value of a figure as readers see it.
pub fn value(figure: &ReportFigure) -> String {
    spelled(figure.value, figure.unit, figure.status)
}

/// The parts of a ratio, such as `2 z 11`; nothing for other figures.
pub fn parts(figure: &ReportFigure) -> String {
    match (figure.numerator, figure.denominator) {
        (Some(part), Some(whole)) => format!("{} / {}", part.plain_polish(), whole.plain_polish()),
        _ => String::new(),
    }
}

/// What to know of a figure: why there is no certain value, and its notes.
pub fn remarks(figure: &ReportFigure) -> Vec<&str> {
    figure.explanation.as_deref().into_iter().chain(figure.notes.iter().map(|note| note.text.as_str())).collect()
}
