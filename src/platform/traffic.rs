//! Counts answers, and how long they took, by method, route template and status.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use metrics::{Counter, Histogram, counter, histogram};

/// An answer as the metrics tell it from others: method, route template, status.
type Labels = (&'static str, String, u16);

/// The two series of one kind of answer.
struct Series {
    total: Counter,
    seconds: Histogram,
}

impl Series {
    fn of((method, route, status): &Labels) -> Self {
        let labels = [("method", (*method).to_owned()), ("route", route.clone()), ("status", status.to_string())];
        Self { total: counter!("http_requests_total", &labels), seconds: histogram!("http_request_duration_seconds", &labels) }
    }
}

thread_local! {
    /// The series of a worker: looking one up among all costs more than counting. As many as there are kinds of answers.
    static KNOWN: RefCell<HashMap<Labels, Series>> = RefCell::default();
}

/// Counts an answer; `method` and `route` are names of ours, never a caller's text, so that nobody can fill the memory.
pub(super) fn count(method: &'static str, route: String, status: u16, took: Duration) {
    let labels = (method, route, status);
    KNOWN.with_borrow_mut(|known| {
        if !known.contains_key(&labels) {
            known.insert(labels.clone(), Series::of(&labels));
        }
        if let Some(series) = known.get(&labels) {
            series.total.increment(1);
            series.seconds.record(took.as_secs_f64());
        }
    });
}
