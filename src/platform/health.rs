//! Liveness, readiness and metrics; outside the contract, without a token.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ::metrics::gauge;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpResponse, get};
use diesel::prelude::*;

use super::audit::lag::SealLag;
use super::config;
use super::housekeeping::Backlog;
use super::permit::Service;
use super::problem::Problem;
use super::telemetry;

/// Whether the service wants requests: false while it starts and while it drains.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Says whether requests are wanted from now on.
    pub fn set(&self, wanted: bool) {
        self.0.store(wanted, Ordering::Release);
    }

    fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Lags beyond which the service is not ready; none where a lag does not count.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    seal_lag: Option<Duration>,
    outbox_lag: Option<Duration>,
}

impl Limits {
    /// The limits of the settings.
    pub fn of(settings: &config::Readiness) -> Self {
        let limit = |seconds: u64| (seconds > 0).then(|| Duration::from_secs(seconds));
        Self { seal_lag: limit(settings.seal_lag_s), outbox_lag: limit(settings.outbox_lag_s) }
    }
}

/// What readiness and metrics look at besides the store.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Whether requests are wanted.
    pub readiness: Readiness,
    /// How far the sealer is.
    pub seal_lag: SealLag,
    /// What waits for delivery.
    pub outbox: Backlog,
    /// How much of both is too much.
    pub limits: Limits,
}

/// Adds the three routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(live).service(ready).service(metrics);
}

#[get("/health/live")]
async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "live" }))
}

fn within(age: Option<Duration>, limit: Option<Duration>) -> bool {
    !matches!((age, limit), (Some(age), Some(limit)) if age > limit)
}

#[get("/health/ready")]
async fn ready(standing: Data<Standing>, service: Data<Service>) -> HttpResponse {
    let answers: Result<i32, Problem> = service
        .db
        .without_tenant(|conn| Ok(diesel::select(1_i32.into_sql::<diesel::sql_types::Integer>()).get_result(conn)?))
        .await;
    let accepting = standing.readiness.get();
    let database = answers.is_ok();
    let sealing = within(standing.seal_lag.age(), standing.limits.seal_lag);
    let delivering = within(standing.outbox.age(service.db.clock.now()), standing.limits.outbox_lag);
    let ready = accepting && database && sealing && delivering;
    let body = serde_json::json!({
        "status": if ready { "ready" } else { "notReady" },
        "accepting": accepting,
        "database": database,
        "sealing": sealing,
        "delivering": delivering,
    });
    if ready { HttpResponse::Ok().json(body) } else { HttpResponse::ServiceUnavailable().json(body) }
}

#[get("/metrics")]
async fn metrics(standing: Data<Standing>, service: Data<Service>) -> HttpResponse {
    let pool = service.db.pool_state();
    gauge!("database_connections").set(pool.connections);
    gauge!("database_connections_idle").set(pool.idle_connections);
    gauge!("database_connections_in_use").set(pool.connections.saturating_sub(pool.idle_connections));
    if let Some(age) = standing.seal_lag.age() {
        gauge!("audit_seal_lag_seconds").set(age.as_secs_f64());
    }
    gauge!("outbox_oldest_seconds").set(standing.outbox.age(service.db.clock.now()).unwrap_or_default().as_secs_f64());
    let text = telemetry::metrics_handle().map(metrics_exporter_prometheus::PrometheusHandle::render).unwrap_or_default();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text)
}
