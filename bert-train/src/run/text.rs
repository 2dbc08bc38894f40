//! The text files of a run folder, as `resume` and `report` read them.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use datasets::DataError;
use serde::de::DeserializeOwned;

use super::error::RunError;

/// The text of a file; none if there is no such file.
///
/// # Errors
/// If it cannot be read; with the line, if it is not UTF-8.
pub(crate) fn read(path: &Path) -> Result<Option<String>, RunError> {
    let bytes = bytes(path)?;
    bytes.map(|bytes| utf8(path, &bytes)).transpose()
}

/// The objects of a JSON-lines file; none if there is no such file. A last line without its end is left out: the process
/// was killed while it wrote it, perhaps in the middle of a character.
///
/// # Errors
/// If it cannot be read; with the line, if one is not UTF-8 or not a `T`.
pub(crate) fn json_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, RunError> {
    let bytes = bytes(path)?.unwrap_or_default();
    let end = bytes
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |at| at + 1);
    let text = utf8(path, &bytes[..end])?;
    let lines = text.lines().enumerate();
    lines.map(|(at, line)| json(path, at + 1, line)).collect()
}

fn bytes(path: &Path) -> Result<Option<Vec<u8>>, RunError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(RunError::io(path, e)),
    }
}

fn utf8(path: &Path, bytes: &[u8]) -> Result<String, RunError> {
    match datasets::utf8(path, bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(DataError::Line { line, reason, .. }) => Err(RunError::line(path, line, reason.to_string())),
        Err(other) => Err(RunError::line(path, 1, other.to_string())),
    }
}

/// The content of a TOML file.
///
/// # Errors
/// With the line, if the text is not TOML, or describes no `T`.
pub(crate) fn toml<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, RunError> {
    toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        RunError::line(path, line_at(text, offset), error.message().to_owned())
    })
}

/// The line, from 1, of a position in bytes.
pub(crate) fn line_at(text: &str, offset: usize) -> usize {
    let before = &text.as_bytes()[..offset.min(text.len())];
    1 + before.iter().filter(|&&byte| byte == b'\n').count()
}

/// The content of a piece of JSON that begins on `line` of a file.
///
/// # Errors
/// With the line, if the text is not JSON, or describes no `T`.
pub(crate) fn json<T: DeserializeOwned>(path: &Path, line: usize, text: &str) -> Result<T, RunError> {
    serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        // serde_json counts lines from the beginning of the piece.
        let reason = message
            .rsplit_once(" at line ")
            .map_or(message.as_str(), |(reason, _)| reason);
        RunError::line(
            path,
            line + error.line().max(1) - 1,
            format!("not the JSON expected here ({reason})"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_reported_with_their_line() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("log.jsonl");
        let lines = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            let read = json_lines::<serde_json::Value>(&path);
            read.map(|lines| lines.len())
                .map_err(|error| error.to_string().rsplit_once("log.jsonl").unwrap().1.to_owned())
        };
        assert_eq!(lines(b""), Ok(0));
        assert_eq!(lines(b"{}\n{}\n"), Ok(2));
        // Cut off within a line, and within a character.
        assert_eq!(lines(b"{}\n{\"a\": \"\xc3"), Ok(1));
        let error = lines(b"{}\n{\n{}\n").unwrap_err();
        assert!(
            error.starts_with(", line 2: not the JSON expected here (EOF while parsing"),
            "{error}"
        );
        let error = lines(b"{}\n\"\xff\"\n").unwrap_err();
        assert!(
            error.starts_with(", line 2: byte 2 of the line is not UTF-8"),
            "{error}"
        );
        let error = toml::<toml::Table>(Path::new("run.toml"), "version = '1'\ntask = \n").unwrap_err();
        assert!(error.to_string().starts_with("run.toml, line 2: "), "{error}");
        assert!(read(&dir.path().join("nothing")).unwrap().is_none());
    }
}
