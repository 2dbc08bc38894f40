//! Metrics of rankings, as trec_eval computes them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use datasets::{Grades, Judgements, Ranked, Rankings};

use super::Metrics;

/// A metric of one query's ranking. Grades above 0 are relevant; an article that was not judged is not.
///
/// ```
/// use bert_tasks::metrics::RankingMetric;
/// assert_eq!(RankingMetric::Ndcg(10).to_string(), "ndcg@10");
/// assert_eq!("recall@100".parse(), Ok(RankingMetric::Recall(100)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RankingMetric {
    /// `mrr@k`: 1 / the rank of the first relevant article, 0 if the first k have none (its mean is the mean reciprocal rank).
    ReciprocalRank(usize),
    /// `ndcg@k`: the discounted cumulative gain of the first k, the sum of grade / log2(rank + 1), divided by that of the best
    /// ranking (Järvelin and Kekäläinen 2002; the gain is the grade, as in trec_eval).
    Ndcg(usize),
    /// `map`: the mean, over the relevant articles, of the precision at their ranks; 0 for one that is not in the ranking.
    AveragePrecision,
    /// `recall@k`: the share of the relevant articles that are among the first k.
    Recall(usize),
    /// `precision@k`: the share of the first k that are relevant. It divides by k also where there are fewer.
    Precision(usize),
}

impl RankingMetric {
    /// The metric of a ranking, best first. It is 0 for a query without relevant articles.
    pub fn of(self, ranking: &[Ranked], grades: &Grades) -> f64 {
        let relevant = grades.values().filter(|&&grade| grade > 0).count();
        if relevant == 0 {
            return 0.0;
        }
        let grade = |ranked: &Ranked| grades.get(&ranked.article).map_or(0, |&grade| grade.max(0));
        let ranked = ranking.iter().map(grade);
        let found = |k: usize| ranked.clone().take(k).filter(|&grade| grade > 0).count() as f64;
        match self {
            Self::ReciprocalRank(k) => {
                let first = ranked.take(k).position(|grade| grade > 0);
                first.map_or(0.0, |before| 1.0 / (before + 1) as f64)
            }
            Self::Ndcg(k) => {
                let mut ideal: Vec<i32> = grades.values().map(|&grade| grade.max(0)).collect();
                ideal.sort_unstable_by(|a, b| b.cmp(a));
                discounted_gain(ranked.take(k)) / discounted_gain(ideal.into_iter().take(k))
            }
            Self::AveragePrecision => {
                let ranks = ranked.zip(1_usize..).filter(|(grade, _)| *grade > 0);
                let precisions = ranks
                    .zip(1_usize..)
                    .map(|((_, rank), found)| found as f64 / rank as f64);
                precisions.sum::<f64>() / relevant as f64
            }
            Self::Recall(k) => found(k) / relevant as f64,
            Self::Precision(k) => found(k) / k as f64,
        }
    }
}

/// The sum of grade / log2(rank + 1).
fn discounted_gain(grades: impl Iterator<Item = i32>) -> f64 {
    let ranks = grades.zip(1_usize..);
    ranks
        .map(|(grade, rank)| f64::from(grade) / ((rank + 1) as f64).log2())
        .sum()
}

impl fmt::Display for RankingMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReciprocalRank(k) => write!(f, "mrr@{k}"),
            Self::Ndcg(k) => write!(f, "ndcg@{k}"),
            Self::AveragePrecision => f.write_str("map"),
            Self::Recall(k) => write!(f, "recall@{k}"),
            Self::Precision(k) => write!(f, "precision@{k}"),
        }
    }
}

impl FromStr for RankingMetric {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = text.to_ascii_lowercase();
        let (name, k) = match name.split_once('@') {
            Some((name, k)) => (name, k.parse::<usize>().ok().filter(|&k| k > 0)),
            None => (name.as_str(), None),
        };
        match (name, k, text.contains('@')) {
            ("mrr", Some(k), _) => Ok(Self::ReciprocalRank(k)),
            ("ndcg", Some(k), _) => Ok(Self::Ndcg(k)),
            ("map", None, false) => Ok(Self::AveragePrecision),
            ("recall", Some(k), _) => Ok(Self::Recall(k)),
            ("precision", Some(k), _) => Ok(Self::Precision(k)),
            _ => Err(format!(
                "`{text}` is not one of mrr@K, ndcg@K, map, recall@K, precision@K, with K from 1"
            )),
        }
    }
}

