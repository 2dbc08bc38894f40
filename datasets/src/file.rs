//! Files as text.

use std::path::Path;
#[cfg(feature = "files")]
use std::path::PathBuf;

use crate::error::DataError;

/// `bytes` as text, without a byte-order mark; `file` is what an error calls them.
///
/// # Errors
/// At the first line that is not UTF-8.
pub fn utf8<'a>(file: &Path, bytes: &'a [u8]) -> Result<&'a str, DataError> {
    // The mark has no line break, so that the lines keep their numbers.
    utf8_part(file, &bytes[mark(file, bytes)?..])
}

/// The length of the byte-order mark at the start of a text.
///
/// # Errors
/// If the mark is that of UTF-16.
pub(crate) fn mark(file: &Path, start: &[u8]) -> Result<usize, DataError> {
    if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
        return Err(DataError::at(
            file,
            1,
            None,
            "the text is UTF-16; save it as UTF-8",
        ));
    }
    Ok(if start.starts_with(MARK) { MARK.len() } else { 0 })
}

/// The byte-order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// A part of a text that starts with a line; errors count its lines.
///
/// # Errors
/// As [`utf8`].
pub(crate) fn utf8_part<'a>(file: &Path, bytes: &'a [u8]) -> Result<&'a str, DataError> {
    std::str::from_utf8(bytes).map_err(|error| {
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
    })
}

/// The text of a file.
#[cfg(feature = "files")]
pub(crate) fn read_utf8(file: &Path) -> Result<String, DataError> {
    let bytes = std::fs::read(file).map_err(|e| DataError::io(file, e))?;
    let mark = bytes.len() - utf8(file, &bytes)?.len();
    let mut text = String::from_utf8(bytes).expect("it has been checked");
    text.drain(..mark);
    Ok(text)
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

/// The folder for temporary files that may be large: `TMPDIR` if it is set, else one on a disk, since `/tmp` is in memory on
/// some systems.
#[cfg(feature = "files")]
pub fn scratch_dir() -> PathBuf {
    let disk = Path::new("/var/tmp");
    match std::env::var_os("TMPDIR").is_none() && disk.is_dir() {
        true => disk.into(),
        false => std::env::temp_dir(),
    }
}
