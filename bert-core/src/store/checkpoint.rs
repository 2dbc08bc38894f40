//! The tensors of a checkpoint, and their values as 32-bit floats.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;
use std::path::{Path, PathBuf};

use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors};

use super::error::{StoreError, malformed};
use crate::files::not_the_file;
use crate::models::ModelNames;

/// The tensors of a model's weights: of one file, or of several.
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
    pub(super) tensors: BTreeMap<String, Stored>,
    pub(super) files: Vec<File>,
}

/// A file of weights. The tensors are ranges of it: weights are copied once, when they become a model's.
#[derive(Debug)]
pub(super) struct File {
    pub path: PathBuf,
    pub bytes: Cow<'static, [u8]>,
}

/// A tensor of a file.
#[derive(Debug)]
pub(super) struct Stored {
    pub shape: Vec<usize>,
    pub kind: Kind,
    /// The number of its file.
    pub file: usize,
    /// The values, in the file's bytes.
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
        let path = Path::new("(weights in memory)");
        let mut checkpoint = Self::empty(path);
        checkpoint.add_safetensors(bytes.into(), path)?;
        Ok(checkpoint)
    }

    /// A checkpoint without tensors; `path` is its file, or the index of its files.
    pub(super) fn empty(path: &Path) -> Self {
        Self {
            path: path.into(),
            tensors: BTreeMap::new(),
            files: vec![],
        }
    }

    /// Adds the tensors of a safetensors file.
    pub(super) fn add_safetensors(
        &mut self,
        bytes: Cow<'static, [u8]>,
        path: &Path,
    ) -> Result<(), StoreError> {
        if let Some(reason) = not_the_file(&bytes) {
            return Err(malformed(path, reason.into()));
        }
        if bytes.is_empty() {
            return Err(malformed(path, "the file is empty: download it again".into()));
        }
        let file = SafeTensors::deserialize(&bytes).map_err(|e| malformed(path, e.to_string()))?;
        let tensors: Vec<_> = file
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
                let range = start..start + view.data().len();
                (name.to_owned(), view.shape().to_vec(), kind, range)
            })
            .collect();
        self.add(path, bytes, tensors)
    }

    /// Adds a file with these tensors: names, shapes, types, and where their values are.
    pub(super) fn add(
        &mut self,
        path: &Path,
        bytes: Cow<'static, [u8]>,
        tensors: Vec<(String, Vec<usize>, Kind, Range<usize>)>,
    ) -> Result<(), StoreError> {
        let file = self.files.len();
        for (name, shape, kind, range) in tensors {
            let stored = Stored {
                shape,
                kind,
                file,
                range,
            };
            match self.tensors.entry(without_wrappers(&name)) {
                Entry::Vacant(entry) => entry.insert(stored),
                Entry::Occupied(_) => {
                    return Err(malformed(path, format!("there is a second tensor `{name}`")));
                }
            };
        }
        self.files.push(File {
            path: path.into(),
            bytes,
        });
        Ok(())
    }

    /// The file of the tensors, or the index of its files, or `(weights in memory)`.
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

    /// The shape of the tensor for the parameter with this path in a module, under any of the names that it can have.
    ///
    /// ```
    /// # use bert_core::{BertConfig, Checkpoint, Encoder, models::bert::ARCHITECTURE, store::to_safetensors};
    /// # let encoder = Encoder::new(&BertConfig::compact(9, 4, 1, 2), 1, &burn::tensor::Device::default());
    /// let names = ARCHITECTURE.names("Model");
    /// let checkpoint = Checkpoint::from_bytes(to_safetensors(&encoder, names)?)?;
    /// let shape = checkpoint.shape_of("bert.embeddings.word_embeddings.weight", names);
    /// assert_eq!(shape, Some(&[9, 4][..]));
    /// # Ok::<(), bert_core::StoreError>(())
    /// ```
    pub fn shape_of(&self, path: &str, names: ModelNames) -> Option<&[usize]> {
        let spellings = names.spellings(&names.name(path));
        spellings.iter().find_map(|name| self.shape(name))
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

    /// The file that a tensor is in.
    pub(super) fn file_of(&self, stored: &Stored) -> &Path {
        &self.files[stored.file].path
    }

    /// The values of a tensor as 32-bit floats, in the file's order.
    ///
    /// # Errors
    /// If the tensor is no float, or holds a value that is not finite.
    pub(super) fn values(&self, name: &str, stored: &Stored) -> Result<Vec<f32>, StoreError> {
        let File { path, bytes } = &self.files[stored.file];
        let bytes = &bytes[stored.range.clone()];
        let values: Vec<f32> = match &stored.kind {
            Kind::F64 => chunks(bytes).map(|b| f64::from_le_bytes(b) as f32).collect(),
            Kind::F32 => chunks(bytes).map(f32::from_le_bytes).collect(),
            Kind::F16 => chunks(bytes).map(|b| f16::from_le_bytes(b).to_f32()).collect(),
            Kind::Bf16 => chunks(bytes).map(|b| bf16::from_le_bytes(b).to_f32()).collect(),
            Kind::Other(kind) => {
                return Err(StoreError::Kind {
                    path: path.clone(),
                    tensor: name.into(),
                    found: kind.clone(),
                });
            }
        };
        if Some(values.len()) != stored.count() {
            let reason = format!("tensor `{name}` has too few values for its shape");
            return Err(malformed(path, reason));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(StoreError::NotFinite {
                path: path.clone(),
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

    /// The number of its values, if that is a number.
    fn count(&self) -> Option<usize> {
        self.shape
            .iter()
            .try_fold(1usize, |count, &side| count.checked_mul(side))
    }
}

/// The name of a tensor without the names that PyTorch's wrappers put into it: `module` of `DataParallel` and
/// `DistributedDataParallel`, and `_orig_mod` of `torch.compile`. No weight of a model itself has such a part.
fn without_wrappers(name: &str) -> String {
    let parts = name
        .split('.')
        .filter(|part| !["module", "_orig_mod"].contains(part));
    parts.collect::<Vec<_>>().join(".")
}

fn chunks<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
    bytes.as_chunks::<N>().0.iter().copied()
}
