//! What a search returned, best first.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// An article in a ranking.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// The article's id.
    pub article: String,
    /// Its score: higher is better.
    pub score: f32,
}

impl Ranked {
    /// An article with its score.
    pub fn new(article: impl Into<String>, score: f32) -> Self {
        let article = article.into();
        Self { article, score }
    }

    /// Best first, as trec_eval sorts: by score, then by id from the last to the first, compared by bytes. A score that is not
    /// a number comes last.
    pub fn best_first(&self, other: &Self) -> Ordering {
        let known = |score: f32| if score.is_nan() { f32::NEG_INFINITY } else { score };
        let scores = known(other.score).partial_cmp(&known(self.score));
        let scores = scores.unwrap_or(Ordering::Equal);
        scores.then_with(|| other.article.cmp(&self.article))
    }
}

/// The ranking of each query, which TREC calls a run.
///
/// ```
/// use datasets::{Ranked, Rankings};
/// let mut rankings = Rankings::default();
/// rankings.insert("q1", vec![Ranked::new("d1", 0.5), Ranked::new("d2", 0.5), Ranked::new("d3", 0.9)]);
/// let order: Vec<&str> = rankings.ranking("q1").unwrap().iter().map(|ranked| ranked.article.as_str()).collect();
/// assert_eq!(order, ["d3", "d2", "d1"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rankings(BTreeMap<String, Vec<Ranked>>);

impl Rankings {
    /// Sets the ranking of a query, which is sorted.
    pub fn insert(&mut self, query: &str, mut ranking: Vec<Ranked>) {
        ranking.sort_unstable_by(Ranked::best_first);
        self.0.insert(query.into(), ranking);
    }

    /// A query's ranking, best first; none if there is none.
    pub fn ranking(&self, query: &str) -> Option<&[Ranked]> {
        self.0.get(query).map(Vec::as_slice)
    }

    /// The queries with their rankings, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Ranked])> {
        let rankings = self.0.iter();
        rankings.map(|(query, ranking)| (query.as_str(), ranking.as_slice()))
    }

    /// The number of queries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes a run file for trec_eval: query, `Q0`, article, rank from 1, score, and `system`, the name of what ranked.
    ///
    /// # Errors
    /// If `out` fails, or an id or the name has white space, which separates the columns.
    pub fn write_trec(&self, out: &mut dyn Write, system: &str) -> io::Result<()> {
        let spaced = |word: &str| word.is_empty() || word.contains(char::is_whitespace);
        for (query, ranking) in &self.0 {
            for (ranked, rank) in ranking.iter().zip(1..) {
                let Ranked { article, score } = ranked;
                if let Some(word) = [query.as_str(), article, system]
                    .into_iter()
                    .find(|word| spaced(word))
                {
                    let reason = format!(
                        "`{word}` is empty or has white space, which a run file for trec_eval cannot hold"
                    );
                    return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
                }
                writeln!(out, "{query} Q0 {article} {rank} {score} {system}")?;
            }
        }
        Ok(())
    }

    /// Writes a run file of MS MARCO: query, article and rank from 1, separated by tabs.
    ///
    /// # Errors
    /// If `out` fails, or an id has a tab or a line break.
    pub fn write_msmarco(&self, out: &mut dyn Write) -> io::Result<()> {
        for (query, ranking) in &self.0 {
            for (Ranked { article, .. }, rank) in ranking.iter().zip(1..) {
                if let Some(id) = [query, article]
                    .into_iter()
                    .find(|id| id.contains(['\t', '\n', '\r']))
                {
                    let reason =
                        format!("the id `{id}` has a tab or a line break, which separate columns and rows");
                    return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
                }
                writeln!(out, "{query}\t{article}\t{rank}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_that_are_no_numbers_come_last() {
        let mut rankings = Rankings::default();
        let scores = [("a", f32::NAN), ("b", -1.0), ("c", 0.0), ("d", -0.0)];
        rankings.insert("q", scores.map(|(id, score)| Ranked::new(id, score)).to_vec());
        let order = rankings.ranking("q").unwrap().iter();
        assert_eq!(order.map(|r| r.article.as_str()).collect::<String>(), "dcba");
    }

    #[test]
    fn run_files_hold_ranks_and_scores() {
        let mut rankings = Rankings::default();
        rankings.insert("q2", vec![Ranked::new("d1", 1.5), Ranked::new("d2", 0.1)]);
        rankings.insert("q1", vec![Ranked::new("d2", 16777217.0)]);
        let mut out = vec![];
        rankings.write_trec(&mut out, "bm25").unwrap();
        let expected = "q1 Q0 d2 1 16777216 bm25\nq2 Q0 d1 1 1.5 bm25\nq2 Q0 d2 2 0.1 bm25\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        let mut out = vec![];
        rankings.write_msmarco(&mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "q1\td2\t1\nq2\td1\t1\nq2\td2\t2\n"
        );
        rankings.insert("q 3", vec![Ranked::new("d1", 1.0)]);
        let error = rankings.write_trec(&mut vec![], "bm25").unwrap_err().to_string();
        assert!(error.starts_with("`q 3` is empty or has white space"), "{error}");
    }
}
