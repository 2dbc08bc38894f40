//! Which files a corpus is read from.

use std::path::{Path, PathBuf};
use std::{fs, io};

use datasets::{DataError, Example, Examples, Message, check_parquet_files, has_extension, parquet_files};
use serde::{Deserialize, Serialize};

use super::error::CorpusError;
use super::splits::Splits;

/// The files of a corpus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Files {
    /// Folder of the corpus; for users' own data, a file, or a folder with a train and a dev file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// File to evaluate on; if it is not set, the corpus' own, or a part of a user's training file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dev: Option<PathBuf>,
    /// That part's share of the examples, above 0 and below 1. Settings without it are of earlier versions, which held out
    /// every tenth example.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hold_out: Option<f64>,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            data: None,
            dev: None,
            hold_out: Some(0.1),
        }
    }
}

const TRAIN_STEMS: [&str; 1] = ["train"];
const DEV_STEMS: [&str; 5] = ["dev", "validation", "valid", "val", "test"];
/// Earlier versions held out every tenth example.
const EVERY: usize = 10;

impl Files {
    /// The path of the data; `what` says what it should be.
    ///
    /// # Errors
    /// If it is not set.
    pub fn data(&self, what: &'static str) -> Result<&Path, CorpusError> {
        self.data.as_deref().ok_or(CorpusError::NoData(what))
    }

