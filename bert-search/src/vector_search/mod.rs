//! Search by vectors: every query is compared with every vector of the index.

mod dot_product;
mod exact;
mod quantized;
mod rescoring;
mod scan;

pub(crate) use exact::ExactScores;
pub(crate) use quantized::QuantizedScores;
pub(crate) use rescoring::rescore;
pub(crate) use scan::{RowScores, best_documents};
