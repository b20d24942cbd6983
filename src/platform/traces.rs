//! Traces for a collector (OpenTelemetry, OTLP over HTTP), off unless an endpoint is set.
//!
//! A request is one span with its route template, never with its path or query;
//! below it stand the wait for a connection and the transaction. Finished spans
//! go through a queue of fixed length to a thread of their own: a collector that
//! is slow or gone costs spans, never a request.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::http::header::HeaderMap;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider};
use tracing::Span;
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt as _};
use tracing_subscriber::registry::LookupSpan;
use uuid::Uuid;

use super::config::Otel;

/// Target of the spans that are traced. The log does not show them, and nothing else is traced:
/// what a log line says stays in the log.
pub(crate) const TARGET: &str = "pai::traces";
/// Finished spans that may wait; more are dropped.
const QUEUE: usize = 4_096;
/// Spans in one message.
const BATCH: usize = 512;
/// How often spans are sent.
const DELAY: Duration = Duration::from_secs(1);
/// How long a collector may take for a message.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the last message may take when the service stops.
const LAST_PATIENCE: Duration = Duration::from_secs(2);

/// The way to the collector.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Opens the way where an endpoint is set; nothing is sent yet.
    ///
    /// # Errors
    /// When the endpoint is not an address.
    pub fn of(settings: &Otel) -> Result<Option<Self>, String> {
        if settings.endpoint.is_empty() {
            return Ok(None);
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new())
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", settings.endpoint.trim_end_matches('/')))
            .with_timeout(PATIENCE)
            .build()
            .map_err(|error| error.to_string())?;
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(DELAY)
            .build();
        let resource = Resource::builder_empty()
            .with_service_name("pai")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.sample_ratio))))
            .with_span_processor(BatchSpanProcessor::builder(exporter).with_batch_config(batches).build())
            .with_resource(resource)
            .build();
        Ok(Some(Self(provider)))
    }

    /// The layer that turns spans of [`TARGET`] into traces.
    pub(super) fn layer<S: tracing::Subscriber + for<'a> LookupSpan<'a>>(&self) -> OpenTelemetryLayer<S, SdkTracer> {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("pai"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
    }

    /// Sends what waits, unless that takes too long.
    pub fn stop(self) {
        if let Err(error) = self.0.shutdown_with_timeout(LAST_PATIENCE) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// The HTTP client of the exporter: blocking, in the exporter's own thread.
struct Collector(ureq::Agent);

impl Collector {
    fn new() -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).timeout_global(Some(PATIENCE));
        Self(config.build().into())
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Collector")
    }
}

impl HttpClient for Collector {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let answer = self.0.run(Request::from_parts(parts, body.to_vec()))?;
            let (parts, mut body) = answer.into_parts();
            Ok(Response::from_parts(parts, Bytes::from(body.read_to_vec()?)))
        })
    }
}

/// The span of a request, below `log_span` and after the caller's own; disabled where nothing is traced.
pub(super) fn request_span(log_span: &Span, method: &str, request_id: Uuid, headers: &HeaderMap) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        parent: log_span,
        "request",
        otel.name = method,
        otel.kind = "server",
        otel.status_code = tracing::field::Empty,
        http.request.method = method,
        http.route = tracing::field::Empty,
        http.response.status_code = tracing::field::Empty,
        tenant.id = tracing::field::Empty,
        request.id = %request_id,
    );
    if !span.is_disabled()
        && let Some(caller) = headers.get("traceparent").and_then(|value| parse(value.to_str().ok()?))
    {
        // Refused only for a span that has begun already.
        let _ = span.set_parent(Context::new().with_remote_span_context(caller));
    }
    span
}

/// Notes on its span where a request led and what became of it.
pub(super) fn note_outcome(span: &Span, method: &str, route: &str, status: u16) {
    if span.is_disabled() {
        return;
    }
    // Not through `otel.name`, which counts only until the span has begun.
    span.context().span().update_name(format!("{method} {route}"));
    span.record("http.route", route);
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// The trace context to send back: of the span that is traced, else the caller's own, else one that begins with the request.
pub(super) fn traceparent(span: &Span, headers: &HeaderMap, request_id: Uuid) -> String {
    if !span.is_disabled() {
        let context = span.context();
        let own = context.span().span_context().clone();
        if own.is_valid() {
            return format!("00-{}-{}-{:02x}", own.trace_id(), own.span_id(), own.trace_flags().to_u8() & 1);
        }
    }
    let given = headers.get("traceparent").and_then(|value| value.to_str().ok()).filter(|value| parse(value).is_some());
    given.map_or_else(
        || {
            let trace = request_id.simple().to_string();
            format!("00-{trace}-{}-00", &trace[16..])
        },
        str::to_owned,
    )
}

/// A trace context in the form of the W3C (version 00; of later ones, the part that is known).
fn parse(value: &str) -> Option<SpanContext> {
    let mut parts = value.split('-');
    let mut hexadecimal = |length: usize| {
        let part = parts.next()?;
        let fits = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        fits.then_some(part)
    };
    let (version, trace, span, flags) = (hexadecimal(2)?, hexadecimal(32)?, hexadecimal(16)?, hexadecimal(2)?);
    if version == "ff" || (version == "00" && parts.next().is_some()) {
        return None;
    }
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()? & 1);
    let context =
        SpanContext::new(TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?, flags, true, TraceState::default());
    context.is_valid().then_some(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_valid_trace_context_is_taken() {
        let (trace, span) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        let taken = parse(&format!("00-{trace}-{span}-01")).expect("valid");
        assert_eq!((taken.trace_id().to_string(), taken.span_id().to_string()), (trace.to_owned(), span.to_owned()));
        assert!(taken.is_sampled() && taken.is_remote());
        assert!(!parse(&format!("00-{trace}-{span}-00")).expect("valid").is_sampled());
        assert!(parse(&format!("cc-{trace}-{span}-01-what-comes-later")).is_some(), "a later version may say more");
        for wrong in [
            String::new(),
            "00".to_owned(),
            format!("ff-{trace}-{span}-01"),
            format!("00-{trace}-{span}-01-more"),
            format!("00-{trace}-{span}-1"),
            format!("00-{}-{span}-01", trace.to_uppercase()),
            format!("00-{}-{span}-01", "0".repeat(32)),
            format!("00-{trace}-{}-01", "0".repeat(16)),
            format!("00-{trace}x-{span}-01"),
            format!("00-{}é-{span}-01", &trace[..30]),
        ] {
            assert!(parse(&wrong).is_none(), "{wrong}");
        }
    }
}
