//! What each sub-command does.

pub mod completions;
pub mod eval;
pub mod fetch;
pub mod generate;
pub mod index;
pub mod info;
pub mod man;
pub mod predict;
pub mod report;
pub mod resume;
pub mod score;
pub mod search;
pub mod tasks;
pub mod tokenizer;
pub mod train;
