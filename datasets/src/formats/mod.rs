//! Files of a known format: tables of texts, columns of tags, questions.

pub(crate) mod question_file;
pub(crate) mod table;
mod tag_file;
mod text_file;

pub use table::Table;
pub use tag_file::{TagColumn, TagFile};
pub use text_file::TextFile;
