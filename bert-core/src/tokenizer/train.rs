//! A new WordPiece vocabulary, learnt from texts.
//!
//! The trainer of the [`tokenizers`] crate does the work: it starts from the characters, and joins the most frequent pair of
//! neighbours until the vocabulary is large enough (Schuster and Nakajima 2012; Sennrich et al. 2016). By itself it gives
//! another vocabulary in each process, as it does in Python: it numbers the characters inside of words in the order of a hash
//! map with a random seed, and of two pairs that are equally frequent, the one with smaller numbers is joined first. Which of
//! several equally rare characters are left out is random, too. So here the characters are chosen and put in order first, and
//! the trainer gets them as tokens that it must keep. With that order, it gives the same vocabulary in Rust and in Python.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::{
    AddedToken, NormalizedString, Normalizer, OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer,
};

use super::word_piece::{CONTINUATION_PREFIX, MAX_WORD_LENGTH};
use super::{BertTokenizer, Normalization, TokenizerError};
use crate::models::ARCHITECTURES;
use crate::threads;

/// The characters of the longest word that pairs are learnt from. The trainer's time grows with the square of a word's length, and
/// BERT reads no word that is a tenth as long.
const MAX_LEARNT_LENGTH: usize = 1000;

/// What a new vocabulary is to be like. The defaults are those of Hugging Face's `BertWordPieceTokenizer.train`, with the size of
/// BERT's own vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VocabularyOptions {
    /// The number of tokens. Special tokens and characters are always kept, so that there may be more; there are fewer if no
    /// pair is left that is frequent enough.
    pub size: usize,
    /// How often a pair must occur to become a token.
    pub min_frequency: u64,
    /// The most characters; the rarest are left out, and words with them are `[UNK]`.
    pub limit_alphabet: usize,
    /// Special tokens after `[PAD]`, `[UNK]`, `[CLS]`, `[SEP]` and `[MASK]`.
    pub special_tokens: Vec<String>,
}

impl Default for VocabularyOptions {
    fn default() -> Self {
        Self {
            size: 30_522,
            min_frequency: 2,
            limit_alphabet: 1000,
            special_tokens: vec![],
        }
    }
}

impl VocabularyOptions {
    /// Makes sure that the special tokens can be such, before anything is read.
    ///
    /// # Errors
    /// At the first one that cannot be one.
    pub fn check(&self) -> Result<(), TokenizerError> {
        special_tokens(&self.special_tokens).map(drop)
    }
}

/// A tokenizer with a new vocabulary, and what it leaves out.
#[derive(Clone, Debug)]
pub struct NewVocabulary {
    /// The tokenizer.
    pub tokenizer: BertTokenizer,
    /// The special tokens and the characters, which are kept whatever the size.
    pub least: usize,
    /// The characters that are no tokens.
    pub left_out: BTreeSet<char>,
    /// How many words of the texts are longer than those that BERT's tokenizer reads: it makes them `[UNK]`.
    pub long_words: u64,
}

/// The words of texts and how often each occurs, from which a vocabulary is learnt.
///
/// ```
/// use bert_core::tokenizer::{Normalization, VocabularyOptions, WordCounts};
///
/// let mut words = WordCounts::new(Normalization::uncased());
/// words.add(&["The lowest of the low", "lower and lower"])?;
/// let new = words.train(&VocabularyOptions::default())?;
/// let encoding = new.tokenizer.encode("Low, lower", None, 16)?;
/// let tokens: Vec<String> = encoding.ids.iter().filter_map(|&id| new.tokenizer.token(id)).collect();
/// // The texts have no comma.
/// assert_eq!(tokens, ["[CLS]", "low", "[UNK]", "lower", "[SEP]"]);
/// # Ok::<(), bert_core::TokenizerError>(())
/// ```
#[derive(Clone, Debug)]
pub struct WordCounts {
    normalization: Normalization,
    pub(super) counts: HashMap<String, u64>,
}

impl WordCounts {
    /// No words yet, of texts that are normalised in this way.
    pub fn new(normalization: Normalization) -> Self {
        Self {
            normalization,
            counts: HashMap::new(),
        }
    }

    /// Adds the words of texts, on all cores. A text must not end within a word.
    ///
    /// # Errors
    /// If the `tokenizers` crate refuses a text.
    pub fn add<T: AsRef<str> + Sync>(&mut self, texts: &[T]) -> Result<(), TokenizerError> {
        let size = texts.len().div_ceil(threads::count()).max(1);
        let parts: Vec<&[T]> = texts.chunks(size).collect();
        for counts in threads::try_map(&parts, 1, |_, part| count(part, self.normalization))? {
            for (word, count) in counts {
                *self.counts.entry(word).or_default() += count;
            }
        }
        Ok(())
    }

