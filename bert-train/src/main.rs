//! The `bert` program.

mod cli;

use std::process::ExitCode;

use clap::FromArgMatches;

fn main() -> ExitCode {
    // A panic is a bug of this program: one line for its user, no backtrace.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(|at| format!(" at {}:{}", at.file(), at.line()))
            .unwrap_or_default();
        let text = panic
            .payload_as_str()
            .and_then(|text| text.lines().next())
            .unwrap_or("no reason given");
        eprintln!("bert: internal error{place}: {text}; please report it");
    }));
    // Not `Cli::parse`: it would add the program's usage to what is refused here.
    let matches = cli::Cli::complete_command().get_matches();
    let cli = cli::Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match cli.run() {
        Ok(code) => code,
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bert: {error}");
            ExitCode::FAILURE
        }
    }
}
