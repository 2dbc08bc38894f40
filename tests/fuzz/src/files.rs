//! Files with the bytes of an input.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The folder for the files of this process.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("bert-fuzz-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("the folder for temporary files can be written");
        folder
    })
}

/// The path of a file in the folder with these bytes.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder().join(name);
    fs::create_dir_all(path.parent().expect("it is in the folder")).expect("folders can be made");
    fs::write(&path, bytes).expect("files can be written");
    path
}

/// The start of a line with the name of the file that follows it.
const HEADER: &[u8] = b"=== ";

/// Several files in one input: each after a line with its name.
pub struct Parts<'a>(Vec<(&'a [u8], &'a [u8])>);

impl<'a> Parts<'a> {
    /// The files of an input.
    pub fn of(input: &'a [u8]) -> Self {
        let mut starts: Vec<usize> = input
            .windows(HEADER.len())
            .enumerate()
            .filter(|(at, window)| *window == HEADER && (*at == 0 || input[at - 1] == b'\n'))
            .map(|(at, _)| at)
            .collect();
        starts.push(input.len() + 1);
        let part = |ends: &[usize]| {
            let all = &input[ends[0] + HEADER.len()..ends[1] - 1];
            let line = all.iter().position(|&byte| byte == b'\n').unwrap_or(all.len());
            (&all[..line], all.get(line + 1..).unwrap_or_default())
        };
        Self(starts.windows(2).map(part).collect())
    }

    /// The bytes of a file, if the input has it.
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        let found = self.0.iter().find(|(known, _)| *known == name.as_bytes());
        found.map(|(_, bytes)| *bytes)
    }

    /// The files whose names are UTF-8.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let named = |(name, bytes): &(&'a [u8], &'a [u8])| Some((str::from_utf8(name).ok()?, *bytes));
        self.0.iter().filter_map(named)
    }

    /// Writes those of the files `names` that the input has into the folder `dir` of this process, and removes the others.
    pub fn write(&self, dir: &str, names: &[&str]) -> PathBuf {
        for name in names {
            let path = format!("{dir}/{name}");
            match self.get(name) {
                Some(bytes) => drop(file(&path, bytes)),
                None => drop(fs::remove_file(folder().join(path))),
            }
        }
        folder().join(dir)
    }
}

/// The input with these files.
pub fn joined<T: AsRef<[u8]>>(files: &[(&str, T)]) -> Vec<u8> {
    let part = |(name, bytes): &(&str, T)| [HEADER, name.as_bytes(), b"\n", bytes.as_ref()].concat();
    files.iter().map(part).collect::<Vec<_>>().join(&b'\n')
}
