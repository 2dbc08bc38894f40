//! What an optimiser does to each parameter and its gradient.

pub(super) mod adamw;
pub(super) mod gradient_norm;
