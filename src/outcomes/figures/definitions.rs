//! The table of definitions; `docs/METRICS.md` is generated from it.

use super::definition::{Definition, FactKind, Measure, Scope, Unit, definitions};

pub(super) const PRACTICE: &str = "Reports of municipal centres on their programmes";
pub(super) const ACT: &str = "Act of 20 April 2004, art. 62a-62c";
pub(super) const PSU: &str = "Act of 20 April 2004, art. 73a(1)";
pub(super) const MONEY_OF_PSU: &str = "Act of 20 April 2004, art. 73a(3)-(5)";
pub(super) const PSU_AGREEMENT: &str = "Regulation of 21 December 2017 on socially useful work, section 3(1)(2); the agreement";
pub(super) const EFFECTS: &str = "Act of 20 April 2004, art. 62a(7)(3)";
pub(super) const ESF: &str = "Regulation (EU) 1304/2013, annex I; Regulation (EU) 2021/1057, annex I";
pub(super) const ASSISTANTS: &str =
    "Act of 9 June 2011 on supporting the family and on foster care, art. 12-15; reports of projects";
pub(super) const SOCIAL: &str =
    "Guidelines on social and employment effectiveness of projects of the European Social Fund, 2014-2020";
pub(super) const BUDGET: &str = "Act of 20 April 2004, art. 62a(7)(4) and 62c";
pub(super) const ANNEX_8: &str = "MRPiPS-01, annex 8";

definitions! { RECRUITMENT;
    CANDIDATES = "M-01" Count Person Both [Applications] "Kandydaci" "Candidates" "Distinct people with an application." PRACTICE;
    CANDIDATES_OF_PLACES = "M-01.of_planned_places" Ratio Ratio Edition [Applications] "Kandydaci na miejsce" "Candidates by planned places"
        "Candidates by the places of the plan that holds." PRACTICE ["denominator": "M-04.latest"];
    RECRUITMENT_EXITS = "M-02" Count Application Both [Applications] "Rezygnacje przed rozpoczęciem" "Recruitment exits"
        "Applications withdrawn before the person started." PRACTICE;
    SELECTED = "M-03.selected" Count Application Both [Applications] "Zakwalifikowani" "Selected" "Applications whose latest decision is selection." PRACTICE;
    RESERVE = "M-03.reserve" Count Application Both [Applications] "Lista rezerwowa" "On the reserve list" "Applications whose latest decision is the reserve list." PRACTICE;
    REJECTED = "M-03.rejected" Count Application Both [Applications] "Niezakwalifikowani" "Rejected" "Applications whose latest decision is rejection." PRACTICE;
    UNDECIDED = "M-03.undecided" Count Application Both [Applications] "Oczekujący na decyzję" "Undecided" "Applications neither decided nor withdrawn." PRACTICE;
    SELECTION_RATE = "M-03.selection_rate" Ratio Ratio Edition [Applications] "Wskaźnik kwalifikacji" "Selection rate" "Selected applications by candidates." PRACTICE ["denominator": "M-01"];
    SELECTED_OF_PLACES = "M-03.selected_of_planned_places" Ratio Ratio Edition [Applications] "Zakwalifikowani do miejsc planowanych" "Selected by planned places"
        "Selected applications by the places of the plan that holds." PRACTICE ["denominator": "M-04.latest"];
    PLACED = "M-03.placed" Count Application Both [Applications Participations] "Zgłoszenia zakończone udziałem" "Placed"
        "Applications whose person has started in the edition." PRACTICE;
    NEVER_PLACED = "M-03.never_placed" Count Application Both [Applications Participations] "Pozostali na liście rezerwowej" "Never placed"
        "Applications on the reserve list, not withdrawn, whose person never started." PRACTICE;
}

definitions! { PLACES;
    PLACES_FIRST = "M-04.first" Sum Place Edition [] "Miejsca planowane (plan pierwotny)" "Planned places, first plan" "Places of the first revision of the plan." ACT;
    PLACES_LATEST = "M-04.latest" Sum Place Edition [] "Miejsca planowane (plan aktualny)" "Planned places, latest plan" "Places of the revision of the plan that holds." ACT;
}

