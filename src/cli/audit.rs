//! `pai audit verify`: whether the access register is what was sealed.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use clap::{Args, Subcommand};

use super::{CliError, Common, output};
use crate::platform::audit::ANCHOR_FILE;
use crate::platform::audit::verify::verify;
use crate::startup::{self, StartError, join_database};

/// Exit code for a register that is not what was sealed; 1 means that nothing could be said.
const DOES_NOT_HOLD: u8 = 3;

#[derive(Args, Debug)]
pub(super) struct Audit {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Compare every row of the access register with its seal
    ///
    /// Reads all rows and all seals as the owner of the database and compares
    /// them with the keys and with the heads that were noted outside the
    /// database. Changes nothing; a service may be running meanwhile. Exits with
    /// 0 when the register is what was sealed, with 3 when it is not, and with 1
    /// when it cannot be read.
    #[command(verbatim_doc_comment)]
    Verify(Verify),
}

#[derive(Args, Debug)]
struct Verify {
    #[command(flatten)]
    common: Common,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// File of anchored heads [default: audit-heads.jsonl in the data directory]
    #[arg(long, value_name = "FILE", conflicts_with = "without_anchor")]
    anchor: Option<PathBuf>,
    /// Do not compare with anchored heads: a cut-off end goes unnoticed
    #[arg(long)]
    without_anchor: bool,
    /// Connections that read at the same time [default: one per processor, at most 4]
    #[arg(long, value_name = "COUNT")]
    readers: Option<NonZeroUsize>,
}

pub(super) fn run(audit: &Audit) -> Result<ExitCode, CliError> {
    let AuditCommand::Verify(options) = &audit.command;
    let settings = options.common.settings()?;
    let ring = startup::existing_key_ring(&settings)?;
    let database = join_database(&settings)?;
    let owner_url = database.owner_url.as_deref().ok_or(StartError::NoOwner)?;
    let anchor = options.anchor.clone().unwrap_or_else(|| settings.data_dir.join(ANCHOR_FILE));
    let anchor = (!options.without_anchor).then_some(anchor.as_path());
    let readers = options.readers.unwrap_or_else(readers);
    let report = verify(owner_url, &ring, anchor, readers)?;
    output::print(&if options.json { format!("{:#}\n", report.to_json()) } else { report.to_text() })?;
    if let Some(cluster) = database.cluster {
        cluster.stop()?;
    }
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::from(DOES_NOT_HOLD) })
}

/// More readers than this only wait for the disk.
fn readers() -> NonZeroUsize {
    const MOST: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);
    thread::available_parallelism().map_or(NonZeroUsize::MIN, |processors| processors.min(MOST))
}
