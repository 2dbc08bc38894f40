//! Module to checkpoint.

use std::path::Path;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;
use safetensors::{Dtype, tensor::TensorView};

use super::error::{StoreError, malformed};
use super::load::transpose;
use crate::models::{ModelNames, is_transposed};

/// The bytes of a `model.safetensors`: every parameter as 32-bit floats, under the name that `names` gives it.
///
/// # Errors
/// If a weight is not finite.
pub fn to_safetensors<M: Module>(module: &M, names: ModelNames) -> Result<Vec<u8>, StoreError> {
    safetensors_of(module, names, Path::new("(weights in memory)"))
}

pub(super) fn safetensors_of<M: Module>(
    module: &M,
    names: ModelNames,
    path: &Path,
) -> Result<Vec<u8>, StoreError> {
    let mut collector = Collector {
        names,
        path: vec![],
        tensors: vec![],
    };
    module.visit(&mut collector);
    for (name, _, bytes) in &collector.tensors {
        let (values, _) = bytes.as_chunks::<4>();
        if !values.iter().all(|b| f32::from_le_bytes(*b).is_finite()) {
            return Err(StoreError::NotFinite {
                path: path.to_path_buf(),
                tensor: name.clone(),
            });
        }
    }
    let views = collector.tensors.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
        (name, view.expect("four bytes for each value"))
    });
    // transformers refuses a file that does not name the framework of its layout.
    // Of the map that safetensors uses: another one without its feature `std`.
    let metadata = std::iter::once(("format".to_owned(), "pt".to_owned())).collect();
    safetensors::serialize(views, Some(metadata)).map_err(|e| malformed(path, e.to_string()))
}

/// Name, shape and bytes of every parameter.
struct Collector {
    names: ModelNames,
    path: Vec<String>,
    tensors: Vec<(String, Vec<usize>, Vec<u8>)>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let name = self.names.name(&self.path.join("."));
        let data = param.transform_for_save().val().into_data();
        let mut shape = data.shape().to_vec();
        let mut values: Vec<f32> = data.iter::<f32>().collect();
        if is_transposed(&name, shape.len()) {
            values = transpose(&values, shape[0], shape[1]);
            shape.reverse();
        }
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensors.push((name, shape, bytes));
    }
}
