//! The cache of a layer's packed weights.
//!
//! The cache also owns the weights that it packed. Memory with two owners is never changed in place, so a packed weight is
//! always that of the weight. Training, which does change its weights in place, clears the cache first.

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
            // Weights that no one else owns have been replaced in the model.
            entries.retain(|entry| entry.weights.iter().any(|weight| !weight.is_unique()));
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
