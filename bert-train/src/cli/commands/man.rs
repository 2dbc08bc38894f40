//! `bert man`.

use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_mangen::Man;

use super::CommandError;
use crate::cli::{Cli, ManPages};

/// Writes the program's page to standard output, or the pages of all commands into a folder.
pub fn run(args: &ManPages) -> Result<ExitCode, CommandError> {
    let command = Cli::command();
    match &args.dir {
        Some(dir) => {
            std::fs::create_dir_all(dir).map_err(|e| CommandError::io(dir, e))?;
            clap_mangen::generate_to(command, dir).map_err(|e| CommandError::io(dir, e))?;
        }
        None => {
            let mut page = vec![];
            Man::new(command)
                .render(&mut page)
                .and_then(|()| std::io::stdout().write_all(&page))
                .map_err(|e| CommandError::io("standard output", e))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