/// Over which queries a mean is taken. A ranking for a query that was not judged never counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueriesWithoutRanking {
    /// They do not count, as in trec_eval.
    #[default]
    LeftOut,
    /// They count 0, as in `trec_eval -c`.
    Zero,
}

/// The metrics of each judged query that has a ranking, by its id, in the order of `metrics`.
pub fn query_metrics<'a>(
    judgements: &'a Judgements,
    rankings: &Rankings,
    metrics: &[RankingMetric],
) -> BTreeMap<&'a str, Vec<f64>> {
    let judged = judgements.iter().filter_map(|(query, grades)| {
        let ranking = rankings.ranking(query)?;
        Some((
            query,
            metrics.iter().map(|metric| metric.of(ranking, grades)).collect(),
        ))
    });
    judged.collect()
}

/// The means of `metrics` over the judged queries; 0 if there is none.
///
/// ```
/// use bert_tasks::metrics::{QueriesWithoutRanking, RankingMetric, retrieval_metrics};
/// use datasets::{Judgements, Ranked, Rankings};
/// let judgements: Judgements = [("q1", "d1", 1), ("q2", "d2", 1)].into_iter().collect();
/// let mut rankings = Rankings::default();
/// rankings.insert("q1", vec![Ranked::new("d2", 0.9), Ranked::new("d1", 0.8)]);
/// let mean = |without| retrieval_metrics(&judgements, &rankings, &[RankingMetric::ReciprocalRank(10)], without);
/// assert_eq!(mean(QueriesWithoutRanking::LeftOut).get("mrr@10"), Some(0.5));
/// assert_eq!(mean(QueriesWithoutRanking::Zero).get("mrr@10"), Some(0.25));
/// ```
pub fn retrieval_metrics(
    judgements: &Judgements,
    rankings: &Rankings,
    metrics: &[RankingMetric],
    without: QueriesWithoutRanking,
) -> Metrics {
    let queries = query_metrics(judgements, rankings, metrics);
    let count = match without {
        QueriesWithoutRanking::LeftOut => queries.len(),
        QueriesWithoutRanking::Zero => judgements.len(),
    };
    let mut means = Metrics::default();
    for (index, metric) in metrics.iter().enumerate() {
        let sum: f64 = queries.values().map(|values| values[index]).sum();
        means.set(&metric.to_string(), sum / count.max(1) as f64);
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let metrics = [
            RankingMetric::ReciprocalRank(10),
            RankingMetric::Ndcg(5),
            RankingMetric::AveragePrecision,
            RankingMetric::Recall(1000),
            RankingMetric::Precision(1),
        ];
        for metric in metrics {
            assert_eq!(metric.to_string().parse(), Ok(metric));
        }
        for wrong in ["mrr", "ndcg@0", "ndcg@x", "map@10", "recall@", "f1@3", ""] {
            let error = wrong.parse::<RankingMetric>().unwrap_err();
            assert!(error.starts_with(&format!("`{wrong}` is not one of")), "{error}");
        }
    }

    #[test]
    fn negative_grades_are_not_relevant() {
        let grades = Grades::from([("a".into(), -1), ("b".into(), 2)]);
        let ranking = [Ranked::new("a", 2.0), Ranked::new("b", 1.0)];
        let expected = 1.0 / 3_f64.log2();
        assert!((RankingMetric::Ndcg(10).of(&ranking, &grades) - expected).abs() < 1e-15);
        assert_eq!(RankingMetric::ReciprocalRank(10).of(&ranking, &grades), 0.5);
        assert_eq!(RankingMetric::Recall(1).of(&ranking, &grades), 0.0);
    }
}
