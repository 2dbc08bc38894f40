//! Losses.

pub(super) mod cross_entropy;
pub(super) mod vocabulary;
