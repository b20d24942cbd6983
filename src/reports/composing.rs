//! Composes a report from the figures of an edition, once; every format is written from what comes out of it.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::amount::Amount;
use super::charts::charts;
use super::controls::controls;
use super::document::{
    DefinitionLine, Detail, FORM, FigureRemark, FinalReport, OverrideLine, Replaced, ReportBreakdown, ReportFigure, ReportGroup,
    TextLine,
};
use super::plan::plan_and_actual;
use super::sections::in_sections;
use super::sources::{Sources, issuer};
use super::wording::{by, detail, group, note, polish_day, rating, status};
use crate::outcomes::figures::definition::Unit;
use crate::outcomes::figures::definitions::find;
use crate::outcomes::figures::facts::Facts;
use crate::outcomes::figures::figure::{Breakdown, Group, Number};
use crate::outcomes::figures::loading::edition_facts;
use crate::outcomes::figures::metrics::figures;
use crate::outcomes::figures::views::{DefinitionView, FigureView, FiguresView};
use crate::outcomes::figures::withholding::{Discretion, withhold_scores};
use crate::platform::db::Tx;
use crate::platform::past::AsOfFilter;
use crate::platform::problem::{Locale, Problem, catalogue};
use crate::programmes::facts::EditionFacts;
use crate::programmes::warnings::EditionWarning;

/// Groups that are single people; a report has none of them.
const OF_SINGLE_PEOPLE: &[&str] = &["participation"];

/// What a report is besides the figures.
#[derive(Debug)]
pub struct Cover {
    /// Report.
    pub id: Uuid,
    /// Its number in the edition.
    pub number: i32,
    /// What it replaces.
    pub replaces: Option<Replaced>,
    /// Notes of whoever draws it up.
    pub notes: Vec<TextLine>,
}

/// Composes the report of an edition as it stands at this moment, or as it was known at another.
///
/// # Errors
/// `platform.not_found` when the tenant has no such edition, and those of [`Tx::as_known`].
pub fn compose(tx: &mut Tx, edition: Uuid, as_of: AsOfFilter, cover: Cover) -> Result<FinalReport, Problem> {
    let institution = issuer(tx)?;
    let (facts, rules, sources) = tx.as_known(as_of, |tx| {
        let facts = edition_facts(tx, edition)?;
        facts.expect_births()?;
        let rules = facts.editions.first().ok_or_else(|| catalogue::NOT_FOUND.problem())?.clone();
        let sources = Sources::of(tx, institution, &rules)?;
        Ok((facts, rules, sources))
    })?;
    Ok(document(&facts, &rules, sources, cover))
}

/// The report of some facts.
fn document(facts: &Facts, edition: &EditionFacts, sources: Sources, cover: Cover) -> FinalReport {
    let mut counted = figures(facts);
    // A report leaves the house, so it tells nobody the scores of a handful; its counts are those that have to be reported.
    withhold_scores(&mut counted);
    let view = FiguresView::of(facts, &counted, &format!("/editions/{}", edition.id), &Discretion::none(), facts.as_of.at);
    let mut figures: Vec<ReportFigure> = view.figures.iter().map(figure).collect();
    name_templates(facts, &mut figures);
    let plan_and_actual = plan_and_actual(&figures);
    let charts = charts(facts, edition, &figures, &plan_and_actual);
    FinalReport {
        form: FORM.to_owned(),
        id: cover.id,
        number: cover.number,
        replaces: cover.replaces,
        as_of: facts.as_of.at,
        approved_on: None,
        edition: sources.edition,
        plan_revisions: sources.revisions,
        controls: controls(&figures, &charts),
        definitions: view.figures.iter().filter_map(definition).collect(),
        sections: in_sections(figures),
        plan_and_actual,
        charts,
        events: sources.events,
        warnings: view.warnings.iter().map(|one| warning(&one.warning)).collect(),
        overrides: overrides(view.overrides.iter().map(|one| one.reason.as_str().to_owned())),
        notes: cover.notes,
    }
}

fn figure(view: &FigureView) -> ReportFigure {
    let breakdowns = view.breakdowns.iter().filter(|one| !OF_SINGLE_PEOPLE.contains(&one.by) && shares_out(one));
    let remark = |one: &crate::outcomes::figures::verdict::Note| FigureRemark {
        code: one.code,
        count: one.count,
        text: format!("{}: {}", note(one.code), one.count),
    };
    ReportFigure {
        definition_id: view.definition_id.to_owned(),
        definition_version: view.definition_version,
        name: find(view.definition_id).map_or(view.definition_id, |definition| definition.name_pl).to_owned(),
        unit: view.unit,
        value: view.value.map(Amount::from),
        numerator: view.numerator.map(Amount::from),
        denominator: view.denominator.map(Amount::from),
        status: view.status,
        explanation: status(view.status).map(str::to_owned),
        notes: view.notes.iter().map(remark).collect(),
        breakdowns: breakdowns.map(|one| breakdown(view.unit, one)).collect(),
        records: view.records.clone(),
    }
}

/// Whether there is anything in the groups; of nothing, all of them are nought and tell nothing else.
fn shares_out(breakdown: &Breakdown) -> bool {
    let is_nought = |group: &Group| group.value.is_some_and(|value| Amount::from(value).decimal().is_zero());
    !breakdown.groups.iter().all(|group| is_nought(group) && details(group).is_empty())
}

