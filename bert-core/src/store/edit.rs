//! Changes of a checkpoint before it is loaded: layers that are left out, or whose outputs have another order.

use super::checkpoint::{Checkpoint, File};

impl Checkpoint {
    /// Leaves out the tensor with this name, so that a model keeps its own weights for it.
    pub fn remove(&mut self, name: &str) {
        self.tensors.remove(name);
    }

    /// Reorders the rows of a tensor: row `order[i]` of the file becomes row `i`. In a dense layer, as PyTorch stores it, a row
    /// belongs to an output.
    ///
    /// # Panics
    /// If there is no such tensor, or `order` does not name each of its rows once.
    pub fn reorder_rows(&mut self, name: &str, order: &[usize]) {
        let stored = self.tensors.get_mut(name).expect("a tensor of the checkpoint");
        let rows = stored.shape.first().copied().unwrap_or(0);
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        assert!(
            sorted.into_iter().eq(0..rows),
            "{order:?} is an order of {rows} rows"
        );
        let (path, bytes) = {
            let file = &self.files[stored.file];
            (file.path.clone(), &file.bytes[stored.range.clone()])
        };
        let size = bytes.len() / rows.max(1);
        let bytes: Vec<u8> = order
            .iter()
            .flat_map(|row| &bytes[row * size..][..size])
            .copied()
            .collect();
        stored.file = self.files.len();
        stored.range = 0..bytes.len();
        self.files.push(File {
            path,
            bytes: bytes.into(),
        });
    }
}

#[cfg(test)]
mod tests {
    use safetensors::{Dtype, serialize, tensor::TensorView};

    use super::*;

    #[test]
    fn rows_are_reordered_and_tensors_left_out() {
        let floats = |values: &[f32]| {
            values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect::<Vec<_>>()
        };
        let (weight, bias) = (
            floats(&[0.0, 1.0, 10.0, 11.0, 20.0, 21.0]),
            floats(&[0.5, 1.5, 2.5]),
        );
        let views = [
            (
                "weight",
                TensorView::new(Dtype::F32, vec![3, 2], &weight).unwrap(),
            ),
            ("bias", TensorView::new(Dtype::F32, vec![3], &bias).unwrap()),
        ];
        let mut checkpoint = Checkpoint::from_bytes(serialize(views, None).unwrap()).unwrap();
        let values = |checkpoint: &Checkpoint, name: &str| {
            checkpoint.values(name, checkpoint.get(name).unwrap()).unwrap()
        };
        for name in ["weight", "bias"] {
            checkpoint.reorder_rows(name, &[2, 0, 1]);
        }
        assert_eq!(values(&checkpoint, "weight"), [20.0, 21.0, 0.0, 1.0, 10.0, 11.0]);
        assert_eq!(values(&checkpoint, "bias"), [2.5, 0.5, 1.5]);
        checkpoint.remove("bias");
        assert_eq!(checkpoint.names().collect::<Vec<_>>(), ["weight"]);
    }
}
