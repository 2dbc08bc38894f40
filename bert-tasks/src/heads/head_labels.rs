//! The labels that a model's head was trained for.

use bert_core::{BertConfig, Checkpoint};

use super::output_layer::{CLASSIFIER, outputs};
use datasets::counted;

/// The labels of a dense head on whole texts or on tokens: as config.json names them, else `LABEL_0`, `LABEL_1`, … `head` is
/// the end of its transformers class.
///
/// # Errors
/// A sentence for the user, if the model has no such head, or config.json names another number of labels.
pub fn head_labels(config: &BertConfig, checkpoint: &Checkpoint, head: &str) -> Result<Vec<String>, String> {
    let outputs = outputs(config, checkpoint, head, CLASSIFIER)
        .map_err(|tensor| format!("this model has no classification head (no tensor `{tensor}`)"))?;
    match config.labels().map_err(|e| e.to_string())? {
        Some(names) if names.len() == outputs => Ok(names),
        Some(names) => Err(format!(
            "config.json names {}, the head has {}",
            counted(names.len(), "label"),
            counted(outputs, "output")
        )),
        None => Ok((0..outputs).map(|i| format!("LABEL_{i}")).collect()),
    }
}
