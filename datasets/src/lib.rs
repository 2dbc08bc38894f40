#![doc = include_str!("../README.md")]

pub mod cola;
pub mod demo;
pub mod error;
pub mod examples;
mod file;
pub mod labels;
pub mod message;
pub mod pairs;
pub mod questions;
pub mod scheme;
pub mod scores;
pub mod sst2;
pub mod table;
pub mod tag_file;
pub mod tags;
pub mod text;
pub mod text_file;

pub use cola::Cola;
pub use error::DataError;
pub use examples::{Example, Examples, Source};
pub use file::{has_extension, utf8};
pub use labels::Labels;
pub use message::Message;
pub use pairs::{PAIR_CORPORA, PairCorpus};
pub use questions::{Answer, QuestionDataset, QuestionExample, Squad};
pub use scheme::Scheme;
pub use scores::{ScoredDataset, ScoredExample, SickRelatedness, StsB};
pub use sst2::Sst2;
pub use table::Table;
pub use tag_file::{TagColumn, TagFile};
pub use tags::{TagCorpus, TaggedDataset, TaggedExample};
pub use text::{TextDataset, TextExample};
pub use text_file::TextFile;
