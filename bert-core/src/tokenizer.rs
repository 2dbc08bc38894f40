//! From text to token ids: BERT's WordPiece tokenizer.
//!
//! A text is cleaned, lower-cased for uncased models, split at spaces and punctuation, and each word is cut into the
//! longest pieces that the vocabulary has, later pieces written with `##` (Devlin et al. 2019, section 3). The work is
//! done by Hugging Face's [`tokenizers`] crate; this module puts its parts together as BERT needs them, reads and writes
//! the files that published models come with, and checks them.
//!
//! ```
//! use bert_core::tokenizer::{BertTokenizer, Normalization};
//!
//! let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "cat", "sat", "##s", "?"];
//! let words = words.map(String::from).to_vec();
//! let tokenizer = BertTokenizer::from_vocabulary(words, Normalization::uncased())?;
//!
//! let encoding = tokenizer.encode("The CATS?", None, 128)?;
//! let tokens: Vec<String> = encoding.ids.iter().filter_map(|&id| tokenizer.token(id)).collect();
//! assert_eq!(tokens, ["[CLS]", "the", "cat", "##s", "?", "[SEP]"]);
//!
//! let pair = tokenizer.encode("the cat", Some("sat?"), 128)?;
//! assert_eq!(pair.ids, [2, 4, 5, 3, 6, 8, 3]);
//! assert_eq!(pair.type_ids, [0, 0, 0, 0, 1, 1, 1]);
//! # Ok::<(), bert_core::TokenizerError>(())
//! ```

mod error;
mod load;
mod save;
#[cfg(test)]
mod tests;
mod truncate;

use rayon::prelude::*;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::{BertNormalizer, NormalizerWrapper};
use tokenizers::{Model, ModelWrapper, OffsetType, PreTokenizer, Tokenizer};

pub use error::TokenizerError;
pub use tokenizers::{EncodeInput, InputSequence};
pub use tokenizers::{TruncationDirection, TruncationParams, TruncationStrategy};

/// What is done to a text before it is split into words.
///
/// The fields are those of Hugging Face's `BertNormalizer`, which does what `BasicTokenizer` does in BERT's own
/// `tokenization.py`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Normalization {
    /// Lower-cases: `do_lower_case` in `tokenizer_config.json`.
    pub lowercase: bool,
    /// Takes the accents off letters, `é` to `e`; `None` does so exactly where the text is lower-cased.
    pub strip_accents: Option<bool>,
    /// Makes each CJK ideograph a word of its own: `tokenize_chinese_chars` in `tokenizer_config.json`.
    pub chinese_chars: bool,
    /// Removes control characters and makes every kind of white space a plain space.
    pub clean_text: bool,
}

impl Normalization {
    /// For the `uncased` models: lower-cased, accents off.
    pub const fn uncased() -> Self {
        Self {
            lowercase: true,
            strip_accents: None,
            chinese_chars: true,
            clean_text: true,
        }
    }

    /// For the `cased` models: case and accents stay.
    pub const fn cased() -> Self {
        Self {
            lowercase: false,
            ..Self::uncased()
        }
    }
}

impl Default for Normalization {
    /// [`Normalization::uncased`], the default of Hugging Face's `BertTokenizer`.
    fn default() -> Self {
        Self::uncased()
    }
}

impl From<Normalization> for BertNormalizer {
    fn from(n: Normalization) -> Self {
        BertNormalizer::new(n.clean_text, n.chinese_chars, n.strip_accents, n.lowercase)
    }
}

impl From<BertNormalizer> for Normalization {
    fn from(n: BertNormalizer) -> Self {
        Self {
            lowercase: n.lowercase,
            strip_accents: n.strip_accents,
            chinese_chars: n.handle_chinese_chars,
            clean_text: n.clean_text,
        }
    }
}

/// One text, or a pair, as the encoder reads it: `[CLS] a [SEP]` or `[CLS] a [SEP] b [SEP]`, without padding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoding {
    /// The tokens' ids, those of the special tokens included; there are as many real tokens as ids.
    pub ids: Vec<u32>,
    /// The segment of each token: 1 for the second text and the `[SEP]` after it, 0 for all before.
    pub type_ids: Vec<u8>,
    /// Whether tokens were left out to keep within the maximum length.
    pub truncated: bool,
}

/// A text in the vocabulary's pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    /// The pieces' ids.
    pub ids: Vec<u32>,
    /// Each piece's place in the text, in bytes: `&text[start..end]`.
    pub offsets: Vec<(u32, u32)>,
}

/// BERT's tokenizer: a vocabulary with the rules for cutting texts into its pieces.
#[derive(Clone, Debug)]
pub struct BertTokenizer {
    /// Without truncation and padding, and with a post-processor of BERT's form.
    inner: Tokenizer,
    special: SpecialIds,
    /// What `tokenizer_config.json` says, to be said again on saving.
    model_max_length: u64,
}

/// The ids of the tokens that BERT gives a meaning of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SpecialIds {
    pad: u32,
    unk: u32,
    cls: u32,
    sep: u32,
    mask: Option<u32>,
}

