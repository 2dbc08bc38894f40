//! Files of collections, queries, judgements and rankings: those of MS MARCO, BEIR and TREC, and tables.

mod collection_file;
mod fields;
mod identified_table;
mod judged_queries;
mod judgement_file;
mod pair_file;
mod query_file;
mod ranking_file;
mod topics;

#[cfg(test)]
mod tests;

pub use collection_file::CollectionFile;
pub use judged_queries::RetrievalFiles;
pub use judgement_file::read_judgements;
pub use pair_file::PairFile;
pub use query_file::QueryFile;
pub use ranking_file::read_rankings;
