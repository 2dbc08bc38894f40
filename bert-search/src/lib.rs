#![doc = include_str!("../README.md")]

mod document;
mod error;
mod files;
mod hit;
mod reader;
mod segment;
mod top_k;
mod vector_search;
mod writer;

pub use document::Document;
pub use error::IndexError;
pub use files::{IndexSettings, Similarity};
pub use hit::Hit;
pub use reader::IndexReader;
pub use writer::IndexWriter;

/// The longest vectors that an index can have. Sums of products of longer rows of bytes would not fit into 32 bits.
pub const MAX_DIMENSION: usize = 65_536;
