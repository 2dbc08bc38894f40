//! What the program knows of a family of encoders besides its forward pass.

use super::{ParameterPaths, TokenizerForm, WeightNames};

/// A family of encoders, such as BERT, as its `model_type` names it.
#[derive(Debug)]
pub struct Architecture {
    /// `model_type` in `config.json`.
    pub model_type: &'static str,
    /// What transformers' class names start with, as in `BertForSequenceClassification`.
    pub class_prefix: &'static str,
    /// Keys of `config.json` that differ from BERT's: the family's key, and BERT's key for the same quantity. DistilBERT,
    /// for example, has `("dim", "hidden_size")`.
    pub config_keys: &'static [(&'static str, &'static str)],
    /// The names of the weights in checkpoints.
    pub weights: WeightNames,
    /// Where the encoder, its embeddings and its layers are in a module.
    pub parameters: ParameterPaths,
    /// The special tokens, and how they mark a text or a pair of texts.
    pub tokenizer: TokenizerForm,
}

impl Architecture {
    /// The transformers class with this head: `BertForTokenClassification` for BERT and `ForTokenClassification`.
    pub fn class(&self, head: &str) -> String {
        format!("{}{head}", self.class_prefix)
    }
}
