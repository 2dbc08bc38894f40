//! What an optimiser does to each parameter and its gradient, in one pass over the tensor.

pub(super) mod adamw;
pub(super) mod gradient_norm;

/// Elements of a chunk.
const CHUNK: usize = 1 << 14;
