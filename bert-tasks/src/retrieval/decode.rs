//! Vectors to rankings, and how good they are.

use bert_core::threads;
use burn::tensor::Tensor;
use datasets::{Grades, Ranked, RetrievalExample};
use serde_json::{Map, Value, json};

use super::Retrieval;
use super::model::{BiEncoder, Embeddings};
use super::row::RetrievalRow;
use crate::metrics::{Metrics, RankingMetric};
use crate::task::{Decode, Prediction};

/// The metrics of an evaluation.
const RANKING_METRICS: [RankingMetric; 4] = [
    RankingMetric::ReciprocalRank(10),
    RankingMetric::Ndcg(10),
    RankingMetric::AveragePrecision,
    RankingMetric::Recall(100),
];
/// The articles of a ranking in `predictions.jsonl`.
const SHOWN: usize = 10;
/// Rankings are as long as those that TREC evaluates; mean average precision is of them.
const RANKED: usize = 1000;
/// Articles whose scores are computed before the next query's: their vectors stay in the cache.
const BLOCK: usize = 256;

/// The vector of a query or an article; of a query, once all are known, also its ranking.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding {
    /// The vector.
    pub vector: Vec<f32>,
    /// Of an article, its id.
    pub article: Option<String>,
    /// Of a query, the judged articles by their numbers.
    judged: Vec<(u32, i32)>,
    /// Of a query in an evaluation, its ranking.
    pub ranking: Option<Ranking>,
}

/// The ranking of a query, and how good it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// The articles, best first: at most a thousand.
    pub articles: Vec<Ranked>,
    /// The grades of the articles that were judged.
    pub grades: Grades,
    /// The cross-entropy of the relevant articles among all articles, if there is one.
    pub loss: Option<f64>,
}

impl Decode for Retrieval {
    type Model = BiEncoder;
    type RowOutput = Vec<f32>;
    type Answer = Embedding;
    /// Of a query, the values of the metrics.
    type Score = [f64; RANKING_METRICS.len()];

    const METRICS: &'static [&'static str] = &["mrr@10", "ndcg@10", "map", "recall@100"];
    const RELATED: bool = true;

    fn row_outputs(&self, output: Embeddings, rows: &[RetrievalRow]) -> Vec<Vec<f32>> {
        let mut queries = vectors(output.queries).into_iter();
        let mut articles = vectors(output.articles).into_iter();
        let vector = |row: &RetrievalRow| match row.judged {
            Some(_) => queries.next(),
            None => articles.next(),
        };
        let all = rows.iter().map(vector).collect::<Option<Vec<_>>>();
        all.expect("each row has a vector")
    }

    fn decode(
        &self,
        example: &RetrievalExample,
        _: &[RetrievalRow],
        mut outputs: Vec<Vec<f32>>,
    ) -> Embedding {
        let (article, judged) = match example {
            RetrievalExample::Article(article) => (Some(article.id.clone()), vec![]),
            RetrievalExample::Query(judged) => (None, judged.grades.clone()),
        };
        Embedding {
            vector: outputs.swap_remove(0),
            article,
            judged,
            ranking: None,
        }
    }

    /// Ranks the articles for each query. The loss is the cross-entropy of a query's relevant articles among all articles, not only
    /// those of a batch.
    fn relate(&self, answers: &mut [Embedding]) -> Option<f64> {
        let count = answers
            .iter()
            .take_while(|answer| answer.article.is_some())
            .count();
        let (articles, queries) = answers.split_at_mut(count);
        rank(articles, queries, self.options.scale);
        let losses = queries.iter().filter_map(|query| query.ranking.as_ref()?.loss);
        let (sum, count) = losses.fold((0.0, 0), |(sum, count), loss| (sum + loss, count + 1));
        (count > 0).then(|| sum / f64::from(count))
    }

    fn score(&self, _: &RetrievalExample, answer: &Embedding) -> Option<Self::Score> {
        let ranking = answer.ranking.as_ref()?;
        Some(RANKING_METRICS.map(|metric| metric.of(&ranking.articles, &ranking.grades)))
    }

    fn metrics(&self, scores: &[Self::Score]) -> Metrics {
        metrics(scores)
    }

    fn main_metric(&self) -> &str {
        &self.main_metric
    }

    fn prediction(&self, example: &RetrievalExample, answer: &Embedding) -> Prediction {
        let mut line = Map::new();
        match (example, &answer.ranking) {
            (RetrievalExample::Query(judged), Some(ranking)) => {
                line.insert("id".into(), judged.query.id.as_str().into());
                line.insert("query".into(), judged.query.text.as_str().into());
                let relevant = ranking.grades.iter().filter(|(_, grade)| **grade > 0);
                line.insert(
                    "gold".into(),
                    relevant.map(|(article, _)| article.as_str()).collect(),
                );
                let shown = ranking.articles.iter().take(SHOWN);
                let shown = shown.map(|ranked| json!({"id": ranked.article, "score": ranked.score}));
                line.insert("ranking".into(), shown.collect());
                for (metric, value) in RANKING_METRICS
                    .iter()
                    .zip(self.score(example, answer).into_iter().flatten())
                {
                    line.insert(metric.to_string(), value.into());
                }
            }
            // In an evaluation, articles are what is ranked.
            (RetrievalExample::Article(_), _) if answer.ranking.is_none() && answer.article.is_some() => {}
            (RetrievalExample::Query(judged), None) => {
                line.insert("text".into(), judged.query.text.as_str().into());
                line.insert("embedding".into(), Value::from(answer.vector.clone()));
            }
            (RetrievalExample::Article(_), _) => {}
        }
        line
    }
}

