//! Weights in the files of a model folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use burn::module::Module;
use pytorch_reader::{DType, PytorchReader};

use super::checkpoint::{Checkpoint, Kind, Stored};
use super::error::{StoreError, io, malformed};
use super::save::safetensors_of;
use crate::models::Architecture;

impl Checkpoint {
    /// Opens the weights of a model folder: `model.safetensors` if it exists, else `pytorch_model.bin`.
    ///
    /// # Errors
    /// If neither exists, or the file is truncated or no checkpoint.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let safetensors = dir.join("model.safetensors");
        let pickled = dir.join("pytorch_model.bin");
        if safetensors.is_file() {
            let bytes = fs::read(&safetensors).map_err(|source| io(&safetensors, source))?;
            Self::from_safetensors(bytes.into(), &safetensors)
        } else if pickled.is_file() {
            Self::open_pytorch(&pickled)
        } else {
            let sharded = ["model.safetensors.index.json", "pytorch_model.bin.index.json"]
                .iter()
                .any(|name| dir.join(name).exists());
            let hint = match (sharded, dir.exists()) {
                (true, _) => " (its weights are in several files, which is not supported)",
                (false, false) => " (the folder does not exist)",
                (false, true) => "",
            };
            let dir = dir.to_path_buf();
            Err(StoreError::NoWeights { dir, hint })
        }
    }

    fn open_pytorch(path: &Path) -> Result<Self, StoreError> {
        let reader = PytorchReader::new(path).map_err(|e| malformed(path, e.to_string()))?;
        let (mut tensors, mut bytes) = (BTreeMap::new(), vec![]);
        for (name, tensor) in reader.into_tensors() {
            let kind = match tensor.dtype() {
                DType::F64 => Kind::F64,
                DType::F32 => Kind::F32,
                DType::F16 => Kind::F16,
                DType::BF16 => Kind::Bf16,
                other => Kind::Other(format!("{other:?}")),
            };
            let start = bytes.len();
            bytes.extend(
                tensor
                    .read()
                    .map_err(|e| malformed(path, format!("tensor `{name}`: {e}")))?,
            );
            let stored = Stored {
                shape: tensor.shape().to_vec(),
                kind,
                range: start..bytes.len(),
            };
            tensors.insert(name, stored);
        }
        Ok(Self::new(path, tensors, bytes.into()))
    }
}

/// Writes `model.safetensors` into `dir`: see [`to_safetensors`](super::to_safetensors).
///
/// # Errors
/// If a weight is not finite (nothing is written then), or the file cannot be written.
pub fn save_weights<M: Module>(
    module: &M,
    architecture: &Architecture,
    dir: &Path,
) -> Result<(), StoreError> {
    let path = dir.join("model.safetensors");
    let bytes = safetensors_of(module, architecture, &path)?;
    fs::write(&path, bytes).map_err(|source| io(&path, source))
}

/// Writes `model.bpk` into `dir`: the module's record in Burn's own format, for [`Module::load_record`].
///
/// # Errors
/// If the file cannot be written.
pub fn save_bpk<M: Module>(module: &M, dir: &Path) -> Result<(), StoreError> {
    let path = dir.join("model.bpk");
    let record = module.clone().into_record();
    record
        .save(&path)
        .map_err(|e| io(&path, std::io::Error::other(e)))
}
