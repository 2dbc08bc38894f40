//! From text to the words that BM25 counts.

use serde::{Deserialize, Serialize};
use tantivy::tokenizer::{
    Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, TextAnalyzer, TokenizerManager,
};

/// Words of this many bytes and more are no words of a language, and are left out.
const TOO_LONG: usize = 256;

/// What makes two words the same for BM25. A word is a run of letters and digits of any script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Analyzer {
    /// The same letters, upper or lower case.
    Lowercase,
    /// The same stem by the English Snowball stemmer: "prices" and "pricing" are "price" alike.
    English,
}

impl Analyzer {
    /// The name under which tantivy finds it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Analyzer::Lowercase => "lowercase",
            Analyzer::English => "english",
        }
    }

    /// The words of a text, with repetitions.
    pub(crate) fn words(self, text: &str) -> Vec<String> {
        let mut words = Vec::new();
        self.analyzer()
            .token_stream(text)
            .process(&mut |token| words.push(token.text.clone()));
        words
    }

    /// The analyzers, for tantivy.
    pub(crate) fn manager() -> TokenizerManager {
        let manager = TokenizerManager::new();
        for analyzer in [Analyzer::Lowercase, Analyzer::English] {
            manager.register(analyzer.name(), analyzer.analyzer());
        }
        manager
    }

    fn analyzer(self) -> TextAnalyzer {
        let lowercase = splitter().filter(LowerCaser);
        match self {
            Analyzer::Lowercase => lowercase.build(),
            Analyzer::English => lowercase.filter(Stemmer::new(Language::English)).build(),
        }
    }
}

/// How many words a text has. That does not depend on what is done with them afterwards.
pub(crate) fn count_words(text: &str) -> u64 {
    let mut count = 0;
    splitter().build().token_stream(text).process(&mut |_| count += 1);
    count
}

fn splitter() -> tantivy::tokenizer::TextAnalyzerBuilder<impl tantivy::tokenizer::Tokenizer> {
    TextAnalyzer::builder(SimpleTokenizer::default()).filter(RemoveLongFilter::limit(TOO_LONG))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        let text = "Oil-prices FELL 3.5%: “naïve” Ölpreis_x, don't";
        let lowercase = [
            "oil", "prices", "fell", "3", "5", "naïve", "ölpreis", "x", "don", "t",
        ];
        assert_eq!(Analyzer::Lowercase.words(text), lowercase);
        assert_eq!(Analyzer::English.words(text)[..3], ["oil", "price", "fell"]);
        assert_eq!(count_words(text), 10);
    }

    #[test]
    fn texts_without_words_and_endless_words() {
        for analyzer in [Analyzer::Lowercase, Analyzer::English] {
            assert!(analyzer.words(" \n…!?\0").is_empty());
            let endless = format!("a {} b", "x".repeat(10_000));
            assert_eq!(analyzer.words(&endless), ["a", "b"]);
            assert_eq!(count_words(&endless), 2);
        }
    }
}
