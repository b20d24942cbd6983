//! Counts the statements that the service of a test sends to its database, by a hook in every connection.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

/// Statements sent so far, by [`database`].
static SENT: Mutex<Option<HashMap<String, usize>>> = Mutex::new(None);

/// One connection; knows its database from when it was made.
#[derive(Default)]
struct Counter(String);

impl Instrumentation for Counter {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => database(url).clone_into(&mut self.0),
            InstrumentationEvent::StartQuery { .. } => {
                let mut sent = SENT.lock().unwrap_or_else(PoisonError::into_inner);
                *sent.get_or_insert_default().entry(self.0.clone()).or_default() += 1;
            }
            _ => {}
        }
    }
}

/// Which database a URL names, and for whom; the service adds limits of its own to what follows.
fn database(url: &str) -> &str {
    url.split_once('?').map_or(url, |(database, _)| database)
}

/// Counts in all connections that are made from now on.
pub fn count() {
    set_default_instrumentation(|| Some(Box::new(Counter::default()))).expect("a hook");
}

/// Statements sent to a database since [`count`]; preparing a statement is not counted.
pub fn counted(url: &str) -> usize {
    SENT.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .as_ref()
        .and_then(|sent| sent.get(database(url)).copied())
        .unwrap_or_default()
}
