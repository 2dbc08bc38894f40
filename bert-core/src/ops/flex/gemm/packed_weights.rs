//! The cache of a layer's packed weights.
//!
//! The cache also owns the weights that it packed. Memory with two owners is never changed in place, so a packed weight
//! always equals the weight. Training, which does change its weights in place, clears the cache first.

use std::sync::Arc;

use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;

use super::matrix::Matrix;
use super::packing::PackedMatrix;
use crate::ops::flex::memory::floats;
use crate::ops::fused::Pass;
use crate::ops::{GemmOptions, Precision};

struct Entry {
    weights: Vec<FlexTensor>,
    precision: Precision,
    packed: Arc<PackedMatrix>,
}

/// Whether two tensors are the same part of the same memory.
fn same(one: &FlexTensor, other: &FlexTensor) -> bool {
    one.bytes().as_ptr() == other.bytes().as_ptr()
        && one.shape() == other.shape()
        && one.layout() == other.layout()
}

/// The result of `pack` for `weights`, from the cache if an earlier inference packed them.
pub(in crate::ops::flex) fn cached(
    weights: &[&FlexTensor],
    gemm: &GemmOptions,
    pack: impl FnOnce() -> PackedMatrix,
) -> Arc<PackedMatrix> {
    let cache = &gemm.packed_weights;
    let is_this = |entry: &Entry| {
        entry.precision == gemm.precision
            && entry.weights.len() == weights.len()
            && entry
                .weights
                .iter()
                .zip(weights)
                .all(|(one, other)| same(one, other))
    };
    let found = cache.with(|entries: &mut Vec<Entry>| {
        let entry = entries.iter().find(|entry| is_this(entry));
        entry.map(|entry| entry.packed.clone())
    });
    // Packing waits for other threads, so it must not hold the lock.
    found.unwrap_or_else(|| {
        let packed = Arc::new(pack());
        cache.with(|entries: &mut Vec<Entry>| {
            // A weight that no one else owns was replaced in the model, or computed for one call, as LoRA's are.
            entries.retain(|entry| entry.weights.iter().all(|weight| !weight.is_unique()));
            entries.push(Entry {
                weights: weights.iter().map(|&weight| weight.clone()).collect(),
                precision: gemm.precision,
                packed: packed.clone(),
            });
        });
        packed
    })
}

/// A weight, `[inputs, outputs]`, packed.
pub(in crate::ops::flex) fn packed(weight: &FlexTensor, gemm: &GemmOptions, pass: Pass) -> Arc<PackedMatrix> {
    let pack = || {
        let [inputs, outputs] = weight.shape().dims();
        let matrix = Matrix::new(floats(weight), [inputs, outputs], outputs);
        PackedMatrix::new(matrix, gemm.precision)
    };
    match pass {
        Pass::Inference => cached(&[weight], gemm, pack),
        Pass::Training => {
            gemm.packed_weights.clear();
            Arc::new(pack())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::flex::memory::Floats;
    use burn::backend::Shape;

    fn weight(value: f32) -> FlexTensor {
        let mut weight = Floats::uninitialised(64);
        weight.fill(value);
        weight.into_tensor(Shape::new([8, 8]))
    }

    #[test]
    fn weights_computed_for_one_call_do_not_pile_up() {
        let gemm = GemmOptions::new(Precision::F32);
        let key = weight(1.0);
        for call in 0..5 {
            // A low-rank update gives a new query at each call; the key stays the model's.
            let query = weight(call as f32);
            cached(&[&query, &key], &gemm, || {
                PackedMatrix::new(Matrix::new(floats(&query), [8, 8], 8), Precision::F32)
            });
        }
        let entries = gemm.packed_weights.with(|entries: &mut Vec<Entry>| entries.len());
        assert_eq!(entries, 1);
    }
}
