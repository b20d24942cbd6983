//! Legal sources of the built-in regimes as Polish law is cited; those of a town's own regime stand as they were entered.

use crate::platform::problem::Locale;

/// Sources as the built-in regimes state them, and in Polish.
const BUILT_IN: &[(&str, &str)] = &[
    (
        "art. 62a(2) of the Act of 20 April 2004 on the promotion of employment",
        "art. 62a ust. 2 ustawy z dnia 20 kwietnia 2004 r. o promocji zatrudnienia i instytucjach rynku pracy",
    ),
    (
        "art. 73a(1) of the Act of 20 April 2004 on the promotion of employment",
        "art. 73a ust. 1 ustawy z dnia 20 kwietnia 2004 r. o promocji zatrudnienia i instytucjach rynku pracy",
    ),
    (
        "art. 62a(2) and 73a(1) of the Act of 20 April 2004 on the promotion of employment",
        "art. 62a ust. 2 i art. 73a ust. 1 ustawy z dnia 20 kwietnia 2004 r. o promocji zatrudnienia i instytucjach rynku pracy",
    ),
    (
        "art. 62a(2) with art. 33(2b) and (2c) of the Act of 20 April 2004 on the promotion of employment, wording of 2014",
        "art. 62a ust. 2 w związku z art. 33 ust. 2b i 2c ustawy z dnia 20 kwietnia 2004 r. o promocji zatrudnienia i instytucjach rynku pracy, w brzmieniu z 2014 r.",
    ),
    (
        "Taken over from the former law, not verified against the Act of 20 March 2025",
        "przejęto z poprzedniej ustawy, niesprawdzone z ustawą z dnia 20 marca 2025 r. o rynku pracy i służbach zatrudnienia",
    ),
];

/// A legal source in a language, as far as it is known in it.
pub(super) fn cited(locale: Locale, source: &str) -> &str {
    match locale {
        Locale::English => source,
        Locale::Polish => BUILT_IN.iter().find(|(built_in, _)| *built_in == source).map_or(source, |(_, polish)| polish),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_of_a_built_in_regime_is_cited_in_polish() {
        let seeds = include_str!("../../../migrations/2026-11-22-000006_seed_regimes/up.sql");
        let sources: Vec<&str> = seeds.split("\"legalSource\": \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(sources.len() > 5, "the seeds were read");
        for source in sources {
            assert_ne!(cited(Locale::Polish, source), source);
            assert_eq!(cited(Locale::English, source), source);
        }
        assert_eq!(cited(Locale::Polish, "regulamin § 2"), "regulamin § 2");
    }
}