definitions! { PARTICIPATION;
    INITIAL_STARTERS = "M-05" Count Participation Both [Participations] "Rozpoczynający" "Initial starters"
        "Participations that replace nobody and started on the first day of the edition, or before the first replacement." PRACTICE;
    INITIAL_STARTERS_OF_PLACES = "M-05.of_planned_places" Ratio Ratio Edition [Participations] "Rozpoczynający do miejsc planowanych" "Initial starters by planned places"
        "Initial starters by the places of the plan that holds." PRACTICE ["denominator": "M-04.latest"];
    EVER_STARTED = "M-06" Count Participation Both [Participations] "Objęci programem" "Ever started" "Participations that have started." PRACTICE;
    EVER_STARTED_OF_PLACES = "M-06.of_planned_places" Ratio Ratio Edition [Participations] "Objęci programem do miejsc planowanych" "Ever started by planned places"
        "Participations that have started by the places of the plan that holds." PRACTICE ["denominator": "M-04.latest"];
    REPLACEMENTS = "M-07" Count Participation Both [Participations] "Zastępstwa" "Replacements"
        "Participations in the place of somebody who left; the chain depth is 1 for the first in a place." PRACTICE;
    PEAK = "M-08.peak" Count Participation Edition [Participations] "Najwięcej uczestników jednocześnie" "Peak of concurrent participants" "Most participations on one day." PRACTICE;
    SEAT_FILL = "M-08.seat_fill" Ratio Ratio Both [Participations] "Wykorzystanie miejsc" "Seat fill"
        "Days of participation within the edition by planned places times days." PRACTICE ["denominator": "planned places x days", "plan": "the revision of the day"];
}

definitions! { COMPLETION;
    COMPLETED_STRICT = "M-09" Count Participation Both [Participations] "Ukończyli" "Completed, strict"
        "Participations that reached their planned end, with the attendance that the edition asks for." PRACTICE ["completion": "strict"];
    COMPLETED_INCLUSIVE = "M-10" Count Participation Both [Participations] "Ukończyli lub zakończyli wcześniej z powodów pozytywnych" "Completed, inclusive"
        "As strict, and the early ends that the regime counts as positive." PRACTICE ["completion": "inclusive"];
    RATE_STRICT = "M-11.strict" Ratio Ratio Both [Participations] "Wskaźnik ukończenia" "Completion rate, strict"
        "Completed (strict) by ever started." PRACTICE ["completion": "strict", "denominator": "M-06"];
    RATE_INCLUSIVE = "M-11.inclusive" Ratio Ratio Both [Participations] "Wskaźnik ukończenia z wyjściami pozytywnymi" "Completion rate, inclusive"
        "Completed (inclusive) by ever started." PRACTICE ["completion": "inclusive", "denominator": "M-06"];
    DROP_OUTS = "M-12" Count Participation Both [Participations] "Przerwali udział" "Drop-outs" "Early ends that are not positive." PRACTICE;
    RETENTION_DAY_30 = "M-12.retention_day_30" Ratio Ratio Both [Participations] "Uczestniczący w 30. dniu" "Retention on day 30"
        "Participations that lasted to their 30th day by those planned to last that long." PRACTICE ["day": "30, the first day counted", "denominator": "M-06, planned for 30 days or more"];
    RETENTION_END = "M-12.retention_end" Ratio Ratio Both [Participations] "Uczestniczący do końca" "Retention to the end"
        "Participations that reached their planned end, whatever their attendance, by ever started." PRACTICE ["denominator": "M-06"];
}

