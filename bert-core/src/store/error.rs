//! What can be wrong with weights.

use std::path::{Path, PathBuf};

/// Weights that cannot be read, written or used. `path` is the file, or `(weights in memory)`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder has no weights file.
    #[error(
        "{dir}: no model.safetensors and no pytorch_model.bin here, nor an index of several such files{hint}; give the folder of a Hugging Face model"
    )]
    NoWeights {
        /// The folder.
        dir: PathBuf,
        /// A likely cause, if there is one.
        hint: &'static str,
    },
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no checkpoint, or is truncated.
    #[error("{path}: incomplete or damaged checkpoint: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A tensor has another shape than the model's.
    #[error(
        "{path}: tensor `{tensor}` has shape {found:?}, the model needs {expected:?}; does config.json belong to these weights?"
    )]
    Shape {
        /// The file.
        path: PathBuf,
        /// The tensor's name in the file.
        tensor: String,
        /// Its shape in the file.
        found: Vec<usize>,
        /// The shape the model needs, in the file's layout.
        expected: Vec<usize>,
    },
    /// A tensor is not of a float type.
    #[error("{path}: tensor `{tensor}` is of type {found}; weights must be f64, f32, f16 or bf16")]
    Kind {
        /// The file.
        path: PathBuf,
        /// The tensor's name.
        tensor: String,
        /// Its type.
        found: String,
    },
    /// A weight is infinite or not a number.
    #[error(
        "{path}: tensor `{tensor}` holds a value that is not finite; the file is damaged, or its training diverged"
    )]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The tensor's name.
        tensor: String,
    },
    /// The output layer of a language model has a weight of its own.
    #[error(
        "{path}: tensor `{tensor}` differs from `{other}`; the output layer must share the word \
         embeddings"
    )]
    Untied {
        /// The file.
        path: PathBuf,
        /// The tensor's name.
        tensor: String,
        /// The tensor that it should equal.
        other: String,
    },
    /// Weights of the encoder are missing.
    #[error(
        "{path}: tensors of the encoder are missing ({count}, `{first}` among them); this is not the checkpoint of \
         the BERT that config.json describes"
    )]
    Missing {
        /// The file.
        path: PathBuf,
        /// How many.
        count: usize,
        /// The first of them.
        first: String,
    },
}

#[cfg(feature = "files")]
pub(super) fn io(path: &Path, source: std::io::Error) -> StoreError {
    let path = path.to_path_buf();
    StoreError::Io { path, source }
}

pub(super) fn malformed(path: &Path, reason: String) -> StoreError {
    let path = path.to_path_buf();
    StoreError::Malformed { path, reason }
}
