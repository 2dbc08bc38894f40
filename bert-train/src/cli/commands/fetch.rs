//! `bert fetch`.

use std::process::ExitCode;

use bert_train::hub::{Hub, HubError, HubId};
use clap::Args;

use crate::cli::error::CommandError;
use crate::cli::output::print;

/// `bert fetch`.
#[derive(Args, Debug)]
pub struct Fetch {
    /// The model's name: `name` or `owner/name`, optionally with `@revision`.
    model: String,
}

/// Downloads a model and prints its folder.
pub fn run(args: &Fetch) -> Result<ExitCode, CommandError> {
    let found = Hub::from_env().fetch(&HubId::parse(&args.model).map_err(HubError::from)?)?;
    eprintln!("{}", found.id);
    print(&format!("{}\n", found.dir.display()))?;
    Ok(ExitCode::SUCCESS)
}
