//! What a task is, in parts: examples to model input ([`Encode`]), a model with its loss ([`TaskModel`]), outputs to
//! answers, metrics and files ([`Decode`]), and what holds them together ([`Task`]).
//!
//! ```text
//! examples --encode--> rows --collate--> input --forward--> output --decode--> answers --> metrics, predictions, files
//!                                        targets ------------^ loss
//! ```

mod batch;
mod collation;
mod decode;
mod encode;
mod error;
mod input;
mod model;
mod options;

use bert_core::{BertConfig, BertTokenizer, Checkpoint};
use burn::tensor::Device;
use datasets::{DataError, Examples, Labels, Message};

pub use batch::Batch;
pub use collation::{Collation, Draw, Padding};
pub use decode::{Decode, ModelOutput, Prediction};
pub use encode::{Encode, EncodedRow};
pub use error::TaskError;
pub use input::ModelInput;
pub(crate) use model::gradients_in_one_pass;
pub use model::{LossCount, TaskModel};
pub use options::{MAX_COUNT, NewModel, Options};
pub(crate) use options::{check_counts, check_finite, check_fits};

/// A use of BERT: all that training, evaluation and prediction know about it.
///
/// A task knows no files and no corpora: those are in its [registry entry](crate::registry::Entry).
pub trait Task: Decode {
    /// The settings of this task alone.
    type Options: Options;

    /// The task's name.
    const NAME: &'static str;
    /// The task in one sentence, for model cards, reports and lists of tasks. A task describes itself, since a program
    /// that adds one has no other place for it; what a program offers for the task, such as its options, is not part of it.
    const ABOUT: &'static str;
    /// The end of the transformers class that reads the task's checkpoints: `ForTokenClassification`, for example. The start
    /// is the encoder's.
    const HEAD: &'static str;
    /// The ends of all classes whose checkpoints the task reads: [`HEAD`](Self::HEAD), and those of models with more heads.
    const HEADS: &'static [&'static str] = &[Self::HEAD];
    /// The default of the maximum length of a row, in tokens.
    const MAX_LENGTH: usize = 128;

    /// The task of a new training: with the labels of the training data, if it has labels.
    ///
    /// # Errors
    /// If `train` is unusable, for example because all examples have the same label, or an option does not fit it.
    fn from_data(
        corpus: &CorpusFacts<'_>,
        train: &Examples<Self::Example>,
        options: &Self::Options,
    ) -> Result<Self, TaskError>;

    /// The task of a fine-tuned model. `main_metric` is that of its training corpus, if known.
    ///
    /// # Errors
    /// A sentence that says why the model is not for this task, or an option not for the model.
    fn from_model(
        config: &BertConfig,
        checkpoint: &Checkpoint,
        main_metric: Option<&str>,
        options: &Self::Options,
    ) -> Result<Self, Message>;

    /// The end of the transformers class of this task's model: one of [`HEADS`](Self::HEADS).
    fn head(&self) -> &'static str {
        Self::HEAD
    }

    /// Takes from the tokenizer what the task needs of it. It is called once, before anything is encoded.
    ///
    /// # Errors
    /// A sentence that says what the tokenizer lacks.
    fn adopt_tokenizer(&mut self, _tokenizer: &BertTokenizer) -> Result<(), Message> {
        Ok(())
    }

    /// Takes the corpus' names for labels that the model itself does not name (`LABEL_0`); returns a note about it.
    fn adopt_labels(&mut self, _corpus: &CorpusFacts<'_>, _data: &Examples<Self::Example>) -> Option<String> {
        None
    }

    /// Checks that every example has a target that the task can predict.
    ///
    /// # Errors
    /// At the first example without one.
    fn check(&self, _examples: &Examples<Self::Example>) -> Result<(), DataError> {
        Ok(())
    }

    /// Whether training uses `example`; it is left out if not.
    fn learns_from(&self, _example: &Self::Example) -> bool {
        true
    }

    /// What the user should know about `examples` before the task runs on them.
    fn notes(&self, _examples: &Examples<Self::Example>) -> Vec<Message> {
        vec![]
    }

    /// The encoder of `config` with a new head; random weights are drawn from `seed`.
    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> Self::Model;

    /// Sets the start of the head of a new `model` from the targets of `train`, for example at their mean. Returns the model
    /// and a note on what it did, as the end of a sentence: "starts at …". It is called before weights are loaded: a head
    /// among them replaces this one.
    fn init_head(
        &self,
        model: Self::Model,
        _train: &Examples<Self::Example>,
    ) -> (Self::Model, Option<String>) {
        (model, None)
    }

    /// Completes `config` with what this task adds: architecture, labels, problem type.
    fn configure(&self, config: &mut BertConfig);
}

/// What a task needs to know about the corpus it is trained or evaluated on, besides the examples.
#[derive(Clone, Debug)]
pub struct CorpusFacts<'a> {
    /// The main metric, which compares models on it.
    pub main_metric: &'a str,
    /// The labels in their order, where the corpus defines them; those of users' own files are read from the data.
    pub labels: Option<Labels>,
}
