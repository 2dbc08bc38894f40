//! Queries and articles to rows, and queries with their articles to batches.

use bert_core::{BertTokenizer, EncoderInput, Encoding};
use burn::tensor::Device;
use datasets::{Message, RetrievalExample};

use super::Retrieval;
use super::negatives::batch_articles;
use super::row::{JudgedArticles, RetrievalRow};
use crate::task::{Collation, Encode, ModelInput, TaskError};

/// Queries and articles, in chunks that are computed one after another: one chunk each, unless gradients are cached. Without
/// queries or articles there is no chunk of them.
#[derive(Clone, Debug)]
pub struct RetrievalInput {
    /// The queries.
    pub queries: Vec<EncoderInput>,
    /// The articles: in training first the relevant article of each query, then negatives.
    pub articles: Vec<EncoderInput>,
}

impl ModelInput for RetrievalInput {
    fn device(&self) -> Device {
        let first = self.queries.iter().chain(&self.articles).next();
        first.map(EncoderInput::device).unwrap_or_default()
    }

    fn computed_tokens(&self) -> usize {
        let all = self.queries.iter().chain(&self.articles);
        all.map(ModelInput::computed_tokens).sum()
    }
}

impl Encode for Retrieval {
    type Example = RetrievalExample;
    type Row = RetrievalRow;
    type Input = RetrievalInput;
    /// In training, that the article with a query's number is relevant for it.
    type Target = ();

    fn cache_key(&self) -> String {
        // What is drawn is drawn when a batch is made.
        format!("{:?}", self.options.max_query_length)
    }

    fn encode(
        &self,
        examples: &[RetrievalExample],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<RetrievalRow>, TaskError> {
        let mut rows = vec![None; examples.len()];
        let is_query = |example: &RetrievalExample| matches!(example, RetrievalExample::Query(_));
        for (queries, most) in [
            (false, max_length),
            (
                true,
                self.options
                    .max_query_length
                    .unwrap_or(max_length)
                    .min(max_length),
            ),
        ] {
            let chosen = examples
                .iter()
                .enumerate()
                .filter(|(_, example)| is_query(example) == queries);
            let texts: Vec<(usize, String)> =
                chosen.map(|(number, example)| (number, text(example))).collect();
            let pairs: Vec<(&str, Option<&str>)> =
                texts.iter().map(|(_, text)| (text.as_str(), None)).collect();
            let encodings = tokenizer.encode_batch(&pairs, most)?;
            for ((example, _), Encoding { ids, truncated, .. }) in texts.into_iter().zip(encodings) {
                rows[example] = Some(RetrievalRow {
                    ids,
                    example,
                    truncated,
                    judged: judged(&examples[example]),
                });
            }
        }
        Ok(rows.into_iter().flatten().collect())
    }

    fn companions(&self, rows: &[RetrievalRow], context: &Collation<'_>) -> Vec<usize> {
        match context.mode {
            bert_core::Mode::Inference => vec![],
            bert_core::Mode::Training { .. } => batch_articles(rows, context, self.counts(), &self.pool),
        }
    }

    fn collate(&self, rows: &[RetrievalRow], context: &Collation<'_>) -> (RetrievalInput, Vec<()>) {
        self.collate_with(rows, &[], context)
    }

    fn collate_with(
        &self,
        rows: &[RetrievalRow],
        companions: &[RetrievalRow],
        context: &Collation<'_>,
    ) -> (RetrievalInput, Vec<()>) {
        let chunk = match context.mode {
            bert_core::Mode::Inference => usize::MAX,
            bert_core::Mode::Training { .. } => self.options.gradient_cache.unwrap_or(usize::MAX),
        };
        let chunks = |rows: Vec<&RetrievalRow>| -> Vec<EncoderInput> {
            let encodings: Vec<Encoding> = rows.into_iter().map(RetrievalRow::encoding).collect();
            let chunks = encodings.chunks(chunk.min(encodings.len().max(1)));
            chunks
                .map(|chunk| context.encoder_input(&chunk.iter().collect::<Vec<_>>()))
                .collect()
        };
        let (articles, queries): (Vec<_>, Vec<_>) = rows
            .iter()
            .chain(companions)
            .partition(|row| row.judged.is_none());
        let targets = vec![(); if companions.is_empty() { 0 } else { queries.len() }];
        let input = RetrievalInput {
            queries: chunks(queries),
            articles: chunks(articles),
        };
        (input, targets)
    }

    fn truncation(&self) -> Message {
        Message::new("articles longer than ")
            .option("max_length")
            .text(", or queries longer than ")
            .option("max_query_length")
            .text(", were truncated")
    }
}

/// What a model reads of an example.
fn text(example: &RetrievalExample) -> String {
    match example {
        RetrievalExample::Article(article) => article.titled_text(),
        RetrievalExample::Query(judged) => judged.query.text.clone(),
    }
}

/// The judged articles of a query; none for an article.
fn judged(example: &RetrievalExample) -> Option<JudgedArticles> {
    match example {
        RetrievalExample::Article(_) => None,
        RetrievalExample::Query(judged) => Some(JudgedArticles {
            relevant: judged.relevant().collect(),
            negatives: judged.negatives.clone(),
        }),
    }
}
