//! A search engine from a fine-tuned retriever and an index: articles are encoded and indexed, queries encoded and searched.

pub mod encoder;
pub mod engine;
mod error;
pub mod indexing;
mod model_id;

pub use encoder::TextEncoder;
pub use engine::{SearchBy, SearchEngine, SearchOptions};
pub use error::SearchError;
pub use indexing::{Indexed, Indexing, index_collection};
pub use model_id::ModelId;
