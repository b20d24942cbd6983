//! `pai exchange-folder`: for offices whose system speaks only files. What is put into a folder goes to a running service
//! through its API, as any other client's; what comes of each file stands beside it as a receipt. Messages for the office
//! come back as files, too.
//!
//! A file is sent once, however often this is stopped half-way: its content is the idempotency key. What the service
//! cannot take at the moment stays where it is and is tried again. A message is put out once, under its id.

mod fetching;
mod parcels;
mod service;
mod wire;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use rustix::fs::{FlockOperation, flock};
use secrecy::SecretString;
use serde_json::Value;
use uuid::Uuid;

use super::{CliError, output};
use crate::platform::private_files::{create_private_dir, open_private, replace_file};
use crate::platform::secrets::digest_hex;
use service::{Answer, Failure, Service};
use wire::{Errand, JSON, MessageFormat, Receipt};

/// What is still being written, by the habit of those who write it.
const UNFINISHED: [&str; 3] = ["tmp", "part", "filepart"];
/// Longest file that is sent; the service takes no longer one either. **Units**: bytes.
const LONGEST: u64 = 8 << 20;
/// A step of a message that went as a file, today.
const FILE_CHANNEL: &[u8] = br#"{"channel":"file"}"#;

#[derive(Args, Debug)]
pub(super) struct ExchangeFolder {
    /// Address of the service, such as <https://pai.example.pl>
    #[arg(long, value_name = "URL")]
    service: String,
    /// Id of the client that the files are sent as
    #[arg(long, value_name = "ID")]
    client_id: Uuid,
    /// File with the client's secret
    #[arg(long, value_name = "FILE")]
    client_secret_file: PathBuf,
    /// Folder with `in`, `out`, `done` and `refused`
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// Purpose of the access, for the access register
    #[arg(long, default_value = "file exchange")]
    purpose: String,
    /// Seconds between two looks into the folder
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    every: u64,
    /// Also fetch messages for the client's institution, and answers to its own, in this format
    #[arg(long, value_name = "FORMAT", value_enum)]
    messages: Option<MessageFormat>,
    /// Look once, then end: with 0 when nothing is left, else with 1
    #[arg(long)]
    once: bool,
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> CliError + use<> {
    let path = path.display().to_string();
    move |error| CliError::Folder(path, error)
}

pub(super) fn run(asked: &ExchangeFolder) -> Result<ExitCode, CliError> {
    let secret = fs::read_to_string(&asked.client_secret_file).map_err(failed(&asked.client_secret_file))?;
    let secret = SecretString::from(secret.trim().to_owned());
    let service = Service::new(&asked.service, asked.client_id, secret, &asked.purpose);
    for part in ["in", "out", "done", "refused"] {
        let dir = asked.folder.join(part);
        create_private_dir(&dir).map_err(failed(&dir))?;
    }
    let _alone = alone(&asked.folder)?;
    loop {
        let mut left = look(&service, &asked.folder)?;
        if let Some(format) = asked.messages {
            left += fetching::fetch(&service, &asked.folder, format)?;
        }
        if asked.once {
            return Ok(if left == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        std::thread::sleep(Duration::from_secs(asked.every));
    }
}

/// Holds the folder for this process alone: two would put out the same message.
fn alone(folder: &Path) -> Result<fs::File, CliError> {
    let path = folder.join(".lock");
    let lock = open_private(&path).map_err(failed(&path))?;
    flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|error| CliError::Folder(path.display().to_string(), error.into()))?;
    Ok(lock)
}

/// Sends what lies in the folder; answers how much could not be sent yet.
fn look(service: &Service, folder: &Path) -> Result<usize, CliError> {
    let inbox = folder.join("in");
    let mut files = Vec::new();
    collect(&inbox, &mut files).map_err(failed(&inbox))?;
    files.sort_unstable();
    let mut left = 0;
    for path in files {
        let name = path.strip_prefix(&inbox).unwrap_or(&path).to_path_buf();
        match send(service, &path, &name).map_err(failed(&path))? {
            Ok(result) => {
                keep(folder, &path, &name, &result)?;
                let outcome = if result.receipt.is_taken() { "taken" } else { "refused" };
                output::print(&format!("{}: {outcome}\n", name.display()))?;
            }
            Err(why) => {
                output::print(&format!("{}: left for later, {why}\n", name.display()))?;
                left += 1;
            }
        }
    }
    Ok(left)
}

/// Every finished file below a directory.
fn collect(dir: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let unfinished = path.extension().is_some_and(|ending| UNFINISHED.iter().any(|known| ending == *known));
        if kind.is_dir() {
            collect(&path, found)?;
        } else if kind.is_file() && !hidden && !unfinished {
            found.push(path);
        }
    }
    Ok(())
}

/// What came of a file: its receipt, and what the service gave back.
struct Sent {
    receipt: Receipt,
    /// What goes out, with the name that it gets.
    given_back: Option<(PathBuf, Vec<u8>)>,
}

/// Sends a file, or says why the service cannot take it at the moment.
fn send(service: &Service, path: &Path, name: &Path) -> io::Result<Result<Sent, String>> {
    let refused = |content: &[u8], why: &str| {
        let receipt = Receipt::refused(name, digest_hex(content), Value::String(why.to_owned()));
        Ok(Ok(Sent { receipt, given_back: None }))
    };
    if fs::metadata(path)?.len() > LONGEST {
        return refused(&[], "the file has more than 8 MiB");
    }
    let content = fs::read(path)?;
    let Some(errand) = Errand::of(name) else {
        return refused(&content, "no such folder or file type; see `pai exchange-folder --help`");
    };
    let outcome = match &errand {
        Errand::Import { kind, media } => take_in(service, kind, media, &content, name),
        Errand::Post { path } => post(service, path, &content, name),
        Errand::Answer { message, media } => answer(service, (message, media), &content, name),
        Errand::Message { media } => send_message(service, media, &content, name),
        Errand::List { accept, ending } => list(service, accept, ending, &content, name),
    };
    match outcome {
        Ok(sent) => Ok(Ok(sent)),
        Err(Failure::Refused(problem)) => {
            Ok(Ok(Sent { receipt: Receipt::refused(name, digest_hex(&content), problem), given_back: None }))
        }
        Err(Failure::Later(why)) => Ok(Err(why)),
    }
}

/// Plans a file and commits it, where every row can be taken in; else it comes back with what is wrong.
fn take_in(service: &Service, kind: &str, media: &str, content: &[u8], name: &Path) -> Result<Sent, Failure> {
    let hash = digest_hex(content);
    let planned = service.post(&format!("/imports?kind={kind}"), media, content, &format!("plan-{kind}-{hash}"), None)?;
    let import = planned.json()["id"].as_str().unwrap_or_default().to_owned();
    let counts = planned.json()["counts"].clone();
    let faulty = ["conflict", "error"].iter().any(|count| counts[*count].as_i64() != Some(0));
    let committed = if faulty {
        None
    } else {
        let key = format!("commit-{kind}-{hash}");
        Some(service.post(&format!("/imports/{import}/commit"), "application/json", b"{}", &key, Some("\"1\""))?)
    };
    let annotated = service.get(&format!("/imports/{import}/file"), "*/*")?;
    let answer = committed.as_ref().map_or_else(|| planned.json(), Answer::json);
    let receipt = if faulty { Receipt::refused(name, hash, answer) } else { Receipt::taken(name, hash, answer) };
    Ok(Sent { receipt, given_back: Some((name.to_path_buf(), annotated.content)) })
}

/// Writes a message and sends it to the other side.
fn send_message(service: &Service, media: &str, content: &[u8], name: &Path) -> Result<Sent, Failure> {
    let hash = digest_hex(content);
    let written = service.post("/messages", media, content, &format!("file-{hash}"), None)?.json();
    let message = written["id"].as_str().unwrap_or_default();
    let path = format!("/messages/{message}");
    let sent = match service.post(&format!("{path}/dispatch"), JSON, FILE_CHANNEL, &format!("dispatch-{message}"), None) {
        // Sent before, and this was stopped before the file was put away.
        Err(Failure::Refused(problem)) if is_beyond(&problem) => service.get(&path, JSON)?,
        sent => sent?,
    };
    Ok(Sent { receipt: Receipt::taken(name, hash, sent.json()), given_back: None })
}

/// Whether a message stands beyond the step that was asked for.
fn is_beyond(problem: &Value) -> bool {
    problem["code"] == "exchange.step_not_allowed"
}

/// Answers a message. Answers to several messages often read the same, so the key names the message too.
fn answer(service: &Service, (message, media): (&Uuid, &str), content: &[u8], name: &Path) -> Result<Sent, Failure> {
    let hash = digest_hex(content);
    let answer = service.post(&format!("/messages/{message}/answer"), media, content, &format!("{message}-{hash}"), None)?;
    Ok(Sent { receipt: Receipt::taken(name, hash, answer.json()), given_back: None })
}

/// Posts a file as it is.
fn post(service: &Service, path: &str, content: &[u8], name: &Path) -> Result<Sent, Failure> {
    let hash = digest_hex(content);
    let answer = service.post(path, JSON, content, &format!("file-{hash}"), None)?;
    Ok(Sent { receipt: Receipt::taken(name, hash, answer.json()), given_back: None })
}

/// Fetches a list as a file: the file that asks for it holds its path and filter.
fn list(service: &Service, accept: &str, ending: &str, content: &[u8], name: &Path) -> Result<Sent, Failure> {
    let asked = String::from_utf8_lossy(content).trim().to_owned();
    if !asked.starts_with('/') || asked.contains(char::is_whitespace) {
        return Err(Failure::Refused(Value::String("the file must hold one path, such as /psu-entries?editionId=…".to_owned())));
    }
    let answer = service.get(&asked, accept)?;
    if !answer.is_whole() {
        return Err(Failure::Later("the file that came is not the one that was announced".to_owned()));
    }
    let receipt = Receipt::taken(name, digest_hex(content), answer.manifest());
    Ok(Sent { receipt, given_back: Some((name.with_extension(ending), answer.content)) })
}

/// Writes what goes out, then the receipt, and only then puts the file away.
fn keep(folder: &Path, path: &Path, name: &Path, sent: &Sent) -> Result<(), CliError> {
    let place = |part: &str, name: &Path| -> Result<PathBuf, CliError> {
        let path = folder.join(part).join(name);
        let dir = path.parent().unwrap_or(folder).to_path_buf();
        create_private_dir(&dir).map_err(failed(&dir))?;
        Ok(path)
    };
    if let Some((name, content)) = &sent.given_back {
        let path = place("out", name)?;
        replace_file(&path, content).map_err(failed(&path))?;
    }
    let receipt = place("out", &wire::receipt_name(name))?;
    replace_file(&receipt, &sent.receipt.to_json()).map_err(failed(&receipt))?;
    let away = place(if sent.receipt.is_taken() { "done" } else { "refused" }, name)?;
    fs::rename(path, &away).map_err(failed(&away))
}