    /// Checks, without reading them, that the files exist and that their names end in one of `extensions`, if there are any.
    ///
    /// # Errors
    /// About the first file that cannot be read.
    pub fn check(&self, extensions: &[&str]) -> Result<(), DataError> {
        for path in self.data.iter().chain(&self.dev) {
            check_exists(path)?;
            if !extensions.is_empty() && path.is_file() && !has_extension(path, extensions) {
                return Err(DataError::Format { file: path.clone() });
            }
        }
        Ok(())
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

    /// A user's two splits: a folder with a train and a dev file, two files, or one file, of which a part is held out for
    /// evaluation.
    ///
    /// # Errors
    /// If nothing is set, or a file cannot be read.
    pub fn own<E: Example>(
        &self,
        what: &'static str,
        extensions: &[&str],
        read: impl Fn(&Path) -> Result<Examples<E>, DataError>,
    ) -> Result<Splits<E>, CorpusError> {
        self.own_holding_out(what, extensions, usize::MAX, read)
    }

    /// As [`own`](Self::own), but at most about `most` examples are held out.
    ///
    /// # Errors
    /// As [`own`](Self::own).
    pub fn own_holding_out<E: Example>(
        &self,
        what: &'static str,
        extensions: &[&str],
        most: usize,
        read: impl Fn(&Path) -> Result<Examples<E>, DataError>,
    ) -> Result<Splits<E>, CorpusError> {
        self.own_dividing(what, extensions, read, |train, share| match share {
            Some(share) => train.hold_out_at_most(share, most),
            None => {
                let all = train.len();
                let (train, dev) = train.hold_out_every(EVERY)?;
                let note = Message::default().option("dev").text(format!(
                    " is not set: every {EVERY}th of the {all} examples is held out for evaluation ({})",
                    dev.len()
                ));
                Ok((train.with_note(note), dev))
            }
        })
    }

    /// As [`own`](Self::own), but `hold_out` divides the training data where there is no evaluation data, given the
    /// [share](Self::hold_out) to hold out.
    ///
    /// # Errors
    /// As [`own`](Self::own).
    pub fn own_dividing<E: Example>(
        &self,
        what: &'static str,
        extensions: &[&str],
        read: impl Fn(&Path) -> Result<Examples<E>, DataError>,
        hold_out: impl FnOnce(Examples<E>, Option<f64>) -> Result<(Examples<E>, Examples<E>), DataError>,
    ) -> Result<Splits<E>, CorpusError> {
        let data = self.data(what)?;
        let (train, dev) = if data.is_dir() && !is_undivided(data, extensions) {
            let dev = match (&self.dev, named(data, "dev", &DEV_STEMS, extensions)) {
                (Some(dev), _) => Some(dev.clone()),
                (None, Ok(dev)) => Some(dev),
                (None, Err(CorpusError::NoFile { .. })) if self.hold_out.is_some() => None,
                (None, Err(error)) => return Err(error),
            };
            (named(data, "train", &TRAIN_STEMS, extensions)?, dev)
        } else {
            (data.to_path_buf(), self.dev.clone())
        };
        // Reading the training data may take long: a missing file is reported before.
        self.check(&[])?;
        let train = read(&train)?;
        if let Some(dev) = dev {
            return Ok(Splits::new(train, read(&dev)?));
        }
        let (train, dev) = hold_out(train, self.hold_out)?;
        Ok(Splits::new(train, dev))
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
            dir if dir.is_dir() && !is_undivided(dir, extensions) => {
                read(&named(dir, "dev", &DEV_STEMS, extensions)?)?
            }
            file => read(file)?,
        })
    }

    /// Whether a user's own training data is one file, or Parquet files without splits, a part of which is held out.
    pub fn are_undivided(&self, extensions: &[&str]) -> bool {
        self.data.as_deref().is_some_and(|data| match data.is_dir() {
            true => is_undivided(data, extensions),
            false => data.is_file() || !parquet_files(data).is_empty(),
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

/// Checks that a path, or a name with `*`, means at least one file or folder.
///
/// # Errors
/// If it means none.
pub(super) fn check_exists(path: &Path) -> Result<(), DataError> {
    let Err(source) = fs::metadata(path) else {
        return Ok(());
    };
    if !parquet_files(path).is_empty() {
        return Ok(());
    }
    Err(DataError::Io {
        file: path.into(),
        source: match source.kind() {
            io::ErrorKind::NotFound => io::Error::new(source.kind(), "there is no such file or folder"),
            _ => source,
        },
    })
}

/// The data of a split in a folder: a file `train.csv` or the like; or Parquet as the hub has it, which is a folder
/// `train` or files `train-00000-of-00002.parquet`, beside each other or in the folder `data`.
fn named(
    dir: &Path,
    what: &'static str,
    stems: &[&str],
    extensions: &[&str],
) -> Result<PathBuf, CorpusError> {
    let mut names = vec![];
    for stem in stems {
        let of_stem = extensions.iter().map(|extension| format!("{stem}.{extension}"));
        let of_stem: Vec<String> = of_stem.collect();
        let found: Vec<&String> = of_stem.iter().filter(|name| dir.join(name).is_file()).collect();
        match found[..] {
            [] => names.extend(of_stem),
            [name] => return Ok(dir.join(name)),
            [..] => {
                let found: Vec<&str> = found.into_iter().map(String::as_str).collect();
                return Err(CorpusError::Data(DataError::Several {
                    dir: dir.to_path_buf(),
                    found: found.join(", "),
                }));
            }
        }
    }
    if extensions.contains(&"parquet") {
        for folder in ["", "data"] {
            for stem in stems {
                for name in [(*stem).to_owned(), format!("{stem}-*.parquet")] {
                    let path = if folder.is_empty() {
                        dir.join(&name)
                    } else {
                        dir.join(folder).join(&name)
                    };
                    if !parquet_files(&path).is_empty() {
                        check_parquet_files(&path)?;
                        return Ok(path);
                    }
                }
            }
        }
        names.extend(stems.iter().map(|stem| format!("{stem}-*.parquet")));
    }
    Err(CorpusError::NoFile {
        dir: dir.to_path_buf(),
        what,
        looked: names.join(", "),
    })
}

/// Whether a folder holds Parquet files that are one data set, not divided into splits.
fn is_undivided(dir: &Path, extensions: &[&str]) -> bool {
    let split = |stems| !matches!(named(dir, "", stems, extensions), Err(CorpusError::NoFile { .. }));
    extensions.contains(&"parquet")
        && !split(&TRAIN_STEMS)
        && !split(&DEV_STEMS)
        && !parquet_files(dir).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use datasets::TextFile;

    fn own(files: &Files) -> Result<Splits<datasets::TextExample>, CorpusError> {
        files.own("give a file", &["csv"], |path| TextFile::new(path).read())
    }

    /// A folder with `train.csv`: 40 texts, two labels in turn.
    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let rows: String = (0..40).map(|row| format!("text {row},{}\n", row % 2)).collect();
        std::fs::write(dir.path().join("train.csv"), format!("text,label\n{rows}")).unwrap();
        dir
    }

    #[test]
    fn a_part_is_held_out_where_nothing_else_is_given() {
        let dir = folder();
        let file = dir.path().join("train.csv");
        for data in [dir.path().to_path_buf(), file.clone()] {
            let files = Files {
                data: Some(data),
                ..Files::default()
            };
            let splits = own(&files).unwrap();
            assert_eq!((splits.train.len(), splits.dev.len()), (36, 4));
            assert_eq!(splits.dev.labels().unwrap().len(), 2);
        }
        let files = Files {
            data: Some(dir.path().into()),
            dev: Some(file),
            ..Files::default()
        };
        let splits = own(&files).unwrap();
        assert_eq!((splits.train.len(), splits.dev.len()), (40, 40));
    }

    #[test]
    fn two_files_of_one_split_are_refused() {
        let dir = folder();
        let files = Files {
            data: Some(dir.path().into()),
            hold_out: Some(0.5),
            ..Files::default()
        };
        let read = || {
            let read = files.own("give a file", &["csv", "tsv"], |path| TextFile::new(path).read());
            read.map(drop).map_err(|error| error.to_string())
        };
        assert_eq!(read(), Ok(()));
        for split in ["dev", "train"] {
            for ending in ["csv", "tsv"] {
                std::fs::copy(
                    dir.path().join("train.csv"),
                    dir.path().join(format!("{split}.{ending}")),
                )
                .unwrap();
            }
            let refused = read().unwrap_err();
            let both = format!("several files of the corpus: {split}.csv, {split}.tsv");
            assert!(refused.contains(&both), "{refused}");
            std::fs::remove_file(dir.path().join(format!("{split}.tsv"))).unwrap();
        }
    }

    #[test]
    fn files_are_checked_before_any_is_read() {
        let dir = folder();
        let check = |dev: &str, extensions: &[&str]| {
            let files = Files {
                data: Some(dir.path().join("train.csv")),
                dev: Some(dir.path().join(dev)),
                ..Files::default()
            };
            files.check(extensions).map_err(|error| error.to_string())
        };
        std::fs::write(dir.path().join("dev.xyz"), "").unwrap();
        assert_eq!(check("dev.xyz", &[]), Ok(()));
        let refused = check("dev.xyz", &["csv"]).unwrap_err();
        assert!(
            refused.contains("dev.xyz: the name must end in .csv"),
            "{refused}"
        );
        assert!(
            check("nowhere.csv", &["csv"])
                .unwrap_err()
                .contains("nowhere.csv")
        );
        let files = Files {
            data: Some(dir.path().join("train.csv")),
            dev: Some(dir.path().join("nowhere.csv")),
            ..Files::default()
        };
        let read = |path: &Path| -> Result<Examples<datasets::TextExample>, DataError> {
            panic!("{} is read", path.display())
        };
        assert!(matches!(
            files.own("give a file", &["csv"], read),
            Err(CorpusError::Data(DataError::Io { .. }))
        ));
    }

    #[test]
    fn parquet_is_found_as_the_hub_has_it() {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/parquet/labels.parquet");
        let sizes = |names: &[&str]| {
            let dir = tempfile::tempdir().unwrap();
            for name in names {
                let path = dir.path().join(name);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::copy(&fixture, path).unwrap();
            }
            let files = Files {
                data: Some(dir.path().into()),
                hold_out: Some(0.25),
                ..Files::default()
            };
            let read = |path: &Path| TextFile::new(path).labelled(false).read();
            let splits = files.own("give a file", &["csv", "parquet"], read).unwrap();
            let dev = files.own_dev("give a file", &["csv", "parquet"], read);
            (
                splits.train.len(),
                splits.dev.len(),
                dev.map(|dev| dev.len()).ok(),
            )
        };
        // Each file has 12 rows.
        assert_eq!(sizes(&["train.parquet", "test.parquet"]), (12, 12, Some(12)));
        assert_eq!(
            sizes(&[
                "train/0000.parquet",
                "train/0001.parquet",
                "validation/0000.parquet"
            ]),
            (24, 12, Some(12))
        );
        let shards = [
            "data/train-00000-of-00002.parquet",
            "data/train-00001-of-00002.parquet",
        ];
        assert_eq!(
            sizes(&[shards[0], shards[1], "data/test-00000-of-00001.parquet"]),
            (24, 12, Some(12))
        );
        assert_eq!(sizes(&shards), (18, 6, None));
        assert_eq!(sizes(&["0000.parquet", "0001.parquet"]), (18, 6, Some(24)));
    }

    #[test]
    fn a_part_of_a_split_is_not_read_as_the_whole() {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/parquet/labels.parquet");
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("data")).unwrap();
        let files = Files {
            data: Some(dir.path().into()),
            ..Files::default()
        };
        for (name, missing) in [
            ("train-00000-of-00001", None),
            ("test-00001-of-00002", Some("test-00000-of-00002.parquet")),
        ] {
            let to = dir.path().join(format!("data/{name}.parquet"));
            std::fs::copy(&fixture, to).unwrap();
            let read = |path: &Path| match missing {
                Some(_) => panic!("{} is read before all are found", path.display()),
                None => TextFile::new(path).labelled(false).read(),
            };
            let found = files.own("give a file", &["parquet"], read);
            let error = found.err().map(|error| error.to_string());
            assert_eq!(error.is_some(), missing.is_some(), "{error:?}");
            if let (Some(error), Some(missing)) = (error, missing) {
                assert!(
                    error.contains("data: 1 of the 2 parts") && error.contains(missing),
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn settings_of_earlier_versions_hold_out_every_tenth_example() {
        let dir = folder();
        let settings = serde_json::json!({ "data": dir.path().join("train.csv") });
        let files: Files = serde_json::from_value(settings).unwrap();
        assert_eq!(files.hold_out, None);
        let splits = own(&files).unwrap();
        let lines: Vec<usize> = splits
            .dev
            .examples()
            .iter()
            .map(|example| example.source.line)
            .collect();
        assert_eq!(lines, [11, 21, 31, 41]);
        let written = serde_json::to_value(Files::default()).unwrap();
        assert_eq!(written, serde_json::json!({ "hold_out": 0.1 }));
    }
}
