//! `bert completions`.

use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory;

use super::CommandError;
use crate::cli::{Cli, Completions};

/// Writes a shell's completions to standard output.
pub fn run(args: &Completions) -> Result<ExitCode, CommandError> {
    let mut script = vec![];
    clap_complete::generate(args.shell, &mut Cli::command(), "bert", &mut script);
    std::io::stdout()
        .write_all(&script)
        .map_err(|e| CommandError::io("standard output", e))?;
    Ok(ExitCode::SUCCESS)
}
