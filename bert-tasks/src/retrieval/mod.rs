//! Retrieval: queries and articles as vectors of one space, so that the articles that are relevant for a query are near it
//! (Reimers and Gurevych 2019, "Sentence-BERT"; Karpukhin et al. 2020, "Dense passage retrieval for open-domain question answering").

mod decode;
mod encode;
mod model;
mod negatives;
mod options;
mod passages;
mod row;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bert_core::{BertConfig, Checkpoint, SentenceEmbedding};
use burn::tensor::Device;
use datasets::{DataError, Message, RetrievalDataset, RetrievalExample};

use self::negatives::{ArticlePool, NegativeCounts};
use crate::heads::check_encoder;
use crate::task::{CorpusFacts, Options, Task, TaskError};

pub use self::decode::{Embedding, Ranking};
pub use self::encode::RetrievalInput;
pub use self::model::{BiEncoder, Embeddings};
pub use self::negatives::Draws;
pub use self::options::RetrievalOptions;
pub use self::passages::passages;
pub use self::row::{JudgedArticles, RetrievalRow};

/// The articles that are relevant for a query.
#[derive(Clone, Debug)]
pub struct Retrieval {
    options: RetrievalOptions,
    main_metric: String,
    /// The articles of the training data.
    pool: Arc<ArticlePool>,
}

impl Retrieval {
    /// The task with these options, which must be possible ones.
    pub fn new(options: &RetrievalOptions, main_metric: &str) -> Self {
        Self {
            options: options.clone(),
            main_metric: main_metric.into(),
            pool: Arc::default(),
        }
    }

    /// How a text becomes one vector: as the options say, else as the model's folder does.
    fn embedding(&self, config: &BertConfig) -> SentenceEmbedding {
        let default = SentenceEmbedding {
            normalize: true,
            ..SentenceEmbedding::default()
        };
        let known = config
            .sentence_embedding
            .as_ref()
            .and_then(|known| known.as_ref().ok());
        let known = known.copied().unwrap_or(default);
        SentenceEmbedding {
            pooling: self.options.pooling.unwrap_or(known.pooling),
            normalize: self.options.normalize.unwrap_or(known.normalize),
            ..known
        }
    }

    fn counts(&self) -> NegativeCounts {
        NegativeCounts {
            hard: self.options.hard_negatives,
            random: self.options.negatives,
        }
    }
}

impl Task for Retrieval {
    type Options = RetrievalOptions;

    const NAME: &'static str = "retrieval";
    const ABOUT: &'static str = "The articles that are relevant for a query";
    const HEAD: &'static str = "Model";
    const MAX_LENGTH: usize = 256;

    fn from_data(
        corpus: &CorpusFacts<'_>,
        train: &RetrievalDataset,
        options: &RetrievalOptions,
    ) -> Result<Self, TaskError> {
        options.check()?;
        let (mut articles, mut relevant) = (0, vec![]);
        train.try_for_each(|example| {
            match example {
                RetrievalExample::Article(_) => articles += 1,
                RetrievalExample::Query(judged) => relevant.extend(judged.relevant()),
            }
            Ok::<(), DataError>(())
        })?;
        let pool = ArticlePool::new(articles, options.negatives_by, relevant.into_iter());
        Ok(Self {
            pool: Arc::new(pool),
            ..Self::new(options, corpus.main_metric)
        })
    }

    fn from_model(
        config: &BertConfig,
        _: &Checkpoint,
        main_metric: Option<&str>,
        options: &RetrievalOptions,
    ) -> Result<Self, Message> {
        options.check().map_err(|error| error.message())?;
        match &config.sentence_embedding {
            Some(Ok(_)) => {}
            Some(Err(reason)) => return Err(reason.as_str().into()),
            None => {
                return Err(
                    "this model has no modules.json, which says how a text becomes one vector".into(),
                );
            }
        }
        check_encoder(config)?;
        Ok(Self::new(options, main_metric.unwrap_or("ndcg@10")))
    }

    /// Training needs a relevant article; an evaluation counts what a search finds of those that are there.
    fn learns_from(&self, example: &RetrievalExample) -> bool {
        match example {
            RetrievalExample::Article(_) => true,
            RetrievalExample::Query(judged) => judged.relevant().next().is_some(),
        }
    }

    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> BiEncoder {
        BiEncoder::new(config, self.embedding(config), self.options.scale, seed, device)
    }

    fn configure(&self, config: &mut BertConfig) {
        let embedding = self.embedding(config);
        config.set_head(Self::HEAD);
        config.sentence_embedding = Some(Ok(embedding));
        // A model that was fine-tuned before has labels of another head.
        config.problem_type = None;
        config.id2label = None;
        config.label2id = None;
    }
}
