//! What language models know of a vocabulary.

use std::fmt;

use bert_core::BertTokenizer;
use bert_core::tokenizer::CONTINUATION_PREFIX;
use datasets::Message;

/// The tokens of a vocabulary, and which of them are words.
#[derive(Clone)]
pub struct Vocabulary {
    /// By id; empty where an id has no token.
    tokens: Vec<String>,
    /// Those that are no special tokens.
    words: Vec<u32>,
    special: Vec<bool>,
    continues: Vec<bool>,
    mask: u32,
}

impl Vocabulary {
    /// The vocabulary of a tokenizer.
    ///
    /// # Errors
    /// If it has no mask token.
    pub fn of(tokenizer: &BertTokenizer) -> Result<Self, Message> {
        let mask = mask_of(tokenizer)?;
        let ids = 0..tokenizer.vocab_size() as u32;
        let tokens: Vec<String> = ids
            .clone()
            .map(|id| tokenizer.token(id).unwrap_or_default())
            .collect();
        let special: Vec<bool> = ids.clone().map(|id| tokenizer.is_special(id)).collect();
        let is_word = |id: &u32| !special[*id as usize] && !tokens[*id as usize].is_empty();
        Ok(Self {
            words: ids.filter(is_word).collect(),
            continues: tokens.iter().map(|token| continues_word(token)).collect(),
            special,
            tokens,
            mask,
        })
    }

    /// The id of the mask token.
    pub fn mask(&self) -> u32 {
        self.mask
    }

    /// The ids of all tokens that are not special, such as `[CLS]` or `[UNK]`.
    pub fn words(&self) -> &[u32] {
        &self.words
    }

    /// Whether a token is special; also one that the vocabulary does not have.
    pub fn is_special(&self, id: u32) -> bool {
        self.special.get(id as usize).copied().unwrap_or(true)
    }

    /// Whether a token continues the word of the token before it.
    pub fn continues_word(&self, id: u32) -> bool {
        self.continues.get(id as usize).copied().unwrap_or(false)
    }

    /// A token; empty if there is none with this id.
    pub fn token(&self, id: u32) -> &str {
        self.tokens.get(id as usize).map_or("", String::as_str)
    }

    /// The text of tokens: pieces of a word are put together, and words separated by spaces.
    pub fn text(&self, ids: &[u32]) -> String {
        let mut text = String::new();
        for &id in ids {
            add_token(&mut text, self.token(id));
        }
        text
    }

    /// Whether a sentence ends with this token.
    pub(super) fn ends_sentence(&self, id: u32) -> bool {
        matches!(
            self.token(id),
            "." | "!" | "?" | "…" | "。" | "！" | "？" | "؟" | "।"
        )
    }
}

/// The id of a tokenizer's mask token.
///
/// # Errors
/// If it has none.
pub(super) fn mask_of(tokenizer: &BertTokenizer) -> Result<u32, Message> {
    let none = "the vocabulary has no mask token ([MASK] in BERT's) to mask words with";
    tokenizer.mask_id().ok_or_else(|| none.into())
}

/// Appends a token to a text.
pub(super) fn add_token(text: &mut String, token: &str) {
    match token
        .strip_prefix(CONTINUATION_PREFIX)
        .filter(|rest| !rest.is_empty())
    {
        Some(rest) => text.push_str(rest),
        None => {
            if !text.is_empty() && !text.ends_with(char::is_whitespace) {
                text.push(' ');
            }
            text.push_str(token);
        }
    }
}

/// Whether a token is a continuation piece. An ideograph is a word by itself: some tokenizers mark those of a text
/// without spaces as pieces, and then all of the text would be one word.
fn continues_word(token: &str) -> bool {
    match token.strip_prefix(CONTINUATION_PREFIX) {
        Some(rest) => !rest.is_empty() && !rest.chars().any(is_ideograph),
        None => false,
    }
}

/// Whether BERT's tokenizer puts spaces around this character (google-research/bert, `tokenization.py`, `_is_chinese_char`).
fn is_ideograph(character: char) -> bool {
    matches!(u32::from(character),
        0x4e00..=0x9fff
        | 0x3400..=0x4dbf
        | 0x20000..=0x2a6df
        | 0x2a700..=0x2b73f
        | 0x2b740..=0x2b81f
        | 0x2b820..=0x2ceaf
        | 0xf900..=0xfaff
        | 0x2f800..=0x2fa1f)
}

impl fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vocabulary")
            .field("tokens", &self.tokens.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bert_core::tokenizer::Normalization;

    fn vocabulary(words: &[&str]) -> Result<Vocabulary, Message> {
        let words = words.iter().map(|word| word.to_string()).collect();
        Vocabulary::of(&BertTokenizer::from_vocabulary(words, Normalization::default()).unwrap())
    }

    #[test]
    fn pieces_go_on_with_words_and_ideographs_do_not() {
        let words = [
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "play", "##ing", "##", "##京", "京", "a",
        ];
        let vocabulary = vocabulary(&words).unwrap();
        let continuing: Vec<&str> = (0..words.len() as u32)
            .filter(|id| vocabulary.continues_word(*id))
            .map(|id| vocabulary.token(id))
            .collect();
        assert_eq!(continuing, ["##ing"]);
        assert_eq!(vocabulary.words(), [5, 6, 7, 8, 9, 10]);
        assert_eq!(vocabulary.text(&[10, 5, 6, 10]), "a playing a");
        assert!(vocabulary.is_special(4) && vocabulary.is_special(99) && !vocabulary.is_special(5));
    }

    #[test]
    fn a_vocabulary_without_a_mask_is_refused() {
        let error = vocabulary(&["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a"]).unwrap_err();
        assert!(error.to_string().contains("[MASK]"), "{error}");
    }
}
