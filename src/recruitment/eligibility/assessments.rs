//! Assessing an application, and reading assessments.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::ages::{AgeSource, Candidate};
use super::counterfactual::qualifies_from;
use super::evaluation::{Exception, Finding, FindingOutcome, Outcome, Rules, conclude, evaluate, foresee};
use super::staleness::{Assessed, StaleBecause, stale_because};
use super::views::{AssessmentBriefView, AssessmentView};
use crate::institutions::own_territory;
use crate::people::{Birth, KnownFact, PersonFactKind, known_facts, portraits};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery};
use crate::platform::permit::Permit;
use crate::platform::policy::{
    AssessEligibility, GetEligibilityAssessment, GetPersonIdentity, ListEligibilityAssessments, Operation as _,
};
use crate::platform::problem::{Locale, Problem, catalogue};
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText, Stored, Teryt, count_between};
use crate::programmes::facts::get_recruitment_terms;
use crate::programmes::{EligibilityCriterion, EligibilityRule};
use crate::recruitment::applications::{ApplicationStep, NewStep, append_step, get_view};
use crate::recruitment::decisions::Decision;
use crate::recruitment::steps::check_order;
use crate::recruitment::{ASSESSMENT_STALE, EXCEPTION_NOT_POSSIBLE, NOT_ELIGIBLE};
use crate::schema::{applications, eligibility_assessments};

/// An assessment to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "effectiveOn": "2026-06-12" }))]
pub struct AssessmentBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// The day on which the conditions are looked at.
    pub effective_on: Day,
    /// Overridable conditions that are not asked of this candidate, each with its reason.
    #[serde(default, deserialize_with = "count_between::<0, 20, _, _>")]
    #[schema(max_items = 20)]
    pub exceptions: Vec<Exception>,
}

/// On which day an assessment is looked at.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct CurrencyFilter {
    /// Whether it is stale on this day; unless given, today, but no later than the first day of the edition.
    #[param(inline)]
    on: Option<Day>,
}

/// An assessment as it is kept.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = eligibility_assessments)]
pub(super) struct Assessment {
    pub id: Uuid,
    pub application_id: Uuid,
    pub effective_on: Day,
    pub regime_id: Uuid,
    pub criteria: Stored<Vec<EligibilityCriterion>>,
    pub home_teryt: Option<Teryt>,
    pub outcome: Outcome,
    pub facts: Stored<Vec<KnownFact>>,
    pub findings: Stored<Vec<Finding>>,
    #[diesel(column_name = qualifies_from_on)]
    pub qualifies_from: Option<Day>,
    pub appeal_of_id: Option<Uuid>,
    pub appealed_on: Option<Day>,
    pub appeal_reason: Option<LongText>,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: Uuid,
}

/// What an assessment is made of.
pub(super) struct Inputs<'a> {
    pub application: Uuid,
    pub effective_on: Day,
    pub regime: Uuid,
    pub criteria: Vec<EligibilityCriterion>,
    pub home: Option<Teryt>,
    pub facts: Vec<KnownFact>,
    pub candidate: Candidate,
    pub exceptions: &'a [Exception],
    pub appeal: Option<Appeal<'a>>,
}

/// An assessment that is appealed against.
pub(super) struct Appeal<'a> {
    pub of: Uuid,
    pub lodged_on: Day,
    pub reason: &'a str,
    /// As it was foreseen: exceptions, which alone are new, count nothing there.
    pub qualifies_from: Option<Day>,
}

#[derive(Insertable)]
#[diesel(table_name = eligibility_assessments)]
struct NewAssessment<'a> {
    id: Uuid,
    application_id: Uuid,
    effective_on: Day,
    regime_id: Uuid,
    criteria: &'a Stored<Vec<EligibilityCriterion>>,
    home_teryt: Option<&'a Teryt>,
    outcome: Outcome,
    facts: &'a Stored<Vec<KnownFact>>,
    exceptions: Stored<Vec<Exception>>,
    findings: Stored<Vec<Finding>>,
    qualifies_from_on: Option<Day>,
    appeal_of_id: Option<Uuid>,
    appealed_on: Option<Day>,
    appeal_reason: Option<&'a str>,
}

/// Assesses whether a candidate is eligible.
///
/// The conditions of the edition's regime are compared with the facts about the
/// person on a day, each with an explanation. What is not known makes the
/// outcome `undetermined` and says what to ask. The assessment keeps the facts
/// and never changes; with `dryRun` it is only looked at. It decides nothing:
/// a decision names it as `assessmentId`.
#[utoipa::path(tag = "applications", request_body = AssessmentBody, params(("id" = Uuid, Path, description = "Application")),
    responses((status = 201, body = AssessmentView, description = "The assessment")))]
