//! The index of weights in several files: `model.safetensors.index.json` or `pytorch_model.bin.index.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use super::error::{StoreError, malformed};
use crate::files::{not_the_file, without_mark};

/// The names of the files that the index in `bytes`, the content of `path`, names for its tensors.
///
/// # Errors
/// If it is no index, or names something that is not a file of its own folder.
pub fn shards(bytes: &[u8], path: &Path) -> Result<BTreeSet<String>, StoreError> {
    #[derive(Deserialize)]
    struct Index {
        /// The file of each tensor.
        weight_map: BTreeMap<String, String>,
    }
    if let Some(reason) = not_the_file(bytes) {
        return Err(malformed(path, reason.into()));
    }
    let Index { weight_map } =
        serde_json::from_slice(without_mark(bytes)).map_err(|e| malformed(path, e.to_string()))?;
    let files: BTreeSet<String> = weight_map.into_values().collect();
    let elsewhere = |file: &&String| {
        file.is_empty() || file.contains(['/', '\\', ':', '\0']) || matches!(file.as_str(), "." | "..")
    };
    if let Some(file) = files.iter().find(elsewhere) {
        let reason = format!("`weight_map` names {file:?}; it must name files in the same folder");
        return Err(malformed(path, reason));
    }
    match files.is_empty() {
        true => Err(malformed(path, "`weight_map` names no tensor".into())),
        false => Ok(files),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_names_files_of_its_own_folder() {
        let read = |text: &str| shards(text.as_bytes(), Path::new("index.json"));
        let files = read(r#"{"metadata": {}, "weight_map": {"a": "2.bin", "b": "1.bin", "c": "2.bin"}}"#);
        assert_eq!(files.unwrap().into_iter().collect::<Vec<_>>(), ["1.bin", "2.bin"]);
        for (text, part) in [
            (
                r#"{"weight_map": {"a": "../1.bin"}}"#,
                "it must name files in the same folder",
            ),
            (
                r#"{"weight_map": {"a": "/etc/passwd"}}"#,
                "it must name files in the same folder",
            ),
            (
                r#"{"weight_map": {"a": ".."}}"#,
                "it must name files in the same folder",
            ),
            (r#"{"weight_map": {}}"#, "names no tensor"),
            (r#"{"weight_map": {"a": 1}}"#, "line 1"),
            ("{}", "weight_map"),
            (
                "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
                "git lfs pull",
            ),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains("index.json") && error.contains(part), "{error}");
        }
    }
}
