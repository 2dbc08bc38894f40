//! The flags of retrieval.

use bert_core::Pooling;
use bert_tasks::RetrievalOptions;
use bert_tasks::retrieval::Draws;

use super::group::flags;
use super::names::parser;
use super::numbers::{Count, Finite, Number};

flags! {
    /// The flags of retrieval.
    RetrievalFlags for RetrievalOptions {
        /// Column with the queries, in a file of pairs [default: guessed from its name].
        #[arg(value_name = "NAME")]
        query_column: String,
        /// Column with the relevant articles, in a file of pairs [default: guessed from its name].
        #[arg(value_name = "NAME")]
        article_column: String,
        /// Column with articles that are not relevant (hard negatives), in a file of pairs [default: guessed from its name].
        #[arg(value_name = "NAME")]
        negative_column: String,
        /// How the vectors of tokens become one vector: mean, or cls for that of `[CLS]` [default: as in the model that training
        /// starts from, else mean].
        #[arg(value_name = "POOLING", value_parser = parser::<Pooling>())]
        pooling: Pooling,
        /// Scale vectors to length 1, so that scores are cosines [default: as in the model that training starts from, else true].
        #[arg(value_name = "BOOL")]
        normalize: bool,
        /// What scores are multiplied by before the softmax.
        #[arg(value_name = "FACTOR")]
        scale: Finite,
        /// Maximum number of tokens per query; longer queries are truncated [default: --max-length].
        #[arg(value_name = "TOKENS")]
        max_query_length: Count,
        /// Hard negatives of a query in a batch, at most.
        #[arg(value_name = "N")]
        hard_negatives: Number,
        /// Articles drawn at random from the collection for each query of a batch.
        #[arg(value_name = "N")]
        negatives: Number,
        /// How they are drawn: uniform, or by the frequency of articles among the relevant ones, to the power 3/4.
        #[arg(value_name = "HOW", value_parser = parser::<Draws>())]
        negatives_by: Draws,
        /// Compute N texts of a batch at a time, and those of the backward pass again: large batches then take little memory
        /// [default: all at once].
        #[arg(value_name = "N")]
        gradient_cache: Count,
    }
}
