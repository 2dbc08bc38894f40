//! Downloading a data set's Parquet files into the cache.

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::file::io;
use super::{Hub, HubError, HubId};

/// A data set in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// The Parquet files of the training split: a file, a folder, or a name with `*`.
    pub train: PathBuf,
    /// Those of the split to evaluate on, if there is one.
    pub dev: Option<PathBuf>,
    /// Its name with its part and the commit, which always means the same examples.
    pub id: String,
}

/// The files of a part's splits, below the folder of its commit.
#[derive(Debug, Serialize, Deserialize)]
struct Splits {
    part: String,
    train: String,
    dev: Option<String>,
}

/// Names of splits to evaluate on, the preferred ones first. Test splits come last: many have no labels.
const DEV: [&str; 6] = ["validation", "validation_matched", "dev", "valid", "val", "test"];

/// A Parquet file of a data set.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SplitFile<'a> {
    path: &'a str,
    part: &'a str,
    split: &'a str,
}

impl<'a> SplitFile<'a> {
    /// A file of a data set: `cola/train/0000.parquet` on the hub's Parquet branch, `cola/train-00000-of-00001.parquet` or
    /// `data/train-…` elsewhere.
    fn of(path: &'a str) -> Option<Self> {
        let names: Vec<&str> = path.strip_suffix(".parquet")?.split('/').collect();
        let (part, split) = match names.as_slice() {
            [part, split, _] => (*part, *split),
            [part, file] => (*part, file.split('-').next()?),
            [file] => ("default", file.split('-').next()?),
            _ => return None,
        };
        Some(Self {
            path,
            part: if part == "data" { "default" } else { part },
            // Of a very large data set the branch has the first gigabytes of each split.
            split: split.strip_prefix("partial-").unwrap_or(split),
        })
    }

    /// The name that means all files of its split.
    fn pattern(&self) -> String {
        let (folder, file) = self.path.rsplit_once('/').unwrap_or(("", self.path));
        match (self.path.split('/').count(), file.split_once('-')) {
            (3, _) => folder.to_owned(),
            (1, Some((split, _))) => format!("{split}-*.parquet"),
            (_, Some((split, _))) => format!("{folder}/{split}-*.parquet"),
            (_, None) => self.path.to_owned(),
        }
    }
}

impl Hub {
    /// The data set of this name, from the cache, or from the network if it is not in the cache: the training split and
    /// one to evaluate on.
    ///
    /// # Errors
    /// If there is none of this name, if it has several parts and none is named, or if it has no training split.
    pub fn dataset(&self, text: &str) -> Result<Dataset, HubError> {
        let meanings = HubId::parse_dataset(text)?;
        let cached = meanings
            .iter()
            .find_map(|(id, part)| self.cached_dataset(id, part.as_deref()));
        if let Some(found) = cached {
            return Ok(found);
        }
        if self.offline {
            return Err(self.not_cached(&meanings[0].0));
        }
        let mut first = None;
        for (id, part) in &meanings {
            match self.fetch_dataset(id, part.as_deref()) {
                Err(error @ HubError::Unknown { .. }) => first = first.or(Some(error)),
                result => return result,
            }
        }
        Err(first.expect("a name means at least one data set"))
    }

