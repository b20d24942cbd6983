//! A report as one accessible page in Polish: semantic, without a script, without anything loaded from elsewhere.
//!
//! Charts are drawn as SVG within the page; each says in words what it shows, and its data stand in a table below it.
//! Values carry their exact number (`<data value="…">`), so that programs read the page as well.

mod marks;
mod style;
mod svg;
mod tables;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use self::marks::{each, escaped, paragraphs};
use self::tables::{chart_data, figures, plan, revisions};
use super::heading::{facts, in_short, source, title};
use crate::platform::secrets::digest;
use crate::reports::document::{Chart, FinalReport, Section, TextLine};
use crate::reports::sections::SectionCode;

/// What a browser may load and run with the page: its own style, and nothing else.
pub fn policy() -> String {
    let style = BASE64_STANDARD.encode(digest(style::STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'")
}

/// The page.
pub fn page(report: &FinalReport) -> String {
    let title = escaped(&title(report));
    let parts = parts(report);
    let contents = each(&parts, |part| format!("<li><a href=\"#{}\">{}</a></li>", part.anchor, escaped(&part.title)));
    let body = each(&parts, |part| {
        format!(
            "<section aria-labelledby=\"{0}\"><h2 id=\"{0}\">{1}</h2>{2}</section>",
            part.anchor,
            escaped(&part.title),
            part.content
        )
    });
    format!(
        "<!doctype html><html lang=\"pl\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>{style}</style></head><body>\
         <a class=\"skip\" href=\"#tresc\">Przejdź do treści</a>\
         <header>{issuer}<h1>{title}</h1>{draft}<dl class=\"facts\">{facts}</dl></header>\
         <nav aria-labelledby=\"spis\"><h2 id=\"spis\">Spis treści</h2><ol>{contents}</ol></nav>\
         <main id=\"tresc\">{body}</main><footer><p>{source}</p></footer></body></html>",
        policy = escaped(&policy()),
        style = style::STYLE,
        issuer = report
            .edition
            .institution
            .as_ref()
            .map(|name| format!("<p class=\"issuer\">{}</p>", escaped(name)))
            .unwrap_or_default(),
        draft = if report.approved_on.is_none() {
            "<p class=\"draft\"><strong>Szkic.</strong> Tego sprawozdania nikt jeszcze nie zatwierdził.</p>"
        } else {
            ""
        },
        facts = each(&facts(report), |(name, value)| format!("<div><dt>{}</dt><dd>{}</dd></div>", escaped(name), escaped(value))),
        source = escaped(&source(report)),
    )
}

/// A part of the page under its heading.
struct Part {
    anchor: String,
    title: String,
    content: String,
}

fn part(anchor: &str, title: &str, content: String) -> Part {
    Part { anchor: anchor.to_owned(), title: title.to_owned(), content }
}

fn parts(report: &FinalReport) -> Vec<Part> {
    let mut parts =
        vec![part("w-skrocie", "W skrócie", short(report)), part("plan-i-wykonanie", "Plan i wykonanie", of_plan(report))];
    parts.extend(report.sections.iter().map(|section| of_section(report, section)));
    if !report.events.is_empty() {
        parts.push(part("zdarzenia", "Zdarzenia", tables::events(&report.events)));
    }
    if !report.warnings.is_empty() {
        parts.push(part("ostrzezenia", "Ostrzeżenia", texts(&report.warnings)));
    }
    if !report.overrides.is_empty() {
        parts.push(part("odstepstwa", "Odstępstwa przy przyjęciu", tables::overrides(&report.overrides)));
    }
    if !report.notes.is_empty() {
        parts.push(part("uwagi", "Uwagi", texts(&report.notes)));
    }
    parts.push(part("sumy-kontrolne", "Sumy kontrolne", tables::controls(&report.controls)));
    parts.push(part("definicje", "Definicje wskaźników", tables::definitions(&report.definitions)));
    parts
}

fn short(report: &FinalReport) -> String {
    let cards = in_short(report).map(|figure| {
        format!(
            "<div><dt>{}</dt><dd>{}</dd></div>",
            escaped(&figure.name),
            marks::value(figure.value, figure.unit, figure.status)
        )
    });
    format!("<dl class=\"cards\">{}</dl>", cards.collect::<Vec<_>>().concat())
}

fn of_plan(report: &FinalReport) -> String {
    let charts: Vec<&Chart> = report.charts.iter().filter(|chart| chart.section == SectionCode::Plan).collect();
    format!("{}{}{}", plan(&report.plan_and_actual), each(charts, of_chart), revisions(&report.plan_revisions))
}

fn of_section(report: &FinalReport, section: &Section) -> Part {
    // The chart of the plan stands beside the comparison above.
    let charts = report.charts.iter().filter(|chart| chart.section == section.code && section.code != SectionCode::Plan);
    let content = format!("{}{}", each(charts, of_chart), figures(section));
    part(&format!("czesc-{}", section.code), &section.title, content)
}

/// A chart, what it shows, and its data. Where there is nothing to show, it says why.
fn of_chart(chart: &Chart) -> String {
    let heading = format!("<h3>{}</h3>", escaped(&chart.title));
    let told = escaped(&chart.summary);
    if chart.rows.is_empty() {
        return format!("{heading}<p class=\"nothing\">{told}</p>");
    }
    let drawing = format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"Wykres: {}\" tabindex=\"0\">{}</div>",
        escaped(&chart.title),
        svg::of_chart(chart)
    );
    format!("{heading}<figure>{drawing}<figcaption>{told}</figcaption></figure>{}", chart_data(chart))
}

fn texts(lines: &[TextLine]) -> String {
    each(lines, |line| format!("<h3>{}</h3>{}", escaped(&line.heading), paragraphs(&line.text)))
}
