#![doc = include_str!("../README.md")]

pub mod classification;
pub mod corpora;
pub mod corpus;
pub mod inputs;
pub mod metrics;
pub mod options;
pub mod probability;
pub mod row;
pub mod task;
pub mod tasks;

pub use classification::{ClassAnswer, SequenceClassification, SequenceClassifier, TextOptions};
pub use corpus::{Corpus, CorpusError, Files, Splits};
pub use inputs::Inputs;
pub use metrics::Metrics;
pub use options::Options;
pub use row::{Batch, Row};
pub use task::{Task, TaskError, TaskModel};
pub use tasks::{TaskVisitor, visit_tasks};
