//! `pai migrate`.

use std::num::NonZeroU32;
use std::process::ExitCode;

use clap::Args;

use super::{CliError, Common, output};
use crate::platform::migrations;
use crate::startup::{StartError, join_database};

#[derive(Args, Debug)]
pub(super) struct Migrate {
    #[command(flatten)]
    common: Common,
    /// Undo the newest COUNT migrations instead, with all data of their tables
    #[arg(long, value_name = "COUNT", requires = "drop_data")]
    revert: Option<NonZeroU32>,
    /// Confirms that --revert may destroy data
    #[arg(long, requires = "revert")]
    drop_data: bool,
}

pub(super) fn run(migrate: &Migrate) -> Result<ExitCode, CliError> {
    let database = join_database(&migrate.common.settings()?)?;
    let owner_url = database.owner_url.as_deref().ok_or(StartError::NoOwner)?;
    let text = match migrate.revert {
        Some(count) => format!("{} migration(s) undone\n", migrations::revert(owner_url, count.get())?),
        None => match migrations::migrate(owner_url)? {
            0 => "the schema is up to date\n".to_owned(),
            count => format!("{count} migration(s) applied\n"),
        },
    };
    output::print(&text)?;
    if let Some(cluster) = database.cluster {
        cluster.stop()?;
    }
    Ok(ExitCode::SUCCESS)
}
