//! What a task is.

use std::fmt::Debug;

use bert_core::{BertConfig, BertTokenizer, Checkpoint, EncoderInput, Mode, TokenizerError};
use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use datasets::{DataError, Example, Examples};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::card::Card;
use crate::corpus::{Corpus, CorpusError};
use crate::inputs::Inputs;
use crate::metrics::Metrics;
use crate::options::Options;
use crate::review::{Line, Review, ReviewError};
use crate::row::Row;

/// A use of BERT: where examples come from, how they are encoded, which model reads them, what its outputs mean and how
/// good they are.
///
/// Training, evaluation, prediction and the command line know tasks only by this trait. A task's `Debug` says all of it:
/// rows that were kept are used again by a task that says the same.
pub trait Task: Clone + Debug + Send + Sync + 'static {
    /// What the datasets hold.
    type Example: Example;
    /// Where in its example a row lies.
    type Place: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What is to be predicted of one row, in numbers.
    type Target: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What the model says of one example.
    type Answer: Clone + Debug + Send + Sync + 'static;
    /// What can be chosen for this task and no other.
    type Options: Options;
    /// BERT with this task's head.
    type Model: TaskModel<Target = Self::Target> + 'static;

    /// The task's name.
    const NAME: &'static str;
    /// The task in one sentence.
    const ABOUT: &'static str;
    /// The transformers class that reads this task's checkpoints.
    const ARCHITECTURE: &'static str;
    /// The names of all metrics the task has.
    const METRICS: &'static [&'static str];
    /// Those of its options that have a meaning in training on any corpus, and only there.
    const TRAINING_OPTIONS: &'static [&'static str] = &[];

    /// What the cards of its models say.
    const CARD: Card = Card {
        pipeline: "",
        example: "\"some text\"",
        pair: "",
        longer: "longer ones are not read to their end",
    };
    /// What examples are called of which [`encode`](Self::encode) cut something off.
    const CUT: &'static str = "texts longer than --max-length, which lost their end";
    /// The version of [`encode`](Self::encode): higher by one after each change of what it makes, so that no rows are used
    /// that were kept before it.
    const ENCODING: u32 = 1;
    /// Tokens of a row, where the user does not say how many.
    const MAX_LENGTH: usize = 128;

    /// The corpora that have examples of it, by name.
    fn corpora() -> &'static [Corpus<Self>];

    /// The task that `train` sets: with its labels, if it has labels.
    ///
    /// # Errors
    /// If nothing can be learned from `train`, as where all examples have one label.
    fn from_data(
        corpus: &Corpus<Self>,
        train: &Examples<Self::Example>,
        options: &Self::Options,
    ) -> Result<Self, TaskError>;

    /// The task that a fine-tuned model is for.
    ///
    /// # Errors
    /// A sentence on why the model is for no such task.
    fn from_model(
        config: &BertConfig,
        checkpoint: &Checkpoint,
        main_metric: Option<&str>,
        options: &Self::Options,
    ) -> Result<Self, String>;

    /// Takes over the names that `corpus` has for the labels, where the model's own have none; says which.
    fn adopt_labels(&mut self, _corpus: &Corpus<Self>, _data: &Examples<Self::Example>) -> Option<String> {
        None
    }

    /// Whether all that is to be predicted of `examples` can be.
    ///
    /// # Errors
    /// At the first example of which it cannot.
    fn check(&self, _examples: &Examples<Self::Example>) -> Result<(), DataError> {
        Ok(())
    }

    /// Whether there is something to learn from `example`; it is left out of training if not.
    fn learns_from(&self, _example: &Self::Example) -> bool {
        true
    }

    /// What there is to tell about `examples` before the task is done on them.
    fn remarks(&self, _examples: &Examples<Self::Example>) -> Vec<String> {
        vec![]
    }

    /// Token ids, at most `max_length` of them a row, in the order of the examples.
    ///
    /// # Errors
    /// If `max_length` leaves no room for text, or the tokenizer refuses a text.
    fn encode(
        &self,
        examples: &[Self::Example],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<Row<Self>>, TaskError>;

    /// The encoder of `config` with a new head; its random weights are drawn from `seed`.
    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> Self::Model;

    /// Writes into `config` what this task adds: class, labels, kind of problem.
    fn configure(&self, config: &mut BertConfig);

    /// What the model says of `example`: `rows` are all of the example's rows, `logits` their outputs as
    /// [`TaskModel::forward`] gives them, without those of padding.
    fn decode(&self, example: &Self::Example, rows: &[Row<Self>], logits: &[Vec<f32>]) -> Self::Answer;

    /// How good `answers` are.
    fn score(&self, examples: &[Self::Example], answers: &[Self::Answer]) -> Metrics;

    /// The names of the metrics that [`score`](Self::score) gives here.
    fn metric_names(&self) -> Vec<&'static str> {
        Self::METRICS.to_vec()
    }

    /// The metric by which models of this task are compared: the higher the better.
    fn main_metric(&self) -> &str;

    /// An example and its answer for programs to read: one line of `predictions.jsonl`.
    fn line(&self, example: &Self::Example, answer: &Self::Answer) -> Map<String, Value>;

    /// Further files that programs for this task expect, by name.
    fn files(&self, _examples: &[Self::Example], _answers: &[Self::Answer]) -> Vec<(&'static str, String)> {
        vec![]
    }

    /// What the lines of `predictions.jsonl` show to people; nothing but the metrics, where a task has no more to tell.
    ///
    /// # Errors
    /// At the first line that [`line`](Self::line) has not written.
    fn review(_lines: &[Line]) -> Result<Review, ReviewError> {
        Ok(Review::default())
    }

    /// What a user gives to be answered.
    ///
    /// # Errors
    /// If it cannot be read, or is not what this task takes.
    fn read(inputs: &Inputs, options: &Self::Options) -> Result<Examples<Self::Example>, CorpusError>;
}

/// BERT with a head.
pub trait TaskModel: Module + Sync + ModuleDisplay {
    /// What is to be predicted of one row, in numbers.
    type Target: Clone + Debug + Send + Sync + 'static;

    /// The head's outputs, `[batch, places, outputs]`: one place for tasks on whole texts, one a token for others.
    fn forward(&self, input: &EncoderInput, mode: Mode) -> Tensor<3>;

    /// Takes out of the gradients what must not be learned; nothing, for most.
    fn filter_gradients(&self, _gradients: &mut GradientsParams) {}

    /// How many single losses there are in `targets`: what a mean is over.
    fn count(targets: &[Self::Target]) -> usize {
        targets.len()
    }

    /// The sum of the single losses, divided by `count`, `[1]`: their mean, where `count` is theirs.
    ///
    /// # Panics
    /// If there are not as many targets as rows.
    fn loss(&self, logits: Tensor<3>, targets: &[Self::Target], count: usize) -> Tensor<1>;
}

/// Why examples could not be made into rows.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// The tokenizer's reason.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The data's reason.
    #[error(transparent)]
    Data(#[from] DataError),
}
