//! Judgements: which articles are relevant for which query.

use std::path::Path;

use super::fields::{fields, for_each_line};
use crate::error::DataError;
use crate::examples::Judgements;

/// Reads a file of judgements: of TREC and MS MARCO (query, iteration, article, grade) or of BEIR (query, article, grade, with a
/// header), the columns separated by tabs or white space.
///
/// ```no_run
/// let judgements = datasets::read_judgements("scifact/qrels/test.tsv".as_ref())?;
/// println!("{} queries", judgements.len());
/// # Ok::<(), datasets::DataError>(())
/// ```
///
/// # Errors
/// If the file cannot be read, has no judgements or another number of columns, a grade is no whole number, or an article is
/// judged twice for a query, with different grades.
pub fn read_judgements(path: &Path) -> Result<Judgements, DataError> {
    let mut judgements = Judgements::default();
    let mut first = true;
    for_each_line(path, |source, line| {
        let fields = fields(line);
        let (query, article, grade) = match fields[..] {
            [query, _, article, grade] => (query, article, grade),
            [query, article, grade] => (query, article, grade),
            _ => {
                let reason = format!(
                    "{} columns; judgements have four (query, iteration, article, grade) or three (query, article, grade)",
                    fields.len()
                );
                return Err(source.error(None, reason));
            }
        };
        let is_header = std::mem::take(&mut first) && grade.parse::<f64>().is_err();
        if is_header {
            return Ok(());
        }
        if let Some(column) = [("query", query), ("article", article)]
            .iter()
            .find(|(_, id)| id.is_empty())
        {
            return Err(source.error(Some(column.0), "the id is empty"));
        }
        let grade: i32 = grade.parse().map_err(|_| {
            source.error(
                Some("grade"),
                format!("`{grade}`; a grade is a whole number, above 0 for relevant"),
            )
        })?;
        match judgements.insert(query, article, grade) {
            Some(before) if before != grade => {
                let reason = format!(
                    "`{article}` has grade {grade} for the query `{query}`, and {before} on a line before"
                );
                Err(source.error(Some("grade"), reason))
            }
            _ => Ok(()),
        }
    })?;
    match judgements.is_empty() {
        true => Err(DataError::Empty(path.into())),
        false => Ok(judgements),
    }
}
