//! What the heads of several tasks share.

mod labels;
mod objective;
mod outputs;
mod pooled;

pub use labels::head_labels;
pub use objective::Objective;
pub(crate) use objective::check_smoothing;
pub use outputs::{argmax, row_values, softmax};
pub use pooled::pooled_outputs;
