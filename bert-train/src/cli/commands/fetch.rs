//! `bert fetch`.

use std::io::Write;
use std::process::ExitCode;

use bert_train::hub::{Hub, HubId};

use super::CommandError;
use crate::cli::Fetch;

/// Fetches a model and prints its folder.
pub fn run(args: &Fetch) -> Result<ExitCode, CommandError> {
    let found = Hub::from_env().fetch(&HubId::parse(&args.model)?)?;
    eprintln!("{}", found.id);
    let line = format!("{}\n", found.dir.display());
    std::io::stdout()
        .write_all(line.as_bytes())
        .map_err(|e| CommandError::io("standard output", e))?;
    Ok(ExitCode::SUCCESS)
}