fn breakdown(unit: Unit, view: &Breakdown) -> ReportBreakdown {
    // How far an effect is reached is a share, whatever the figure counts.
    let unit = if view.by == "effect" { Unit::Ratio } else { unit };
    ReportBreakdown {
        by: view.by.to_owned(),
        label: by(view.by).to_owned(),
        groups: view.groups.iter().map(|group| told(view.by, unit, group)).collect(),
    }
}

fn told(by: &str, unit: Unit, view: &Group) -> ReportGroup {
    ReportGroup {
        key: view.key.clone(),
        label: label(by, view),
        unit,
        value: view.value.map(Amount::from),
        numerator: view.numerator.map(Amount::from),
        denominator: view.denominator.map(Amount::from),
        status: view.status,
        details: details(view),
        records: view.records.clone(),
    }
}

/// The name of a group; of a competence also by whom and when it was rated, as its key says.
fn label(by: &str, view: &Group) -> String {
    let name = view.label.clone().or_else(|| group(by, &view.key)).unwrap_or_else(|| view.key.clone());
    let rated: Vec<&str> = view.key.split('/').skip(2).filter(|part| !part.is_empty()).map(rating).collect();
    if by == "competence" && !rated.is_empty() { format!("{name} – {}", rated.join(", ")) } else { name }
}

/// Names the template where competences of several have one name, and says where a scale runs the other way.
fn name_templates(facts: &Facts, figures: &mut [ReportFigure]) {
    for breakdown in figures.iter_mut().flat_map(|figure| &mut figure.breakdowns).filter(|breakdown| breakdown.by == "competence")
    {
        let labels: Vec<String> = breakdown.groups.iter().map(|group| group.label.clone()).collect();
        for group in &mut breakdown.groups {
            let key = group.key.split('/').next().unwrap_or_default();
            let Some(template) = facts.templates.iter().find(|one| format!("{}@{}", one.code, one.version) == key) else {
                continue;
            };
            if labels.iter().filter(|label| **label == group.label).count() > 1 {
                group.label = format!("{} – {}, wersja {} ({})", group.label, template.name, template.version, template.code);
            }
            let is_gain = group.details.iter().any(|detail| detail.code == "meanBefore");
            if is_gain && !template.scale.0.higher_is_better {
                group.label += "; skala odwrotna: mniej znaczy lepiej";
            }
        }
    }
}

fn details(view: &Group) -> Vec<Detail> {
    let gain = view.gain.iter().flat_map(|gain| {
        [
            ("pairs", Number::Whole(gain.pairs)),
            ("meanBefore", Number::Places(gain.mean_before)),
            ("meanAfter", Number::Places(gain.mean_after)),
            ("improved", Number::Whole(gain.improved)),
            ("same", Number::Whole(gain.same)),
            ("worse", Number::Whole(gain.worse)),
        ]
    });
    let effect = view.effect.iter().flat_map(|effect| {
        let test = effect.signed_rank.as_ref();
        [
            Some(("pairs", Number::Whole(effect.pairs))),
            effect.hedges.map(|hedges| ("hedges", Number::Places(hedges))),
            test.map(|test| ("ranked", Number::Whole(test.ranked))),
            test.map(|test| ("statistic", Number::Places(test.statistic))),
            test.map(|test| ("pValue", Number::Places(test.p_value))),
        ]
    });
    let agreement = view.agreement.iter().flat_map(|agreement| {
        [
            Some(("pairs", Number::Whole(agreement.pairs))),
            Some(("meanSelf", Number::Places(agreement.mean_self))),
            Some(("meanObserver", Number::Places(agreement.mean_observer))),
            Some(("sameScore", Number::Whole(agreement.same))),
            agreement.correlation.map(|correlation| ("correlation", Number::Places(correlation))),
        ]
    });
    let all = gain.map(Some).chain(effect).chain(agreement).flatten();
    all.map(|(code, value)| Detail { code: code.to_owned(), label: detail(code).to_owned(), value: value.into() }).collect()
}

fn definition(view: &FigureView) -> Option<DefinitionLine> {
    let definition = DefinitionView::of(Locale::Polish, find(view.definition_id)?);
    let rules: Vec<String> = view.parameters.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    Some(DefinitionLine {
        id: definition.id.to_owned(),
        version: definition.version,
        name: definition.name_pl.to_owned(),
        description: definition.description.into_owned(),
        source: definition.source.to_owned(),
        rules: rules.join("; "),
    })
}

fn warning(warning: &EditionWarning) -> TextLine {
    let (heading, text) = match warning {
        EditionWarning::EditionLength { expected_months, days, .. } => {
            ("Długość edycji", format!("Według przepisów {expected_months} mies.; edycja trwa {days} dni."))
        }
        EditionWarning::IntegrationWeeklyMinimum { weekly_average, minimum, weeks, .. } => (
            "Godziny integracji w tygodniu",
            format!(
                "Zaplanowano średnio {} godz. w tygodniu na osobę, przepisy mówią o co najmniej {}; dotyczy {} tygodni.",
                weekly_average.replace('.', ","),
                minimum.to_string().replace('.', ","),
                weeks.len()
            ),
        ),
        EditionWarning::RegimeNotInForce { signed_on, .. } => (
            "Podstawa prawna porozumienia",
            format!("Porozumienie podpisano {}, gdy jego reżim prawny nie obowiązywał.", polish_day(*signed_on)),
        ),
    };
    TextLine { heading: heading.to_owned(), text }
}

/// The reasons, each once, without saying whose admission it was.
fn overrides(reasons: impl Iterator<Item = String>) -> Vec<OverrideLine> {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason).or_default() += 1;
    }
    counts.into_iter().map(|(reason, count)| OverrideLine { reason, count }).collect()
}
