//! The model that training starts from.

use std::path::Path;

use bert_core::tokenizer::Normalization;
use bert_core::{BertConfig, BertTokenizer, Checkpoint, ConfigError, StoreError, TokenizerError};

/// A model before fine-tuning: pre-trained, or new.
#[derive(Debug)]
pub struct Start {
    /// The encoder's configuration.
    pub config: BertConfig,
    /// The tokenizer.
    pub tokenizer: BertTokenizer,
    /// Its weights; without them the encoder starts from random weights.
    pub weights: Option<Checkpoint>,
}

/// A model that training cannot start from.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration's reason.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The tokenizer's reason.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The weights' reason.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Start {
    /// The pre-trained model of a folder in Hugging Face's layout.
    ///
    /// # Errors
    /// If a file is missing or damaged, or the vocabulary does not fit the model.
    pub fn pretrained(dir: &Path) -> Result<Self, StartError> {
        let config = BertConfig::from_dir(dir)?;
        let tokenizer = BertTokenizer::from_dir(dir)?.for_model(&config)?;
        let weights = Checkpoint::open(dir)?;
        weights.check_embeddings(&config)?;
        Ok(Self {
            config,
            tokenizer,
            weights: Some(weights),
        })
    }

    /// [`compact`](Self::compact) for tasks about the structure of a text, where attention to equal words is of no use: its
    /// keys are independent of its queries, and its small embeddings learn soon which words behave alike.
    ///
    /// # Errors
    /// If the vocabulary lacks BERT's special tokens.
    pub fn compact_for_structure(vocabulary: Vec<String>) -> Result<Self, StartError> {
        let mut start = Self::compact(vocabulary)?;
        start.config.keys_start_as_queries = false;
        start.config.embeddings_range = Some(0.02);
        Ok(start)
    }

    /// A new BERT of two layers, 128 wide, over `vocabulary`: small enough to be trained from scratch on a CPU. At first it
    /// attends to equal words, which helps where two texts are compared.
    ///
    /// # Errors
    /// If the vocabulary lacks BERT's special tokens.
    pub fn compact(vocabulary: Vec<String>) -> Result<Self, StartError> {
        Ok(Self {
            config: BertConfig {
                // Without pre-training the few steps of a demo leave little room for regularisation.
                hidden_dropout_prob: 0.0,
                attention_probs_dropout_prob: 0.0,
                // BERT's 0.02 is for a width of 768; at this width attention would learn slowly.
                initializer_range: 0.08,
                keys_start_as_queries: true,
                ..BertConfig::compact(vocabulary.len(), 128, 2, 4)
            },
            tokenizer: BertTokenizer::from_vocabulary(vocabulary, Normalization::default())?,
            weights: None,
        })
    }
}
