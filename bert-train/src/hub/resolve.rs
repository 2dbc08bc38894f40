//! What `--model` and `--data` name: a path, or a name on the hub.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Dataset, Hub, HubError, HubId};

/// The folder that `--model` names, and what run.toml says of it: the folder's full path, or a hub's name with its commit.
/// Of a run folder it is the model in it.
///
/// # Errors
/// If there is no such folder, and the hub does not have the model.
pub fn resolve(model: &Path) -> Result<(PathBuf, OsString), HubError> {
    let folder = |path: PathBuf| {
        let full = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
        (path, full.into_os_string())
    };
    let refused = |reason: String| {
        let path = model.to_path_buf();
        Err(HubError::Folder { path, reason })
    };
    if model.is_dir() && model.join("run.toml").is_file() && !model.join("config.json").exists() {
        let inner = model.join("model");
        return match inner.is_dir() {
            true => Ok(folder(inner)),
            false => refused(
                "this is a run without a model/: it was stopped before its first evaluation, or it holds one run for \
                 each of several seeds; give a folder with config.json"
                    .into(),
            ),
        };
    }
    if model.is_dir() {
        return Ok(folder(model.into()));
    }
    if model.exists() {
        return refused("this is a file; give the folder that holds config.json and the weights".into());
    }
    if let Ok(target) = fs::read_link(model) {
        return refused(format!(
            "this is a link to {}, but there is no such folder",
            target.display()
        ));
    }
    let near = near(model);
    let id = model.to_str().map(HubId::parse);
    let Some(Ok(id)) = id else {
        return refused(format!("there is no such folder{near}"));
    };
    match Hub::from_env().model(&id) {
        Ok(found) => Ok((found.dir, found.id.to_string().into())),
        // What looks like a path in a folder that exists is most likely a path.
        Err(hub) if has_parent(model) => Err(HubError::NoFolder {
            path: model.into(),
            near,
            hub: Box::new(hub),
        }),
        Err(hub) => Err(hub),
    }
}

/// The data set that `--data` names, if it names none of this machine's files and can be a name on the hub.
///
/// # Errors
/// If the hub does not have it.
pub fn resolve_dataset(data: &Path) -> Result<Option<Dataset>, HubError> {
    let Some(name) = data.to_str().filter(|_| is_dataset(data)) else {
        return Ok(None);
    };
    Hub::from_env()
        .dataset(name)
        .map(Some)
        .map_err(|hub| HubError::NoFolder {
            path: data.into(),
            near: near(data),
            hub: Box::new(hub),
        })
}

/// Endings of files with data. Names on the hub may have dots, too.
const FILES: [&str; 9] = [
    "csv", "tsv", "txt", "jsonl", "ndjson", "json", "parquet", "conll", "conllu",
];

/// Whether `--data` means a data set of the hub: there is no such path here, not even its folder, and its name does not end
/// as the name of a file does.
pub fn is_dataset(data: &Path) -> bool {
    let exists = data.symlink_metadata().is_ok();
    let alone = data.components().count() == 1;
    let is_file = datasets::has_extension(data, &FILES) || (alone && data.extension().is_some());
    let name = data.to_str().filter(|_| !exists && !is_file && !has_parent(data));
    name.is_some_and(|name| HubId::parse_dataset(name).is_ok())
}

/// Whether a path names a folder that exists and something in it that does not.
fn has_parent(path: &Path) -> bool {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.is_some_and(Path::is_dir)
}

/// The nearest name beside `path` that exists, as a question.
fn near(path: &Path) -> String {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let entries = fs::read_dir(folder.unwrap_or(Path::new(".")))
        .into_iter()
        .flatten()
        .flatten();
    let alike = entries.filter_map(|entry| {
        let other = entry.file_name().to_string_lossy().into_owned();
        let likeness = strsim::jaro_winkler(&name, &other);
        (likeness > 0.8).then_some((likeness, other))
    });
    let nearest = alike.max_by(|a, b| a.0.total_cmp(&b.0));
    let shown = |other: String| folder.map_or(PathBuf::from(&other), |folder| folder.join(&other));
    nearest.map_or(String::new(), |(_, other)| {
        format!(" (did you mean {}?)", shown(other).display())
    })
}