definitions! { HOURS;
    ATTENDANCE_RATE = "M-13.attendance_rate" Ratio Ratio Both [Attendance] "Frekwencja" "Attendance rate"
        "Attended hours by scheduled hours, while participating." PRACTICE ["denominator": "scheduled hours"];
    ATTENDANCE_RATE_EXCLUDING_EXCUSED = "M-13.attendance_rate_excluding_excused" Ratio Ratio Both [Attendance] "Frekwencja bez nieobecności usprawiedliwionych" "Attendance rate, excused hours excluded"
        "Attended hours by scheduled hours less excused ones." PRACTICE ["denominator": "scheduled hours less excused ones"];
    DELIVERY_HOURS = "M-14.delivery_hours" Sum Hour Both [Attendance] "Godziny prowadzących" "Delivery hours" "Hours of held sessions, each once, however many people came." PRACTICE;
    LESSON_HOURS = "M-14.lesson_hours" Sum LessonHour Both [Attendance] "Godziny lekcyjne" "Lesson hours"
        "Lesson hours (45 minutes) of held sessions whose length was agreed in them; M-14.delivery_hours holds the same sessions in clock hours." PRACTICE;
    PLANNED_HOURS = "M-14.planned_hours" Sum Hour Both [] "Godziny planowane" "Planned hours"
        "Planned clock hours of the blocks, each for one run, which is what one participant gets." PRACTICE;
    PLANNED_PERSON_HOURS = "M-14.planned_person_hours" Sum Hour Both [] "Osobogodziny planowane" "Planned person-hours"
        "Planned clock hours of the blocks times the places of the plan that holds." PRACTICE ["places": "M-04.latest"];
    DELIVERED_OF_PLANNED = "M-14.delivered_of_planned" Ratio Ratio Both [Attendance] "Godziny prowadzących do planu" "Delivery hours by the plan"
        "Hours of held sessions by the planned hours of one run of their blocks; above one where several groups or single participants are led. Socially useful work is not led in sessions and is left out." PRACTICE ["denominator": "M-14.planned_hours without activation"];
    RECEIVED_OF_PLANNED = "M-14.received_of_planned" Ratio Ratio Both [Attendance PsuHours] "Osobogodziny do planu" "Person-hours by the plan"
        "Attended hours by the planned person-hours of their blocks, and hours of socially useful work by those of the activation blocks." PRACTICE ["denominator": "M-14.planned_person_hours"];
    PERSON_HOURS = "M-14.person_hours" Sum Hour Both [Attendance PsuHours] "Osobogodziny" "Person-hours" "Attended hours and hours of socially useful work of all participants." PRACTICE;
    HOURS_PER_PARTICIPANT_WEEK = "M-14.hours_per_participant_week" Ratio HourPerWeek Both [Participations Attendance PsuHours] "Godziny na uczestnika w tygodniu" "Hours per participant and week"
        "Person-hours by ISO weeks with at least one day of participation." PRACTICE ["denominator": "ISO weeks touched by participations"];
    PSU_UTILISATION = "M-15.psu_utilisation" Ratio Ratio Both [Participations PsuHours] "Wykorzystanie godzin prac społecznie użytecznych" "Use of the hours of socially useful work"
        "Hours worked by the weekly limit times the ISO weeks touched by participations." PSU ["denominator": "weekly limit x ISO weeks touched"];
    PSU_WEEKS_AT_LIMIT = "M-15.weeks_at_limit" Count PersonWeek Both [PsuHours] "Tygodnie na limicie" "Weeks at the limit"
        "ISO weeks of a person, over all hosts and editions, with exactly the weekly limit; a record is the last entry of the week." PSU;
    PSU_WEEKS_OVER_LIMIT = "M-15.weeks_over_limit" Count PersonWeek Both [PsuHours] "Tygodnie ponad limit" "Weeks over the limit"
        "ISO weeks of a person with more than the weekly limit; the store refuses them." PSU;
    PSU_MONTH_CAP_USE = "M-15.month_cap_use" Ratio Ratio Both [Participations PsuHours] "Wykorzystanie miesięcznego limitu godzin" "Use of the monthly cap"
        "Hours worked by the monthly cap of the agreement times the calendar months of a person that participations touch." PSU_AGREEMENT ["denominator": "monthly cap x calendar months touched"];
    PSU_MONTHS_AT_CAP = "M-15.months_at_cap" Count PersonMonth Both [PsuHours] "Miesiące na limicie" "Months at the cap"
        "Calendar months of a person under an agreement, over all hosts and editions, with exactly the monthly cap; a record is the last entry of the month." PSU_AGREEMENT;
    PSU_MONTHS_OVER_CAP = "M-15.months_over_cap" Count PersonMonth Both [PsuHours] "Miesiące ponad limit" "Months over the cap"
        "Calendar months of a person under an agreement with more than the monthly cap; there are some only where a cap was set or lowered after the work." PSU_AGREEMENT;
    PSU_HOURS = "M-15.psu_hours" Sum Hour Both [PsuHours] "Godziny prac społecznie użytecznych" "Hours of socially useful work" "Hours of the register." PSU;
}