#[post("/applications/{id}/eligibility-assessments")]
async fn assess_eligibility(
    permit: Permit<AssessEligibility>,
    application: PathId,
    locale: Locale,
    body: Body<AssessmentBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("eligibility_assessment", [id, application.0]);
            let view = assess(tx, id, application.0, locale, body)?;
            Ok(Written::created(format!("/eligibility-assessments/{id}"), view))
        })
        .await
}

/// Lists the assessments of an application.
#[utoipa::path(tag = "applications", params(("id" = Uuid, Path, description = "Application"), PageQuery),
    responses((status = 200, body = Page<AssessmentBriefView>, description = "A page of assessments")))]
#[get("/applications/{id}/eligibility-assessments")]
async fn list_eligibility_assessments(permit: Permit<ListEligibilityAssessments>, application: PathId) -> Result<Reply, Problem> {
    permit
        .list(
            |assessment: &AssessmentBriefView| assessment.id,
            move |tx, window| {
                get_view(tx, application.0)?;
                Ok(eligibility_assessments::table
                    .filter(own(tx, eligibility_assessments::tenant_id))
                    .filter(eligibility_assessments::application_id.eq(application.0))
                    .filter(eligibility_assessments::id.gt(window.after))
                    .order(eligibility_assessments::id)
                    .limit(window.rows())
                    .select(AssessmentBriefView::as_select())
                    .load(tx.conn)?)
            },
        )
        .await
}

/// Reads an assessment with its explanation.
///
/// Polish or English by `Accept-Language`. It also says whether something has
/// come to light, or expired, that makes it stale.
#[utoipa::path(tag = "eligibility-assessments", params(("id" = Uuid, Path, description = "Assessment"), CurrencyFilter),
    responses((status = 200, body = AssessmentView, description = "The assessment")))]
#[get("/eligibility-assessments/{id}")]
async fn get_eligibility_assessment(
    permit: Permit<GetEligibilityAssessment>,
    id: PathId,
    locale: Locale,
    filter: Filter<CurrencyFilter>,
) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let assessment = find_assessment(tx, id.0)?;
            explained(tx, assessment, locale, filter.0.on)
        })
        .await
}

fn assess(tx: &mut Tx, id: Uuid, application: Uuid, locale: Locale, body: &AssessmentBody) -> Result<AssessmentView, Problem> {
    let application = get_view(tx, application)?;
    check_order(application.state, application.placed, ApplicationStep::Assessed)?;
    let terms = get_recruitment_terms(tx, application.edition_id)?;
    let criteria = terms.regime.eligibility;
    let candidate = candidate(tx, application.person_id, &criteria, AgeSource::Born)?;
    let inputs = Inputs {
        application: application.id,
        effective_on: body.effective_on,
        regime: terms.regime_id,
        home: if criteria.iter().any(means_home) { own_territory(tx)? } else { None },
        facts: known_facts(tx, application.person_id, &kinds(&criteria))?,
        criteria,
        candidate,
        exceptions: &body.exceptions,
        appeal: None,
    };
    let assessment = conclude_and_keep(tx, id, inputs)?;
    tx.announce(
        "application",
        application.id,
        "application.assessed",
        json!({ "applicationId": application.id, "assessmentId": id, "effectiveOn": body.effective_on }),
    );
    // The facts were read in this transaction: nothing has come to light since.
    let on = usual_day(tx, &assessment, terms.starts_on);
    let stale = stale_because(assessed(&assessment, candidate), &assessment.facts.0, on);
    Ok(AssessmentView::of(locale, assessment, stale, on))
}

/// Whether a condition means the territory of the centre.
fn means_home(criterion: &EligibilityCriterion) -> bool {
    criterion.rule == EligibilityRule::Residence && criterion.places.is_empty()
}

/// Kinds of facts that conditions look at.
pub(super) fn kinds(criteria: &[EligibilityCriterion]) -> Vec<PersonFactKind> {
    criteria.iter().flat_map(|criterion| criterion.rule.fact_kinds()).collect()
}

/// Whether a condition asks for an age; identities are opened for no other.
pub(super) fn ask_for_age(criteria: &[EligibilityCriterion]) -> bool {
    criteria.iter().any(|criterion| criterion.age.is_some() || criterion.young.is_some())
}

