//! Checkpoint to module.

use std::collections::BTreeSet;
use std::fmt;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};

use super::checkpoint::Checkpoint;
use super::error::StoreError;
use crate::models::encoder::BertConfig;
use crate::models::{ModelNames, is_transposed};

/// What was loaded into a module, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// The number of parameters that were loaded.
    pub loaded: usize,
    /// Parameters that the checkpoint does not have: they keep their initial weights.
    pub missing: Vec<String>,
    /// Tensors of the checkpoint that the module has no parameter for.
    pub unexpected: Vec<String>,
    /// Buffers of the checkpoint, such as position ids, which are no weights.
    pub ignored: Vec<String>,
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tensors loaded", self.loaded)?;
        for (what, names) in [
            ("newly initialised", &self.missing),
            ("in the file but not used", &self.unexpected),
        ] {
            if !names.is_empty() {
                write!(f, "; {what}: {}", names.join(", "))?;
            }
        }
        Ok(())
    }
}

impl Checkpoint {
    /// Checks the sizes of the embeddings in `config` against these weights, before anything is allocated for a model.
    ///
    /// # Errors
    /// [`StoreError::Shape`] for the first that differ.
    pub fn check_embeddings(&self, config: &BertConfig) -> Result<(), StoreError> {
        let names = config.weight_names();
        let paths = &config.architecture().parameters;
        for (table, rows) in [
            ("word", config.vocab_size),
            ("position", config.max_position_embeddings),
            ("token_type", config.type_vocab_size),
        ] {
            let path = format!("{}.{}.{table}_embeddings.weight", paths.encoder, paths.embeddings);
            let expected = vec![rows, config.hidden_size];
            match self.shape_of(&path, names) {
                Some(found) if found != expected => {
                    return Err(StoreError::Shape {
                        path: self.path().into(),
                        tensor: names.name(&path),
                        found: found.into(),
                        expected,
                    });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Loads every parameter of `module` from the tensor that `names` gives it.
    ///
    /// A head or a pooler that the checkpoint does not have keeps its weights and is listed in the report; missing weights
    /// of the embeddings or the encoder are an error.
    ///
    /// # Errors
    /// If a tensor has another shape than its parameter, is no float or not finite, or weights of the encoder are missing.
    /// The module is then dropped: a partly loaded module is never returned.
    pub fn load_into<M: Module>(&self, module: M, names: ModelNames) -> Result<(M, LoadReport), StoreError> {
        let mut loader = Loader {
            checkpoint: self,
            names,
            path: Vec::new(),
            taken: BTreeSet::new(),
            report: LoadReport::default(),
            error: None,
        };
        let module = module.map(&mut loader);
        let Loader {
            taken,
            mut report,
            error,
            ..
        } = loader;
        if let Some(error) = error {
            return Err(error);
        }
        let required: Vec<&String> = report
            .missing
            .iter()
            .filter(|name| names.is_required(name))
            .collect();
        if let Some(first) = required.first() {
            return Err(StoreError::Missing {
                path: self.path().to_path_buf(),
                count: required.len(),
                first: (*first).clone(),
            });
        }
        for name in self.names().filter(|name| !taken.contains(*name)) {
            let tied = self.is_copy_of_tied(name, names, &taken)?;
            let list = if tied || names.is_buffer(name) {
                &mut report.ignored
            } else {
                &mut report.unexpected
            };
            list.push(name.to_owned());
        }
        Ok((module, report))
    }
}

impl Checkpoint {
    /// Whether a tensor is a copy of one that was `taken`, to which it is tied.
    ///
    /// # Errors
    /// [`StoreError::Untied`] if its values differ: then the module has no place for them.
    fn is_copy_of_tied(
        &self,
        name: &str,
        names: ModelNames,
        taken: &BTreeSet<String>,
    ) -> Result<bool, StoreError> {
        let original = names.tied_to(name).unwrap_or_default();
        let original = original.into_iter().find(|name| taken.contains(name));
        // Without the layer's other weights, the module has no such head.
        let layer = name.rsplitn(3, '.').nth(2).unwrap_or_default();
        let is_used = taken.iter().any(|other| other.starts_with(layer));
        let (Some(other), true) = (original, is_used) else {
            return Ok(false);
        };
        let of = |name: &str| {
            let stored = self.get(name).expect("a name of this checkpoint");
            Ok::<_, StoreError>((&stored.shape, self.values(name, stored)?))
        };
        match of(name)? == of(&other)? {
            true => Ok(true),
            false => Err(StoreError::Untied {
                path: self.path().into(),
                tensor: name.into(),
                other,
            }),
        }
    }
}

struct Loader<'a> {
    checkpoint: &'a Checkpoint,
    names: ModelNames,
    path: Vec<String>,
    taken: BTreeSet<String>,
    report: LoadReport,
    error: Option<StoreError>,
}

impl ModuleMapper for Loader<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if self.error.is_some() {
            return param;
        }
        let name = self.names.name(&self.path.join("."));
        let expected: Vec<usize> = param.lazy_shape().to_vec();
        match self.find(&name, &expected) {
            Ok(Some(values)) => {
                self.report.loaded += 1;
                let device = param.lazy_device();
                let data = TensorData::new(values, expected);
                let id = param.id;
                param.transform_for_load(Tensor::from_data(data, &device), id)
            }
            Ok(None) => {
                self.report.missing.push(name);
                param
            }
            Err(error) => {
                self.error = Some(error);
                param
            }
        }
    }
}

impl Loader<'_> {
    /// The values for the parameter `name` of the shape `expected`, in Burn's layout.
    fn find(&mut self, name: &str, expected: &[usize]) -> Result<Option<Vec<f32>>, StoreError> {
        let found = self
            .names
            .spellings(name)
            .into_iter()
            .find_map(|spelling| self.checkpoint.get(&spelling).map(|t| (spelling, t)));
        let Some((spelling, stored)) = found else {
            return Ok(None);
        };
        let transposed = is_transposed(name, expected.len());
        let mut in_file = expected.to_vec();
        if transposed {
            in_file.reverse();
        }
        if stored.shape != in_file {
            return Err(StoreError::Shape {
                path: self.checkpoint.file_of(stored).to_path_buf(),
                tensor: spelling,
                found: stored.shape.clone(),
                expected: in_file,
            });
        }
        let values = self.checkpoint.values(&spelling, stored)?;
        self.taken.insert(spelling);
        Ok(Some(if transposed {
            transpose(&values, in_file[0], in_file[1])
        } else {
            values
        }))
    }
}

/// `[rows, columns]` to `[columns, rows]`.
pub(super) fn transpose(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    // Squares of both matrices that fit the cache together.
    const SIDE: usize = 32;
    let mut out = vec![0.0; values.len()];
    for top in (0..rows).step_by(SIDE) {
        for left in (0..columns).step_by(SIDE) {
            for row in top..rows.min(top + SIDE) {
                for column in left..columns.min(left + SIDE) {
                    out[column * rows + row] = values[row * columns + column];
                }
            }
        }
    }
    out
}
