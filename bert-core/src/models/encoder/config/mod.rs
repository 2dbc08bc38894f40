//! The hyper-parameters of an encoder: Hugging Face's `config.json`.

mod id2label;
mod limits;
mod sentence_embedding;
#[cfg(test)]
mod tests;

#[cfg(feature = "files")]
use std::path::Path;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

#[cfg(feature = "files")]
use crate::files::not_the_file;
use crate::models::{ARCHITECTURES, Architecture, ModelNames, Positions, architecture, architecture_of};
use crate::ops::{Activation, Precision};

pub use sentence_embedding::{Pooling, SentenceEmbedding};

/// A `config.json`: the known fields are typed, all others are kept unchanged. Each field has its name in BERT's; a family
/// with other keys names them in its [`Architecture`].
///
/// ```
/// use bert_core::BertConfig;
/// let json = r#"{"model_type": "bert", "hidden_size": 384, "num_hidden_layers": 6, "my_own": [1, 2]}"#;
/// let config = BertConfig::from_json(json)?;
/// assert_eq!(config.hidden_size, 384);
/// assert_eq!(config.vocab_size, 30522); // BERT-base's value where the file has none
/// assert!(config.to_json().contains("my_own"));
/// # Ok::<(), bert_core::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BertConfig {
    /// The transformers classes the weights are for, such as `BertForSequenceClassification`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architectures: Option<Vec<String>>,
    /// Dropout on the attention probabilities.
    pub attention_probs_dropout_prob: f64,
    /// Dropout before the head; `hidden_dropout_prob` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classifier_dropout: Option<f64>,
    /// The feed-forward network's activation.
    pub hidden_act: Activation,
    /// Dropout on the embeddings and on the output of each half of a layer.
    pub hidden_dropout_prob: f64,
    /// The width of the encoder.
    pub hidden_size: usize,
    /// The labels' names by their number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id2label: Option<Map<String, Value>>,
    /// The standard deviation of new weights.
    pub initializer_range: f64,
    /// The width inside the feed-forward network.
    pub intermediate_size: usize,
    /// The labels' numbers by their name. Only written: the labels are read from `id2label`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label2id: Option<Value>,
    /// Whether a token attends only to itself and the tokens before it: then the model is one that writes texts from left to
    /// right.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_decoder: bool,
    /// ε of layer normalisation.
    pub layer_norm_eps: f64,
    /// Rows of the position embeddings; see [`max_tokens`](Self::max_tokens).
    pub max_position_embeddings: usize,
    /// The family of encoders: `bert`.
    pub model_type: String,
    /// Attention heads in each layer.
    pub num_attention_heads: usize,
    /// Layers.
    pub num_hidden_layers: usize,
    /// The id of `[PAD]`; 0 where the file says null.
    #[serde(deserialize_with = "null_as_zero")]
    pub pad_token_id: usize,
    /// What a sequence classifier predicts: `single_label_classification`, `regression`, ….
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem_type: Option<String>,
    /// Token types (segments).
    pub type_vocab_size: usize,
    /// Word pieces.
    pub vocab_size: usize,
    /// Standard deviation of a new model's embeddings, instead of `initializer_range`. As they are normalised, it matters only
    /// for how fast they change: from small values sooner. It is not in `config.json`.
    #[serde(skip)]
    pub embeddings_range: Option<f64>,
    /// In how many layers, counted from the first, a new model's key projections start equal to its query projections, so that
    /// each token attends to similar tokens from the start (Trockman and Kolter 2023, "Mimetic initialization of self-attention
    /// layers"). It matters only for random weights, and is not in `config.json`.
    #[serde(skip)]
    pub keys_start_as_queries: usize,
    /// Whether a new model's position embeddings start as sinusoids, so that attention to a neighbour is soon learned. It matters
    /// only for random weights, and is not in `config.json`.
    #[serde(skip)]
    pub positions_start_as_sinusoids: bool,
    /// The numbers that the model's matrix products multiply. A matter of the run, and not in `config.json`.
    #[serde(skip)]
    pub precision: Precision,
    /// How a text becomes one vector, where the folder is one of sentence-transformers; or why that is impossible here. It is in
    /// other files than `config.json`.
    #[serde(skip)]
    pub sentence_embedding: Option<Result<SentenceEmbedding, String>>,
    /// Every field not named above.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Default for BertConfig {
    /// BERT-base, uncased (Devlin et al. 2019, section 3).
    fn default() -> Self {
        Self {
            architectures: None,
            attention_probs_dropout_prob: 0.1,
            classifier_dropout: None,
            embeddings_range: None,
            hidden_act: Activation::Gelu,
            hidden_dropout_prob: 0.1,
            hidden_size: 768,
            id2label: None,
            initializer_range: 0.02,
            intermediate_size: 3072,
            is_decoder: false,
            keys_start_as_queries: 0,
            label2id: None,
            layer_norm_eps: 1e-12,
            max_position_embeddings: 512,
            model_type: ARCHITECTURES[0].model_type.into(),
            num_attention_heads: 12,
            num_hidden_layers: 12,
            pad_token_id: 0,
            positions_start_as_sinusoids: false,
            precision: Precision::F32,
            problem_type: None,
            sentence_embedding: None,
            type_vocab_size: 2,
            vocab_size: 30522,
            other: Map::new(),
        }
    }
}