definitions! { MONEY;
    BENEFIT = "M-16.benefit" Sum Zloty Both [PsuHours] "Świadczenia" "Benefits"
        "Benefits of socially useful work: lines of approved settlements, and what the register differs from them, each line of a person and rate rounded half-up. An entry that is not settled adds what its line grows by." MONEY_OF_PSU ["rounding": "half-up, per person, month and rate"];
    REFUND = "M-16.refund" Sum Zloty Both [PsuHours] "Refundacja z Funduszu Pracy" "Refund of the Labour Fund"
        "What the labour office refunds of the minimum benefit, counted as M-16.benefit." MONEY_OF_PSU ["rounding": "half-up, per person, month and rate"];
    MUNICIPAL_SHARE = "M-16.municipal_share" Sum Zloty Both [PsuHours] "Udział gminy" "Share of the municipality"
        "Benefits less the refund." MONEY_OF_PSU ["of": "M-16.benefit less M-16.refund"];
}

definitions! { COMPETENCES;
    COMPETENCE_GAIN = "M-17.competence_gain" Sum CompetenceBySource Both [Sheets] "Przyrost kompetencji" "Competence gain"
        "Competences of a template version, per source, whose mean is better after than before, by those with matched pairs. A pair is one participation, template, rater and role of the observer." EFFECTS ["denominator": "competences by source with matched pairs", "pairs": "matched only"];
    COMPETENCE_GAIN_AT_MID = "M-17.competence_gain_at_mid" Sum CompetenceBySource Both [Sheets] "Przyrost kompetencji w połowie" "Competence gain on the way"
        "As M-17.competence_gain, from before to the newest sheet on the way." EFFECTS ["denominator": "competences by source with matched pairs", "pairs": "matched only"];
    COMPETENCE_GAIN_KEPT = "M-17.competence_gain_at_follow_up" Sum CompetenceBySource Both [Sheets] "Przyrost kompetencji po czasie" "Competence gain at follow-up"
        "As M-17.competence_gain, from before to the newest sheet some time after the end." EFFECTS ["denominator": "competences by source with matched pairs", "pairs": "matched only"];
    EFFECT_SIZE = "M-18.effect_size" Sum CompetenceBySource Both [Sheets] "Wielkość efektu" "Effect size"
        "Competences of a template version, per source, with an effect size, by those with matched pairs. Groups hold Cohen's dz (mean gain by the standard deviation of the gains), its correction by Hedges and an exact signed-rank test; dz is undefined for a single pair and where all gains are alike." EFFECTS
        ["denominator": "competences by source with matched pairs", "hedges": "dz x (1 - 3 / (4 (n - 1) - 1)), from 3 pairs", "signedRank": "two-sided, zeros left out, mean ranks for ties, exact up to 120 pairs"];
    RATER_AGREEMENT = "M-19.rater_agreement" Sum SheetPair Both [Sheets] "Zgodność samooceny z obserwacją" "Agreement of self and observer"
        "Pairs of a self-assessment and an observation of one participation, template version and moment. Groups hold the mean of self less observer and, from 5 pairs, the correlation, by competence, moment and role of the observer." EFFECTS ["correlation": "Pearson, from 5 pairs"];
}

definitions! { AGREED_EFFECTS;
    TARGET_ATTAINMENT = "M-20.target_attainment" Sum Effect Edition [] "Realizacja oczekiwanych efektów" "Attainment of expected effects"
        "Expected effects of the agreement whose target is reached, by those with a target and a result. Groups hold result by target of each, which may exceed 1; the result is the one recorded, else the figure that the agreement names, whose records then stand for the effect." EFFECTS ["denominator": "expected effects with a target above zero and a result"];
    QUALITATIVE_EFFECTS = "M-20.qualitative" Sum Effect Edition [] "Efekty jakościowe" "Qualitative effects"
        "Expected effects for which a finding in words was recorded, by what was found; they have no attainment." EFFECTS;
}

