#![doc = include_str!("../README.md")]

pub mod card;
pub mod classification;
pub mod corpora;
pub mod corpus;
pub mod inputs;
pub mod metrics;
pub mod objective;
pub mod options;
pub mod pooled_head;
pub mod probability;
pub mod question_answering;
pub mod regression;
pub mod review;
pub mod row;
pub mod span;
pub mod tagging;
pub mod task;
pub mod tasks;
pub mod windows;

pub use card::Card;
pub use classification::{ClassAnswer, SequenceClassification, SequenceClassifier, TextOptions};
pub use corpus::{Corpus, CorpusError, Files, Splits};
pub use inputs::Inputs;
pub use metrics::Metrics;
pub use objective::Objective;
pub use options::Options;
pub use pooled_head::pooled_outputs;
pub use question_answering::{QuestionAnswering, QuestionOptions, SpanFinder};
pub use regression::{ScoreOptions, SequenceRegression, SequenceRegressor};
pub use review::Review;
pub use row::{Batch, Row};
pub use tagging::{TagOptions, TokenTagger, TokenTagging};
pub use task::{Task, TaskError, TaskModel};
pub use tasks::{TaskVisitor, visit_tasks};
