//! A bi-encoder: one encoder reads query and article in two passes, and the other articles of the batch are the negatives
//! (Henderson et al. 2017; `MultipleNegativesRankingLoss` in sentence-transformers). Its metric is the rank of the correct
//! article among all articles, so it needs the scores of all examples at once.

use bert_core::{BertConfig, BertTokenizer, Checkpoint, Encoder, EncoderInput, Encoding, Mode, ops};
use bert_tasks::{
    Collation, CorpusFacts, Decode, Encode, EncodedRow, LossCount, Metrics, Options, Prediction, Task,
    TaskError, TaskModel,
};
use burn::module::Module;
use burn::tensor::{Device, Int, Tensor, TensorData};
use datasets::{Message, TextDataset, TextExample};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Clone, Debug)]
struct Retrieval;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct RetrievalOptions {}

impl Options for RetrievalOptions {}

/// A query and its article.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct PairRow {
    query: Vec<u32>,
    article: Vec<u32>,
    truncated: bool,
    example: usize,
}

impl EncodedRow for PairRow {
    fn example(&self) -> usize {
        self.example
    }

    fn set_example(&mut self, example: usize) {
        self.example = example;
    }

    fn tokens(&self) -> usize {
        self.query.len() + self.article.len()
    }

    fn is_truncated(&self) -> bool {
        self.truncated
    }
}

fn plain(ids: &[u32]) -> Encoding {
    Encoding {
        ids: ids.to_vec(),
        type_ids: vec![0; ids.len()],
        truncated: false,
    }
}

impl Encode for Retrieval {
    /// The article is the second text.
    type Example = TextExample;
    type Row = PairRow;
    /// Queries and articles.
    type Input = (EncoderInput, EncoderInput);
    /// The correct article of a query has the same index in the batch.
    type Target = ();

    fn encode(
        &self,
        examples: &[TextExample],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<PairRow>, TaskError> {
        let queries: Vec<_> = examples.iter().map(|e| (e.text.as_str(), None)).collect();
        let articles: Vec<_> = examples
            .iter()
            .map(|e| (e.second.as_deref().unwrap_or_default(), None))
            .collect();
        let queries = tokenizer.encode_batch(&queries, max_length)?;
        let articles = tokenizer.encode_batch(&articles, max_length)?;
        let row = |(example, (query, article)): (usize, (Encoding, Encoding))| PairRow {
            truncated: query.truncated || article.truncated,
            query: query.ids,
            article: article.ids,
            example,
        };
        Ok(queries.into_iter().zip(articles).enumerate().map(row).collect())
    }

    fn collate(&self, rows: &[PairRow], context: &Collation<'_>) -> ((EncoderInput, EncoderInput), Vec<()>) {
        let input = |pick: fn(&PairRow) -> &[u32]| {
            let encodings: Vec<Encoding> = rows.iter().map(|row| plain(pick(row))).collect();
            context.encoder_input(&encodings.iter().collect::<Vec<_>>())
        };
        let inputs = (input(|row| &row.query), input(|row| &row.article));
        (inputs, vec![(); rows.len()])
    }
}

/// One encoder for both.
#[derive(Module, Debug)]
struct BiEncoder {
    bert: Encoder,
}

impl BiEncoder {
    /// `[batch, hidden]`, each of length 1.
    fn embed(&self, input: &EncoderInput, mode: Mode) -> Tensor<2> {
        let states = self.bert.forward(input, mode).last_hidden;
        let [batch, _, width] = states.dims();
        let cls = states.slice([0..batch, 0..1, 0..width]).squeeze_dim::<2>(1);
        let length = cls.clone().powf_scalar(2.0).sum_dim(1).sqrt();
        cls / length
    }
}

impl TaskModel for BiEncoder {
    type Input = (EncoderInput, EncoderInput);
    type Target = ();
    /// The vectors of the queries and of the articles.
    type Output = (Tensor<2>, Tensor<2>);

    fn forward(&self, (queries, articles): &Self::Input, mode: Mode) -> Self::Output {
        (self.embed(queries, mode), self.embed(articles, mode))
    }

