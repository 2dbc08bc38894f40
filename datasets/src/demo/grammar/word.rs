//! Words of a sentence, and the sentence as text.

/// A word of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Word {
    /// As it is written, in lower case unless it is a name or `I`.
    pub text: String,
    /// Its dictionary form.
    pub lemma: &'static str,
    /// Its part of speech, as in Universal Dependencies.
    pub tag: &'static str,
}

impl Word {
    /// An inflected word.
    pub fn new(text: impl Into<String>, lemma: &'static str, tag: &'static str) -> Self {
        Self {
            text: text.into(),
            lemma,
            tag,
        }
    }

    /// A word with one form.
    pub fn fixed(text: &'static str, tag: &'static str) -> Self {
        Self::new(text, text, tag)
    }
}

/// The words as a sentence: with a capital and with `mark` at the end.
pub fn text(words: &[Word], mark: &str) -> String {
    let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    capitalised(&words.join(" ")) + mark
}

/// The words as a sentence: with a capital, and a full stop unless the last word is a question mark.
pub fn sentence(words: &[String]) -> String {
    let text = capitalised(&words.join(" ").replace(" ?", "?"));
    if text.ends_with('?') { text } else { text + "." }
}

/// The text with a capital.
pub(in crate::demo) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

/// The words of a text.
pub fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
