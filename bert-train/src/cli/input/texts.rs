//! What a command reads: arguments, a file, or standard input.

use std::io::{self, IsTerminal};
use std::path::Path;

use bert_tasks::{Inputs, Lines};

use crate::cli::error::CommandError;

/// The keys that end the input on a terminal.
const END_OF_INPUT: &str = if cfg!(windows) {
    "Ctrl-Z and Enter"
} else {
    "Ctrl-D"
};

/// The texts, else the file, else standard input.
///
/// # Errors
/// If the file cannot be read.
pub fn read(texts: &[String], file: Option<&Path>) -> Result<Inputs, CommandError> {
    Ok(match (file, texts) {
        (Some(path), _) => Inputs::from_file(path)?,
        (None, []) => {
            if io::stdin().is_terminal() {
                eprintln!("reading from the terminal, one line for each text; end with {END_OF_INPUT}");
            }
            Inputs::Lines(standard_input())
        }
        (None, texts) => Inputs::Arguments(texts.to_vec()),
    })
}

/// Standard input; if it is a file, as one.
fn standard_input() -> Lines {
    const NAME: &str = "standard input";
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        if let Ok(handle) = io::stdin().as_fd().try_clone_to_owned() {
            return Lines::file(NAME, handle.into());
        }
    }
    Lines::stream(NAME, Box::new(io::stdin()))
}
