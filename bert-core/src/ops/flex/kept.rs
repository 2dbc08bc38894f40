//! Weights packed for products, kept from one inference to the next: packing costs more than a short text's products.
//!
//! Whoever keeps a weight here is an owner of its memory, so that nobody changes it in place: the packed form is always
//! that of the weight. Training, which does change its weights in place, lets go of all of them first.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;

use super::matrix::Matrix;
use super::product::Packed;
use super::tensor::floats;
use crate::ops::precision::{Precision, precision};

struct Kept {
    weights: Vec<FlexTensor>,
    packed: Arc<Packed>,
}

/// By the address of the first weight, and whether they are rounded.
static KEPT: Mutex<BTreeMap<(usize, bool), Kept>> = Mutex::new(BTreeMap::new());
static ANY: AtomicBool = AtomicBool::new(false);

fn all() -> MutexGuard<'static, BTreeMap<(usize, bool), Kept>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

fn address(weight: &FlexTensor) -> usize {
    weight.bytes().as_ptr() as usize
}

/// Whether two tensors are the same part of the same memory.
fn same(one: &FlexTensor, other: &FlexTensor) -> bool {
    address(one) == address(other) && one.shape() == other.shape() && one.layout() == other.layout()
}

/// What `pack` makes of `weights`, or made of them before.
pub(super) fn keep(weights: &[&FlexTensor], pack: impl FnOnce() -> Packed) -> Arc<Packed> {
    let key = (address(weights[0]), precision() == Precision::Bf16);
    if let Some(kept) = all().get(&key)
        && kept.weights.len() == weights.len()
        && kept
            .weights
            .iter()
            .zip(weights)
            .all(|(kept, weight)| same(kept, weight))
    {
        return kept.packed.clone();
    }
    let packed = Arc::new(pack());
    let kept = Kept {
        weights: weights.iter().map(|&weight| weight.clone()).collect(),
        packed: packed.clone(),
    };
    ANY.store(true, Ordering::Relaxed);
    let mut all = all();
    // Those of models that are no more.
    all.retain(|_, kept| kept.weights.iter().any(|weight| !weight.is_unique()));
    all.insert(key, kept);
    packed
}

/// A weight, `[inputs, outputs]`, packed; kept where it is used for `inference`.
pub(super) fn packed(weight: &FlexTensor, inference: bool) -> Arc<Packed> {
    let pack = || {
        let [inputs, outputs] = weight.shape().dims();
        Packed::new(Matrix::new(floats(weight), [inputs, outputs], outputs))
    };
    if inference {
        keep(&[weight], pack)
    } else {
        Arc::new(pack())
    }
}

/// Lets go of all weights.
pub(super) fn release() {
    if ANY.swap(false, Ordering::Relaxed) {
        // Outside of the lock: it is memory that is given back.
        let all = std::mem::take(&mut *all());
        drop(all);
    }
}
