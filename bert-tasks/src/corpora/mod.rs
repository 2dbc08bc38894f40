//! Where examples come from: the corpora of each task, by name, and what users give for predictions.

mod corpus;
mod error;
mod files;
mod inputs;
mod splits;

pub mod documents;
pub mod questions;
pub mod retrieval;
pub mod scores;
pub mod tags;
pub mod texts;

pub use corpus::{Corpus, Demo, DemoModel, DevReader, SplitsReader};
pub use error::CorpusError;
pub use files::Files;
pub use inputs::{BlankLines, InputBlocks, Inputs, Lines};
pub use splits::Splits;
