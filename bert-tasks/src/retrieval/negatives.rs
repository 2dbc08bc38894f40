//! Which articles a batch of queries is trained on.

use std::collections::HashSet;

use bert_core::random::mix;

use super::row::{JudgedArticles, RetrievalRow};
use crate::task::Collation;

/// How articles are drawn at random from the collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Draws {
    /// Each article with the same probability.
    #[default]
    Uniform,
    /// In proportion to the power 3/4 of the number of queries that an article is relevant for (Mikolov et al. 2013, "Distributed
    /// representations of words and phrases and their compositionality", section 2.2).
    Frequency,
}

/// The articles of a collection with the probabilities of random negatives.
#[derive(Clone, Debug, Default)]
pub(super) struct ArticlePool {
    /// The number of articles.
    articles: usize,
    /// The articles that can be drawn with the sums of their weights; none where all have the same.
    weights: Option<(Vec<u32>, Vec<f64>)>,
}

impl ArticlePool {
    /// `articles` articles; `relevant` has the number of an article once for each query that it is relevant for.
    pub(super) fn new(articles: usize, draws: Draws, relevant: impl Iterator<Item = u32>) -> Self {
        let weights = match draws {
            Draws::Uniform => None,
            Draws::Frequency => {
                let mut counts = vec![0_u32; articles];
                relevant.for_each(|article| counts[article as usize] += 1);
                let known: Vec<u32> = (0..)
                    .zip(&counts)
                    .filter(|(_, count)| **count > 0)
                    .map(|(at, _)| at)
                    .collect();
                let mut sum = 0.0;
                let sums = known.iter().map(|&article| {
                    sum += f64::from(counts[article as usize]).powf(0.75);
                    sum
                });
                let sums = sums.collect();
                Some((known, sums))
            }
        };
        Self { articles, weights }
    }

    /// The article that `draw`, a number from 0 up to 1, picks; none if there is none.
    pub(super) fn pick(&self, draw: f64) -> Option<u32> {
        match &self.weights {
            None if self.articles == 0 => None,
            None => Some(((draw * self.articles as f64) as usize).min(self.articles - 1) as u32),
            Some((articles, sums)) => {
                let target = draw * sums.last()?;
                let at = sums.partition_point(|&sum| sum <= target);
                articles.get(at.min(articles.len() - 1)).copied()
            }
        }
    }
}

/// How many negatives each query brings into its batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NegativeCounts {
    /// At most so many of its hard negatives.
    pub(super) hard: usize,
    /// So many that are drawn at random from the collection.
    pub(super) random: usize,
}

/// A number from 0 up to 1.
fn unit(random: u64) -> f64 {
    (random >> 11) as f64 / (1_u64 << 53) as f64
}

/// The numbers of the articles of a training batch: for each query a relevant one, then the negatives of all queries. No article
/// occurs twice, and no negative is relevant for a query of the batch. The draws depend on the run's seed, the epoch and the query
/// alone.
pub(super) fn batch_articles(
    rows: &[RetrievalRow],
    context: &Collation<'_>,
    counts: NegativeCounts,
    pool: &ArticlePool,
) -> Vec<usize> {
    let judged = |row: &RetrievalRow| row.judged.clone().unwrap_or_default();
    let all: Vec<JudgedArticles> = rows.iter().map(judged).collect();
    let relevant: HashSet<u32> = all
        .iter()
        .flat_map(|judged| judged.relevant.iter().copied())
        .collect();
    let mut articles: Vec<u32> = vec![];
    for (index, judged) in all.iter().enumerate() {
        let draw = unit(mix(context.row_seed(index)));
        let place = (draw * judged.relevant.len() as f64) as usize;
        articles.push(judged.relevant[place.min(judged.relevant.len() - 1)]);
    }
    let mut taken: HashSet<u32> = articles.iter().copied().collect();
    let mut take = |article: u32| !relevant.contains(&article) && taken.insert(article);
    let random = counts.random.min(pool.articles);
    for (index, judged) in all.iter().enumerate() {
        let seed = context.row_seed(index);
        let mut hard = judged.negatives.clone();
        hard.sort_unstable_by_key(|&article| mix(seed ^ mix(u64::from(article) + 1)));
        articles.extend(
            hard.into_iter()
                .filter(|&article| take(article))
                .take(counts.hard),
        );
        // A small collection may not have enough others.
        let draws = (0..20 * random as u64).map(|draw| unit(mix(!seed ^ mix(draw))));
        let drawn = draws.filter_map(|draw| pool.pick(draw));
        articles.extend(drawn.filter(|&article| take(article)).take(random));
    }
    articles.into_iter().map(|article| article as usize).collect()
}
