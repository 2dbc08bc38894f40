//! A fine-tuned retriever that makes vectors of texts.

use std::convert::Infallible;
use std::ops::Range;
use std::path::Path;

use bert_core::SentenceEmbedding;
use bert_tasks::retrieval::{Retrieval, RetrievalOptions, passages};
use bert_tasks::{Task, TaskError, find_corpus};
use burn::tensor::Device;
use datasets::{Article, JudgedQuery, Query, RetrievalExample, Source};

use super::{ModelId, SearchError};
use crate::data::{BatchLoader, EncodedDataset, Order};
use crate::fine_tuned::{FineTuned, ModelFolder};
use crate::recipe::InvalidOption;
use crate::training::evaluator::Evaluator;
use crate::training::session::check_length;

/// A retriever on a device, and how it reads texts.
#[derive(Debug)]
pub struct TextEncoder {
    tuned: FineTuned<Retrieval>,
    id: ModelId,
    max_length: usize,
    batch_size: usize,
}

impl TextEncoder {
    /// Loads the retriever of a run folder, or of a folder in the layout of sentence-transformers.
    ///
    /// # Errors
    /// If the folder holds no retriever, or cannot be read.
    pub fn load(path: &Path, device: &Device) -> Result<Self, SearchError> {
        let folder = ModelFolder::open(path)?;
        let options: RetrievalOptions = match &folder.run {
            // A run of another task has no options of this one; loading says that it is none.
            Some(run) if find_corpus(&run.task).is_some_and(|corpus| corpus.task != Retrieval::NAME) => {
                RetrievalOptions::default()
            }
            _ => folder.options::<Retrieval>()?,
        };
        let id = ModelId::of(path, folder.model_dir())?;
        let tuned: FineTuned<Retrieval> = folder.load(options, device)?;
        Ok(Self {
            max_length: tuned.max_length(),
            batch_size: 64,
            tuned,
            id,
        })
    }

    /// Sets the most tokens of a passage, title included; as in training, if it is not called.
    ///
    /// # Errors
    /// If the model cannot read as many.
    pub fn with_max_length(mut self, max_length: usize) -> Result<Self, InvalidOption> {
        check_length(max_length, &self.tuned.config)?;
        self.max_length = max_length;
        Ok(self)
    }

    /// Sets the number of texts in a batch; 64, if it is not called.
    pub fn with_batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = batch_size;
        self
    }

    /// Which model it is.
    pub fn id(&self) -> &ModelId {
        &self.id
    }

    /// The length of its vectors.
    pub fn dimension(&self) -> usize {
        self.tuned.config.hidden_size
    }

    /// Whether its vectors have length 1, so that their dot products are cosines.
    pub fn normalizes(&self) -> bool {
        let embedding = self.tuned.config.sentence_embedding.as_ref();
        let embedding: Option<&SentenceEmbedding> = embedding.and_then(|known| known.as_ref().ok());
        embedding.is_some_and(|embedding| embedding.normalize)
    }

    /// The passages of an article with about `overlap` tokens in common, as [`passages`] cuts them.
    ///
    /// # Errors
    /// If the tokenizer refuses the text.
    pub fn passages(&self, title: &str, text: &str, overlap: usize) -> Result<Vec<Range<usize>>, TaskError> {
        Ok(passages(
            &self.tuned.tokenizer,
            title,
            text,
            self.max_length,
            overlap,
        )?)
    }

    /// The vectors of articles or passages, each a title and a text, one after the other, in their order. Calls `progress` with the
    /// number that is done after each batch; the result is none if that returns `false`.
    ///
    /// # Errors
    /// If the tokenizer refuses a text.
    pub fn encode_articles(
        &self,
        articles: &[(&str, &str)],
        progress: impl FnMut(usize) -> bool,
    ) -> Result<Option<Vec<f32>>, TaskError> {
        let source = Source::file(Path::new("articles"));
        let article = |&(title, text): &(&str, &str)| {
            RetrievalExample::Article(Article {
                id: String::new(),
                title: (!title.is_empty()).then(|| title.to_owned()),
                text: text.to_owned(),
                source: source.clone(),
            })
        };
        self.encode(&articles.iter().map(article).collect::<Vec<_>>(), progress)
    }

    /// The vectors of queries, one after the other, in their order.
    ///
    /// # Errors
    /// If the tokenizer refuses a text.
    pub fn encode_queries<S: AsRef<str>>(&self, queries: &[S]) -> Result<Vec<f32>, TaskError> {
        let source = Source::file(Path::new("queries"));
        let query = |text: &S| {
            RetrievalExample::Query(JudgedQuery {
                query: Query {
                    id: String::new(),
                    text: text.as_ref().to_owned(),
                    source: source.clone(),
                },
                grades: vec![],
                negatives: vec![],
            })
        };
        let queries: Vec<RetrievalExample> = queries.iter().map(query).collect();
        let vectors = self.encode(&queries, |_| true)?;
        Ok(vectors.expect("nobody ends it"))
    }

    fn encode(
        &self,
        examples: &[RetrievalExample],
        mut progress: impl FnMut(usize) -> bool,
    ) -> Result<Option<Vec<f32>>, TaskError> {
        if examples.is_empty() {
            return Ok(Some(vec![]));
        }
        let FineTuned {
            task,
            model,
            tokenizer,
            device,
            ..
        } = &self.tuned;
        let rows = EncodedDataset::encode(task, examples, tokenizer, self.max_length)?;
        let loader = BatchLoader::new(task, rows, Order::ByLength, self.batch_size, tokenizer, device);
        let dimension = self.dimension();
        let mut vectors = vec![0.0; examples.len() * dimension];
        let complete = Evaluator::new(task, model, examples).answer(&loader, &mut progress, |answered| {
            vectors[answered.index * dimension..][..dimension].copy_from_slice(&answered.answer.vector);
            Ok::<(), Infallible>(())
        });
        let Ok(complete) = complete;
        Ok(complete.then_some(vectors))
    }
}