    fn fetch_dataset(&self, id: &HubId, asked: Option<&str>) -> Result<Dataset, HubError> {
        let client = self.client();
        let info = self.info(&client, id)?;
        let pinned = id.at(&info.sha);
        let files: Vec<SplitFile<'_>> = info.files().filter_map(SplitFile::of).collect();
        let part = chosen_part(id, &files, asked)?;
        let of = |split: &str| -> Vec<&SplitFile<'_>> {
            let wanted = files
                .iter()
                .filter(|file| file.part == part && file.split == split);
            wanted.collect()
        };
        let train = of("train");
        let dev = DEV.iter().map(|split| of(split)).find(|files| !files.is_empty());
        let dev = dev.unwrap_or_default();
        let Some(first) = train.first() else {
            return Err(HubError::Incomplete {
                id: id.clone(),
                what: "training split".into(),
            });
        };
        for file in train.iter().chain(&dev) {
            self.file(&client, &pinned, file.path)?;
        }
        let splits = Splits {
            part: part.into(),
            train: first.pattern(),
            dev: dev.first().map(|file| file.pattern()),
        };
        // Noted last: splits that are noted are complete.
        for name in [Some(part), asked] {
            self.note(&pinned, name, &splits)?;
        }
        self.remember(id, &info.sha)?;
        self.cached_dataset(id, asked).ok_or_else(|| self.not_cached(id))
    }

    /// The data set in the cache, if all files of its splits are there.
    fn cached_dataset(&self, id: &HubId, part: Option<&str>) -> Option<Dataset> {
        let pinned = id.at(&self.commit(id));
        let text = fs::read(self.note_path(&pinned, part)).ok()?;
        let splits: Splits = serde_json::from_slice(&text).ok()?;
        let root = self.cache.join(id.folder_name());
        let dir = root.join("snapshots").join(&pinned.revision);
        Some(Dataset {
            train: dir.join(&splits.train),
            dev: splits.dev.as_ref().map(|dev| dir.join(dev)),
            id: format!("{}/{}@{}", id.name, splits.part, pinned.revision),
        })
    }

    /// Notes which files the splits of a part are.
    fn note(&self, pinned: &HubId, part: Option<&str>, splits: &Splits) -> Result<(), HubError> {
        let path = self.note_path(pinned, part);
        let folder = path.parent().unwrap_or(&self.cache);
        fs::create_dir_all(folder).map_err(|e| io(folder, e))?;
        let text = serde_json::to_vec(splits).expect("splits are always JSON");
        fs::write(&path, text).map_err(|e| io(&path, e))
    }

    fn note_path(&self, pinned: &HubId, part: Option<&str>) -> PathBuf {
        let root = self.cache.join(pinned.folder_name()).join("splits");
        let name = part.map_or("only-part.json".into(), |part| format!("part-{part}.json"));
        root.join(&pinned.revision).join(name)
    }
}

/// The part that was asked for, or the only one, or the one that the hub calls the default.
fn chosen_part<'a>(id: &HubId, files: &[SplitFile<'a>], asked: Option<&str>) -> Result<&'a str, HubError> {
    let mut parts: Vec<&str> = files.iter().map(|file| file.part).collect();
    parts.dedup();
    let named = |name: &str| parts.iter().copied().find(|part| *part == name);
    let several = |reason: &str| {
        Err(HubError::Parts {
            id: id.clone(),
            reason: reason.into(),
            parts: parts.join(", "),
        })
    };
    match (asked, parts.as_slice()) {
        (_, []) => Err(HubError::Incomplete {
            id: id.clone(),
            what: "Parquet files".into(),
        }),
        (Some(asked), _) => named(asked).map_or_else(|| several(&format!("it has no part `{asked}`")), Ok),
        (None, [part]) => Ok(part),
        (None, _) => named("default").map_or_else(|| several("it has several parts"), Ok),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_belong_to_a_part_and_a_split() {
        let of = |path| SplitFile::of(path).map(|file| (file.part, file.split, file.pattern()));
        let found = |part, split, pattern: &str| Some((part, split, pattern.to_owned()));
        assert_eq!(
            of("cola/train/0000.parquet"),
            found("cola", "train", "cola/train")
        );
        assert_eq!(
            of("default/partial-train/0003.parquet"),
            found("default", "train", "default/partial-train")
        );
        assert_eq!(
            of("data/validation-00000-of-00001.parquet"),
            found("default", "validation", "data/validation-*.parquet")
        );
        assert_eq!(of("train.parquet"), found("default", "train", "train.parquet"));
        assert_eq!(of("README.md"), None);
    }
}