    fn loss(&self, (queries, articles): Self::Output, targets: &[()], count: LossCount) -> Tensor<1> {
        const SCALE: f64 = 20.0;
        let batch = targets.len();
        let device = queries.device();
        let scores = queries.matmul(articles.transpose()) * SCALE;
        let right = Tensor::<1, Int>::arange(0..batch as i64, &device);
        let weights = Tensor::full([batch], 1.0 / count.losses.max(1) as f64, &device);
        ops::cross_entropy(scores, right, weights)
    }
}

/// The vectors of a query and of its article.
type Vectors = (Vec<f32>, Vec<f32>);

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl Decode for Retrieval {
    type Model = BiEncoder;
    type RowOutput = Vectors;
    type Answer = Vectors;
    type Score = Vectors;

    const METRICS: &'static [&'static str] = &["mean_reciprocal_rank"];

    fn row_outputs(&self, (queries, articles): (Tensor<2>, Tensor<2>), _: &[PairRow]) -> Vec<Vectors> {
        let rows = |vectors: Tensor<2>| -> Vec<Vec<f32>> {
            let [_, width] = vectors.dims();
            let values: Vec<f32> = vectors.into_data().iter::<f32>().collect();
            values.chunks(width).map(<[f32]>::to_vec).collect()
        };
        rows(queries).into_iter().zip(rows(articles)).collect()
    }

    fn decode(&self, _: &TextExample, _: &[PairRow], mut outputs: Vec<Vectors>) -> Vectors {
        outputs.swap_remove(0)
    }

    fn score(&self, _: &TextExample, answer: &Vectors) -> Option<Vectors> {
        Some(answer.clone())
    }

    fn metrics(&self, scores: &[Vectors]) -> Metrics {
        let reciprocal_rank = |(query, own): &Vectors| {
            let right = dot(query, own);
            let better = scores.iter().filter(|(_, article)| dot(query, article) > right);
            1.0 / (better.count() + 1) as f64
        };
        let sum: f64 = scores.iter().map(reciprocal_rank).sum();
        Metrics::from_iter([("mean_reciprocal_rank", sum / scores.len().max(1) as f64)])
    }

    fn main_metric(&self) -> &str {
        "mean_reciprocal_rank"
    }

    fn prediction(&self, example: &TextExample, answer: &Vectors) -> Prediction {
        let similarity = dot(&answer.0, &answer.1);
        Prediction::from_iter([
            ("query".into(), json!(example.text)),
            ("similarity".into(), json!(similarity)),
        ])
    }
}

impl Task for Retrieval {
    type Options = RetrievalOptions;

    const NAME: &'static str = "retrieval";
    const ABOUT: &'static str = "The article that answers a query";
    const HEAD: &'static str = "Model";

    fn from_data(_: &CorpusFacts<'_>, _: &TextDataset, _: &RetrievalOptions) -> Result<Self, TaskError> {
        Ok(Self)
    }

    fn from_model(
        _: &BertConfig,
        _: &Checkpoint,
        _: Option<&str>,
        _: &RetrievalOptions,
    ) -> Result<Self, Message> {
        Ok(Self)
    }

    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> BiEncoder {
        BiEncoder {
            bert: Encoder::new(config, seed, device).without_pooler(),
        }
    }

    fn configure(&self, config: &mut BertConfig) {
        config.set_head(Self::HEAD);
    }
}

#[test]
fn the_correct_article_lowers_the_loss() {
    let device = Device::default();
    let model = Retrieval.model(&super::config(), 1, &device);
    let vectors = |values: [[f32; 2]; 2]| Tensor::<2>::from_data(TensorData::from(values), &device);
    let loss = |articles| {
        let queries = vectors([[1.0, 0.0], [0.0, 1.0]]);
        model
            .loss((queries, vectors(articles)), &[(), ()], 2.into())
            .into_scalar::<f64>()
    };
    let (right, wrong) = (loss([[1.0, 0.0], [0.0, 1.0]]), loss([[0.0, 1.0], [1.0, 0.0]]));
    assert!(right < 1e-6 && (wrong - 20.0).abs() < 1e-4, "{right} {wrong}");
}

#[test]
fn a_bi_encoder_trains() {
    let (metrics, predictions) = super::trained(Retrieval);
    let rank = metrics.get("mean_reciprocal_rank").unwrap();
    assert!((1.0 / predictions.len() as f64..=1.0).contains(&rank), "{rank}");
    assert!(predictions.iter().all(|line| line["similarity"].is_f64()));
}
