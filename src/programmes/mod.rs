//! What is planned and agreed before anybody takes part: regimes (the legal
//! rules as data), programmes, agreements, editions with their plan, blocks,
//! partners and hosts, and what is said about the completeness of their data.
//!
//! An edition hangs on an agreement, the agreement on a regime, and the regime
//! decides which rules hold; so an edition of 2015 is still run by the rules of
//! 2014. Legal frame: art. 62a–62c and 73a of the Act of 20 April 2004 on the
//! promotion of employment (Polish: ustawa o promocji zatrudnienia) and the
//! rules of the ESF programmes.
//!
//! It holds no person: candidates and participants come with later slices.

mod absence_terms;
mod action_plan_terms;
mod agreement_rates;
mod agreements;
pub mod benefit_rates;
mod blocks;
mod budget_lines;
mod collection_statements;
pub mod completion_rule;
pub mod cumulation;
mod day_bounds;
mod edition_events;
mod edition_hosts;
mod edition_partners;
mod editions;
mod eligibility_criteria;
mod expected_effects;
mod expenditures;
pub mod facts;
mod minimum_rates;
mod needs_plans;
pub mod places;
pub mod plan_revisions;
#[expect(clippy::module_inception, reason = "a file is named after the first segment of its paths")]
mod programmes;
mod regime_parameters;
mod regimes;
mod staff_posts;
pub mod warnings;

pub use absence_terms::{AbsenceTerms, ReasonClass};
pub use action_plan_terms::ActionPlanTerms;
pub use agreements::{EffectTarget, ExpectedEffect, FinancingSource, Measures};
pub use blocks::{BlockKind, planned_integration};
pub use collection_statements::{Completeness, FactKind, StatementView, current_statements};
pub use editions::entry::{Recruitment, Selection};
pub use eligibility_criteria::{
    AgeLimits, CriterionError, EligibilityCriterion, EligibilityRule, Severity, YoungMonths, check_criteria,
};
pub use expected_effects::expected_effects_of_edition;
pub use regime_parameters::{FollowUpClock, PositiveExit, RegimeParameters};
pub use staff_posts::StaffKind;

use crate::platform::problem::{Constraint, catalogue};
use crate::platform::routes::ServiceConfig;
use crate::problems;

