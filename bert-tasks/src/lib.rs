#![doc = include_str!("../README.md")]

pub mod batch;
pub mod classification;
pub mod corpus;
pub mod metrics;
pub mod task;

pub use batch::{Batch, Features};
pub use classification::{ClassPrediction, SequenceClassification, SequenceClassifier};
pub use corpus::{Corpus, CorpusError, Splits};
pub use metrics::Metrics;
pub use task::{Task, TaskError, TaskModel};
