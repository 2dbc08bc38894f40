//! `bert man`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Command};
use clap_mangen::Man;

use crate::cli::error::CommandError;
use crate::cli::output::print;

/// `bert man`.
#[derive(Args, Debug)]
pub struct ManPages {
    /// Folder to write a page for each command into.
    dir: Option<PathBuf>,
}

/// Writes the program's page to standard output, or the pages of all commands into a folder.
pub fn run(args: &ManPages, command: Command) -> Result<ExitCode, CommandError> {
    match &args.dir {
        Some(dir) => {
            std::fs::create_dir_all(dir).map_err(|e| CommandError::io(dir, e))?;
            clap_mangen::generate_to(command, dir).map_err(|e| CommandError::io(dir, e))?;
        }
        None => {
            let mut page = vec![];
            let rendered = Man::new(command).render(&mut page);
            rendered.map_err(|e| CommandError::io("the manual page", e))?;
            print(&String::from_utf8_lossy(&page))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
