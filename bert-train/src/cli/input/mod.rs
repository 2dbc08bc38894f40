//! What commands read: labelled data, and texts to answer.

pub mod block_size;
pub mod collection;
pub mod data_files;
pub mod hub_data;
pub mod texts;
