//! The mathematics of one row, on numbers that are in the cache.

pub(super) mod activation;
pub(super) mod dropout_mask;
pub(super) mod layer_norm;
pub(super) mod simd;