/// Sex and age of somebody, where a condition asks for them.
fn candidate(
    tx: &mut Tx,
    person: Uuid,
    criteria: &[EligibilityCriterion],
    source: impl Fn(Birth) -> AgeSource,
) -> Result<Candidate, Problem> {
    if !ask_for_age(criteria) {
        return Ok(Candidate::UNKNOWN);
    }
    let portrait = portraits(tx, &[person], |_, _| true)?.into_iter().next();
    Ok(portrait.map_or(Candidate::UNKNOWN, |known| Candidate::seen(known, source)))
}

/// Evaluates and stores; the exceptions are noted for the audit row.
pub(super) fn conclude_and_keep(tx: &mut Tx, id: Uuid, inputs: Inputs) -> Result<Assessment, Problem> {
    let rules = Rules { criteria: &inputs.criteria, home: inputs.home.as_ref(), candidate: inputs.candidate };
    let mut findings = evaluate(rules, &inputs.facts, inputs.exceptions, inputs.effective_on);
    foresee(&mut findings, &inputs.facts, inputs.effective_on);
    check_exceptions(&findings, inputs.exceptions)?;
    if !inputs.exceptions.is_empty() {
        let reasons: Vec<&str> = inputs.exceptions.iter().map(|exception| exception.reason.as_str()).collect();
        tx.note_override(&reasons.join("; "));
    }
    let outcome = conclude(&findings);
    let qualifies_from_on = match &inputs.appeal {
        _ if outcome == Outcome::Eligible => None,
        Some(appeal) => appeal.qualifies_from,
        None => qualifies_from(rules, &inputs.facts, inputs.effective_on),
    };
    let assessment = diesel::insert_into(eligibility_assessments::table)
        .values(NewAssessment {
            id,
            application_id: inputs.application,
            effective_on: inputs.effective_on,
            regime_id: inputs.regime,
            criteria: &Stored(inputs.criteria),
            home_teryt: inputs.home.as_ref(),
            outcome,
            facts: &Stored(inputs.facts),
            exceptions: Stored(inputs.exceptions.to_vec()),
            findings: Stored(findings),
            qualifies_from_on,
            appeal_of_id: inputs.appeal.as_ref().map(|appeal| appeal.of),
            appealed_on: inputs.appeal.as_ref().map(|appeal| appeal.lodged_on),
            appeal_reason: inputs.appeal.as_ref().map(|appeal| appeal.reason),
        })
        .returning(Assessment::as_returning())
        .get_result(tx.conn)?;
    let step =
        NewStep { assessment_id: Some(id), ..NewStep::of(inputs.application, ApplicationStep::Assessed, inputs.effective_on) };
    append_step(tx, &step)?;
    Ok(assessment)
}

/// An exception that changes nothing is a mistake: of a condition that is met, unknown, hard, or named twice.
fn check_exceptions(findings: &[Finding], exceptions: &[Exception]) -> Result<(), Problem> {
    for (place, exception) in exceptions.iter().enumerate() {
        let excuses = findings.iter().any(|finding| finding.rule == exception.rule && finding.outcome == FindingOutcome::Excused);
        let repeated = exceptions[..place].iter().any(|earlier| earlier.rule == exception.rule);
        if !excuses || repeated {
            return Err(EXCEPTION_NOT_POSSIBLE.at(format!("/exceptions/{place}/rule")));
        }
    }
    Ok(())
}

pub(super) fn find_assessment(tx: &mut Tx, id: Uuid) -> Result<Assessment, Problem> {
    Ok(eligibility_assessments::table
        .filter(own(tx, eligibility_assessments::tenant_id))
        .filter(eligibility_assessments::id.eq(id))
        .select(Assessment::as_select())
        .first(tx.conn)?)
}

/// An assessment in words, and whether it is stale on a day.
pub(super) fn explained(tx: &mut Tx, assessment: Assessment, locale: Locale, on: Option<Day>) -> Result<AssessmentView, Problem> {
    let application = get_view(tx, assessment.application_id)?;
    let on = if let Some(day) = on {
        day
    } else {
        let begins = get_recruitment_terms(tx, application.edition_id)?.starts_on;
        usual_day(tx, &assessment, begins)
    };
    let stale = stale(tx, &assessment, application.person_id, on)?;
    Ok(AssessmentView::of(locale, assessment, stale, on))
}

/// Today, but no later than the first day of the edition: what changes after it says nothing about the admission any more.
fn usual_day(tx: &Tx, assessment: &Assessment, begins: Day) -> Day {
    let today = Day::try_from(tx.today()).unwrap_or(begins);
    today.min(begins).max(assessment.effective_on)
}

