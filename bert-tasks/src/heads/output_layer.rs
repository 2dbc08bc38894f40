//! The output layer of a head, as a checkpoint has it.

use bert_core::{BertConfig, Checkpoint};

/// The field of the output layer in models that give labels or numbers.
pub const CLASSIFIER: &str = "classifier";

/// The field of the output layer in models that find spans.
pub const QA_OUTPUTS: &str = "qa_outputs";

/// The number of outputs of the layer `field` of a model's head, whose transformers class ends in `head`.
///
/// # Errors
/// The name of the missing tensor, if the checkpoint does not have the layer.
pub fn outputs(
    config: &BertConfig,
    checkpoint: &Checkpoint,
    head: &str,
    field: &str,
) -> Result<usize, String> {
    let names = config.architecture().names(head);
    let name = names.name(&format!("{field}.weight"));
    match checkpoint.shape(&name) {
        Some(&[outputs, _]) => Ok(outputs),
        _ => Err(name),
    }
}