definitions! { EMPLOYMENT;
    JOBS_AT_RECRUITMENT = "M-21.at_recruitment" Count Person Both [Applications Employment] "Podjęli pracę na etapie rekrutacji" "Employed at recruitment"
        "People whose job started on or after the day of their application and before their participation, or, if they never took part, up to the first day of the edition or their rejection; and applications withdrawn for a job." PRACTICE;
    JOBS_DURING = "M-21.during" Count Person Both [Participations Employment] "Podjęli pracę w trakcie programu" "Employed during the programme"
        "People whose job started from the start of their participation to the end of the edition, or whose participation ended for a job, or of whom an answer found one by a day of that time." PRACTICE ["clock": "programme"];
    JOBS_4_WEEKS = "M-21.within_4_weeks" Count Person Both [Participations Employment] "Podjęli pracę do 4 tygodni po programie" "Employed within 4 weeks"
        "Participants whose job started within 28 days after the end of the edition, or of whom an answer found one by a day of that time and no earlier job is known. An answer counts by its day, or by the last day that it asks about if that was before." ESF ["clock": "programme", "window": "28 days"];
    JOBS_3_MONTHS = "M-21.within_3_months" Count Person Both [Participations Employment] "Podjęli pracę do 3 miesięcy po programie" "Employed within 3 months"
        "Participants whose job started within 3 months after the end of the edition, or of whom an answer found one by a day of that time and no earlier job is known. An answer counts by its day, or by the last day that it asks about if that was before." ANNEX_8 ["clock": "programme", "window": "3 months"];
    JOBS_6_MONTHS = "M-21.within_6_months" Count Person Both [Participations Employment] "Podjęli pracę do 6 miesięcy po programie" "Employed within 6 months"
        "Participants whose job started within 6 months after the end of the edition, or of whom an answer found one by a day of that time and no earlier job is known. An answer counts by its day, or by the last day that it asks about if that was before." ESF ["clock": "programme", "window": "6 months"];
    JOBS_4_WEEKS_PERSON = "M-21.within_4_weeks.person_clock" Count Person Both [Participations Employment] "Podjęli pracę do 4 tygodni po swoim wyjściu" "Employed within 4 weeks of leaving"
        "Participants whose job started from their last day to 28 days after it, or whose participation ended for a job, or of whom an answer found one by a day of that time." ESF ["clock": "person", "window": "28 days"];
    JOBS_3_MONTHS_PERSON = "M-21.within_3_months.person_clock" Count Person Both [Participations Employment] "Podjęli pracę do 3 miesięcy po swoim wyjściu" "Employed within 3 months of leaving"
        "Participants whose job started from their last day to 3 months after it, or whose participation ended for a job, or of whom an answer found one by a day of that time." ESF ["clock": "person", "window": "3 months"];
    JOBS_6_MONTHS_PERSON = "M-21.within_6_months.person_clock" Count Person Both [Participations Employment] "Podjęli pracę do 6 miesięcy po swoim wyjściu" "Employed within 6 months of leaving"
        "Participants whose job started from their last day to 6 months after it, or whose participation ended for a job, or of whom an answer found one by a day of that time." ESF ["clock": "person", "window": "6 months"];
    JOBS_TOTAL = "M-21.total" Count Person Both [Applications Participations Employment] "Podjęli pracę łącznie" "Employed in total"
        "Distinct people employed at recruitment, during the programme or within 6 months after it." PRACTICE ["clock": "programme", "window": "6 months"];
    JOBS_QUALIFYING = "M-21.qualifying" Count Person Both [Applications Participations Employment] "Podjęli pracę na wymagany okres" "Employed long enough"
        "People of the total whose job lasted at least the days of the regime, both ends counted." ANNEX_8 ["clock": "programme", "window": "6 months"];
    JOBS_OFFICIAL = "M-21.official" Count Person Both [Participations Employment] "Efektywność zatrudnieniowa (MRPiPS-01)" "Employed by the official measure"
        "Participants employed during the programme or within 3 months after it for at least the days of the regime." ANNEX_8 ["clock": "programme", "window": "3 months"];
    JOBS_UNKNOWN = "M-21.unknown" Count Person Both [Participations] "Brak informacji o pracy" "Employment unknown"
        "Participants of whom no job during the programme or within 3 months after it and no answer for that time is known; that there was none, an answer can say only after it." ANNEX_8 ["clock": "programme", "window": "3 months"];
}

