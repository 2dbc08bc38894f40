//! Losses and their gradients.

pub(super) mod cross_entropy;
pub(super) mod vocabulary;
