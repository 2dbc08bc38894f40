//! Files as text.

#[cfg(feature = "files")]
use std::fs::File;
#[cfg(feature = "files")]
use std::io::{Read, Seek};
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

/// The start of the small text file that stands for a large one in a clone made without Git LFS
/// (git-lfs/docs/spec.md, "The Pointer").
#[cfg(feature = "files")]
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// Opens a file of data.
///
/// # Errors
/// If it cannot be opened, or is a Git LFS pointer.
#[cfg(feature = "files")]
pub fn open_data(path: &Path) -> Result<File, DataError> {
    let failed = |e| DataError::io(path, e);
    let mut file = File::open(path).map_err(failed)?;
    // What is read of a pipe is gone.
    if file.metadata().map_err(failed)?.is_file() {
        let mut start = vec![];
        let most = LFS_POINTER.len() as u64;
        (&mut file).take(most).read_to_end(&mut start).map_err(failed)?;
        if start == LFS_POINTER {
            return Err(DataError::LfsPointer(path.into()));
        }
        file.rewind().map_err(failed)?;
    }
    Ok(file)
}

/// The text of a file.
#[cfg(feature = "files")]
pub(crate) fn read_utf8(file: &Path) -> Result<String, DataError> {
    let mut bytes = vec![];
    let read = open_data(file)?.read_to_end(&mut bytes);
    read.map_err(|e| DataError::io(file, e))?;
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

#[cfg(all(test, feature = "files"))]
mod tests {
    use super::*;
    use crate::*;

    #[test]
    fn every_reader_knows_a_git_lfs_pointer() {
        let dir = tempfile::tempdir().unwrap();
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n";
        let check = |name: &str, read: &dyn Fn(&Path) -> Result<(), DataError>| {
            let path = dir.path().join(name);
            std::fs::write(&path, pointer).unwrap();
            let error = read(&path).unwrap_err();
            assert_eq!(error.file(), Some(&*path));
            let error = error.to_string();
            assert!(
                error.contains(&format!("{name}: this is a Git LFS pointer"))
                    && error.contains("`git lfs pull`"),
                "{error}"
            );
        };
        for name in ["p.csv", "p.tsv", "p.txt", "p.json", "p.jsonl", "p.parquet"] {
            check(name, &|path| TextFile::new(path).read().map(drop));
            check(name, &|path| TextFile::new(path).read_scored().map(drop));
            check(name, &|path| DocumentFile::new(path).read().map(drop));
            if name != "p.csv" {
                check(name, &|path| TagFile::new(path).read().map(drop));
            }
            check(name, &|path| Squad::file(path).map(drop));
            check(name, &|path| CollectionFile::new(path).read().map(drop));
            check(name, &|path| QueryFile::new(path).read().map(drop));
        }
        check("p.conllu", &|path| TagFile::new(path).read().map(drop));
        check("p.txt", &|path| PlainText::open(path).map(drop));
        check("p.qrels", &|path| read_judgements(path).map(drop));
        check("p.run", &|path| read_rankings(path).map(drop));
        // Other texts may begin alike.
        let path = dir.path().join("version.txt");
        std::fs::write(&path, "version https://git-lfs.github.com/").unwrap();
        assert_eq!(PlainText::open(&path).unwrap().count(), 1);
        assert_eq!(read_utf8(&path).unwrap().len(), 35);
    }
}
