//! Text and numbers within a page.

use crate::outcomes::figures::definition::Unit;
use crate::outcomes::figures::verdict::Status;
use crate::reports::amount::Amount;
use crate::reports::rows::spelled;

/// Text as it stands in elements and in quoted attributes.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Writes one thing after another.
pub fn each<T>(things: impl IntoIterator<Item = T>, write: impl Fn(T) -> String) -> String {
    things.into_iter().map(write).collect::<Vec<_>>().concat()
}

/// Lines of free text as paragraphs.
pub fn paragraphs(text: &str) -> String {
    each(text.lines().filter(|line| !line.trim().is_empty()), |line| format!("<p>{}</p>", escaped(line)))
}

/// A value as readers see it, with its exact number; in words where there is none.
pub fn value(value: Option<Amount>, unit: Unit, status: Status) -> String {
    let words = escaped(&spelled(value, unit, status));
    match value {
        Some(amount) => format!("<data value=\"{amount}\">{words}</data>"),
        None => format!("<span class=\"none\">{words}</span>"),
    }
}

/// A number without a unit; nothing where it is not known.
pub fn plain(amount: Option<Amount>) -> String {
    amount.map(|amount| format!("<data value=\"{amount}\">{}</data>", amount.plain_polish())).unwrap_or_default()
}

/// A link to the records, which says of what for those who only hear it.
pub fn records(path: &str, of: &str) -> String {
    format!("<a href=\"{}\">rekordy<span class=\"heard\">: {}</span></a>", escaped(path), escaped(of))
}
