//! From text to the words that BM25 counts.

use std::borrow::Cow;

use frostem::{Algorithm, Stemmer};
use serde::{Deserialize, Serialize};

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
    /// Shows the words of a text, with repetitions.
    pub(crate) fn each_word<E>(
        self,
        text: &str,
        mut show: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        let stemmer = Stemmer::new(Algorithm::English);
        let runs = text.split(|c: char| !c.is_alphanumeric());
        let mut lowercase = String::new();
        for run in runs.filter(|run| !run.is_empty() && run.len() < TOO_LONG) {
            lowercase.clear();
            // Letter by letter: unlike `str::to_lowercase`, a Σ at the end of a word becomes the same σ as elsewhere.
            match run.is_ascii() {
                true => {
                    lowercase.push_str(run);
                    lowercase.make_ascii_lowercase();
                }
                false => lowercase.extend(run.chars().flat_map(char::to_lowercase)),
            }
            let word = match self {
                Analyzer::Lowercase => Cow::Borrowed(lowercase.as_str()),
                Analyzer::English => stemmer.stem(&lowercase),
            };
            show(&word)?;
        }
        Ok(())
    }

    /// The words of a text, with repetitions.
    pub(crate) fn words(self, text: &str) -> Vec<String> {
        let mut words = Vec::new();
        let show = |word: &str| {
            words.push(word.to_owned());
            Ok::<(), std::convert::Infallible>(())
        };
        let Ok(()) = self.each_word(text, show);
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        let text = "Oil-prices FELL 3.5%: “naïve” Ölpreis_x, don't ΟΔΟΣ İ";
        let lowercase = [
            "oil", "prices", "fell", "3", "5", "naïve", "ölpreis", "x", "don", "t", "οδοσ", "i\u{307}",
        ];
        assert_eq!(Analyzer::Lowercase.words(text), lowercase);
        assert_eq!(Analyzer::English.words(text)[..3], ["oil", "price", "fell"]);
    }

    #[test]
    fn texts_without_words_and_endless_words() {
        for analyzer in [Analyzer::Lowercase, Analyzer::English] {
            assert!(analyzer.words(" \n…!?\0").is_empty());
            let endless = format!("a {} b", "x".repeat(10_000));
            assert_eq!(analyzer.words(&endless), ["a", "b"]);
            let longest = "x".repeat(TOO_LONG - 1);
            assert_eq!(analyzer.words(&format!("{longest} {longest}x")), [longest]);
        }
    }
}
