//! Which model made the vectors of an index.

use std::fmt;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crc32c::crc32c_append;

use super::SearchError;

/// A model's folder, and a checksum of its files: vectors of different models cannot be compared, whatever their folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelId {
    /// Where the model was, as a full path.
    pub path: PathBuf,
    /// CRC-32C of the files that its vectors depend on.
    pub checksum: u32,
}

impl ModelId {
    /// The model in the folder `model`, of the run or model folder `path`.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn of(path: &Path, model: &Path) -> Result<Self, SearchError> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let mut checksum = 0;
        for file in files(model)? {
            checksum = append(checksum, &file)?;
        }
        Ok(Self { path, checksum })
    }

    /// Reads what an index says of its model; none if it has none.
    pub fn parse(text: &str) -> Option<Self> {
        let (path, checksum) = text.rsplit_once('#')?;
        Some(Self {
            path: path.into(),
            checksum: u32::from_str_radix(checksum, 16).ok()?,
        })
    }
}

impl fmt::Display for ModelId {
    /// `/home/user/runs/news#0b1d6c2e`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{:08x}", self.path.display(), self.checksum)
    }
}

/// The files of a model that its vectors depend on, in the order of their names: weights, vocabulary, and how tokens are pooled.
fn files(model: &Path) -> Result<Vec<PathBuf>, SearchError> {
    let list = || {
        let mut files = vec![];
        for entry in fs::read_dir(model)? {
            let path = entry?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let is_weights = [".safetensors", ".bin"].iter().any(|end| name.ends_with(end));
            if is_weights || ["vocab.txt", "tokenizer.json", "modules.json"].contains(&name.as_str()) {
                files.push(path);
            }
        }
        let pooling = model.join("1_Pooling").join("config.json");
        files.extend(pooling.is_file().then_some(pooling));
        files.sort();
        Ok(files)
    };
    list().map_err(|source| SearchError::Io {
        path: model.to_path_buf(),
        source,
    })
}

fn append(mut checksum: u32, path: &Path) -> Result<u32, SearchError> {
    let mut read = || {
        let mut file = File::open(path)?;
        let mut buffer = vec![0; 1 << 20];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(checksum),
                count => checksum = crc32c_append(checksum, &buffer[..count]),
            }
        }
    };
    read().map_err(|source| SearchError::Io {
        path: path.to_path_buf(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_known_by_its_files() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, content: &str| fs::write(dir.path().join(name), content).unwrap();
        write("model.safetensors", "weights");
        write("vocab.txt", "words");
        let id = ModelId::of(dir.path(), dir.path()).unwrap();
        assert_eq!(ModelId::parse(&id.to_string()), Some(id.clone()));
        write("README.md", "about");
        assert_eq!(ModelId::of(dir.path(), dir.path()).unwrap(), id);
        write("vocab.txt", "word");
        assert_ne!(ModelId::of(dir.path(), dir.path()).unwrap().checksum, id.checksum);
        assert_eq!(ModelId::parse("runs/news"), None);
    }
}