impl BertTokenizer {
    /// Encodes a text, or a pair of texts, in at most `max_length` tokens, special tokens included.
    ///
    /// A text that is too long loses its end. Of a pair, the longer text is cut until both are of one length, then
    /// both evenly (Hugging Face's `longest_first`). Names of special tokens inside a text become those tokens, and an
    /// empty text is `[CLS] [SEP]`, as there; a pair whose second text is empty is `[CLS] a [SEP] [SEP]`.
    ///
    /// # Errors
    /// [`TokenizerError::MaxLength`] where `max_length` leaves no room for a single token of text.
    pub fn encode(
        &self,
        text: &str,
        pair: Option<&str>,
        max_length: usize,
    ) -> Result<Encoding, TokenizerError> {
        let room = room(max_length, pair.is_some())?;
        let first = self.pieces(text.into(), 0, OffsetType::None)?;
        let second = match pair {
            Some(pair) => Some(self.pieces(pair.into(), 1, OffsetType::None)?),
            None => None,
        };
        let (a, b) = (first.len(), second.as_ref().map_or(0, |s| s.len()));
        let (keep_a, keep_b) = truncate::longest_first(a, b, room);

        let mut ids = Vec::with_capacity(keep_a + keep_b + special_count(pair.is_some()));
        ids.push(self.special.cls);
        ids.extend_from_slice(&first.get_ids()[..keep_a]);
        ids.push(self.special.sep);
        let mut type_ids = vec![0; ids.len()];
        if let Some(second) = second {
            ids.extend_from_slice(&second.get_ids()[..keep_b]);
            ids.push(self.special.sep);
            type_ids.resize(ids.len(), 1);
        }
        Ok(Encoding {
            ids,
            type_ids,
            truncated: (keep_a, keep_b) != (a, b),
        })
    }

    /// [`BertTokenizer::encode`] for many inputs, on all cores; the results are in the order of the inputs.
    ///
    /// # Errors
    /// As [`BertTokenizer::encode`]; one input that fails makes the whole batch fail.
    pub fn encode_batch(
        &self,
        inputs: &[(&str, Option<&str>)],
        max_length: usize,
    ) -> Result<Vec<Encoding>, TokenizerError> {
        inputs
            .par_iter()
            .with_min_len(16)
            .map(|&(text, pair)| self.encode(text, pair, max_length))
            .collect()
    }

