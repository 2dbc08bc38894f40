//! Files as text.

use std::path::Path;
#[cfg(feature = "files")]
use std::path::PathBuf;

use serde_json::Value;

use crate::error::{DataError, json_error};
use crate::source::Source;

/// `bytes` as text, without a byte-order mark; `file` is what an error calls them.
///
/// # Errors
/// At the first line that is not UTF-8.
pub fn utf8<'a>(file: &Path, bytes: &'a [u8]) -> Result<&'a str, DataError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        let start = before
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        let reason = format!(
            "byte {} of the line is not UTF-8; convert the file to UTF-8",
            before.len() - start + 1
        );
        DataError::at(file, line, None, reason)
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Whether a file's name ends in one of `extensions` (given in lower case), in upper or lower case.
pub fn has_extension(file: &Path, extensions: &[&str]) -> bool {
    let extension = file.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| {
        extensions
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// The text of a file.
#[cfg(feature = "files")]
pub(crate) fn read_utf8(file: &Path) -> Result<String, DataError> {
    let bytes = std::fs::read(file).map_err(|e| DataError::io(file, e))?;
    Ok(utf8(file, &bytes)?.to_owned())
}

/// The JSON values of a text, one per line, each with its source; blank lines are skipped.
pub(crate) fn json_lines<'a>(
    file: &Path,
    text: &'a str,
) -> impl Iterator<Item = Result<(Source, Value), DataError>> + 'a {
    let source = Source::file(file);
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(move |(at, line)| {
            let source = source.line(at + 1);
            match serde_json::from_str(line) {
                Ok(value) => Ok((source, value)),
                Err(error) => {
                    let error = json_error(&error);
                    Err(source.error(
                        None,
                        format!("not JSON ({error}); the file must hold one object per line"),
                    ))
                }
            }
        })
}

/// The first of `names` that is a file in `dir`.
#[cfg(feature = "files")]
pub(crate) fn find(dir: &Path, names: &[&str]) -> Result<PathBuf, DataError> {
    let found = names
        .iter()
        .map(|name| dir.join(name))
        .find(|path| path.is_file());
    found.ok_or_else(|| DataError::NoFile {
        dir: dir.into(),
        looked: names.join(", "),
    })
}
