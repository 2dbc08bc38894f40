//! Which words of a text a query has too.

use std::collections::HashSet;
use std::ops::Range;

use crate::analyzer::Analyzer;

impl Analyzer {
    /// The words of `text` that `query` has too, as ranges of bytes: what a list of results emphasises.
    ///
    /// ```
    /// use bert_search::Analyzer;
    /// assert_eq!(Analyzer::English.find("Oil prices fell", "the price"), [4..10]);
    /// ```
    pub fn find(self, text: &str, query: &str) -> Vec<Range<usize>> {
        let wanted: HashSet<String> = self.words(query).into_iter().collect();
        let mut found = vec![];
        let mut at = 0;
        for run in text.split(|letter: char| !letter.is_alphanumeric()) {
            if self.words(run).iter().any(|word| wanted.contains(word)) {
                found.push(at..at + run.len());
            }
            at += run.len();
            at += text[at..].chars().next().map_or(0, char::len_utf8);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_where_they_are() {
        let text = "Ölpreise: OIL—oils, «öl»";
        let shown = |analyzer: Analyzer, query: &str| -> Vec<&str> {
            analyzer
                .find(text, query)
                .into_iter()
                .map(|range| &text[range])
                .collect()
        };
        assert_eq!(shown(Analyzer::English, "oil"), ["OIL", "oils"]);
        assert_eq!(shown(Analyzer::Lowercase, "oil ÖL"), ["OIL", "öl"]);
        assert!(shown(Analyzer::English, "").is_empty());
        assert!(Analyzer::English.find("", "oil").is_empty());
    }
}