macro_rules! employment_rates {
    ($($phase:literal $phase_pl:literal $phase_en:literal;)*) => {
        /// Employment rates: per phase, the denominators in the order of [`Denominator`](super::metrics::employment_rates::Denominator).
        pub static EMPLOYMENT_RATES: &[[Definition; 4]] = &[$([
            employment_rates!(@ $phase $phase_pl $phase_en "ever_started" "objętych programem" "people who ever started" [FactKind::Participations]),
            employment_rates!(@ $phase $phase_pl $phase_en "initial_starters" "rozpoczynających" "initial starters" [FactKind::Participations]),
            employment_rates!(@ $phase $phase_pl $phase_en "strict_completers" "osób, które ukończyły" "people who completed (strict)" [FactKind::Participations]),
            employment_rates!(@ $phase $phase_pl $phase_en "candidates" "kandydatów" "candidates" [FactKind::Applications])
        ]),*];
    };
    (@ $phase:literal $phase_pl:literal $phase_en:literal $by:literal $by_pl:literal $by_en:literal [$kind:expr]) => {
        Definition {
            id: concat!("M-22.", $phase, ".of_", $by), version: 1,
            name_pl: concat!("Podjęli pracę ", $phase_pl, " do ", $by_pl), name_en: concat!("Employed ", $phase_en, " by ", $by_en),
            description: concat!("People of M-21.", $phase, " by distinct ", $by_en, "; the people above are not narrowed to those below."),
            unit: Unit::Ratio, measure: Measure::Ratio, scope: Scope::Both, kinds: &[FactKind::Employment, $kind],
            source: PRACTICE, parameters: &[("numerator", concat!("M-21.", $phase)), ("denominator", concat!("distinct ", $by_en))],
        }
    };
}

employment_rates! {
    "during" "w trakcie programu" "during the programme";
    "official" "według miary urzędowej" "by the official measure";
    "total" "łącznie" "in total";
    "within_3_months" "do 3 miesięcy po programie" "within 3 months";
    "within_6_months" "do 6 miesięcy po programie" "within 6 months";
}

definitions! { RE_PARTICIPATION;
    ENROLMENTS = "M-23.enrolments" Count Participation Programme [Participations] "Udziały" "Enrolments" "Participations that have started, over all editions." ACT;
    DISTINCT_PEOPLE = "M-23.distinct_people" Count Person Programme [Participations] "Osoby bez powtórzeń" "Distinct people" "People who started in at least one edition." ACT;
    REPEATERS = "M-23.repeaters" Count Person Both [Participations] "Osoby powracające" "Repeaters"
        "Of a programme: people who started in two editions or more. Of an edition: its people who had started in an earlier edition." ACT;
    NEW_PEOPLE = "M-23.new" Count Person Edition [Participations] "Osoby nowe" "New people" "People of the edition who had started in no earlier edition of the programme." ACT;
    NEW_BY_EDITION = "M-23.new_by_edition" Count Person Programme [Participations] "Osoby nowe według edycji" "New people by edition" "People by the first edition in which they started." ACT;
    ONLY_IN_EDITION = "M-23.only_in_edition" Count Person Programme [Participations] "Osoby tylko z jednej edycji" "People of one edition only" "People who started in one edition only, by edition." ACT;
    GAP_DAYS = "M-23.gap_days" Sum Day Programme [] "Dni przerwy między edycjami" "Days between editions" "Days strictly between consecutive editions, added up; the groups hold each gap." ACT;
    CUMULATIVE_MONTHS = "M-23.cumulative_months" Count Person Programme [Participations] "Łączny czas udziału w miesiącach" "Cumulative months"
        "People by the length of their participations in the programme: whole calendar months each, leftover days as thirtieths of a month." ACT;
    OVER_LIMIT = "M-23.over_limit" Count Person Programme [Participations] "Osoby ponad łącznym limitem miesięcy" "People over the cumulative limit"
        "People whose participations of the regime's group, over all programmes of the tenant, exceed the limit of months." ACT;
}

definitions! { NEXT_STEPS;
    DECLARATIONS = "M-24.declarations" Count Declaration Both [Declarations] "Deklaracje uczestników" "Declarations" "What participants declared to do next." PRACTICE;
    POST_DECISIONS = "M-24.post_decisions" Count Decision Both [Decisions] "Decyzje urzędu pracy po programie" "Decisions after the programme" "What the labour office decided after the programme." ACT;
    ONWARD_REFERRALS = "M-24.onward_referrals" Count Referral Both [Participations] "Skierowania dalej" "Onward referrals"
        "Where participants were referred on, and whether they took it up. At least these: nobody states that there were no others." PRACTICE;
    SOCIAL_PROGRESS = "M-24.social_progress" Ratio Ratio Both [Participations] "Efektywność społeczna" "Social effectiveness"
        "People with progress in at least one social area, assessed within 3 months after leaving, by people who have left." SOCIAL ["denominator": "distinct people whose participation has ended", "window": "3 months", "clock": "person"];
}

