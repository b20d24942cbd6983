//! What has changed in the figures since a report was drawn up.

use std::collections::BTreeMap;

use actix_web::get;

use super::composing::{Cover, compose};
use super::document::FinalReport;
use super::reading::read_document;
use super::views::{Difference, ReportDifferencesView, Told};
use crate::platform::body::PathId;
use crate::platform::db::Tx;
use crate::platform::past::AsOfFilter;
use crate::platform::permit::Permit;
use crate::platform::policy::GetReportDifferences;
use crate::platform::problem::Problem;
use crate::platform::reply::Reply;
use crate::platform::routes::ServiceConfig;

/// Compares a report with the figures of this moment, figure by figure and group by group.
///
/// Of an approved report it says what a new one would say otherwise; the approved one stays as it is.
#[utoipa::path(tag = "reports", params(("id" = Uuid, Path, description = "Report")),
    responses((status = 200, body = ReportDifferencesView, description = "The differences")))]
#[get("/reports/{id}/differences")]
async fn get_report_differences(permit: Permit<GetReportDifferences>, id: PathId) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let document = read_document(tx, id.0)?;
            differences(tx, &document)
        })
        .await
}

/// What the figures say otherwise than a report.
///
/// # Errors
/// When the store fails.
pub(super) fn differences(tx: &mut Tx, reported: &FinalReport) -> Result<ReportDifferencesView, Problem> {
    let cover = Cover { id: reported.id, number: reported.number, replaces: None, notes: Vec::new() };
    let now = compose(tx, reported.edition.edition_id, AsOfFilter::default(), cover)?;
    let (differences, unchanged) = compared(reported, &now);
    Ok(ReportDifferencesView {
        report_id: reported.id,
        reported_as_of: reported.as_of,
        now_as_of: now.as_of,
        unchanged,
        differences,
    })
}

/// A figure, or a group of it: its place in the report, then what tells it from others.
type Place<'r> = (&'r str, Option<&'r str>, Option<&'r str>);

/// What is told at a place.
struct Entry<'r> {
    name: &'r str,
    told: Told,
    records: &'r str,
}

fn entries(report: &FinalReport) -> BTreeMap<Place<'_>, Entry<'_>> {
    let mut entries = BTreeMap::new();
    for figure in report.figures() {
        let id = figure.definition_id.as_str();
        let told =
            Told { value: figure.value, numerator: figure.numerator, denominator: figure.denominator, status: figure.status };
        entries.insert((id, None, None), Entry { name: &figure.name, told, records: &figure.records });
        for (breakdown, group) in figure.breakdowns.iter().flat_map(|by| by.groups.iter().map(move |group| (by, group))) {
            let told =
                Told { value: group.value, numerator: group.numerator, denominator: group.denominator, status: group.status };
            let records = group.records.as_deref().unwrap_or(&figure.records);
            let place = (id, Some(breakdown.by.as_str()), Some(group.key.as_str()));
            entries.insert(place, Entry { name: &figure.name, told, records });
        }
    }
    entries
}

/// The differences of two reports, and how many places say the same.
fn compared(reported: &FinalReport, now: &FinalReport) -> (Vec<Difference>, i64) {
    let (before, after) = (entries(reported), entries(now));
    let places: std::collections::BTreeSet<&Place> = before.keys().chain(after.keys()).collect();
    let (mut differences, mut unchanged) = (Vec::new(), 0);
    for place in places {
        let (was, is) = (before.get(place), after.get(place));
        if was.map(|entry| &entry.told) == is.map(|entry| &entry.told) {
            unchanged += 1;
            continue;
        }
        let Some(entry) = is.or(was) else { continue };
        let (definition, by, group) = *place;
        differences.push(Difference {
            definition_id: definition.to_owned(),
            name: entry.name.to_owned(),
            by: by.map(str::to_owned),
            group: group.map(str::to_owned),
            reported: was.map(|entry| entry.told.clone()),
            now: is.map(|entry| entry.told.clone()),
            records: entry.records.to_owned(),
        });
    }
    (differences, unchanged)
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_report_differences);
}