problems! {
    BUDGET_LINE_EXISTS = "programmes.budget_line_exists", 409,
        pl: "Taka pozycja budżetu już istnieje", en: "Such a line of the budget already exists",
        fix_pl: "Skoryguj istniejącą pozycję: podaj supersedesId i correctionReason.",
        fix_en: "Correct the existing line: give supersedesId and correctionReason.";
    BUDGET_CORRECTION = "programmes.budget_correction", 422,
        pl: "Korekta budżetu jest niepełna", en: "The correction of the budget is incomplete",
        fix_pl: "Podaj razem supersedesId i correctionReason albo żadne z nich.",
        fix_en: "Give supersedesId and correctionReason together, or neither.";
    EDITION_CLOSED = "programmes.edition_closed", 409,
        pl: "Edycja była wtedy już zamknięta", en: "The edition was closed by then",
        fix_pl: "Do zamkniętej edycji można dopisać tylko to, co stało się najpóźniej {closedOn}.",
        fix_en: "Only what happened by {closedOn} can still be entered into the closed edition.";
    REGIME_EXISTS = "programmes.regime_exists", 409,
        pl: "Ten reżim prawny w tej wersji już istnieje", en: "This regime exists in this version already",
        fix_pl: "Reżimy są niezmienne: nadaj nowy numer wersji.", fix_en: "Regimes never change: give it a new version number.";
    AFTER_THE_EDITION = "programmes.after_the_edition", 422,
        pl: "Zmiana planu obowiązywałaby po końcu edycji", en: "The revision would hold only after the end of the edition",
        fix_pl: "Edycja kończy się {endsOn}: podaj dzień nie późniejszy.", fix_en: "The edition ends on {endsOn}: give no later day.";
    REGIME_PARAMETERS = "programmes.regime_parameters", 422,
        pl: "Parametry reżimu są sprzeczne lub poza zakresem", en: "The parameters of the regime contradict each other or are out of bounds",
        fix_pl: "Popraw wskazany parametr.", fix_en: "Correct the parameter named.";
    PERIOD_REVERSED = "programmes.period_reversed", 422,
        pl: "Koniec jest przed początkiem", en: "The end is before the beginning",
        fix_pl: "Popraw jedną z dat.", fix_en: "Correct one of the dates.";
    SIGNED_ON_MISSING = "programmes.signed_on_missing", 422,
        pl: "Brak daty podpisania porozumienia", en: "The day on which the agreement was signed is missing",
        fix_pl: "Podaj signedOn albo periodFrom, z którego data zostanie wyprowadzona.",
        fix_en: "Give signedOn, or periodFrom, from which the date is then derived.";
    REFUND_OVER_CAP = "programmes.refund_over_cap", 422,
        pl: "Refundacja przekracza pułap reżimu", en: "The refund is above the cap of the regime",
        fix_pl: "Podaj najwyżej {cap} %.", fix_en: "Give {cap} % at most.";
    AGREEMENT_FIXED = "programmes.agreement_fixed", 422,
        pl: "Rodzaju i reżimu porozumienia nie można zmienić", en: "Kind and regime of an agreement cannot be changed",
        fix_pl: "Wprowadź nowe porozumienie.", fix_en: "Enter a new agreement.";
    AMOUNT_NEGATIVE = "programmes.amount_negative", 422,
        pl: "Kwota nie może być ujemna", en: "The amount must not be negative",
        fix_pl: "Podaj kwotę nieujemną.", fix_en: "Give an amount that is not negative.";
    COMPLETION_BASE = "programmes.completion_base", 422,
        pl: "Udział w pracach społecznie użytecznych liczy się od zaplanowanych godzin", en: "A share of socially useful work is one of the planned hours",
        fix_pl: "Podaj plannedHours albo godziny (completionHours) zamiast udziału.", fix_en: "Give plannedHours, or hours (completionHours) instead of a share.";
    COMPLETION_OF_WORK = "programmes.completion_of_work", 409,
        pl: "Inny blok aktywizacji tej edycji ma już minimum godzin do ukończenia", en: "Another activation block of the edition has a minimum for completion already",
        fix_pl: "Godziny prac należą do edycji, nie do bloku: zostaw minimum w jednym bloku.", fix_en: "Hours of work belong to the edition and no block: keep the minimum in one block.";
    COMPLETION_TWICE = "programmes.completion_twice", 422,
        pl: "Blok wymaga do ukończenia albo udziału, albo godzin", en: "A block asks for a share or for hours, not for both",
        fix_pl: "Podaj completionAttendancePercent albo completionHours.", fix_en: "Give completionAttendancePercent or completionHours.";
    HOURS_ZERO = "programmes.hours_zero", 422,
        pl: "Liczba godzin musi być dodatnia", en: "The hours must be more than zero",
        fix_pl: "Podaj godziny albo pomiń pole, gdy nie są znane.", fix_en: "Give the hours, or leave the field out where they are not known.";
    NAME_TAKEN = "programmes.name_taken", 409,
        pl: "Ta nazwa jest już zajęta", en: "This name is already taken",
        fix_pl: "Użyj istniejącego zapisu albo innej nazwy.", fix_en: "Use the existing record or another name.";
    PARTICIPATIONS_OUTSIDE = "programmes.participations_outside", 409,
        pl: "Uczestnictwa wykraczałyby poza nowe daty edycji", en: "Participations would lie outside the new dates of the edition",
        fix_pl: "Zakończ lub popraw {participations} uczestnictw albo wybierz inne daty.",
        fix_en: "End or correct {participations} participation(s), or choose other dates.";
    OFFERS_OUTSIDE = "programmes.offers_outside", 409,
        pl: "Edycja skończyłaby się, zanim zacznie się zaoferowane miejsce", en: "The edition would end before a seat that is offered begins",
        fix_pl: "Najpierw cofnij oferty {offerIds} albo wybierz późniejszy koniec.",
        fix_en: "First take back the offers {offerIds}, or choose a later end.";
    DAY_OUT_OF_BOUNDS = "programmes.day_out_of_bounds", 422,
        pl: "Tego dnia nie mogło to nastąpić", en: "It cannot have happened on this day",
        fix_pl: "Podaj dzień od {earliest} do {latest}.", fix_en: "Give a day from {earliest} to {latest}.";
    CLOSED_BEFORE_START = "programmes.closed_before_start", 409,
        pl: "Edycja zostałaby zamknięta przed swoim początkiem", en: "The edition would be closed before it begins",
        fix_pl: "Wybierz wcześniejszy początek.", fix_en: "Choose an earlier beginning.";
    BLOCK_FIXED = "programmes.block_fixed", 422,
        pl: "Rodzaju bloku nie można zmienić", en: "The kind of a block cannot be changed",
        fix_pl: "Dodaj nowy blok.", fix_en: "Add a new block.";
    PARTNER_ROLE_TAKEN = "programmes.partner_role_taken", 409,
        pl: "Partner ma już tę rolę w edycji", en: "The partner has this role in the edition already",
        fix_pl: "Nic nie trzeba robić albo wybierz inną rolę.", fix_en: "Nothing is to be done, or choose another role.";
    FACT_KIND_REPEATED = "programmes.fact_kind_repeated", 422,
        pl: "Ten rodzaj danych podano dwa razy", en: "This kind of fact is stated twice",
        fix_pl: "Podaj każdy rodzaj najwyżej raz.", fix_en: "State each kind once at most.";
    POST_CORRECTION = "programmes.post_correction", 422,
        pl: "Korekta i jej przyczyna idą w parze", en: "A correction and its reason go together",
        fix_pl: "Podaj supersedesId razem z correctionReason albo pomiń oba.",
        fix_en: "Give supersedesId together with correctionReason or leave both out.";
    POST_OF_ANOTHER_PROGRAMME = "programmes.post_of_another_programme", 422,
        pl: "Edycja nie należy do tego programu", en: "The edition is not one of this programme",
        fix_pl: "Podaj edycję tego programu albo pomiń editionId.", fix_en: "Give an edition of this programme or leave editionId out.";
    POST_SHARE = "programmes.post_share", 422,
        pl: "Wymiar etatu jest większy od 0 i najwyżej 1", en: "A post is more than 0 and at most 1 of full time",
        fix_pl: "Zapisz kilka etatów osobno.", fix_en: "Record several posts one by one.";
    PLAN_REASON = "programmes.plan_reason", 422,
        pl: "Pierwszy plan roku niczego nie zmienia", en: "The first plan of a year revises nothing",
        fix_pl: "Pomiń reason.", fix_en: "Leave reason out.";
    PLAN_REVISED = "programmes.plan_revised", 422,
        pl: "Zmiana planu potrzeb wymaga przyczyny", en: "A revision of a plan of needs needs its reason",
        fix_pl: "Byłaby to wersja {revision} planu tego roku: podaj reason.", fix_en: "It would be revision {revision} of that year: give reason.";
    PLAN_TOO_LARGE = "programmes.plan_too_large", 422,
        pl: "Suma godzin planu jest za duża", en: "The hours of the plan add up to too many",
        fix_pl: "Sprawdź godziny wierszy: razem najwyżej 100 000.", fix_en: "Check the hours of the lines: 100,000 in all at most.";
    RATE_BELOW_MINIMUM = "programmes.rate_below_minimum", 422,
        pl: "Stawka jest niższa od minimalnej", en: "The rate is below the minimum",
        fix_pl: "Od {minimumFrom} minimum to {minimum} zł: skończ stawkę dzień wcześniej i uzgodnij następną albo pomiń hourlyRate, aby szła za minimum.",
        fix_en: "From {minimumFrom} the minimum is {minimum} zł: end the rate the day before and agree on the next, or leave hourlyRate out to follow the minimum.";
    REFUND_BASIS_MISSING = "programmes.refund_basis_missing", 422,
        pl: "Refundacja ponad zwykły limit wymaga podstawy", en: "A refund above the usual cap needs its basis",
        fix_pl: "Podaj w refundBasis, na czym opiera się wyższa refundacja.", fix_en: "Say in refundBasis what the higher refund rests on.";
    RATE_CORRECTION = "programmes.rate_correction", 422,
        pl: "Korekta stawki i jej przyczyna idą w parze", en: "A correction of a rate and its reason go together",
        fix_pl: "Podaj supersedesId razem z correctionReason albo pomiń oba.",
        fix_en: "Give supersedesId together with correctionReason or leave both out.";
    RATE_EXISTS = "programmes.rate_exists", 409,
        pl: "Od tego dnia obowiązuje już inna stawka", en: "Another rate holds from that day already",
        fix_pl: "Skoryguj ją, podając supersedesId, albo podaj inny dzień.", fix_en: "Correct it with supersedesId, or give another day.";
    RATE_OVERLAP = "programmes.rate_overlap", 409,
        pl: "Dla tego rodzaju prac uzgodniono już stawkę w tych dniach", en: "A rate for this kind of work is agreed for some of these days already",
        fix_pl: "Skoryguj wcześniejszą stawkę (supersedesId) albo podaj dni po jej końcu.",
        fix_en: "Correct the earlier rate (supersedesId) or give days after its end.";
    RATE_ZERO = "programmes.rate_zero", 422,
        pl: "Stawka musi być większa od zera", en: "A rate must be more than zero",
        fix_pl: "Podaj kwotę za godzinę.", fix_en: "Give an amount per hour.";
}

