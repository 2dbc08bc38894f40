//! Lines of fields that tabs or white space separate.

use std::path::Path;

use crate::error::DataError;
use crate::examples::MAX_BYTES;
use crate::formats::text_lines::TextLines;
use crate::source::Source;

/// Calls `look` with each line that is not blank, and with where it is.
///
/// # Errors
/// If the file cannot be read, is not UTF-8, has a line of more than 8 MiB, or `look` fails.
pub(super) fn for_each_line(
    path: &Path,
    mut look: impl FnMut(&Source, &str) -> Result<(), DataError>,
) -> Result<(), DataError> {
    let mut lines = TextLines::open(path)?;
    let mut source = Source::file(path);
    let mut line = String::new();
    while let Some(part) = lines.next_part()? {
        if part.begins && !line.is_empty() {
            look_at(&source, &line, &mut look)?;
            line.clear();
        }
        source.line = part.line;
        if line.len() + part.text.len() > MAX_BYTES {
            return Err(source.error(None, format!("a line of more than {} MiB", MAX_BYTES >> 20)));
        }
        line += part.text;
    }
    look_at(&source, &line, &mut look)
}

fn look_at(
    source: &Source,
    line: &str,
    look: &mut impl FnMut(&Source, &str) -> Result<(), DataError>,
) -> Result<(), DataError> {
    match line.trim().is_empty() {
        true => Ok(()),
        false => look(source, line),
    }
}

/// The fields of a line: between tabs if it has one, else between white space.
pub(super) fn fields(line: &str) -> Vec<&str> {
    match line.contains('\t') {
        true => line.split('\t').map(str::trim).collect(),
        false => line.split_whitespace().collect(),
    }
}
