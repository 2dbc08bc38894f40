//! Checksums of downloaded files.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use sha1::Sha1;
use sha2::{Digest, Sha256};

/// The checksums found in a file and expected of it, if the two differ. The hub names the content of each file by its
/// checksum: SHA-256 for large files, git's SHA-1 for others; `name` is the name of the content.
///
/// # Errors
/// If the file cannot be read.
pub(super) fn mismatch(file: &Path, name: &str) -> io::Result<Option<[String; 2]>> {
    let expected = name.to_lowercase();
    if !expected.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(None);
    }
    let found = match expected.len() {
        64 => sha256(file)?,
        40 => git_sha1(file)?,
        _ => return Ok(None),
    };
    match found == expected {
        true => Ok(None),
        false => Ok(Some([found, expected])),
    }
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    io::copy(&mut File::open(path)?, &mut hash)?;
    Ok(format!("{:x}", hash.finalize()))
}

/// The name that git gives to a file's content.
fn git_sha1(path: &Path) -> io::Result<String> {
    let mut hash = Sha1::new();
    hash.update(format!("blob {}\0", fs::metadata(path)?.len()));
    io::copy(&mut File::open(path)?, &mut hash)?;
    Ok(format!("{:x}", hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_git_and_sha256() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "hello\n").unwrap();
        // printf 'hello\n' | git hash-object --stdin; printf 'hello\n' | sha256sum
        let sha1 = "ce013625030ba8dba906f756967f9e9ca394464a";
        let sha256 = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
        assert_eq!(git_sha1(file.path()).unwrap(), sha1);
        assert_eq!(self::sha256(file.path()).unwrap(), sha256);
        let dir = tempfile::TempDir::new().unwrap();
        for (name, wrong) in [
            (sha256, false),
            (&sha256.replace('5', "6"), true),
            ("config.json", false),
        ] {
            let path = dir.path().join(name);
            fs::write(&path, "hello\n").unwrap();
            assert_eq!(mismatch(&path, name).unwrap().is_some(), wrong, "{name}");
        }
    }
}
