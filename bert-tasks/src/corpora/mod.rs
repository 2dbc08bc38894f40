//! Which corpora there are for which task.

pub mod texts;
