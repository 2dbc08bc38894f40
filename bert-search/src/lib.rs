#![doc = include_str!("../README.md")]

mod analyzer;
mod bm25;
mod document;
mod error;
mod export;
mod files;
mod fusion;
mod hit;
mod matches;
mod reader;
mod segment;
mod top_k;
mod vector_search;
mod word_search;
mod writer;

pub use analyzer::Analyzer;
pub use bm25::Bm25;
pub use document::Document;
pub use error::IndexError;
pub use export::{ExportFormat, export};
pub use files::{IndexSettings, Similarity};
pub use fusion::{RANK_CONSTANT, reciprocal_rank_fusion};
pub use hit::Hit;
pub use reader::{HybridOptions, IndexReader};
pub use writer::IndexWriter;

/// The longest vectors that an index can have. Sums of products of longer rows of bytes would not fit into 32 bits.
pub const MAX_DIMENSION: usize = 65_536;
