//! Reading a file of a tokenizer.

use std::path::Path;

use serde::de::DeserializeOwned;

use super::TokenizerError;
use crate::files::{not_the_file, without_mark};

/// The bytes of a file.
#[cfg(feature = "files")]
pub(super) fn read(file: &Path) -> Result<Vec<u8>, TokenizerError> {
    std::fs::read(file).map_err(|source| TokenizerError::Io {
        file: file.into(),
        source,
    })
}

/// The content of a JSON file.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8], file: &Path) -> Result<T, TokenizerError> {
    if let Some(reason) = not_the_file(bytes) {
        return Err(json_error(file, reason));
    }
    serde_json::from_slice(without_mark(bytes)).map_err(|e| json_error(file, e))
}

/// Why a file is not what it must be.
pub(super) fn json_error(
    file: &Path,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> TokenizerError {
    TokenizerError::Json {
        file: file.into(),
        source: source.into(),
    }
}
