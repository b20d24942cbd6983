//! Final reports of editions (Polish: sprawozdanie końcowe): what the centre tells the labour office when a programme
//! is over, and what it lays before its council.
//!
//! States: draft → approved, or draft → withdrawn. A report is composed once, from the figures of a moment, into one
//! typed document; every format is written from that document alone. An approved report never changes and is handed
//! out byte by byte. What is found out afterwards makes a new report that says which it replaces.
//!
//! Source: art. 62a(7)(3)–(5) of the Act of 20 April 2004 (effects with their measures, money); act of 4 April 2019 on
//! digital accessibility (the page and the paper). It names nobody, and tells no scores of fewer than five pairs.

mod amount;
mod approval;
mod charts;
mod composing;
mod controls;
mod differences;
mod document;
mod drafting;
mod formats;
mod plan;
mod reading;
mod rows;
mod sections;
mod sources;
mod views;
mod wording;

use crate::platform::problem::{Constraint, catalogue};
use crate::platform::routes::ServiceConfig;
use crate::problems;

problems! {
    REPORT_EXISTS = "reports.exists", 409,
        pl: "Edycja ma już zatwierdzone sprawozdanie", en: "The edition has an approved report already",
        fix_pl: "Nowe sprawozdanie zastępuje obowiązujące: podaj replacesId {reportId} i replacementReason.",
        fix_en: "A new report replaces the one in force: give replacesId {reportId} and replacementReason.";
    REPORT_NOT_IN_FORCE = "reports.not_in_force", 409,
        pl: "Zastępowane sprawozdanie nie obowiązuje", en: "The report to be replaced is not in force",
        fix_pl: "Zastąp ostatnie zatwierdzone sprawozdanie tej edycji; jeśli żadnego nie ma, pomiń replacesId.",
        fix_en: "Replace the last approved report of this edition; where there is none, leave replacesId out.";
    REPLACEMENT_INCOMPLETE = "reports.replacement_incomplete", 422,
        pl: "Zastąpienie jest niepełne", en: "The replacement is incomplete",
        fix_pl: "Podaj razem replacesId i replacementReason albo żadne z nich.",
        fix_en: "Give replacesId and replacementReason together, or neither.";
    DRAFT_OPEN = "reports.draft_open", 409,
        pl: "Edycja ma otwarty szkic sprawozdania", en: "The edition has an open draft of a report",
        fix_pl: "Zatwierdź albo wycofaj szkic {reportId}.", fix_en: "Approve or withdraw the draft {reportId}.";
    NOT_DRAFT = "reports.not_draft", 409,
        pl: "Sprawozdanie nie jest już szkicem", en: "The report is no draft any more",
        fix_pl: "Zatwierdzonego nie zmienia się: sporządź nowe, które je zastąpi.",
        fix_en: "An approved one never changes: draw up a new one that replaces it.";
    EDITION_NOT_OVER = "reports.edition_not_over", 409,
        pl: "Edycja jeszcze trwa", en: "The edition is not over",
        fix_pl: "Sprawozdanie końcowe sporządza się i zatwierdza najwcześniej ostatniego dnia edycji ({endsOn}).",
        fix_en: "A final report is drawn up and approved on the last day of the edition ({endsOn}) at the earliest.";
    REPORT_OUTDATED = "reports.outdated", 409,
        pl: "Od sporządzenia szkicu dane się zmieniły", en: "The data have changed since the draft was drawn up",
        fix_pl: "Zobacz /reports/{id}/differences; wycofaj szkic i sporządź nowy albo zatwierdź stan szkicu z evenIfChanged.",
        fix_en: "See /reports/{id}/differences; withdraw the draft and draw up another, or approve its state with evenIfChanged.";
}

/// Constraints of this slice and the codes they mean.
pub const CONSTRAINTS: &[Constraint] = &[
    ("reports_edition_fkey", &catalogue::REFERENCE_NOT_FOUND, "/editionId"),
    ("reports_replaces_fkey", &catalogue::REFERENCE_NOT_FOUND, "/replacesId"),
    ("reports_draft_key", &DRAFT_OPEN, "/editionId"),
    // Somebody else drew one up since this moment was looked at: looked at once more, it names that draft.
    ("reports_number_key", &catalogue::UNAVAILABLE, ""),
];

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    drafting::routes(config);
    approval::routes(config);
    reading::routes(config);
    differences::routes(config);
}
