//! Weights in the files of a model folder.

use std::fs;
use std::io::Read;
use std::path::Path;

use burn::module::Module;
use pytorch_reader::{DType, PytorchReader};

use super::checkpoint::{Checkpoint, Kind};
use super::error::{StoreError, io, malformed};
use super::save::safetensors_of;
use super::shards::shards;
use crate::files::not_the_file;
use crate::models::ModelNames;

/// The files that the weights of a model folder can be in; the first that exists has them. An index names its [`shards`].
pub const WEIGHTS: [&str; 4] = [
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
];

/// How much larger than its file all tensors of a PyTorch file can be together: tensors can share values, but a small file that
/// asks for gigabytes is damaged or hostile.
const MAX: u64 = 16;

impl Checkpoint {
    /// Opens the weights of a model folder, from the first of [`WEIGHTS`] that exists.
    ///
    /// # Errors
    /// If none exists, or a file is truncated or no checkpoint.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let mut paths = WEIGHTS.iter().map(|name| dir.join(name));
        let Some(path) = paths.find(|path| path.is_file()) else {
            let hint = match dir.exists() {
                true => "",
                false => " (the folder does not exist)",
            };
            let dir = dir.to_path_buf();
            return Err(StoreError::NoWeights { dir, hint });
        };
        let mut checkpoint = Self::empty(&path);
        let is_index = path.extension().is_some_and(|extension| extension == "json");
        if !is_index {
            checkpoint.add_file(&path)?;
            return Ok(checkpoint);
        }
        for name in shards(&read(&path)?, &path)? {
            let shard = dir.join(&name);
            if !shard.is_file() {
                let reason = format!("the file {name} is missing");
                return Err(malformed(&path, reason));
            }
            checkpoint.add_file(&shard)?;
        }
        Ok(checkpoint)
    }

    fn add_file(&mut self, path: &Path) -> Result<(), StoreError> {
        match path
            .extension()
            .is_some_and(|extension| extension == "safetensors")
        {
            true => self.add_safetensors(read(path)?.into(), path),
            false => self.add_pytorch(path),
        }
    }

    fn add_pytorch(&mut self, path: &Path) -> Result<(), StoreError> {
        let mut start = vec![];
        let file = fs::File::open(path).map_err(|source| io(path, source))?;
        file.take(64)
            .read_to_end(&mut start)
            .map_err(|source| io(path, source))?;
        if let Some(reason) = not_the_file(&start) {
            return Err(malformed(path, reason.into()));
        }
        let reader = PytorchReader::new(path).map_err(|e| malformed(path, e.to_string()))?;
        let size = fs::metadata(path).map_err(|source| io(path, source))?.len();
        let all: u128 = reader
            .tensors()
            .values()
            .map(|tensor| tensor.byte_len() as u128)
            .sum();
        if all > u128::from(MAX * size + (1 << 20)) {
            let reason = format!("the tensors need {all} bytes, but the file has {size}");
            return Err(malformed(path, reason));
        }
        let (mut tensors, mut bytes) = (vec![], vec![]);
        for (name, tensor) in reader.into_tensors() {
            let kind = match tensor.dtype() {
                DType::F64 => Kind::F64,
                DType::F32 => Kind::F32,
                DType::F16 => Kind::F16,
                DType::BF16 => Kind::Bf16,
                other => Kind::Other(format!("{other:?}")),
            };
            let start = bytes.len();
            let values = tensor.read();
            bytes.extend(values.map_err(|e| malformed(path, format!("tensor `{name}`: {e}")))?);
            tensors.push((name, tensor.shape().to_vec(), kind, start..bytes.len()));
        }
        self.add(path, bytes.into(), tensors)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, StoreError> {
    fs::read(path).map_err(|source| io(path, source))
}

/// Writes `model.safetensors` into `dir`: see [`to_safetensors`](super::to_safetensors).
///
/// # Errors
/// If a weight is not finite (nothing is written then), or the file cannot be written.
pub fn save_weights<M: Module>(module: &M, names: ModelNames, dir: &Path) -> Result<(), StoreError> {
    let path = dir.join("model.safetensors");
    let bytes = safetensors_of(module, names, &path)?;
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
