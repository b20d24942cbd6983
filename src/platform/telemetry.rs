//! Logs in JSON lines on standard error, metrics for Prometheus.

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::iter;
use std::sync::OnceLock;
use std::time::Duration;
use tracing::Subscriber;
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use super::secrets::UNREADABLE;
use super::traces::{self, Traces};

static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For a person at a terminal.
    Text,
}

/// Bytes that are no HTTP are answered with 400 by the server's library, which calls each an error of its own:
/// any stranger could fill the log with alarms.
const WIRE: &str = "actix_http::h1";

/// Starts logging and, where there is a collector, tracing; a second call changes nothing.
pub fn start_logging(filter: &str, format: LogFormat, traces: Option<&Traces>) {
    // Fails only where a test has already set a subscriber.
    let _ = subscriber(filter, format, traces).try_init();
}

fn subscriber(filter: &str, format: LogFormat, traces: Option<&Traces>) -> impl Subscriber + Send + Sync {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        // It would say so on the very same full disk, and fail the request with it.
        .log_internal_errors(false);
    let lines = match format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
        LogFormat::Text => lines.compact().boxed(),
    };
    // What is traced does not show in the log.
    let lines = lines.with_filter(filter.and(filter_fn(|of| of.target() != traces::TARGET && !of.target().starts_with(WIRE))));
    let spans = traces.map(|traces| traces.layer().with_filter(filter_fn(|metadata| metadata.target() == traces::TARGET)));
    // A list, because a layer that is `None` wants to see every span; so, without a collector, what is traced costs nothing.
    let layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> = iter::once(lines.boxed()).chain(spans.map(Layer::boxed)).collect();
    tracing_subscriber::registry().with(layers)
}

/// Adds up, after each period, what was measured since: the recorder keeps every single duration until then.
pub async fn condense_metrics(period: Duration) {
    loop {
        tokio::time::sleep(period).await;
        if let Some(recorder) = metrics_handle() {
            recorder.run_upkeep();
        }
    }
}

/// The recorder of this process; installed once.
pub fn metrics_handle() -> Option<&'static PrometheusHandle> {
    METRICS
        .get_or_init(|| {
            let handle = PrometheusBuilder::new()
                .set_buckets_for_metric(
                    Matcher::Full("http_request_duration_seconds".to_owned()),
                    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0],
                )
                .ok()?
                .set_buckets_for_metric(
                    Matcher::Full("database_pool_wait_seconds".to_owned()),
                    &[0.0001, 0.001, 0.005, 0.025, 0.1, 0.25, 0.5],
                )
                .ok()?
                .install_recorder()
                .ok()?;
            describe();
            metrics::gauge!("build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
            Some(handle)
        })
        .as_ref()
}

/// Says what each metric is, and begins the counters of rare events with 0: an alert on an increase
/// misses the first event of a counter that only appears with it.
fn describe() {
    for (name, meaning) in COUNTERS_OF_RARE_EVENTS {
        describe_counter!(*name, *meaning);
        counter!(*name).absolute(0);
    }
    describe_counter!("rate_limit_refusals_total", "Calls refused by a rate limit.");
    for limit in LIMITS {
        counter!("rate_limit_refusals_total", "limit" => *limit).absolute(0);
    }
    describe_counter!("http_requests_total", "Answered requests by method, route template and status.");
    describe_counter!("audit_entries_sealed_total", "Rows of the access register sealed by this process.");
    describe_histogram!("http_request_duration_seconds", Unit::Seconds, "Durations of answered requests.");
    describe_histogram!("database_pool_wait_seconds", Unit::Seconds, "Waits for a connection of the pool.");
    for (name, meaning) in GAUGES {
        describe_gauge!(*name, *meaning);
    }
}

const COUNTERS_OF_RARE_EVENTS: &[(&str, &str)] = &[
    ("audit_seal_failures_total", "Passes of the sealer that failed."),
    ("audit_chain_losses_total", "Times that the chain of seals was not the one, or not as long, as known."),
    (UNREADABLE, "Looks at people whose key is lost or damaged."),
];

/// Every limit that counts its refusals.
const LIMITS: &[&str] =
    &["search", "duplicate-search", "elsewhere", "sign-in", "sign-in-address", "calendar", "calendar-attempts"];

const GAUGES: &[(&str, &str)] = &[
    ("database_connections", "Connections of the pool."),
    ("database_connections_idle", "Idle connections of the pool."),
    ("database_connections_in_use", "Connections of the pool in use."),
    ("audit_seal_lag_seconds", "No committed row of the access register that is older than this is unsealed."),
    ("outbox_waiting_events", "Events that no consumer has taken yet."),
    ("outbox_oldest_seconds", "Age of the oldest event that no consumer has taken yet."),
    ("build_info", "Always 1; the label names the version."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_that_nobody_wants_is_never_made() {
        tracing::subscriber::with_default(subscriber("warn", LogFormat::Json, None), || {
            assert!(tracing::info_span!(target: traces::TARGET, "traced").is_disabled());
            assert!(tracing::info_span!("told").is_disabled());
            assert!(!tracing::warn_span!("told").is_disabled());
        });
    }
}
