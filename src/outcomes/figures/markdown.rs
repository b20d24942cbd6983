//! The definitions as a document.

use std::fmt::Write as _;

use super::definitions::all;

/// The document `docs/METRICS.md`, generated from the definitions.
pub fn markdown() -> String {
    let mut text = String::from(
        "# Metrics\n\nGenerated from the definitions that `GET /api/v1/metric-definitions` answers. \
         A figure is `ok` when each kind of fact that it needs is stated as complete, `provisional` when it is stated as \
         partial or its time is not over, and `null` when it was not collected or nobody says that it was. \
         `null` is never zero.\n\n\
         | id | version | name | nazwa | unit | over | needs | what is counted | source |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for definition in all() {
        let kinds = definition.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
        let rules = definition.parameters.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("; ");
        let rules = if rules.is_empty() { rules } else { format!(" ({rules})") };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {kinds} | {}{rules} | {} |",
            definition.id,
            definition.version,
            definition.name_en,
            definition.name_pl,
            definition.unit,
            definition.scope,
            definition.description,
            definition.source,
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_document_is_that_of_the_definitions() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/METRICS.md");
        if std::env::var_os("PAI_BLESS").is_some() {
            std::fs::write(path, markdown()).expect("the document is written");
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == markdown(), "docs/METRICS.md is out of date; run the test with PAI_BLESS=1");
    }
}
