//! Which files a corpus is read from.

use std::path::{Path, PathBuf};

use datasets::{DataError, Example, Examples, Message};
use serde::{Deserialize, Serialize};

use super::error::CorpusError;
use super::splits::Splits;

/// The files of a corpus.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Files {
    /// Folder of the corpus; for users' own data, a file, or a folder with a train and a dev file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// File to evaluate on; if it is not set, the corpus' own, or every tenth example of a user's single file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dev: Option<PathBuf>,
}

const TRAIN_STEMS: [&str; 1] = ["train"];
const DEV_STEMS: [&str; 5] = ["dev", "validation", "valid", "val", "test"];
/// Of a single file, every tenth example is held out for evaluation.
const HELD_OUT: usize = 10;

impl Files {
    /// The path of the data; `what` says what it should be.
    ///
    /// # Errors
    /// If it is not set.
    pub fn data(&self, what: &'static str) -> Result<&Path, CorpusError> {
        self.data.as_deref().ok_or(CorpusError::NoData(what))
    }

    /// A published corpus' two splits from its folder; the file `dev`, if set, replaces its own evaluation data.
    ///
    /// # Errors
    /// If the folder is not set, or a file cannot be read.
    pub fn published<E: Example>(
        &self,
        what: &'static str,
        train: impl Fn(&Path) -> Result<Examples<E>, DataError>,
        dev: impl Fn(&Path) -> Result<Examples<E>, DataError>,
        read: impl Fn(&Path) -> Result<Examples<E>, DataError>,
    ) -> Result<Splits<E>, CorpusError> {
        let dir = self.data(what)?;
        let dev = match &self.dev {
            Some(file) => read(file)?,
            None => dev(dir)?,
        };
        Ok(Splits::new(train(dir)?, dev))
    }

    /// A user's two splits: a folder with a train and a dev file, two files, or one that is divided.
    ///
    /// # Errors
    /// If nothing is set, or a file cannot be read.
    pub fn own<E: Example>(
        &self,
        what: &'static str,
        extensions: &[&str],
        read: impl Fn(&Path) -> Result<Examples<E>, DataError>,
    ) -> Result<Splits<E>, CorpusError> {
        let data = self.data(what)?;
        let (train, dev) = if data.is_dir() {
            let dev = match &self.dev {
                Some(dev) => dev.clone(),
                None => named(data, "dev", &DEV_STEMS, extensions)?,
            };
            (named(data, "train", &TRAIN_STEMS, extensions)?, Some(dev))
        } else {
            (data.to_path_buf(), self.dev.clone())
        };
        let train = read(&train)?;
        if let Some(dev) = dev {
            return Ok(Splits::new(train, read(&dev)?));
        }
        let all = train.len();
        let (train, dev) = train.hold_out(HELD_OUT)?;
        let held = dev.len();
        let note = Message::default().option("dev").text(format!(
            " is not set: every {HELD_OUT}th of the {all} examples is held out for evaluation ({held})"
        ));
        Ok(Splits::new(train.with_note(note), dev))
    }

    /// A published corpus' evaluation data: the file that is set, or what `dev` finds in the folder.
    ///
    /// # Errors
    /// If nothing is set, or it cannot be read.
    pub fn published_dev<E: Example>(
        &self,
        what: &'static str,
        dev: impl Fn(&Path) -> Result<Examples<E>, DataError>,
        read: impl Fn(&Path) -> Result<Examples<E>, DataError>,
    ) -> Result<Examples<E>, CorpusError> {
        Ok(match self.evaluation(what)? {
            dir if dir.is_dir() => dev(dir)?,
            file => read(file)?,
        })
    }

    /// The evaluation data of a user's own files: the file that is set, or the dev file in the folder.
    ///
    /// # Errors
    /// If nothing is set, or it cannot be read.
    pub fn own_dev<E: Example>(
        &self,
        what: &'static str,
        extensions: &[&str],
        read: impl Fn(&Path) -> Result<Examples<E>, DataError>,
    ) -> Result<Examples<E>, CorpusError> {
        Ok(match self.evaluation(what)? {
            dir if dir.is_dir() => read(&named(dir, "dev", &DEV_STEMS, extensions)?)?,
            file => read(file)?,
        })
    }

    /// The path of the evaluation data.
    fn evaluation(&self, what: &'static str) -> Result<&Path, CorpusError> {
        match &self.dev {
            Some(file) => Ok(file),
            None => self.data(what),
        }
    }
}

fn named(
    dir: &Path,
    what: &'static str,
    stems: &[&str],
    extensions: &[&str],
) -> Result<PathBuf, CorpusError> {
    let names: Vec<String> = stems
        .iter()
        .flat_map(|stem| {
            extensions
                .iter()
                .map(move |extension| format!("{stem}.{extension}"))
        })
        .collect();
    names
        .iter()
        .map(|name| dir.join(name))
        .find(|path| path.is_file())
        .ok_or_else(|| CorpusError::NoFile {
            dir: dir.to_path_buf(),
            what,
            looked: names.join(", "),
        })
}
