//! The model: one encoder for queries and articles, whose token vectors are pooled to one vector for each text; and the loss over
//! the articles of a batch.

use bert_core::random::mix;
use bert_core::{BertConfig, Encoder, EncoderInput, Mode, Pooling, SentenceEmbedding, ops};
use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::tensor::{Device, Int, Tensor};

use super::encode::RetrievalInput;
use crate::task::{Batch, LossCount, ModelInput, TaskModel, gradients_in_one_pass};

/// BERT as a bi-encoder (Reimers and Gurevych 2019, "Sentence-BERT"; a model with `1_Pooling` and `2_Normalize` in
/// sentence-transformers).
#[derive(Module, Debug)]
pub struct BiEncoder {
    /// The pre-trained encoder, fine-tuned as a whole.
    pub bert: Encoder,
    #[module(skip)]
    pooling: Pooling,
    normalize: bool,
    scale: f64,
}

/// The vectors of a batch; none of what the batch does not have.
#[derive(Clone, Debug)]
pub struct Embeddings {
    /// Of the queries, `[queries, hidden]`.
    pub queries: Option<Tensor<2>>,
    /// Of the articles, `[articles, hidden]`.
    pub articles: Option<Tensor<2>>,
}

/// Mixed into the seed of the articles' dropout, so that it is not that of the queries.
const ARTICLES: u64 = 0xa47;

impl BiEncoder {
    /// Random weights drawn from `seed`. Scores are multiplied by `scale` before the softmax.
    pub fn new(
        config: &BertConfig,
        embedding: SentenceEmbedding,
        scale: f64,
        seed: u64,
        device: &Device,
    ) -> Self {
        Self {
            bert: Encoder::new(config, seed, device).without_pooler(),
            pooling: embedding.pooling,
            normalize: embedding.normalize,
            scale,
        }
    }

    /// One vector for each text, `[batch, hidden]`.
    pub fn embed(&self, input: &EncoderInput, mode: Mode) -> Tensor<2> {
        let hidden = self.bert.forward(input, mode).last_hidden;
        let [batch, length, width] = hidden.dims();
        let pooled = match self.pooling {
            Pooling::Cls => hidden.slice([0..batch, 0..1]).reshape([batch, width]),
            Pooling::Mean => {
                let mask = input.token_mask().reshape([batch, length, 1]);
                let count = mask.clone().sum_dim(1).clamp_min(1e-9);
                let tokens = match input.is_packed() {
                    true => hidden,
                    false => hidden * mask,
                };
                (tokens.sum_dim(1) / count).reshape([batch, width])
            }
        };
        match self.normalize {
            true => {
                let norm = (pooled.clone() * pooled.clone()).sum_dim(1).sqrt();
                // As `torch.nn.functional.normalize`.
                pooled / norm.clamp_min(1e-12)
            }
            false => pooled,
        }
    }

    /// The vectors of texts in chunks, each with a dropout of its own.
    fn embed_chunks(&self, chunks: &[EncoderInput], mode: Mode, salt: u64) -> Option<Tensor<2>> {
        let vectors = chunks.iter().enumerate();
        let vectors: Vec<Tensor<2>> = vectors
            .map(|(number, chunk)| self.embed(chunk, mode_of_chunk(mode, salt, number)))
            .collect();
        match vectors.len() {
            0 => None,
            1 => vectors.into_iter().next(),
            _ => Some(Tensor::cat(vectors, 0)),
        }
    }

    /// The gradients of [`loss`](TaskModel::loss) with the memory of one chunk of the input: first all vectors without what a
    /// backward pass needs, then the gradients of the loss with respect to the vectors, then each chunk again, forward and
    /// backward (Gao et al. 2021, "Scaling deep contrastive learning batch size under memory limited setup").
    fn cached_gradients(
        &self,
        batch: &Batch<RetrievalInput, ()>,
        count: LossCount,
    ) -> (Tensor<1>, GradientsParams) {
        let RetrievalInput { queries, articles } = &batch.input;
        let sides = [(queries, 0), (articles, ARTICLES)];
        let leaves = sides.map(|(chunks, salt)| {
            let vectors = chunks.iter().enumerate().map(|(number, chunk)| {
                // Without its graph: only one chunk's is in memory.
                self.embed(chunk, mode_of_chunk(batch.mode, salt, number)).inner()
            });
            Tensor::from_inner(Tensor::cat(vectors.collect(), 0)).require_grad()
        });
        let embeddings = Embeddings {
            queries: Some(leaves[0].clone()),
            articles: Some(leaves[1].clone()),
        };
        let loss = self.loss(embeddings, &batch.targets, count);
        let value = loss.clone().inner();
        let of_vectors = loss.backward();
        let mut sum = GradientsAccumulator::new();
        for ((chunks, salt), leaf) in sides.into_iter().zip(leaves) {
            let gradient = leaf.grad(&of_vectors).expect("the loss depends on all vectors");
            let mut first = 0;
            for (number, chunk) in chunks.iter().enumerate() {
                let vectors = self.embed(chunk, mode_of_chunk(batch.mode, salt, number));
                let [rows, _] = vectors.dims();
                let part = Tensor::from_inner(gradient.clone().narrow(0, first, rows));
                first += rows;
                let gradients = (vectors * part).sum().backward();
                sum.accumulate(self, GradientsParams::from_grads(gradients, self));
            }
        }
        (value, sum.grads())
    }
}

fn mode_of_chunk(mode: Mode, salt: u64, number: usize) -> Mode {
    match mode {
        Mode::Inference => Mode::Inference,
        Mode::Training { seed } => Mode::Training {
            seed: mix(seed ^ mix(salt ^ ((number as u64) << 32))),
        },
    }
}

impl TaskModel for BiEncoder {
    type Input = RetrievalInput;
    type Target = ();
    type Output = Embeddings;

    fn forward(&self, input: &RetrievalInput, mode: Mode) -> Embeddings {
        Embeddings {
            queries: self.embed_chunks(&input.queries, mode, 0),
            articles: self.embed_chunks(&input.articles, mode, ARTICLES),
        }
    }

    /// Cross-entropy of each query's scores over all articles of the batch, against its own (Henderson et al. 2017, "Efficient
    /// natural language response suggestion for smart reply", section 4.4; `MultipleNegativesRankingLoss` in
    /// sentence-transformers).
    fn loss(&self, output: Embeddings, targets: &[()], count: LossCount) -> Tensor<1> {
        let queries = output.queries.expect("a training batch has queries");
        let articles = output.articles.expect("a training batch has articles");
        let [rows, _] = queries.dims();
        assert_eq!(rows, targets.len(), "there must be one target per query");
        let device = queries.device();
        let scores = queries.matmul(articles.transpose()) * self.scale;
        let own = Tensor::<1, Int>::arange(0..rows as i64, &device);
        let weights = Tensor::full([rows], 1.0 / count.losses.max(1) as f64, &device);
        ops::cross_entropy(scores, own, weights)
    }

    fn gradients(&self, batch: &Batch<RetrievalInput, ()>, count: LossCount) -> (Tensor<1>, GradientsParams) {
        let RetrievalInput { queries, articles } = &batch.input;
        match queries.len() > 1 || articles.len() > 1 {
            true => ops::in_thread_pool(&batch.input.device(), || self.cached_gradients(batch, count)),
            false => gradients_in_one_pass(self, batch, count),
        }
    }
}
