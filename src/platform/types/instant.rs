//! Instants in JSON: RFC 3339 in UTC, as chrono writes them.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serializer;

/// Writes an instant in one piece; chrono hands over each digit by itself, and each is looked at for what must be escaped.
pub(crate) fn instant_to_json<S: Serializer>(instant: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&instant.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_reads_as_chrono_writes_it() {
        for nanoseconds in [0, 5_000_000, 123_456_000, 120_000, 7] {
            let instant = DateTime::from_timestamp(1_605_000_000, nanoseconds).expect("a moment");
            let ours = instant_to_json(&instant, serde_json::value::Serializer).expect("a text");
            assert_eq!(ours, serde_json::to_value(instant).expect("a text"));
        }
    }
}