pub(super) fn assessed(assessment: &Assessment, candidate: Candidate) -> Assessed<'_> {
    Assessed {
        effective_on: assessment.effective_on,
        qualifies_from: assessment.qualifies_from,
        findings: &assessment.findings.0,
        facts: &assessment.facts.0,
        rules: Rules { criteria: &assessment.criteria.0, home: assessment.home_teryt.as_ref(), candidate },
    }
}

fn stale(tx: &mut Tx, assessment: &Assessment, person: Uuid, on: Day) -> Result<Vec<StaleBecause>, Problem> {
    let known = known_facts(tx, person, &kinds(&assessment.criteria.0))?;
    let source = ages_shown_to(tx, assessment);
    let candidate = candidate(tx, person, &assessment.criteria.0, source)?;
    Ok(stale_because(assessed(assessment, candidate), &known, on))
}

/// How exactly the caller may learn of an age: by asking for one day after the other a birthday could be found.
pub(super) fn ages_shown_to(tx: &Tx, assessment: &Assessment) -> impl Fn(Birth) -> AgeSource + use<> {
    let may_see_identity = GetPersonIdentity::RULE.roles.contains(&tx.caller.role);
    let assessed_on = assessment.effective_on;
    move |birth| if may_see_identity { AgeSource::Born(birth) } else { AgeSource::ByMonth(birth, assessed_on) }
}

/// Whether an assessment bears a decision about its application on a day.
///
/// A place or a position on the reserve list needs one that is positive and not
/// stale; a rejection may rest on any.
///
/// # Errors
/// `platform.reference_not_found`, `recruitment.not_eligible` or
/// `recruitment.assessment_stale` at `/assessmentId`.
pub(in crate::recruitment) fn check_support(
    tx: &mut Tx,
    (application, person): (Uuid, Uuid),
    assessment: Uuid,
    decision: Decision,
    on: Day,
) -> Result<(), Problem> {
    let unknown = || catalogue::REFERENCE_NOT_FOUND.at("/assessmentId");
    let assessment = find_assessment(tx, assessment)
        .map_err(|problem| if problem.code() == catalogue::NOT_FOUND.code { unknown() } else { problem })?;
    if assessment.application_id != application {
        return Err(unknown());
    }
    if decision == Decision::Rejected {
        return Ok(());
    }
    if !matches!(assessment.outcome, Outcome::Eligible | Outcome::EligibleByException) {
        return Err(NOT_ELIGIBLE.at("/assessmentId").with("outcome", assessment.outcome.as_str()));
    }
    if stale(tx, &assessment, person, on)?.is_empty() { Ok(()) } else { Err(ASSESSMENT_STALE.at("/assessmentId")) }
}

/// The latest assessment of an application, where it found the candidate not eligible.
///
/// # Errors
/// When the store fails.
pub(in crate::recruitment) fn ineligible_by(tx: &mut Tx, application: Uuid) -> Result<Option<Uuid>, Problem> {
    let latest: Option<(Uuid, Outcome)> = eligibility_assessments::table
        .filter(own(tx, eligibility_assessments::tenant_id))
        .filter(eligibility_assessments::application_id.eq(application))
        .order(eligibility_assessments::id.desc())
        .select((eligibility_assessments::id, eligibility_assessments::outcome))
        .first(tx.conn)
        .optional()?;
    Ok(latest.filter(|(_, outcome)| *outcome == Outcome::Ineligible).map(|(id, _)| id))
}

/// What a later ranking takes over from an application's latest assessment.
#[derive(Debug, Clone, Queryable)]
pub(in crate::recruitment) struct Carried {
    pub application: Uuid,
    pub assessment: Uuid,
    pub outcome: Outcome,
    pub exceptions: Stored<Vec<Exception>>,
}

/// The latest assessment of each application of an edition.
///
/// # Errors
/// When the store fails.
pub(in crate::recruitment) fn carried_of_edition(tx: &mut Tx, edition: Uuid) -> Result<Vec<Carried>, Problem> {
    Ok(eligibility_assessments::table
        .inner_join(
            applications::table.on(applications::tenant_id
                .eq(eligibility_assessments::tenant_id)
                .and(applications::id.eq(eligibility_assessments::application_id))),
        )
        .filter(own(tx, eligibility_assessments::tenant_id))
        .filter(applications::edition_id.eq(edition))
        .distinct_on(eligibility_assessments::application_id)
        .order((eligibility_assessments::application_id, eligibility_assessments::id.desc()))
        .select((
            eligibility_assessments::application_id,
            eligibility_assessments::id,
            eligibility_assessments::outcome,
            eligibility_assessments::exceptions,
        ))
        .load(tx.conn)?)
}

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(assess_eligibility).service(list_eligibility_assessments).service(get_eligibility_assessment);
}
