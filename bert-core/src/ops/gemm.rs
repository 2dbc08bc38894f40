//! How the matrix products of dense layers are computed.

use std::any::Any;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// The numbers that matrix products multiply; sums, weights, moments and everything else are 32-bit floats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floats.
    #[default]
    F32,
    /// Factors rounded to bfloat16, which has the range of f32 and 8 bits of precision. A device without
    /// [`bf16_gemm`](super::Capabilities::bf16_gemm) multiplies f32 instead.
    Bf16,
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
        })
    }
}

impl FromStr for Precision {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let all = [Self::F32, Self::Bf16];
        let found = all.into_iter().find(|precision| precision.to_string() == name);
        found.ok_or_else(|| format!("{name:?} is not a precision: f32 or bf16"))
    }
}

/// How a layer's matrix products are computed, forward and backward. The products of attention's scores are always f32.
///
/// A layer owns one of these; a clone shares its packed weights.
#[derive(Clone, Debug, Default)]
pub struct GemmOptions {
    /// What is multiplied.
    pub precision: Precision,
    /// The layer's weights as they are packed for gemm.
    pub packed_weights: PackedWeights,
}

impl GemmOptions {
    /// Products of this precision; no weight is packed yet.
    pub fn new(precision: Precision) -> Self {
        Self {
            precision,
            packed_weights: PackedWeights::default(),
        }
    }
}

/// A cache of a layer's weights in the form that a backend's gemm reads: packing costs more than the products of a short
/// text. Inference fills it; the layer's next forward pass in training clears it.
///
/// A clone is a handle to the same cache.
#[derive(Clone, Debug, Default)]
pub struct PackedWeights(Arc<Mutex<Option<Box<dyn Any + Send>>>>);

impl PackedWeights {
    /// Calls `f` with what the backend has put here, or with an empty `T`.
    #[cfg_attr(not(feature = "flex"), allow(dead_code))]
    pub(super) fn with<T: Default + Send + 'static, R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !cache.as_ref().is_some_and(|cache| cache.is::<T>()) {
            *cache = Some(Box::new(T::default()));
        }
        f(cache
            .as_mut()
            .and_then(|cache| cache.downcast_mut())
            .expect("set above"))
    }

    /// Removes all weights.
    pub fn clear(&self) {
        let cache = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Frees the memory outside of the lock.
        drop(cache);
    }
}
