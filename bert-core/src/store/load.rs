//! From a checkpoint into a module.

use std::collections::BTreeSet;
use std::fmt;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};

use super::checkpoint::{Checkpoint, StoreError};
use super::names::{hugging_face, is_buffer, is_transposed, spellings};

/// What a load found and did not find.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Parameters that took a tensor of the file.
    pub loaded: usize,
    /// Parameters the file has no tensor for: they keep the weights they were made with.
    pub missing: Vec<String>,
    /// Tensors of the file that no parameter took.
    pub unexpected: Vec<String>,
    /// Buffers of the file, such as position numbers: no weights.
    pub ignored: Vec<String>,
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tensors loaded", self.loaded)?;
        for (what, names) in [
            ("new, to be learned", &self.missing),
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
    /// Gives every parameter of `module` its tensor of the file.
    ///
    /// A head or a pooler that the file does not have keeps its weights and is told in the report; a part of the
    /// embeddings or the encoder that is missing is an error, since a model with a random layer inside is none.
    ///
    /// # Errors
    /// If a tensor has another shape than its parameter, is no float or not finite, or the encoder is not all there.
    /// The module is then dropped: nothing half-loaded is returned.
    pub fn load_into<M: Module>(&self, module: M) -> Result<(M, LoadReport), StoreError> {
        let mut loader = Loader {
            checkpoint: self,
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
        let vital: Vec<&String> = report
            .missing
            .iter()
            .filter(|name| name.contains("embeddings.") || name.contains("encoder."))
            .collect();
        if let Some(first) = vital.first() {
            return Err(StoreError::Missing {
                path: self.path().to_path_buf(),
                count: vital.len(),
                first: (*first).clone(),
            });
        }
        for name in self.names().filter(|name| !taken.contains(*name)) {
            let list = if is_buffer(name) {
                &mut report.ignored
            } else {
                &mut report.unexpected
            };
            list.push(name.to_owned());
        }
        Ok((module, report))
    }
}

struct Loader<'a> {
    checkpoint: &'a Checkpoint,
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
        let name = hugging_face(&self.path.join("."));
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
        let found = spellings(name)
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
                path: self.checkpoint.path().to_path_buf(),
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
