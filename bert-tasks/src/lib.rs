#![doc = include_str!("../README.md")]

pub mod analysis;
pub mod batch;
pub mod classification;
pub mod corpora;
pub mod heads;
pub mod metrics;
pub mod question_answering;
pub mod registry;
pub mod regression;
pub mod tagging;
pub mod task;
pub mod windows;

pub use analysis::Analysis;
pub use batch::{Batch, Collation, Draw, Padding, Row};
pub use classification::{ClassAnswer, SequenceClassification, SequenceClassifier, TextOptions};
pub use corpora::{Corpus, CorpusError, Files, Inputs, Splits};
pub use heads::{Objective, pooled_outputs};
pub use metrics::Metrics;
pub use question_answering::{QuestionAnswering, QuestionOptions, SpanFinder};
pub use registry::{Card, Entry, TaskVisitor, find_corpus, visit_tasks};
pub use regression::{ScoreOptions, SequenceRegression, SequenceRegressor};
pub use tagging::{TagOptions, TokenTagger, TokenTagging};
pub use task::{CorpusFacts, Decode, Encode, EncodedRow, ModelInput, Options, Prediction};
pub use task::{Task, TaskError, TaskModel};
