//! Who may call: tokens of the built-in and of outside issuers, assertions of clients, and what is refused.

mod assertions;
mod attacks;
mod forge;
mod outside;
mod sign_in;

use std::net::{IpAddr, Ipv4Addr};

use chrono::{DateTime, Utc};
use pai::platform::clock::Clock;
use pai::platform::policy::Role;
use serde_json::json;

use crate::support::issuer::TestIssuer;
use crate::support::{Api, TestApp, test_moment};

fn moment() -> DateTime<Utc> {
    test_moment()
}

/// A service that trusts these issuers.
fn trusting(issuers: &[&TestIssuer]) -> TestApp {
    TestApp::start_with(Clock::fixed(moment()), |settings| {
        for (number, issuer) in issuers.iter().enumerate() {
            settings.issuers.insert(format!("issuer{number}"), issuer.settings());
        }
    })
}

/// Registers a subject of an issuer as a client of the first town; answers the id of the client.
fn register(app: &TestApp, issuer: &TestIssuer, subject: &str, role: Role) -> String {
    let body = json!({ "name": "Poczta", "role": role.as_str(), "issuer": issuer.url, "subject": subject });
    app.api(Role::Administrator).post("/clients", &body).id()
}

/// A caller with a token.
fn bearing(app: &TestApp, token: &str) -> Api {
    app.anonymous().with("Authorization", &format!("Bearer {token}")).with("Accept-Language", "en")
}

/// A service whose caller is believed when it says for whom it calls, as a reverse proxy does.
fn behind_a_proxy() -> TestApp {
    TestApp::start_with(Clock::fixed(moment()), |settings| {
        settings.server.trusted_proxies = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
    })
}
