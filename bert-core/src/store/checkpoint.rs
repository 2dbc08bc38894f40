//! The tensors of a checkpoint, and their values as 32-bit floats.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors};

use super::error::{StoreError, malformed};

/// The tensors of a weights file.
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
    tensors: BTreeMap<String, Stored>,
    /// The whole file; the tensors are ranges of it. Weights are copied once, when they become a model's.
    bytes: Cow<'static, [u8]>,
}

/// A tensor of a file.
#[derive(Debug)]
pub(super) struct Stored {
    pub shape: Vec<usize>,
    pub kind: Kind,
    /// The values, in the checkpoint's bytes.
    pub range: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    F64,
    F32,
    F16,
    Bf16,
    Other(String),
}

impl Checkpoint {
    /// The checkpoint in the bytes of a `model.safetensors`.
    ///
    /// Static bytes, as `include_bytes!` gives, are not copied.
    ///
    /// # Errors
    /// If the bytes are truncated or no checkpoint.
    pub fn from_bytes(bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self, StoreError> {
        Self::from_safetensors(bytes.into(), Path::new("(weights in memory)"))
    }

    pub(super) fn from_safetensors(bytes: Cow<'static, [u8]>, path: &Path) -> Result<Self, StoreError> {
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
                    range: start..start + view.data().len(),
                };
                (name.to_owned(), stored)
            })
            .collect();
        Ok(Self::new(path, tensors, bytes))
    }

    pub(super) fn new(path: &Path, tensors: BTreeMap<String, Stored>, bytes: Cow<'static, [u8]>) -> Self {
        let path = path.to_path_buf();
        Self { path, tensors, bytes }
    }

    /// The file of the tensors, or `(weights in memory)`.
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
        let bytes = &self.bytes[stored.range.clone()];
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
