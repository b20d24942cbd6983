//! Liveness, readiness and metrics; outside the contract, without a token.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ::metrics::gauge;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpResponse, get};
use diesel::prelude::*;

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

/// Adds the three routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(live).service(ready).service(metrics);
}

#[get("/health/live")]
async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "live" }))
}

#[get("/health/ready")]
async fn ready(readiness: Data<Readiness>, service: Data<Service>) -> HttpResponse {
    let answers: Result<i32, Problem> = service
        .db
        .without_tenant(|conn| Ok(diesel::select(1_i32.into_sql::<diesel::sql_types::Integer>()).get_result(conn)?))
        .await;
    let (ready, database) = (readiness.get(), answers.is_ok());
    let body = serde_json::json!({ "status": if ready && database { "ready" } else { "notReady" }, "accepting": ready, "database": database });
    if ready && database { HttpResponse::Ok().json(body) } else { HttpResponse::ServiceUnavailable().json(body) }
}

#[get("/metrics")]
async fn metrics(service: Data<Service>) -> HttpResponse {
    let pool = service.db.pool_state();
    gauge!("database_connections").set(pool.connections);
    gauge!("database_connections_idle").set(pool.idle_connections);
    let text = telemetry::metrics_handle().map(metrics_exporter_prometheus::PrometheusHandle::render).unwrap_or_default();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text)
}