/// Constraints of this slice and the codes they mean.
pub const CONSTRAINTS: &[Constraint] = &[
    ("budget_lines_edition_fkey", &catalogue::REFERENCE_NOT_FOUND, "/editionId"),
    ("budget_lines_supersedes_fkey", &catalogue::REFERENCE_NOT_FOUND, "/supersedesId"),
    ("budget_lines_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("budget_lines_planned_check", &catalogue::INVALID_FIELD, "/planned"),
    ("budget_lines_correction_check", &BUDGET_CORRECTION, "/correctionReason"),
    ("budget_lines_current_key", &BUDGET_LINE_EXISTS, ""),
    ("expenditures_edition_fkey", &catalogue::REFERENCE_NOT_FOUND, "/editionId"),
    ("expenditures_supersedes_fkey", &catalogue::REFERENCE_NOT_FOUND, "/supersedesId"),
    ("expenditures_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("expenditures_amount_check", &catalogue::INVALID_FIELD, "/amount"),
    ("expenditures_correction_check", &BUDGET_CORRECTION, "/correctionReason"),
    ("regimes_code_key", &REGIME_EXISTS, "/version"),
    ("regimes_period_check", &PERIOD_REVERSED, "/validTo"),
    ("agreements_institution_fkey", &catalogue::REFERENCE_NOT_FOUND, "/institutionId"),
    ("agreements_partner_fkey", &catalogue::REFERENCE_NOT_FOUND, "/partnerId"),
    ("agreements_regime_fkey", &catalogue::REFERENCE_NOT_FOUND, "/regimeId"),
    ("agreements_regime_check", &catalogue::REFERENCE_NOT_FOUND, "/regimeId"),
    ("agreements_period_check", &PERIOD_REVERSED, "/periodTo"),
    ("agreements_hourly_benefit_check", &AMOUNT_NEGATIVE, "/hourlyBenefit"),
    ("agreements_total_minutes_check", &HOURS_ZERO, "/totalHours"),
    ("agreements_monthly_cap_check", &HOURS_ZERO, "/monthlyCap"),
    ("editions_programme_fkey", &catalogue::REFERENCE_NOT_FOUND, "/programmeId"),
    ("editions_agreement_fkey", &catalogue::REFERENCE_NOT_FOUND, "/agreementId"),
    ("editions_name_key", &NAME_TAKEN, "/name"),
    ("editions_period_check", &PERIOD_REVERSED, "/endsOn"),
    ("editions_recruitment_check", &PERIOD_REVERSED, "/recruitment/to"),
    ("editions_closed_check", &CLOSED_BEFORE_START, "/startsOn"),
    ("plan_revisions_planned_cost_check", &AMOUNT_NEGATIVE, "/plannedCost"),
    ("blocks_provider_fkey", &catalogue::REFERENCE_NOT_FOUND, "/providerPartnerId"),
    ("blocks_name_key", &NAME_TAKEN, "/name"),
    ("blocks_planned_minutes_check", &HOURS_ZERO, "/plannedHours"),
    ("blocks_weekly_minutes_check", &HOURS_ZERO, "/weeklyHours"),
    ("blocks_completion_minutes_check", &HOURS_ZERO, "/completionHours"),
    ("blocks_completion_check", &COMPLETION_TWICE, "/completionHours"),
    ("blocks_completion_base_check", &COMPLETION_BASE, "/completionAttendancePercent"),
    ("blocks_completion_of_work_key", &COMPLETION_OF_WORK, ""),
    ("edition_partners_partner_fkey", &catalogue::REFERENCE_NOT_FOUND, "/partnerId"),
    ("edition_partners_role_key", &PARTNER_ROLE_TAKEN, "/role"),
    ("staff_posts_programme_fkey", &catalogue::REFERENCE_NOT_FOUND, "/programmeId"),
    ("staff_posts_edition_fkey", &catalogue::REFERENCE_NOT_FOUND, "/editionId"),
    ("staff_posts_supersedes_fkey", &catalogue::REFERENCE_NOT_FOUND, "/supersedesId"),
    ("staff_posts_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("staff_posts_full_time_check", &POST_SHARE, "/fullTime"),
    ("staff_posts_period_check", &PERIOD_REVERSED, "/to"),
    ("staff_posts_correction_check", &POST_CORRECTION, "/correctionReason"),
    ("needs_plans_revision_key", &catalogue::CONFLICT, ""),
    ("minimum_rates_from_key", &RATE_EXISTS, "/from"),
    ("minimum_rates_hourly_rate_check", &RATE_ZERO, "/hourlyRate"),
    ("minimum_rates_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("agreement_rates_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("agreement_rates_hourly_rate_check", &RATE_ZERO, "/hourlyRate"),
    ("agreement_rates_period_check", &PERIOD_REVERSED, "/to"),
    ("agreement_rates_overlap_excl", &RATE_OVERLAP, "/from"),
    ("edition_hosts_host_fkey", &catalogue::REFERENCE_NOT_FOUND, "/hostIds"),
];

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    regimes::routes(config);
    programmes::routes(config);
    agreements::routes(config);
    agreement_rates::routes(config);
    minimum_rates::routes(config);
    needs_plans::routes(config);
    editions::routes(config);
    plan_revisions::routes(config);
    blocks::routes(config);
    budget_lines::routes(config);
    expenditures::routes(config);
    edition_partners::routes(config);
    edition_hosts::routes(config);
    edition_events::routes(config);
    collection_statements::routes(config);
    staff_posts::routes(config);
}
