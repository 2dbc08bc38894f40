#![doc = include_str!("../README.md")]

#[cfg(feature = "files")]
mod block_reader;
#[cfg(feature = "files")]
pub mod corpora;
pub mod demo;
pub mod error;
pub mod examples;
mod extension;
mod file;
#[cfg(feature = "files")]
pub mod formats;
#[cfg(feature = "files")]
mod json;
pub mod message;
mod random;
mod source;

#[cfg(feature = "files")]
pub use corpora::{
    Cola, PAIR_CORPORA, PairCorpus, RetrievalFolder, SickRelatedness, Squad, Sst2, StsB, TagCorpus,
};
pub use error::DataError;
pub use examples::scheme::{self, Scheme};
pub use examples::tag_column::TagColumn;
pub use examples::{Answer, QuestionDataset, QuestionExample};
pub use examples::{Article, Collection, Identified, Queries, Query};
pub use examples::{Example, Examples, Group, Labels};
pub use examples::{Grades, Judgements, Ranked, Rankings};
pub use examples::{JudgedQuery, RetrievalDataset, RetrievalExample};
pub use examples::{Passage, PassageDataset};
pub use examples::{ScoredDataset, ScoredExample};
#[cfg(feature = "files")]
pub use examples::{Storable, StoredExamples};
pub use examples::{TaggedDataset, TaggedExample};
pub use examples::{TextDataset, TextExample};
pub use extension::has_extension;
pub use file::utf8;
#[cfg(feature = "files")]
pub use file::{open_data, scratch_dir};
#[cfg(feature = "files")]
pub use formats::{
    CollectionFile, DocumentFile, LineBlocks, PairFile, PlainText, QueryFile, QuestionBlocks, RetrievalFiles,
    Table, TagFile, TaggedBlocks, TextBlocks, TextFile, Unit, check_parquet_files, parquet_files,
    read_judgements, read_rankings,
};
#[cfg(feature = "files")]
pub use json::{JsonObjects, json_objects, starts_with_object};
pub use message::{Message, counted};
pub use random::Random;
pub use source::Source;
