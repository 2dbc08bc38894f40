//! The model that training starts from.

use std::path::Path;

use bert_core::tokenizer::Normalization;
use bert_core::{BertConfig, BertTokenizer, Checkpoint, ConfigError, StoreError, TokenizerError};
use bert_tasks::{Demo, DemoModel, NewModel};

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

    /// A new BERT with the sizes and the vocabulary of `model`.
    ///
    /// # Errors
    /// If the vocabulary cannot be read.
    pub fn new_model(model: &NewModel) -> Result<Self, StartError> {
        let tokenizer = BertTokenizer::from_path(&model.vocabulary)?;
        Ok(Self {
            config: model.config(tokenizer.vocab_size(), tokenizer.pad_id()),
            tokenizer,
            weights: None,
        })
    }

    /// The new model of a demo of the registry.
    ///
    /// # Errors
    /// If its vocabulary lacks BERT's special tokens.
    pub fn of_demo(demo: &Demo) -> Result<Self, StartError> {
        let vocabulary = (demo.vocabulary)();
        match demo.model {
            DemoModel::Structure => Self::compact_for_structure(vocabulary),
            DemoModel::Texts => Self::compact(vocabulary),
            DemoModel::Pairs => Self::compact_for_pairs(vocabulary),
            DemoModel::Questions => Self::compact_for_questions(vocabulary),
        }
    }

    /// A new BERT of three layers, 96 wide, over `vocabulary`, for tasks about the structure of a text. As only `[CLS]` passes the
    /// last layer, two layers are left to join the pieces of words, and words that belong together: with one, a model needs far
    /// longer to learn agreement. Attention to equal words is of no use there, so its keys are independent of its queries.
    ///
    /// # Errors
    /// If the vocabulary lacks BERT's special tokens.
    pub fn compact_for_structure(vocabulary: Vec<String>) -> Result<Self, StartError> {
        Self::small(vocabulary, 96, 3)
    }

    /// A new BERT of two layers, 128 wide, over `vocabulary`: small enough to be trained from scratch on a CPU. At first it
    /// attends to equal words, which helps where two texts are compared.
    ///
    /// # Errors
    /// If the vocabulary lacks BERT's special tokens.
    pub fn compact(vocabulary: Vec<String>) -> Result<Self, StartError> {
        let mut start = Self::small(vocabulary, 128, 2)?;
        start.config.keys_start_as_queries = 2;
        Ok(start)
    }

    /// As [`compact`](Self::compact), for questions about a passage: only the first layer starts with attention to equal words. The
    /// second one is left to collect, for each token, which words near it occur in the question.
    ///
    /// # Errors
    /// If the vocabulary lacks BERT's special tokens.
    pub fn compact_for_questions(vocabulary: Vec<String>) -> Result<Self, StartError> {
        let mut start = Self::compact(vocabulary)?;
        start.config.keys_start_as_queries = 1;
        Ok(start)
    }

    /// A new BERT of three layers, 96 wide, over `vocabulary`, for the relation between two texts. Two layers start with attention to
    /// equal words, sharper than in [`compact`](Self::compact); the last one is left to collect, in `[CLS]`, where they differ.
    ///
    /// # Errors
    /// If the vocabulary lacks BERT's special tokens.
    pub fn compact_for_pairs(vocabulary: Vec<String>) -> Result<Self, StartError> {
        let mut start = Self::small(vocabulary, 96, 3)?;
        start.config.keys_start_as_queries = 2;
        start.config.initializer_range = 0.1;
        Ok(start)
    }

    /// A new BERT of `layers` layers, `hidden` wide. Its small embeddings learn soon which words behave alike, and as its positions
    /// start as sinusoids, it soon attends to neighbours.
    fn small(vocabulary: Vec<String>, hidden: usize, layers: usize) -> Result<Self, StartError> {
        Ok(Self {
            config: BertConfig {
                // Without pre-training the few steps of a demo leave little room for regularisation.
                hidden_dropout_prob: 0.0,
                attention_probs_dropout_prob: 0.0,
                // BERT's 0.02 is for a width of 768; at this width attention would learn slowly.
                initializer_range: 0.08,
                embeddings_range: Some(0.02),
                positions_start_as_sinusoids: true,
                ..BertConfig::compact(vocabulary.len(), hidden, layers, 4)
            },
            tokenizer: BertTokenizer::from_vocabulary(vocabulary, Normalization::default())?,
            weights: None,
        })
    }
}
