//! A weights file, opened: which tensors it has, and their values as 32-bit floats.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use half::{bf16, f16};
use pytorch_reader::PytorchReader;
use safetensors::{Dtype, SafeTensors};

/// A file of weights that cannot be read, written or used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder has no weights file.
    #[error(
        "{dir}: no model.safetensors and no pytorch_model.bin here{hint}; give the folder of a Hugging Face model"
    )]
    NoWeights {
        /// The folder.
        dir: PathBuf,
        /// What was found instead, if it tells something.
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
    /// The file is no checkpoint, or not a whole one.
    #[error("{path}: not a whole checkpoint: {reason}")]
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
    /// A tensor is of a kind that is no float.
    #[error("{path}: tensor `{tensor}` is of type {found}; weights must be f64, f32, f16 or bf16")]
    Kind {
        /// The file.
        path: PathBuf,
        /// The tensor's name.
        tensor: String,
        /// Its type.
        found: String,
    },
    /// A weight is not a number, or infinite.
    #[error(
        "{path}: tensor `{tensor}` holds a value that is not finite; the file is damaged, or its training diverged"
    )]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The tensor's name.
        tensor: String,
    },
    /// Weights of the encoder are not in the file.
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

/// The tensors of a weights file.
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
    tensors: BTreeMap<String, Stored>,
    /// All of the file, of which tensors are parts: weights are read once, and copied when they become a model's.
    bytes: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Stored {
    pub shape: Vec<usize>,
    kind: Kind,
    place: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    F64,
    F32,
    F16,
    Bf16,
    Other(String),
}

impl Checkpoint {
    /// Opens the weights of a model folder: `model.safetensors` if it is there, else `pytorch_model.bin`.
    ///
    /// # Errors
    /// If there is neither, or the file is truncated or no checkpoint.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let safetensors = dir.join("model.safetensors");
        let pickled = dir.join("pytorch_model.bin");
        if safetensors.is_file() {
            Self::open_safetensors(&safetensors)
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

    fn open_safetensors(path: &Path) -> Result<Self, StoreError> {
        let bytes = std::fs::read(path).map_err(|source| io(path, source))?;
        let file = SafeTensors::deserialize(&bytes).map_err(|e| malformed(path, e.to_string()))?;
        let tensors = file
            .iter()
            .map(|(name, view)| {
                let kind = match view.dtype() {
                    Dtype::F64 => Kind::F64,
                    Dtype::F32 => Kind::F32,
                    Dtype::F16 => Kind::F16,
                    Dtype::BF16 => Kind::Bf16,
                    other => Kind::Other(format!("{other:?}")),
                };
                let start = view.data().as_ptr() as usize - bytes.as_ptr() as usize;
                let stored = Stored {
                    shape: view.shape().to_vec(),
                    kind,
                    place: start..start + view.data().len(),
                };
                (name.to_owned(), stored)
            })
            .collect();
        Ok(Self {
            path: path.to_path_buf(),
            tensors,
            bytes,
        })
    }

    fn open_pytorch(path: &Path) -> Result<Self, StoreError> {
        use pytorch_reader::DType;
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
                place: start..bytes.len(),
            };
            tensors.insert(name, stored);
        }
        Ok(Self {
            path: path.to_path_buf(),
            tensors,
            bytes,
        })
    }

    /// The file the tensors are from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The tensors' names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// The shape of a tensor, in the file's layout, if it is there.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(|stored| stored.shape.as_slice())
    }

    /// Every tensor's name, shape and type, sorted by name.
    pub fn describe(&self) -> impl Iterator<Item = (&str, &[usize], String)> {
        self.tensors
            .iter()
            .map(|(name, stored)| (name.as_str(), stored.shape.as_slice(), stored.kind_name()))
    }

    pub(super) fn get(&self, name: &str) -> Option<&Stored> {
        self.tensors.get(name)
    }

    /// The values of a tensor as 32-bit floats, in the file's order.
    ///
    /// # Errors
    /// If the tensor is no float, or holds a value that is not finite.
    pub(super) fn values(&self, name: &str, stored: &Stored) -> Result<Vec<f32>, StoreError> {
        let bytes = &self.bytes[stored.place.clone()];
        let values: Vec<f32> = match &stored.kind {
            Kind::F64 => chunks(bytes).map(|b| f64::from_le_bytes(b) as f32).collect(),
            Kind::F32 => chunks(bytes).map(f32::from_le_bytes).collect(),
            Kind::F16 => chunks(bytes).map(|b| f16::from_le_bytes(b).to_f32()).collect(),
            Kind::Bf16 => chunks(bytes).map(|b| bf16::from_le_bytes(b).to_f32()).collect(),
            Kind::Other(kind) => {
                return Err(StoreError::Kind {
                    path: self.path.clone(),
                    tensor: name.into(),
                    found: kind.clone(),
                });
            }
        };
        if values.len() != stored.shape.iter().product::<usize>() {
            let reason = format!("tensor `{name}` has too few values for its shape");
            return Err(malformed(&self.path, reason));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(StoreError::NotFinite {
                path: self.path.clone(),
                tensor: name.into(),
            });
        }
        Ok(values)
    }
}

impl Stored {
    fn kind_name(&self) -> String {
        match &self.kind {
            Kind::Other(name) => name.clone(),
            kind => format!("{kind:?}").to_uppercase(),
        }
    }
}

fn chunks<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
    bytes.as_chunks::<N>().0.iter().copied()
}

pub(super) fn io(path: &Path, source: std::io::Error) -> StoreError {
    let path = path.to_path_buf();
    StoreError::Io { path, source }
}

fn malformed(path: &Path, reason: String) -> StoreError {
    let path = path.to_path_buf();
    StoreError::Malformed { path, reason }
}
