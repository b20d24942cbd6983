//! What a command prints for a person or a pipe.

use std::io::Write as _;
use std::process::ExitCode;

use super::CliError;
use crate::app;

/// Prints to standard output, and reports instead of panicking when nobody reads it any more.
pub(super) fn print(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| CliError::Io("standard output", error))
}

/// Prints the OpenAPI document.
pub(super) fn openapi() -> Result<ExitCode, CliError> {
    print(&format!("{:#}\n", app::document()))?;
    Ok(ExitCode::SUCCESS)
}
