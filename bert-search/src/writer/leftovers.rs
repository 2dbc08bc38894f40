//! Files that no manifest names: those of segments that were merged, and of writers that were killed.

use std::fs;
use std::path::Path;

use crate::files::{Manifest, WRITING};

/// Removes what does not belong to the index. What cannot be removed now, such as a file that a reader has open on some systems,
/// is left to the next writer.
pub(super) fn remove_leftovers(dir: &Path, manifest: &Manifest) {
    for name in names(dir) {
        let path = dir.join(&name);
        if name.starts_with(WRITING) {
            let _ = fs::remove_file(path);
        } else if name.starts_with("segment-") {
            match manifest.segments.iter().find(|segment| segment.name == name) {
                None => drop(fs::remove_dir_all(path)),
                Some(segment) => {
                    let current = segment.deletions.as_ref().map(|entry| entry.file.name.as_str());
                    remove_old_deletions(&path, current);
                }
            }
        }
    }
}

fn remove_old_deletions(segment: &Path, current: Option<&str>) {
    for name in names(segment) {
        if name.starts_with("deleted-") && Some(name.as_str()) != current {
            let _ = fs::remove_file(segment.join(name));
        }
    }
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}