definitions! { COSTS;
    COST_PLANNED = "M-25.cost_planned" Sum Zloty Both [] "Koszty planowane" "Planned costs" "Planned lines of the budget, by source and kind with their shares." BUDGET;
    COST_SPENT = "M-25.cost_spent" Sum Zloty Both [Money] "Koszty poniesione" "Costs" "Money spent, by source and kind with their shares." BUDGET;
    COST_SPENT_OF_PLANNED = "M-25.cost_spent_of_planned" Ratio Ratio Both [Money] "Koszty poniesione do planu" "Costs by the plan"
        "Money spent by the planned lines of the budget." BUDGET ["denominator": "M-25.cost_planned"];
    COST_PER_PARTICIPANT = "M-26.cost_per_participant" Ratio Zloty Both [Money Participations] "Koszt na uczestnika" "Cost per participant"
        "Money spent by distinct people who ever started, to the grosz." PRACTICE ["numerator": "M-25.cost_spent", "denominator": "distinct people who ever started", "rounding": "half-up"];
    COST_PER_COMPLETER = "M-26.cost_per_completer" Ratio Zloty Both [Money Participations] "Koszt na osobę, która ukończyła" "Cost per completer"
        "Money spent by distinct people who completed (strict), to the grosz." PRACTICE ["numerator": "M-25.cost_spent", "denominator": "distinct people who completed (strict)", "rounding": "half-up"];
    COST_PER_JOB = "M-26.cost_per_qualifying_job" Ratio Zloty Both [Money Participations Employment] "Koszt na zatrudnioną osobę" "Cost per qualifying job"
        "Money spent by people of M-21.official, to the grosz." PRACTICE ["numerator": "M-25.cost_spent", "denominator": "M-21.official", "rounding": "half-up"];
}

definitions! { STRUCTURE;
    PARTICIPANT_STRUCTURE = "M-27.structure" Count Person Both [Participations] "Struktura uczestników" "Structure of participants"
        "Distinct people who ever started, by sex, age, education, status on the labour market, disability, long-term unemployment and area at entry; each breakdown adds up to all." ESF ["day": "first day of the first participation counted"];
}

definitions! { HOUSEHOLDS;
    HOUSEHOLDS_OF_PARTICIPANTS = "M-28.households" Count Household Both [Participations Households] "Gospodarstwa domowe uczestników" "Households of participants"
        "Distinct households in which a participant lived on a day of the participation." PRACTICE;
    HOUSEHOLDS_WITH_ASSISTANT = "M-28.households_with_assistant" Count Household Both [Households] "Gospodarstwa domowe z asystentem rodziny" "Households with a family assistant"
        "Distinct households with which a family assistant has begun to work under the edition, whoever of them takes part." ASSISTANTS;
}

/// Every definition, in the order of their numbers.
pub fn all() -> impl Iterator<Item = &'static Definition> {
    let rates = EMPLOYMENT_RATES.iter().flatten();
    let before = [RECRUITMENT, PLACES, PARTICIPATION, COMPLETION, HOURS, MONEY, COMPETENCES, AGREED_EFFECTS, EMPLOYMENT];
    let after = [RE_PARTICIPATION, NEXT_STEPS, COSTS, STRUCTURE, HOUSEHOLDS];
    before.into_iter().flatten().copied().chain(rates).chain(after.into_iter().flatten().copied())
}

/// The definition of an id.
pub fn find(id: &str) -> Option<&'static Definition> {
    all().find(|definition| definition.id == id)
}

/// Whether a definition is of a figure of an edition by which an expected effect can be measured: not of a programme's alone,
/// and not of how far such effects are reached.
pub fn measures_effects(id: &str) -> bool {
    let is_of_effects = AGREED_EFFECTS.iter().any(|definition| definition.id == id);
    !is_of_effects && find(id).is_some_and(|definition| definition.scope != Scope::Programme)
}