/// The means of the metrics of queries.
pub(crate) fn metrics(scores: &[[f64; RANKING_METRICS.len()]]) -> Metrics {
    let mut means = Metrics::default();
    for (index, metric) in RANKING_METRICS.iter().enumerate() {
        let sum: f64 = scores.iter().map(|values| values[index]).sum();
        means.set(&metric.to_string(), sum / scores.len().max(1) as f64);
    }
    means
}

/// The rows of a tensor.
fn vectors(tensor: Option<Tensor<2>>) -> Vec<Vec<f32>> {
    let Some(tensor) = tensor else { return vec![] };
    let [_, width] = tensor.dims();
    let values: Vec<f32> = tensor.into_data().iter::<f32>().collect();
    values.chunks(width).map(<[f32]>::to_vec).collect()
}

/// Ranks all articles for each query.
fn rank(articles: &[Embedding], queries: &mut [Embedding], scale: f64) {
    threads::for_each_chunk(queries, 8, |_, queries| {
        let mut scores = vec![vec![0.0_f32; articles.len()]; queries.len()];
        for (block, some) in articles.chunks(BLOCK).enumerate() {
            for (query, scores) in queries.iter().zip(&mut scores) {
                for (article, score) in some.iter().zip(&mut scores[block * BLOCK..]) {
                    *score = dot(&query.vector, &article.vector);
                }
            }
        }
        for (query, scores) in queries.iter_mut().zip(&scores) {
            query.ranking = Some(ranking(articles, scores, &query.judged, scale));
        }
    });
}

fn ranking(articles: &[Embedding], scores: &[f32], judged: &[(u32, i32)], scale: f64) -> Ranking {
    let id = |article: usize| articles[article].article.as_deref().unwrap_or_default();
    let best_first = |a: &u32, b: &u32| {
        let known = |article: &u32| {
            let score = scores[*article as usize];
            if score.is_nan() { f32::NEG_INFINITY } else { score }
        };
        // As [`Ranked::best_first`].
        known(b)
            .total_cmp(&known(a))
            .then_with(|| id(*b as usize).cmp(id(*a as usize)))
    };
    let mut order: Vec<u32> = (0..articles.len() as u32).collect();
    if order.len() > RANKED {
        order.select_nth_unstable_by(RANKED, best_first);
        order.truncate(RANKED);
    }
    order.sort_unstable_by(best_first);
    let ranked = order.into_iter().map(|article| {
        let article = article as usize;
        Ranked::new(id(article), scores[article])
    });
    let grades = judged
        .iter()
        .map(|&(article, grade)| (id(article as usize).to_owned(), grade));
    Ranking {
        articles: ranked.collect(),
        grades: grades.collect(),
        loss: cross_entropy(scores, judged, scale),
    }
}

/// The mean over the relevant articles of the cross-entropy of each among all.
fn cross_entropy(scores: &[f32], judged: &[(u32, i32)], scale: f64) -> Option<f64> {
    let scaled = |score: f32| scale * f64::from(score);
    let highest = scores
        .iter()
        .fold(f32::NEG_INFINITY, |high, &score| high.max(score));
    let sum: f64 = scores
        .iter()
        .map(|&score| (scaled(score) - scaled(highest)).exp())
        .sum();
    let all = sum.ln() + scaled(highest);
    let relevant = judged.iter().filter(|(_, grade)| *grade > 0);
    let losses: Vec<f64> = relevant
        .map(|&(article, _)| all - scaled(scores[article as usize]))
        .collect();
    (!losses.is_empty()).then(|| losses.iter().sum::<f64>() / losses.len() as f64)
}

/// The sum of the products, in lanes that the compiler makes vectors of.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut sums = [0.0_f32; LANES];
    let (a_lanes, a_rest) = a.as_chunks::<LANES>();
    let (b_lanes, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_lanes.iter().zip(b_lanes) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}
