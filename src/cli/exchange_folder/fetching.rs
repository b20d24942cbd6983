//! Messages from the service into the folder: fetched, put out once, acknowledged, and only then forgotten.

use std::path::Path;

use serde_json::Value;
use uuid::Uuid;

use super::parcels::Parcel;
use super::service::{Failure, Service};
use super::wire::{JSON, MessageFormat, QUEUES, Queue};
use super::{FILE_CHANNEL, failed, is_beyond};
use crate::cli::{CliError, output};

/// Fetches what waits for the client's institution; answers how much could not be fetched or acknowledged yet.
pub(super) fn fetch(service: &Service, folder: &Path, format: MessageFormat) -> Result<usize, CliError> {
    let (parcels, out) = (folder.join(".parcels"), folder.join("out"));
    let mut left = 0;
    for parcel in Parcel::waiting(&parcels).map_err(failed(&parcels))? {
        left += hand_over(service, &out, parcel)?;
    }
    for queue in &QUEUES {
        let waiting = match waiting(service, queue) {
            Ok(waiting) => waiting,
            Err(failure) => {
                output::print(&format!("{}: left for later, {}\n", queue.place, told(&failure)))?;
                left += 1;
                continue;
            }
        };
        for (message, with_names) in waiting {
            // What could not be acknowledged a moment ago still waits, packed already.
            if parcels.join(message.to_string()).exists() {
                continue;
            }
            match files_of(service, message, with_names, format) {
                Ok(files) => {
                    let parcel = Parcel::pack(&parcels, queue.place, message, &files).map_err(failed(&parcels))?;
                    left += hand_over(service, &out, parcel)?;
                }
                Err(failure) => {
                    output::print(&format!("{}/{message}: left for later, {}\n", queue.place, told(&failure)))?;
                    left += 1;
                }
            }
        }
    }
    Ok(left)
}

fn told(failure: &Failure) -> String {
    match failure {
        Failure::Refused(problem) => format!("the service refuses: {}", problem["code"].as_str().unwrap_or("no reason")),
        Failure::Later(why) => why.clone(),
    }
}

/// The messages of a queue, and whether people are named for each.
fn waiting(service: &Service, queue: &Queue) -> Result<Vec<(Uuid, bool)>, Failure> {
    let kinds = if queue.with_names { service.get("/message-kinds", JSON)?.json() } else { Value::Null };
    let names = |kind: &Value| {
        let kinds = kinds["kinds"].as_array().into_iter().flatten();
        kinds.filter(|known| known["kind"] == *kind).any(|known| known["namesPeople"] == true)
    };
    let mut found = Vec::new();
    for filter in queue.filters {
        let mut cursor = String::new();
        loop {
            let page = service.get(&format!("/messages?limit=200&{filter}{cursor}"), JSON)?.json();
            for message in page["items"].as_array().into_iter().flatten() {
                if let Some(id) = message["id"].as_str().and_then(|id| id.parse().ok()) {
                    found.push((id, names(&message["kind"])));
                }
            }
            let Some(next) = page["nextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
    }
    Ok(found)
}

/// The files of a message, the message itself last.
fn files_of(service: &Service, message: Uuid, with_names: bool, format: MessageFormat) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let ending = format.ending();
    let mut files = Vec::new();
    if with_names {
        let named = service.get(&format!("/messages/{message}/subjects"), format.media())?;
        files.push((format!("{message}.subjects.{ending}"), named.content));
    }
    let told = service.get(&format!("/messages/{message}"), format.media())?;
    files.push((format!("{message}.{ending}"), told.content));
    Ok(files)
}

/// Puts a parcel out and tells the service so; answers 1 where it could not be told.
fn hand_over(service: &Service, out: &Path, parcel: Parcel) -> Result<usize, CliError> {
    let name = parcel.name();
    parcel.deliver(out).map_err(failed(out))?;
    match acknowledge(service, &parcel) {
        Ok(answer) => {
            parcel.dissolve(out, answer).map_err(failed(out))?;
            output::print(&format!("{}: fetched\n", name.display()))?;
            Ok(0)
        }
        Err(failure) => {
            output::print(&format!("{}: not acknowledged yet, {}\n", name.display(), told(&failure)))?;
            Ok(1)
        }
    }
}

/// Notes the step at the service. Where it was made before, by this program or another, that is well too.
fn acknowledge(service: &Service, parcel: &Parcel) -> Result<Value, Failure> {
    let message = parcel.message();
    let Some(queue) = QUEUES.iter().find(|queue| queue.place == parcel.place()) else {
        return Err(Failure::Later(format!("no such place: {}", parcel.place())));
    };
    let step = queue.step;
    let done = service.post(&format!("/messages/{message}/{step}"), JSON, FILE_CHANNEL, &format!("{step}-{message}"), None);
    match done {
        Ok(answer) => Ok(answer.json()),
        Err(Failure::Refused(problem)) if is_beyond(&problem) => Ok(service.get(&format!("/messages/{message}"), JSON)?.json()),
        Err(failure) => Err(failure),
    }
}
