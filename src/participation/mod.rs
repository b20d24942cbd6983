//! Taking part: sessions with their attendance sheets, and the register of
//! socially useful work with its ledger of hours.

mod attendance;
mod psu;
mod sessions;

use utoipa_actix_web::service_config::ServiceConfig;

use crate::platform::problem::{Constraint, catalogue};
use crate::problems;

problems! {
    OUTSIDE_EDITION = "participation.outside_edition", 422,
        pl: "Zajęcia poza terminem edycji", en: "The session lies outside the edition",
        fix_pl: "Podaj dzień od {startsOn} do {endsOn}.", fix_en: "Give a day from {startsOn} to {endsOn}.";
    NOT_TAKING_PART = "participation.not_taking_part", 422,
        pl: "Ta osoba nie uczestniczy w edycji w tym dniu", en: "This person does not take part in the edition on that day",
        fix_pl: "Wskaż uczestnictwa tej edycji, trwające w dniu zajęć i niezawieszone.",
        fix_en: "Name participations of this edition that run on the day and are not suspended.";
    INDIVIDUAL_SESSION = "participation.individual_session", 422,
        pl: "Konsultacja indywidualna dotyczy dokładnie jednej osoby", en: "An individual consultation is for exactly one person",
        fix_pl: "Podaj w participationIds jedno uczestnictwo.", fix_en: "Give one participation in participationIds.";
    SHEET_INCOMPLETE = "participation.sheet_incomplete", 422,
        pl: "Lista obecności jest niepełna", en: "The attendance sheet is incomplete",
        fix_pl: "Dodaj wiersze brakujących osób: {missing}.", fix_en: "Add rows for those missing: {missing}.";
    SHEET_ROW = "participation.sheet_row", 422,
        pl: "Wiersz listy obecności jest niepoprawny", en: "A row of the attendance sheet is wrong",
        fix_pl: "Popraw wskazane wiersze.", fix_en: "Correct the rows named.";
    CORRECTION_REASON = "participation.correction_reason", 422,
        pl: "Korekta wymaga uzasadnienia", en: "A correction needs a reason",
        fix_pl: "Podaj correctionReason.", fix_en: "Give correctionReason.";
    OUTSIDE_PERIOD = "participation.outside_period", 422,
        pl: "Dzień pracy poza okresem uczestnictwa", en: "The day of work lies outside the participation",
        fix_pl: "Podaj dzień od {startsOn} do {endsOn}, w którym uczestnictwo nie jest zawieszone.",
        fix_en: "Give a day from {startsOn} to {endsOn} on which the participation is not suspended.";
    PSU_WEEKLY_LIMIT = "participation.psu_weekly_limit", 422,
        pl: "Przekroczony tygodniowy limit godzin prac społecznie użytecznych",
        en: "The weekly limit of hours of socially useful work is exceeded",
        fix_pl: "W tygodniu {week} pozostało {remainingHours} h z {limitHours} h.",
        fix_en: "In week {week}, {remainingHours} of {limitHours} hours remain.";
    PSU_MONTHLY_CAP = "participation.psu_monthly_cap", 422,
        pl: "Przekroczony miesięczny wymiar godzin z porozumienia", en: "The agreement's monthly cap of hours is exceeded",
        fix_pl: "W miesiącu {month} pozostało {remainingHours} h z {limitHours} h.",
        fix_en: "In {month}, {remainingHours} of {limitHours} hours remain.";
}

/// Constraints of this slice and the codes they mean.
pub const CONSTRAINTS: &[Constraint] = &[
    ("sessions_block_fkey", &catalogue::REFERENCE_NOT_FOUND, "/blockId"),
    ("sessions_facilitator_fkey", &catalogue::REFERENCE_NOT_FOUND, "/facilitatorPartnerId"),
    ("session_roster_participation_fkey", &NOT_TAKING_PART, "/participationIds"),
    ("attendance_participation_fkey", &NOT_TAKING_PART, "/rows"),
    ("attendance_current_key", &catalogue::CONFLICT, ""),
    ("attendance_supersedes_key", &catalogue::ALREADY_SUPERSEDED, ""),
    ("psu_weeks_limit_check", &PSU_WEEKLY_LIMIT, "/hours"),
    ("psu_months_limit_check", &PSU_MONTHLY_CAP, "/hours"),
    ("psu_entries_participation_fkey", &catalogue::REFERENCE_NOT_FOUND, "/participationId"),
    ("psu_entries_host_fkey", &catalogue::REFERENCE_NOT_FOUND, "/hostId"),
    ("psu_entries_supersedes_key", &catalogue::ALREADY_SUPERSEDED, ""),
];

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    sessions::routes(config);
    attendance::routes(config);
    psu::routes(config);
}
