//! Files of a known format: plain text, tables of texts, documents, columns of tags, questions, articles and what is
//! relevant among them, Parquet.

mod document_file;
mod line_blocks;
pub(crate) mod parquet;
mod passages;
mod plain_text;
pub(crate) mod question_file;
mod retrieval;
pub(crate) mod table;
mod tag_file;
mod tag_objects;
mod text_file;
mod text_lines;

pub use document_file::DocumentFile;
pub use line_blocks::LineBlocks;
pub use parquet::{check_parquet_files, parquet_files};
pub use passages::Unit;
pub use plain_text::PlainText;
pub use question_file::QuestionBlocks;
pub use retrieval::{CollectionFile, PairFile, QueryFile, RetrievalFiles, read_judgements, read_rankings};
pub use table::Table;
pub use tag_file::TagFile;
pub use tag_objects::TaggedBlocks;
pub use text_file::{TextBlocks, TextFile};
