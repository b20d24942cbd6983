//! Limits of failed sign-ins: guessing is slow, and nobody can lock another out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use pai::platform::policy::Role;
use serde_json::json;
use uuid::Uuid;

use super::behind_a_proxy;
use crate::support::{Answer, TestApp};

fn sign_in(app: &TestApp, address: &str, client: &str, secret: &str) -> Answer {
    let form = format!("grant_type=client_credentials&client_id={client}&client_secret={secret}");
    let anonymous = app.anonymous().with("Content-Type", "application/x-www-form-urlencoded");
    anonymous.with("X-Forwarded-For", address).send("POST", "/oauth/token", Some(form))
}

#[test]
fn an_attacker_elsewhere_does_not_lock_a_client_out() {
    let app = behind_a_proxy();
    let (client, secret) = &app.town.clients["coordinator"];
    let client = client.to_string();
    for _ in 0..10 {
        sign_in(&app, "203.0.113.1", &client, "guess").expect(401);
    }
    let refused = sign_in(&app, "203.0.113.1", &client, "guess");
    refused.refused(429, "platform.too_many_requests");
    assert_eq!(refused.header("retry-after"), "6");
    assert_eq!(refused.header("ratelimit-policy"), "\"sign-in\";q=10;w=60");
    assert_eq!(refused.header("ratelimit"), "\"sign-in\";r=0;t=6");
    // What a caller writes in front of what the proxy saw does not help it.
    sign_in(&app, "198.51.100.9, 203.0.113.1", &client, "guess").expect(429);
    sign_in(&app, "198.51.100.2", &client, secret).expect(200);
}

#[test]
fn a_secret_that_was_right_before_passes_from_an_address_that_is_limited() {
    let app = behind_a_proxy();
    let (client, secret) = &app.town.clients["coordinator"];
    let client = client.to_string();
    let address = "203.0.113.1";
    sign_in(&app, address, &client, secret).expect(200);
    for _ in 0..10 {
        sign_in(&app, address, &client, "guess").expect(401);
    }
    sign_in(&app, address, &client, "guess").expect(429);
    sign_in(&app, address, &client, secret).expect(200);
    // It is no way around a revocation.
    app.api(Role::Administrator).post(&format!("/clients/{client}/revocation"), &json!({})).expect(200);
    sign_in(&app, "203.0.113.2", &client, secret).expect(401);
}

#[test]
fn one_address_cannot_keep_the_service_busy_with_wrong_secrets() {
    let app = behind_a_proxy();
    let mut refused = 0;
    for number in 0..130 {
        let client = format!("01900000-0000-7000-8000-{number:012}");
        let answer = sign_in(&app, "203.0.113.7", &client, "guess");
        refused += u32::from(answer.status == 429);
        assert!(matches!(answer.status, 401 | 429), "{}", answer.text);
    }
    assert_eq!(refused, 10, "120 a minute");
    app.clock.advance(TimeDelta::minutes(1));
    sign_in(&app, "203.0.113.7", "01900000-0000-7000-8000-000000000000", "guess").expect(401);
}

#[test]
fn a_flood_of_wrong_secrets_does_not_take_the_store_from_those_who_work() {
    let app = behind_a_proxy();
    let coordinator = app.api(Role::Coordinator);
    let flooded = AtomicBool::new(false);
    let (mut reads, mut slowest) = (0, Duration::ZERO);
    let shed = std::thread::scope(|scope| {
        let (app, flooded) = (&app, &flooded);
        let guessing = |number: u8| {
            move || {
                let mut statuses = Vec::new();
                while !flooded.load(Ordering::Relaxed) {
                    let client = Uuid::from_u64_pair(u64::from(number) + 1, statuses.len() as u64).to_string();
                    let answer = sign_in(app, &format!("203.0.113.{number}"), &client, "guess");
                    statuses.push((answer.status, answer.header("retry-after").to_owned()));
                }
                statuses
            }
        };
        let guesses: Vec<_> = (0..32).map(|number| scope.spawn(guessing(number))).collect();
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(4) {
            let asked = Instant::now();
            coordinator.get("/editions").expect(200);
            slowest = slowest.max(asked.elapsed());
            reads += 1;
        }
        flooded.store(true, Ordering::Relaxed);
        guesses.into_iter().flat_map(|guess| guess.join().expect("answers")).collect::<Vec<_>>()
    });
    assert!(shed.iter().all(|(status, _)| matches!(status, 401 | 429 | 503)), "{shed:?}");
    assert!(shed.iter().all(|(status, after)| *status == 401 || !after.is_empty()), "who is sent away is told for how long");
    assert!(reads > 10 && slowest < Duration::from_secs(2), "{reads} reads, the slowest in {slowest:?}");
    // The flood over, everybody signs in again.
    let (client, secret) = &app.town.clients["auditor"];
    sign_in(&app, "198.51.100.2", &client.to_string(), secret).expect(200);
}
