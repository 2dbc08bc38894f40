#![doc = include_str!("../README.md")]

pub mod analysis;
pub mod classification;
#[cfg(feature = "files")]
pub mod corpora;
pub mod heads;
pub mod language_modelling;
pub mod metrics;
pub mod question_answering;
#[cfg(feature = "files")]
pub mod registry;
pub mod regression;
pub mod retrieval;
mod row;
pub mod tagging;
pub mod task;
pub mod windows;

pub use analysis::Analysis;
pub use classification::{ClassAnswer, SequenceClassification, SequenceClassifier, TextOptions};
#[cfg(feature = "files")]
pub use corpora::{Corpus, CorpusError, Demo, DemoModel, Files, InputBlocks, Inputs, Lines, Splits};
pub use heads::{ClassWeights, CrossEntropyLoss, pooled_outputs};
pub use language_modelling::{CausalLanguageModel, CausalLanguageModelling, CausalOptions};
pub use language_modelling::{Continuation, End, Generation, Sampling, TextScore, TextScoring};
pub use language_modelling::{MaskedLanguageModel, MaskedLanguageModelling, MaskedOptions, ModelSize};
pub use metrics::{Metrics, lower_is_better};
pub use question_answering::{QuestionAnswering, QuestionOptions, SpanFinder};
#[cfg(feature = "files")]
pub use registry::{Entry, TaskCard, TaskVisitor, find_corpus, visit_tasks};
pub use regression::{ScoreOptions, SequenceRegression, SequenceRegressor};
pub use retrieval::{BiEncoder, Retrieval, RetrievalOptions};
pub use row::Row;
pub use tagging::{ColumnChoice, SchemeChoice, TagOptions, TokenTagger, TokenTagging};
pub use task::{Batch, Collation, CorpusFacts, Decode, Draw, Encode, EncodedRow, ModelOutput};
pub use task::{LossCount, MAX_COUNT, ModelInput, NewModel, Options, Padding, Prediction};
pub use task::{Task, TaskError, TaskModel};