    /// Encodes with all that is known about each token: its place in the text (in *bytes*: `&text[start..end]`), its
    /// word, its text of the two, and the windows that a `stride` cuts a long text into.
    ///
    /// The input is a text, a list of words (for tagging: then `get_word_ids` gives places in that list and the byte
    /// places are those within the word), or a pair of either. For question answering, the context is cut into
    /// overlapping windows, the first of which is returned and the others are its `get_overflowing`:
    ///
    /// ```
    /// # use bert_core::tokenizer::{BertTokenizer, Normalization};
    /// use bert_core::tokenizer::{TruncationParams, TruncationStrategy};
    /// # let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "who", "sat", "the", "cat"].map(String::from).to_vec();
    /// # let tokenizer = BertTokenizer::from_vocabulary(words, Normalization::uncased())?;
    /// let windows = TruncationParams {
    ///     max_length: 7,
    ///     strategy: TruncationStrategy::OnlySecond,
    ///     stride: 1,
    ///     ..Default::default()
    /// };
    /// let first = tokenizer.encode_full(("Who sat", "the cat sat"), &windows)?;
    /// assert_eq!(first.get_tokens(), ["[CLS]", "who", "sat", "[SEP]", "the", "cat", "[SEP]"]);
    /// assert_eq!(first.get_offsets()[5], (4, 7));
    /// let second = &first.get_overflowing()[0];
    /// assert_eq!(second.get_tokens(), ["[CLS]", "who", "sat", "[SEP]", "cat", "sat", "[SEP]"]);
    /// # Ok::<(), bert_core::TokenizerError>(())
    /// ```
    ///
    /// # Errors
    /// As [`BertTokenizer::encode`]; [`TokenizerError::NoRoom`] and [`TokenizerError::Stride`] where the text to be
    /// cut cannot be cut as asked.
    pub fn encode_full<'s>(
        &self,
        input: impl Into<EncodeInput<'s>>,
        truncation: &TruncationParams,
    ) -> Result<tokenizers::Encoding, TokenizerError> {
        let (text, pair) = match input.into() {
            EncodeInput::Single(text) => (text, None),
            EncodeInput::Dual(text, pair) => (text, Some(pair)),
        };
        let room = room(truncation.max_length, pair.is_some())?;
        let mut first = self.pieces(text, 0, OffsetType::Byte)?;
        let mut second = match pair {
            Some(pair) => Some(self.pieces(pair, 1, OffsetType::Byte)?),
            None => None,
        };
        truncate::truncate(&mut first, second.as_mut(), room, truncation)?;
        self.inner
            .post_process(first, second, true)
            .map_err(TokenizerError::Encode)
    }

    /// The pieces of one text, all of them, without special tokens: for those who cut long texts themselves.
    ///
    /// # Errors
    /// If the tokenizer underneath refuses the text.
    pub fn tokenize(&self, text: &str) -> Result<Pieces, TokenizerError> {
        let pieces = self.pieces(text.into(), 0, OffsetType::Byte)?;
        let offsets = pieces
            .get_offsets()
            .iter()
            .map(|&(start, end)| (start as u32, end as u32));
        Ok(Pieces {
            ids: pieces.get_ids().to_vec(),
            offsets: offsets.collect(),
        })
    }

    /// How many tokens of one text fit into `max_length` beside the special ones.
    ///
    /// # Errors
    /// [`TokenizerError::MaxLength`] if none does.
    pub fn room(&self, max_length: usize) -> Result<usize, TokenizerError> {
        room(max_length, false)
    }

    /// How many tokens of two texts fit into `max_length` beside the special ones.
    ///
    /// # Errors
    /// [`TokenizerError::MaxLength`] if none does.
    pub fn room_for_two(&self, max_length: usize) -> Result<usize, TokenizerError> {
        room(max_length, true)
    }

    /// The tokens of one text alone, all of them.
    ///
    /// These are the steps of `Tokenizer::encode` up to its truncation. They are taken one by one because that method
    /// truncates as the tokenizer is set up, not as the call asks, and because version 0.23.2 of it stops at the
    /// maximum length before it knows how long the text is: it forgets the windows, and gives the odd token of a pair
    /// to the wrong text.
    fn pieces(
        &self,
        text: InputSequence<'_>,
        type_id: u32,
        offsets: OffsetType,
    ) -> Result<tokenizers::Encoding, TokenizerError> {
        let encode = |word: Option<u32>, text: &str| {
            let mut pieces = self
                .inner
                .get_added_vocabulary()
                .extract_and_normalize(self.inner.get_normalizer(), text);
            if let Some(pre_tokenizer) = self.inner.get_pre_tokenizer() {
                pre_tokenizer.pre_tokenize(&mut pieces)?;
            }
            let model = self.inner.get_model();
            pieces.tokenize(|word| model.tokenize(word.get()))?;
            pieces.into_encoding(word, type_id, offsets)
        };
        let words: Vec<&str> = match &text {
            InputSequence::Raw(text) => return encode(None, text).map_err(TokenizerError::Encode),
            InputSequence::PreTokenized(words) => words.to_vec(),
            InputSequence::PreTokenizedOwned(words) => words.iter().map(String::as_str).collect(),
            InputSequence::PreTokenizedCow(words) => words.iter().map(|w| &**w).collect(),
        };
        (0..)
            .zip(words)
            .map(|(i, word)| encode(Some(i), word))
            .collect::<Result<_, _>>()
            .map_err(TokenizerError::Encode)
    }

    /// The id of `[PAD]`, which fills a batch's shorter rows.
    pub fn pad_id(&self) -> u32 {
        self.special.pad
    }

    /// The id of `[UNK]`, which stands for a word that the vocabulary cannot spell.
    pub fn unk_id(&self) -> u32 {
        self.special.unk
    }

    /// The id of `[CLS]`, whose last hidden state stands for the whole input.
    pub fn cls_id(&self) -> u32 {
        self.special.cls
    }

    /// The id of `[SEP]`, which ends each text.
    pub fn sep_id(&self) -> u32 {
        self.special.sep
    }

    /// The id of `[MASK]`, which hides a token in pre-training, if the vocabulary has it.
    pub fn mask_id(&self) -> Option<u32> {
        self.special.mask
    }

    /// How many tokens there are, added ones included: ids run from 0 to one less.
    pub fn vocab_size(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    /// The token with this id.
    pub fn token(&self, id: u32) -> Option<String> {
        self.inner.id_to_token(id)
    }

    /// How texts are normalised; `None` where a `tokenizer.json` brings a normaliser that is not BERT's.
    pub fn normalization(&self) -> Option<Normalization> {
        match self.inner.get_normalizer() {
            Some(NormalizerWrapper::BertNormalizer(normalizer)) => Some((*normalizer).into()),
            _ => None,
        }
    }

    /// The tokenizer underneath, for what is not offered here; it neither truncates nor pads.
    pub fn inner(&self) -> &Tokenizer {
        &self.inner
    }
}

/// How many special tokens BERT's form adds.
fn special_count(pair: bool) -> usize {
    if pair { 3 } else { 2 }
}

/// How many tokens of text fit into `max_length`.
fn room(max_length: usize, pair: bool) -> Result<usize, TokenizerError> {
    match max_length.checked_sub(special_count(pair)) {
        None | Some(0) => Err(TokenizerError::MaxLength {
            max_length,
            least: special_count(pair) + 1,
        }),
        Some(room) => Ok(room),
    }
}

/// The model of a tokenizer, if it is BERT's kind.
fn word_piece(tokenizer: &Tokenizer) -> Option<&WordPiece> {
    match tokenizer.get_model() {
        ModelWrapper::WordPiece(model) => Some(model),
        _ => None,
    }
}
