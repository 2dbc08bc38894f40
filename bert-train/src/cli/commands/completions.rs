//! `bert completions`.

use std::process::ExitCode;

use clap::{Args, Command};
use clap_complete::Shell;

use crate::cli::error::CommandError;
use crate::cli::output::print;

/// `bert completions`.
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

/// Writes a shell's completions to standard output.
pub fn run(args: &Completions, mut command: Command) -> Result<ExitCode, CommandError> {
    let mut script = vec![];
    clap_complete::generate(args.shell, &mut command, "bert", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