impl BertConfig {
    /// A BERT of `layers` layers, `hidden` wide with `heads` heads, over `vocabulary` word pieces; the feed-forward
    /// network is four times as wide.
    pub fn compact(vocabulary: usize, hidden: usize, layers: usize, heads: usize) -> Self {
        Self {
            vocab_size: vocabulary,
            hidden_size: hidden,
            intermediate_size: 4 * hidden,
            num_hidden_layers: layers,
            num_attention_heads: heads,
            max_position_embeddings: 128,
            ..Self::default()
        }
    }

    /// The configuration of a model folder, from its `config.json`.
    ///
    /// # Errors
    /// If the file is missing, no JSON, or describes a model that this crate cannot build.
    #[cfg(feature = "files")]
    pub fn from_dir(dir: &Path) -> Result<Self, ConfigError> {
        let path = dir.join("config.json");
        let error = |reason: String| ConfigError {
            path: path.clone(),
            reason,
        };
        let bytes = std::fs::read(&path).map_err(|e| {
            error(match e.kind() {
                std::io::ErrorKind::NotFound => format!(
                    "not found; {} needs config.json, weights and a vocabulary to be a model folder",
                    dir.display()
                ),
                _ => e.to_string(),
            })
        })?;
        if let Some(reason) = not_the_file(&bytes) {
            return Err(error(reason.into()));
        }
        let text = String::from_utf8(bytes).map_err(|e| error(e.to_string()))?;
        let config = Self::from_json(&text).map_err(|e| error(e.reason))?;
        Ok(Self {
            sentence_embedding: SentenceEmbedding::from_dir(dir),
            ..config
        })
    }

    /// Parses the text of a `config.json`.
    ///
    /// # Errors
    /// If the text is no JSON object, a known field has a value of another kind, or the values fit no BERT.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        let error = |reason| ConfigError {
            path: "config.json".into(),
            reason,
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let architecture = architecture_of(text).map_err(error)?;
        let mut config = Self::parse(text, architecture.config_keys).map_err(|e| error(e.to_string()))?;
        if !architecture.token_types {
            config.type_vocab_size = 0;
        }
        config.check().map_err(error)?;
        Ok(config)
    }

    /// Parses a `config.json` whose `keys` stand for BERT's.
    fn parse(text: &str, keys: &[(&str, &str)]) -> serde_json::Result<Self> {
        if keys.is_empty() {
            // Directly from the text, so that errors have a line and a column.
            return serde_json::from_str(text);
        }
        let mut map: Map<String, Value> = serde_json::from_str(text)?;
        rename_keys(&mut map, keys.iter().copied());
        serde_json::from_value(map.into())
    }

    /// The text of a `config.json`, indented.
    pub fn to_json(&self) -> String {
        self.format(self.architecture().config_keys)
    }

    fn format(&self, keys: &[(&str, &str)]) -> String {
        let text = match keys {
            [] => serde_json::to_string_pretty(self),
            keys => serde_json::to_value(self).and_then(|mut value| {
                if let Some(map) = value.as_object_mut() {
                    rename_keys(map, keys.iter().map(|&(theirs, ours)| (ours, theirs)));
                }
                serde_json::to_string_pretty(&value)
            }),
        };
        text.expect("a configuration is always JSON")
    }

    /// What the program knows of the model's family; where `model_type` was set to something unknown, it is the first
    /// architecture.
    pub fn architecture(&self) -> &'static Architecture {
        architecture(&self.model_type).unwrap_or(ARCHITECTURES[0])
    }

    /// The names of the weights of the model, with the head that `architectures` names.
    pub fn weight_names(&self) -> ModelNames {
        let architecture = self.architecture();
        let class = self.architectures.iter().flatten().next();
        let head = class.and_then(|class| class.strip_prefix(architecture.class_prefix));
        architecture.names(head.unwrap_or_default())
    }

    /// The row of the position embeddings that belongs to the first token of a text.
    pub fn first_position(&self) -> usize {
        match self.architecture().positions {
            Positions::FromZero => 0,
            Positions::AfterPadding => self.pad_token_id + 1,
        }
    }

    /// The longest sequence, in tokens, special tokens included.
    pub fn max_tokens(&self) -> usize {
        self.max_position_embeddings.saturating_sub(self.first_position())
    }

    /// Names the transformers class of the weights by its head, such as `ForSequenceClassification`. The model then reads texts in
    /// both directions, as heads do that are no causal language model's, and is none of sentence-transformers.
    pub fn set_head(&mut self, head: &str) {
        self.is_decoder = false;
        self.sentence_embedding = None;
        self.architectures = Some(vec![self.architecture().class(head)]);
    }

    /// The number of parameters of the encoder with its pooler.
    pub fn parameters(&self) -> usize {
        let (h, f) = (self.hidden_size, self.intermediate_size);
        let tables = (self.vocab_size + self.max_position_embeddings + self.type_vocab_size) * h;
        let layer = 4 * (h * h + h) + 2 * h * f + f + h + 4 * h;
        tables + 2 * h + self.num_hidden_layers * layer + h * h + h
    }
}

/// A configuration that cannot be used: which file, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}", path = .path.display())]
pub struct ConfigError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

fn null_as_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

fn rename_keys<'a>(map: &mut Map<String, Value>, keys: impl Iterator<Item = (&'a str, &'a str)>) {
    for (from, to) in keys {
        if let Some(value) = map.shift_remove(from) {
            map.insert(to.into(), value);
        }
    }
}
