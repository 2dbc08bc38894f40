//! The output layer of a head, as a checkpoint has it.

use bert_core::{BertConfig, Checkpoint};

/// The field of the output layer in models that give labels or numbers.
pub const CLASSIFIER: &str = "classifier";

/// The field of the output layer in models that find spans.
pub const QA_OUTPUTS: &str = "qa_outputs";

/// The fields of the output layers of all heads.
const FIELDS: [&str; 2] = [CLASSIFIER, QA_OUTPUTS];

/// The names of the tensors of the output layers of heads that a checkpoint has, each with its rows as outputs.
pub fn output_layers(config: &BertConfig, checkpoint: &Checkpoint) -> Vec<String> {
    let names = config.weight_names();
    let paths = FIELDS.into_iter().flat_map(|field| {
        ["weight", "bias"].map(|parameter| names.spellings(&names.name(&format!("{field}.{parameter}"))))
    });
    let found = |spellings: Vec<String>| {
        spellings
            .into_iter()
            .find(|name| checkpoint.shape(name).is_some())
    };
    paths.filter_map(found).collect()
}

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
    let path = format!("{field}.weight");
    match checkpoint.shape_of(&path, names) {
        Some(&[outputs, _]) => Ok(outputs),
        _ => Err(names.name(&path)),
    }
}

/// Checks that a model reads texts in both directions, for which all heads but those of causal language models are trained.
///
/// # Errors
/// A sentence for the user, if it reads them from left to right.
pub fn check_encoder(config: &BertConfig) -> Result<(), String> {
    match config.is_decoder {
        true => Err("this model reads texts from left to right (`is_decoder` in its config.json): only `lm` models do".into()),
        false => Ok(()),
    }
}

/// Checks that a checkpoint has the pooler, which heads on whole texts read.
///
/// # Errors
/// A sentence for the user, if it has none: then the output layer is one for tokens.
pub fn check_pooler(config: &BertConfig, checkpoint: &Checkpoint, head: &str) -> Result<(), String> {
    let architecture = config.architecture();
    let (names, paths) = (architecture.names(head), &architecture.parameters);
    let path = format!("{}.{}.dense.weight", paths.encoder, paths.pooler);
    match checkpoint.shape_of(&path, names) {
        Some(_) => Ok(()),
        None => Err(format!(
            "this model has no pooler (no tensor `{}`), but a head on whole texts needs it",
            names.name(&path)
        )),
    }
}
