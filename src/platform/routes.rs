//! Where the slices put their operations: into the contract, or into a worker of the server.

use actix_web::dev::HttpServiceFactory;
use actix_web::{Route, web};
use utoipa_actix_web::{OpenApiFactory, service_config};

/// Takes operations.
pub struct ServiceConfig<'c, 's>(Into<'c, 's>);

enum Into<'c, 's> {
    Contract(&'c mut service_config::ServiceConfig<'s>),
    Worker(&'c mut web::ServiceConfig),
}

impl<'c, 's> ServiceConfig<'c, 's> {
    /// Describes the operations.
    pub fn describing(contract: &'c mut service_config::ServiceConfig<'s>) -> Self {
        Self(Into::Contract(contract))
    }

    /// Serves the operations, undescribed: the descriptions of all take tens of megabytes, and every worker would make them.
    pub fn serving(worker: &'c mut web::ServiceConfig) -> Self {
        Self(Into::Worker(worker))
    }

    /// Adds an operation.
    pub fn service<F: HttpServiceFactory + OpenApiFactory + 'static>(&mut self, operation: F) -> &mut Self {
        match &mut self.0 {
            Into::Contract(contract) => {
                contract.service(operation);
            }
            Into::Worker(worker) => {
                worker.service(operation);
            }
        }
        self
    }

    /// Adds a route that is no operation of the contract.
    pub fn route(&mut self, path: &str, route: Route) -> &mut Self {
        match &mut self.0 {
            Into::Contract(_) => {}
            Into::Worker(worker) => {
                worker.route(path, route);
            }
        }
        self
    }
}
