//! What the heads of several tasks share.

mod class_weights;
mod labels;
mod objective;
mod output_layer;
mod outputs;
mod pooled;

pub use class_weights::ClassWeights;
pub use labels::head_labels;
pub use objective::Objective;
pub(crate) use objective::check_smoothing;
pub use output_layer::output_layers;
pub(crate) use output_layer::{CLASSIFIER, QA_OUTPUTS, check_pooler, outputs};
pub use outputs::{argmax, row_values, softmax};
pub use pooled::pooled_outputs;
