//! `bert report`.

use std::path::PathBuf;
use std::process::ExitCode;

use bert_core::store::write_file;
use bert_train::report::report;
use clap::Args;

use crate::cli::error::CommandError;

/// `bert report`.
#[derive(Args, Debug)]
pub struct Report {
    /// Run folders.
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// File to write [default: report.html in the run folder; for several runs, in the current folder].
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Writes the page.
pub fn run(args: &Report) -> Result<ExitCode, CommandError> {
    let page = report(&args.runs)?;
    let output = match (&args.output, args.runs.as_slice()) {
        (Some(output), _) => output.clone(),
        (None, [run]) => run.join("report.html"),
        (None, _) => PathBuf::from("report.html"),
    };
    let written = write_file(&output, |out| out.write_all(page.as_bytes()));
    written.map_err(|e| {
        let error = CommandError::io(&output, e);
        if args.output.is_some() {
            error.about("output")
        } else {
            error
        }
    })?;
    eprintln!("{}", output.display());
    Ok(ExitCode::SUCCESS)
}
