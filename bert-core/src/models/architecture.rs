//! What the program knows of a family of encoders: everything in which it differs from others.

use super::{ModelNames, ParameterPaths, TokenizerForm, WeightNames};

/// A family of encoders, such as BERT, as its `model_type` names it.
///
/// The families share one forward pass, [`Encoder`](super::encoder::Encoder); this is all that differs between them.
#[derive(Debug)]
pub struct Architecture {
    /// `model_type` in `config.json`.
    pub model_type: &'static str,
    /// What transformers' class names start with, as in `BertForSequenceClassification`.
    pub class_prefix: &'static str,
    /// Keys of `config.json` that differ from BERT's: the family's key, and BERT's key for the same quantity. DistilBERT,
    /// for example, has `("dim", "hidden_size")`.
    pub config_keys: &'static [(&'static str, &'static str)],
    /// The position of the first token.
    pub positions: Positions,
    /// Whether there are embeddings of token types.
    pub token_types: bool,
    /// The dense layer between `[CLS]` and the output layer of a head on whole texts.
    pub pooler: PoolerForm,
    /// The names of the weights in checkpoints.
    pub weights: WeightNames,
    /// Where the encoder, its embeddings and its layers are in a module.
    pub parameters: ParameterPaths,
    /// The special tokens, and how they mark a text or a pair of texts.
    pub tokenizer: TokenizerForm,
}

/// Which rows of the position embeddings belong to the tokens of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Positions {
    /// Those from 0, as in BERT.
    FromZero,
    /// Those after the row of padding, `pad_token_id`, as in RoBERTa.
    AfterPadding,
}

/// What a family's pooler does besides its dense layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolerForm {
    /// Whether its input is dropped out, as in RoBERTa's classification head.
    pub dropout: bool,
    /// The function of its output.
    pub activation: PoolerActivation,
}

/// The activation function of a pooler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolerActivation {
    /// As in BERT and RoBERTa.
    Tanh,
    /// As in DistilBERT.
    Relu,
}

impl Architecture {
    /// The transformers class with this head: `BertForTokenClassification` for BERT and `ForTokenClassification`.
    pub fn class(&self, head: &str) -> String {
        format!("{}{head}", self.class_prefix)
    }

    /// The names of the weights of a model with this head. For a head without weights of other names, such as `Model`, they
    /// are the names of the encoder's weights.
    pub fn names(&'static self, head: &str) -> ModelNames {
        ModelNames::new(&self.weights, head)
    }
}
