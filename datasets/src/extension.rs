//! Kinds of files, by the ends of their names.

use std::path::Path;

/// Whether a file's name ends in one of `extensions` (given in lower case), in upper or lower case.
pub fn has_extension(file: &Path, extensions: &[&str]) -> bool {
    let extension = file.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| {
        extensions
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}
