//! `pai backup` and `pai restore`: the database with the keys without which it is unreadable.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use clap::Args;
use percent_encoding::percent_decode_str;
use thiserror::Error;

use super::{CliError, Common, output};
use crate::platform::audit::anchor::ANCHOR_FILE as ANCHOR;
use crate::platform::config::Settings;
use crate::platform::embedded::client_program;
use crate::platform::keys::{FILE_NAME as KEY_RING, PERSON_KEYS_DIR};
use crate::platform::migrations;
use crate::platform::private_files::{new_private_dir, new_private_file};
use crate::startup::{Database, StartError, join_database};

/// The database in a backup, as `pg_dump --format=custom` writes it.
const DUMP: &str = "database.dump";

/// Why a backup could not be written or taken back.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The directory of the backup is there already.
    #[error("{0} exists; a backup is never written over another one")]
    Exists(PathBuf),
    /// It is not a backup.
    #[error("{0} is no backup: it holds no {DUMP} with tables")]
    NoBackup(PathBuf),
    /// The target holds data.
    #[error("{0} holds data already; restore into an empty one")]
    NotEmpty(String),
    /// A program of `PostgreSQL` failed.
    #[error("{program} failed: {message}")]
    Program {
        /// Its name.
        program: &'static str,
        /// The last line it printed.
        message: String,
    },
    /// The file system.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
}

#[derive(Args, Debug)]
pub(super) struct Backup {
    #[command(flatten)]
    common: Common,
    /// New directory to write
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Leave the keys of people out; without them nobody's identity can be read from this backup
    #[arg(long)]
    without_person_keys: bool,
}

#[derive(Args, Debug)]
pub(super) struct Restore {
    #[command(flatten)]
    common: Common,
    /// Directory that `pai backup` wrote
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
}

