//! What a task is.

use std::fmt::Debug;

use bert_core::{BertConfig, BertTokenizer, EncoderInput, Mode, TokenizerError};
use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Device, Tensor};
use serde_json::{Map, Value};

use crate::batch::Features;
use crate::metrics::Metrics;

/// A use of BERT: how examples are encoded, which model reads them, how its answers are scored.
///
/// Training, evaluation and prediction know tasks only by this trait.
pub trait Task: Clone + Send + Sync + 'static {
    /// What the datasets hold.
    type Example: Send + Sync;
    /// What is to be predicted of one example, in numbers.
    type Target: Clone + Debug + Send + Sync + 'static;
    /// BERT with this task's head.
    type Model: TaskModel<Target = Self::Target> + 'static;

    /// The transformers class that reads this task's checkpoints.
    const ARCHITECTURE: &'static str;

    /// Token ids, at most `max_length` of them, and targets, one for each example and in their order. `None` targets
    /// are for prediction only.
    ///
    /// # Errors
    /// If `max_length` leaves no room for text, or the tokenizer refuses a text.
    fn encode(
        &self,
        examples: &[Self::Example],
        targets: Option<&[Self::Target]>,
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<Features<Self::Target>>, TaskError>;

    /// The encoder of `config` with a new head; its random weights are drawn from `seed`.
    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> Self::Model;

    /// Writes into `config` what this task adds: class, labels, kind of problem.
    fn configure(&self, config: &mut BertConfig);

    /// The metrics of `logits` (one row an example, as [`TaskModel::forward`] gives them) against `targets`.
    fn score(&self, logits: &[Vec<f32>], targets: &[Self::Target]) -> Metrics;

    /// The names of the metrics that [`score`](Self::score) gives.
    fn metric_names(&self) -> Vec<&'static str>;

    /// The metric by which models of this task are compared.
    fn main_metric(&self) -> &str;

    /// What an example was, for programs to read: the first fields of one line of `predictions.jsonl`.
    fn show(&self, example: &Self::Example) -> Map<String, Value>;

    /// What the model says of it: the other fields.
    fn describe(&self, logits: &[f32], target: Option<&Self::Target>) -> Map<String, Value>;
}

/// BERT with a head.
pub trait TaskModel: Module + ModuleDisplay {
    /// What is to be predicted of one example, in numbers.
    type Target: Clone + Debug + Send + Sync + 'static;

    /// The head's outputs, `[batch, places, outputs]`: one place for tasks on whole texts, one a token for others.
    fn forward(&self, input: &EncoderInput, mode: Mode) -> Tensor<3>;

    /// The mean loss of a batch, `[1]`.
    ///
    /// # Panics
    /// If there are not as many targets as rows.
    fn loss(&self, logits: Tensor<3>, targets: &[Self::Target]) -> Tensor<1>;
}

/// Why examples could not be made into batches.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// The tokenizer's reason.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The labels are not those of the model.
    #[error("{0}")]
    Labels(String),
}
