//! Rankings that a search has written.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::fields::{fields, for_each_line};
use crate::error::DataError;
use crate::examples::{Ranked, Rankings};

/// Reads a run file of TREC (query, `Q0`, article, rank, score, name of the system) or of MS MARCO (query, article, rank). Of a
/// TREC file the score counts and not the rank, as for trec_eval.
///
/// # Errors
/// If the file cannot be read, has no rankings or another number of columns, a score is no finite number, a rank is no whole
/// number from 1, or an article occurs twice for a query.
pub fn read_rankings(path: &Path) -> Result<Rankings, DataError> {
    let mut found: BTreeMap<String, HashMap<String, f32>> = BTreeMap::new();
    for_each_line(path, |source, line| {
        let fields = fields(line);
        let (query, article, score) = match fields[..] {
            [query, _, article, _, score, _] => {
                let number = score.parse::<f64>().ok().map(|score| score as f32);
                let Some(score) = number.filter(|score| score.is_finite()) else {
                    let reason = format!("`{score}` is not a finite number");
                    return Err(source.error(Some("score"), reason));
                };
                (query, article, score)
            }
            [query, article, rank] => {
                let Some(rank) = rank.parse::<u32>().ok().filter(|&rank| rank > 0) else {
                    let reason = format!("`{rank}`; ranks are whole numbers from 1");
                    return Err(source.error(Some("rank"), reason));
                };
                (query, article, -(rank as f32))
            }
            _ => {
                let reason = format!(
                    "{} columns; a run file has six (query, Q0, article, rank, score, system) or three (query, article, rank)",
                    fields.len()
                );
                return Err(source.error(None, reason));
            }
        };
        let ranking = match found.get_mut(query) {
            Some(ranking) => ranking,
            None => found.entry(query.into()).or_default(),
        };
        match ranking.insert(article.into(), score) {
            None => Ok(()),
            Some(_) => {
                let reason = format!("`{article}` occurs twice in the ranking of the query `{query}`");
                Err(source.error(Some("article"), reason))
            }
        }
    })?;
    if found.is_empty() {
        return Err(DataError::Empty(path.into()));
    }
    let mut rankings = Rankings::default();
    for (query, ranking) in found {
        let ranking = ranking
            .into_iter()
            .map(|(article, score)| Ranked { article, score });
        rankings.insert(&query, ranking.collect());
    }
    Ok(rankings)
}
