//! What a command writes to standard output.

use std::io::Write;

use super::error::CommandError;

/// Writes `text` to standard output.
///
/// # Errors
/// If nobody reads it, or the system refuses.
pub fn print(text: &str) -> Result<(), CommandError> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|e| CommandError::io("standard output", e))
}
