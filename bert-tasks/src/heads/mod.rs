//! What the heads of several tasks share.

mod class_weights;
mod cross_entropy_loss;
mod head_labels;
mod output_layer;
mod outputs;
mod pooled;

pub use class_weights::ClassWeights;
pub use cross_entropy_loss::CrossEntropyLoss;
pub(crate) use cross_entropy_loss::check_smoothing;
pub use head_labels::head_labels;
pub use output_layer::output_layers;
pub(crate) use output_layer::{CLASSIFIER, QA_OUTPUTS, check_encoder, check_pooler, outputs};
pub use outputs::{argmax, row_values, softmax};
pub use pooled::pooled_outputs;
