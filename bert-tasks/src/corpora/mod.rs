//! Which corpora there are for which task.

pub mod questions;
pub mod scores;
pub mod tags;
pub mod texts;
