//! Files of a known format: tables of texts, columns of tags, questions, Parquet.

pub(crate) mod parquet;
pub(crate) mod question_file;
pub(crate) mod table;
mod tag_file;
mod tag_objects;
mod text_file;

pub use parquet::parquet_files;
pub use table::Table;
pub use tag_file::TagFile;
pub use text_file::TextFile;