    /// The number of different words.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether there is no word.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Learns a vocabulary. It does not depend on the order of the texts or on the number of threads.
    ///
    /// # Errors
    /// If there is no word, a special token cannot be one, or a pair of characters occurs more often than the trainer counts.
    pub fn train(self, options: &VocabularyOptions) -> Result<NewVocabulary, TokenizerError> {
        if self.is_empty() {
            return Err(TokenizerError::NoWords);
        }
        self.check_pairs()?;
        let special = special_tokens(&options.special_tokens)?;
        let (alphabet, left_out) = self.alphabet(options.limit_alphabet);
        // The trainer takes a special token of one character for a character.
        let known = |c: &char| alphabet.contains(c) || special.iter().any(|token| is_only(token, *c));
        let words = self.counts.keys();
        let inner: BTreeSet<char> = words
            .flat_map(|word| word.chars().skip(1))
            .filter(known)
            .collect();
        let mut kept = special.clone();
        kept.extend(alphabet.iter().map(char::to_string));
        kept.extend(inner.iter().map(|c| format!("{CONTINUATION_PREFIX}{c}")));

        let long = self
            .counts
            .iter()
            .filter(|(word, _)| word.chars().count() > MAX_WORD_LENGTH);
        let long_words = long.map(|(_, count)| count).sum();
        // The trainer allocates for as many tokens as it is asked for. Each one that it learns makes a word shorter.
        let letters: usize = self.counts.keys().map(String::len).sum();
        let trainer = BpeTrainer::builder()
            .vocab_size(options.size.min(kept.len() + letters))
            .min_frequency(options.min_frequency)
            .special_tokens(kept.iter().map(|token| AddedToken::from(token, true)).collect())
            // All characters are among the tokens that it must keep.
            .limit_alphabet(0)
            .continuing_subword_prefix(CONTINUATION_PREFIX.into())
            .show_progress(false)
            .build();
        // The trainer's map is of a crate that is not a dependency here, so that its type is not named.
        let counts = self.counts.into_iter();
        let counts = counts.filter(|(word, _)| word.chars().count() <= MAX_LEARNT_LENGTH);
        let mut learnt = BPE::default();
        trainer
            .do_train(
                &counts.map(|(word, count)| (word.into(), count)).collect(),
                &mut learnt,
            )
            .map_err(TokenizerError::Encode)?;

        let added = options
            .special_tokens
            .iter()
            .map(|token| AddedToken::from(token, true))
            .collect();
        let tokenizer = BertTokenizer::rebuilt(
            learnt.get_vocab(),
            self.normalization,
            added,
            ARCHITECTURES[0],
            Path::new("(new vocabulary)"),
        )?;
        Ok(NewVocabulary {
            tokenizer,
            least: kept.iter().collect::<BTreeSet<_>>().len(),
            left_out,
            long_words,
        })
    }

    /// The `limit` most frequent characters, of equally frequent ones those with smaller code points; and the others.
    fn alphabet(&self, limit: usize) -> (BTreeSet<char>, BTreeSet<char>) {
        let mut frequency: BTreeMap<char, u64> = BTreeMap::new();
        for (word, count) in &self.counts {
            for c in word.chars() {
                *frequency.entry(c).or_default() += count;
            }
        }
        let mut all: Vec<(char, u64)> = frequency.into_iter().collect();
        // Stable: equally frequent ones stay in the order of their code points.
        all.sort_by_key(|&(_, count)| Reverse(count));
        let rest = all.split_off(limit.min(all.len()));
        let characters = |some: Vec<(char, u64)>| some.into_iter().map(|(c, _)| c).collect();
        (characters(all), characters(rest))
    }

    /// Makes sure that the counts of pairs stay below 2^31, since the trainer of version 0.23 adds them in 32 bits. No pair of
    /// longer tokens occurs more often than the pair of characters between them.
    fn check_pairs(&self) -> Result<(), TokenizerError> {
        let mut pairs: HashMap<(char, char), u64> = HashMap::new();
        for (word, count) in &self.counts {
            for pair in word.chars().zip(word.chars().skip(1)) {
                *pairs.entry(pair).or_default() += count;
            }
        }
        match pairs.into_iter().max_by_key(|&(pair, count)| (count, pair)) {
            Some(((a, b), count)) if count > i32::MAX as u64 => Err(TokenizerError::TooManyPairs {
                pair: format!("{a}{b}"),
                count,
            }),
            _ => Ok(()),
        }
    }
}

/// The words of texts.
fn count<T: AsRef<str>>(
    texts: &[T],
    normalization: Normalization,
) -> Result<HashMap<String, u64>, TokenizerError> {
    let normalizer = BertNormalizer::from(normalization);
    // To normalise is slow, and most of what stands between spaces occurs many times.
    let mut raw: HashMap<&str, u64> = HashMap::new();
    for text in texts {
        for part in text.as_ref().split([' ', '\t', '\n', '\r']) {
            *raw.entry(part).or_default() += 1;
        }
    }
    let mut counts = HashMap::new();
    for (part, count) in raw {
        let mut text = NormalizedString::from(part);
        normalizer.normalize(&mut text).map_err(TokenizerError::Encode)?;
        let mut words = PreTokenizedString::from(text);
        BertPreTokenizer
            .pre_tokenize(&mut words)
            .map_err(TokenizerError::Encode)?;
        for (word, ..) in words.get_splits(OffsetReferential::Original, OffsetType::None) {
            match counts.get_mut(word) {
                Some(sum) => *sum += count,
                None => drop(counts.insert(word.to_owned(), count)),
            }
        }
    }
    Ok(counts)
}

/// BERT's special tokens, and further ones.
fn special_tokens(further: &[String]) -> Result<Vec<String>, TokenizerError> {
    let form = &ARCHITECTURES[0].tokenizer;
    let mut tokens = [form.pad, form.unk, form.cls, form.sep, form.mask]
        .map(str::to_owned)
        .to_vec();
    for token in further {
        let refused = |reason| TokenizerError::SpecialToken {
            token: token.clone(),
            reason,
        };
        if token.is_empty() || token.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(refused(
                "it must have at least one character, and no white space or control characters",
            ));
        }
        if tokens.contains(token) {
            return Err(refused("it is a special token already"));
        }
        tokens.push(token.clone());
    }
    Ok(tokens)
}

/// Whether a token is this character.
fn is_only(token: &str, c: char) -> bool {
    token.len() == c.len_utf8() && token.starts_with(c)
}
