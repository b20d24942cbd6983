//! The program: one line for a person when something fails, and an exit code for a script.

use std::process::ExitCode;

use clap::Parser as _;
use pai::cli::Cli;

fn main() -> ExitCode {
    match pai::cli::run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("pai: {error}");
            error.exit_code()
        }
    }
}