pub(super) fn back_up(backup: &Backup) -> Result<ExitCode, CliError> {
    let settings = backup.common.settings()?;
    if backup.to.exists() {
        return Err(BackupError::Exists(backup.to.clone()).into());
    }
    let database = join_database(&settings)?;
    // Under its final name it is complete.
    let unfinished = with_suffix(&backup.to, ".part");
    let _ = fs::remove_dir_all(&unfinished);
    new_private_dir(&unfinished).map_err(at(&unfinished))?;
    // Before the dump: the heads that the file names are all in it.
    let heads = settings.data_dir.join(ANCHOR);
    if heads.exists() {
        copy_file(&heads, &unfinished.join(ANCHOR))?;
    }
    dump(&settings, &database, &unfinished.join(DUMP))?;
    // After the dump, so that everybody in it has their key; those of people erased meanwhile are gone, as they should be.
    copy_keys(&settings.data_dir, &unfinished, !backup.without_person_keys)?;
    fs::rename(&unfinished, &backup.to).map_err(at(&backup.to))?;
    stop(database)?;
    output::print(&format!("backed up to {}\n", backup.to.display()))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn restore(restore: &Restore) -> Result<ExitCode, CliError> {
    let settings = restore.common.settings()?;
    let dump = restore.from.join(DUMP);
    if !dump.is_file() {
        return Err(BackupError::NoBackup(restore.from.clone()).into());
    }
    for name in [KEY_RING, PERSON_KEYS_DIR] {
        let target = settings.data_dir.join(name);
        if restore.from.join(name).exists() && target.exists() {
            return Err(BackupError::NotEmpty(target.display().to_string()).into());
        }
    }
    let database = join_database(&settings)?;
    let owner_url = database.owner_url.as_deref().ok_or(StartError::NoOwner)?;
    if migrations::has_tables(owner_url)? {
        return Err(BackupError::NotEmpty("the database".to_owned()).into());
    }
    load(&settings, owner_url, &dump)?;
    let heads = restore.from.join(ANCHOR);
    if heads.exists() && !settings.data_dir.join(ANCHOR).exists() {
        copy_file(&heads, &settings.data_dir.join(ANCHOR))?;
    }
    if !migrations::has_tables(owner_url)? {
        return Err(BackupError::NoBackup(restore.from.clone()).into());
    }
    copy_keys(&restore.from, &settings.data_dir, true)?;
    // An older backup is brought up to date by the newer program.
    migrations::migrate(owner_url)?;
    stop(database)?;
    output::print(&format!("restored from {}\n", restore.from.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn stop(database: Database) -> Result<(), CliError> {
    if let Some(cluster) = database.cluster {
        cluster.stop()?;
    }
    Ok(())
}

fn dump(settings: &Settings, database: &Database, to: &Path) -> Result<(), CliError> {
    let owner_url = database.owner_url.as_deref().ok_or(StartError::NoOwner)?;
    let file = new_private_file(to).map_err(at(to))?;
    let mut program = postgres_program(settings, "pg_dump", owner_url)?;
    run("pg_dump", program.args(["--format=custom", "--no-password"]).stdout(file.try_clone().map_err(at(to))?))?;
    file.sync_all().map_err(at(to))?;
    Ok(())
}

/// Loads a dump in one transaction. The extension and the schema are there already and belong to the superuser.
fn load(settings: &Settings, owner_url: &str, dump: &Path) -> Result<(), CliError> {
    let contents = run("pg_restore", postgres_program(settings, "pg_restore", owner_url)?.arg("--list").arg(dump))?;
    let wanted: String = contents
        .lines()
        .filter(|line| ![" EXTENSION ", " SCHEMA - public "].iter().any(|not_ours| line.contains(not_ours)))
        .flat_map(|line| [line, "\n"])
        .collect();
    let list = with_suffix(dump, ".list");
    let list = settings.data_dir.join(list.file_name().unwrap_or(list.as_os_str()));
    new_private_file(&list).and_then(|mut file| file.write_all(wanted.as_bytes())).map_err(at(&list))?;
    let mut program = postgres_program(settings, "pg_restore", owner_url)?;
    program.args(["--single-transaction", "--exit-on-error", "--no-password", "--use-list"]).arg(&list).arg("--dbname");
    let loaded = run("pg_restore", program.arg(split_password(owner_url).0).arg(dump));
    let _ = fs::remove_file(&list);
    loaded.map(|_| ())
}

/// A program of `PostgreSQL` that reaches the database; a password is not to be seen in the list of processes.
fn postgres_program(settings: &Settings, name: &'static str, url: &str) -> Result<Command, CliError> {
    let dir = Some(settings.database.programs_dir.as_path()).filter(|path| !path.as_os_str().is_empty());
    let mut command = Command::new(client_program(dir, &settings.data_dir, name)?);
    let (url, password) = split_password(url);
    if name == "pg_dump" {
        command.arg("--dbname").arg(url);
    }
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    Ok(command)
}

/// The URL without its password, and the password.
fn split_password(url: &str) -> (String, Option<String>) {
    let parts = url.split_once("://").and_then(|(scheme, rest)| {
        let authority = rest.find(['/', '?']).unwrap_or(rest.len());
        let (user, password) = rest[..rest[..authority].rfind('@')?].split_once(':')?;
        let password_text = percent_decode_str(password).decode_utf8().ok()?.into_owned();
        Some((format!("{scheme}://{user}{}", &rest[user.len() + 1 + password.len()..]), password_text))
    });
    parts.map_or_else(|| (url.to_owned(), None), |(url, password)| (url, Some(password)))
}

fn run(program: &'static str, command: &mut Command) -> Result<String, CliError> {
    let failed = |message: String| CliError::from(BackupError::Program { program, message });
    // Captures what is not sent elsewhere.
    let output = command.stdin(Stdio::null()).output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(failed(said.lines().last().unwrap_or("without a message").to_owned()))
}

/// Copies the key ring and the keys of people from one directory to another.
fn copy_keys(from: &Path, to: &Path, people: bool) -> Result<(), CliError> {
    if from.join(KEY_RING).exists() {
        copy_file(&from.join(KEY_RING), &to.join(KEY_RING))?;
    }
    let keys = from.join(PERSON_KEYS_DIR);
    if !people || !keys.exists() {
        return Ok(());
    }
    let target = to.join(PERSON_KEYS_DIR);
    new_private_dir(&target).map_err(at(&target))?;
    for entry in fs::read_dir(&keys).map_err(at(&keys))? {
        let entry = entry.map_err(at(&keys))?;
        copy_file(&entry.path(), &target.join(entry.file_name()))?;
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<(), CliError> {
    let mut source = File::open(from).map_err(at(from))?;
    let mut target = new_private_file(to).map_err(at(to))?;
    io::copy(&mut source, &mut target).and_then(|_| target.sync_all()).map_err(at(to))?;
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |error| BackupError::Io(path, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_taken_out_of_a_url_and_nothing_else() {
        for (url, without, password) in [
            (
                "postgresql://pai_owner:p%40ss@db:5432/pai?sslmode=require",
                "postgresql://pai_owner@db:5432/pai?sslmode=require",
                Some("p@ss"),
            ),
            ("postgresql://pai_owner:a+b@db1,db2/pai", "postgresql://pai_owner@db1,db2/pai", Some("a+b")),
            ("postgresql://pai_owner@db/pai", "postgresql://pai_owner@db/pai", None),
            ("postgresql://db:5432/pai", "postgresql://db:5432/pai", None),
            ("postgresql://pai_owner@%2Frun%2Fa:5432/pai?x=a:b@c", "postgresql://pai_owner@%2Frun%2Fa:5432/pai?x=a:b@c", None),
        ] {
            assert_eq!(split_password(url), (without.to_owned(), password.map(str::to_owned)), "{url}");
        }
    }
}
