//! From text to token ids: BERT's WordPiece tokenizer.
//!
//! A text is cleaned, lower-cased for uncased models, split at spaces and punctuation, and each word is cut into the
//! longest pieces that the vocabulary has; later pieces start with `##` (Devlin et al. 2019, section 3). Hugging Face's
//! [`tokenizers`] crate does the work; this module assembles its parts as BERT needs them, and reads, checks and writes
//! the files of published models.
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

mod chunks;
mod error;
#[cfg(feature = "files")]
mod files;
mod load;
mod normalization;
mod read;
#[cfg(feature = "files")]
mod settings;
#[cfg(test)]
mod tests;
#[cfg(feature = "files")]
mod train;
mod truncate;
mod word_piece;

use tokenizers::normalizers::NormalizerWrapper;
use tokenizers::{Model, OffsetType, PreTokenizer, Tokenizer};

use crate::encoding::{Encoding, Pieces};
use crate::models::TokenizerForm;
use crate::models::encoder::BertConfig;
use crate::threads;

pub use error::TokenizerError;
#[cfg(feature = "files")]
pub use files::{SETTINGS, VOCABULARIES};
pub use normalization::Normalization;
pub use tokenizers::{EncodeInput, InputSequence};
pub use tokenizers::{TruncationDirection, TruncationParams, TruncationStrategy};
#[cfg(feature = "files")]
pub use train::{NewVocabulary, VocabularyOptions, WordCounts};
pub use word_piece::CONTINUATION_PREFIX;

/// BERT's tokenizer: a vocabulary, and the rules that cut texts into its pieces.
#[derive(Clone, Debug)]
pub struct BertTokenizer {
    /// Without truncation and padding, and with a post-processor of the architecture's form.
    inner: Tokenizer,
    form: &'static TokenizerForm,
    special: SpecialIds,
    /// One more than the largest id.
    size: usize,
    /// The number of token types that the model has.
    token_types: usize,
    /// From `tokenizer_config.json`, to be written again on saving.
    #[cfg_attr(not(feature = "files"), allow(dead_code))] // Saving needs it.
    model_max_length: u64,
}

/// The ids of the special tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SpecialIds {
    pad: u32,
    unk: u32,
    cls: u32,
    sep: u32,
    mask: Option<u32>,
}

impl BertTokenizer {
    /// The same tokenizer for the model of `config`: it gives no id that the model has no embedding for.
    ///
    /// This is the one check of a model's embeddings against its tokenizer. The number of positions is
    /// [`BertConfig::max_tokens`].
    ///
    /// # Errors
    /// [`TokenizerError::Vocabulary`] if it has tokens that the model does not have. With a model that has too few token types,
    /// encoding a pair of texts is an error.
    pub fn for_model(mut self, config: &BertConfig) -> Result<Self, TokenizerError> {
        // Blank lines at the end of a vocab.txt have ids, and no text has them.
        let is_blank = |id: usize| {
            self.inner
                .id_to_token(id as u32)
                .is_none_or(|token| token.is_empty())
        };
        if !(config.vocab_size..self.size).all(is_blank) {
            return Err(TokenizerError::Vocabulary {
                last: self.size - 1,
                rows: config.vocab_size,
            });
        }
        // A family without token types has one, which adds nothing.
        self.token_types = config.type_vocab_size.max(1);
        Ok(self)
    }

    /// Encodes a text, or a pair of texts, in at most `max_length` tokens, special tokens included.
    ///
    /// A text that is too long is truncated at its end. Of a pair, the longer text is truncated until both have the same
    /// length, then both evenly (Hugging Face's `longest_first`). As there, names of special tokens inside a text become
    /// those tokens, and an empty text is `[CLS] [SEP]`; a pair whose second text is empty is `[CLS] a [SEP] [SEP]`.
    ///
    /// # Errors
    /// [`TokenizerError::MaxLength`] where `max_length` leaves no room for a single token of text;
    /// [`TokenizerError::TokenTypes`] for a pair where the model reads none.
    pub fn encode(
        &self,
        text: &str,
        pair: Option<&str>,
        max_length: usize,
    ) -> Result<Encoding, TokenizerError> {
        let room = self.text_room(max_length, pair.is_some())?;
        let first = self.first_tokens(text, room)?;
        let second = pair.map(|pair| self.first_tokens(pair, room)).transpose()?;
        let (mut a, mut b) = (
            first.ids.len(),
            second.as_ref().map_or(0, |second| second.ids.len()),
        );
        if let (Some(second), Some(pair)) = (&second, pair)
            && a.min(b) > room
            && room % 2 == 1
        {
            // The longer text gets the odd token.
            (a, b) = (self.count_tokens(text, &first)?, self.count_tokens(pair, second)?);
        }
        let (keep_a, keep_b) = truncate::longest_first(a, b, room);

        let second = second.as_ref().map(|second| &second.ids[..keep_b]);
        Ok(Encoding {
            truncated: (keep_a, keep_b) != (a, b),
            ..self.with_special_tokens(&first.ids[..keep_a], second)
        })
    }

    /// The input of the encoder for the pieces of one text, or of two: with the special tokens around them, and the token types.
    pub fn with_special_tokens(&self, first: &[u32], second: Option<&[u32]>) -> Encoding {
        let special = self.form.special_count(second.is_some());
        let mut ids = Vec::with_capacity(first.len() + second.map_or(0, <[u32]>::len) + special);
        ids.push(self.special.cls);
        ids.extend_from_slice(first);
        ids.push(self.special.sep);
        let mut type_ids = vec![0; ids.len()];
        if let Some(second) = second {
            ids.resize(ids.len() + self.form.separators - 1, self.special.sep);
            type_ids.resize(ids.len(), 0);
            ids.extend_from_slice(second);
            ids.push(self.special.sep);
            type_ids.resize(ids.len(), self.form.second_type);
        }
        Encoding {
            ids,
            type_ids,
            truncated: false,
        }
    }

    /// [`BertTokenizer::encode`] for many inputs, on all cores; the results are in the order of the inputs.
    ///
    /// # Errors
    /// As [`BertTokenizer::encode`], for the first input that fails.
    pub fn encode_batch(
        &self,
        inputs: &[(&str, Option<&str>)],
        max_length: usize,
    ) -> Result<Vec<Encoding>, TokenizerError> {
        threads::try_map(inputs, 16, |_, &(text, pair)| self.encode(text, pair, max_length))
    }

    /// Encodes with all that is known about each token: its range in the text (in *bytes*: `&text[start..end]`), its
    /// word, its text of a pair, and the windows that a `stride` cuts a long text into.
    ///
    /// The input is a text, a list of words (for tagging: then `get_word_ids` gives indices into that list, and the byte
    /// ranges are within the word), or a pair of either. For question answering, the context is cut into overlapping
    /// windows: the first is returned, and the others are its `get_overflowing`.
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
    /// As [`BertTokenizer::encode`]; [`TokenizerError::NoRoom`] and [`TokenizerError::Stride`] where the text cannot be
    /// truncated to the given length.
    pub fn encode_full<'s>(
        &self,
        input: impl Into<EncodeInput<'s>>,
        truncation: &TruncationParams,
    ) -> Result<tokenizers::Encoding, TokenizerError> {
        let (text, pair) = match input.into() {
            EncodeInput::Single(text) => (text, None),
            EncodeInput::Dual(text, pair) => (text, Some(pair)),
        };
        let room = self.text_room(truncation.max_length, pair.is_some())?;
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

    /// All pieces of one text, without special tokens: for code that cuts long texts itself.
    ///
    /// # Errors
    /// If the `tokenizers` crate refuses the text.
    pub fn tokenize(&self, text: &str) -> Result<Pieces, TokenizerError> {
        self.pieces_in_chunks(text, usize::MAX)
    }

    /// The first pieces of one text, as [`tokenize`](Self::tokenize): all of them, or more than `most`. The rest of a long text
    /// is not read.
    ///
    /// # Errors
    /// If the `tokenizers` crate refuses the text.
    pub fn tokenize_start(&self, text: &str, most: usize) -> Result<Pieces, TokenizerError> {
        self.pieces_in_chunks(text, most)
    }

    /// The number of tokens of one text that fit into `max_length`, special tokens subtracted.
    ///
    /// # Errors
    /// [`TokenizerError::MaxLength`] if there is no room for any.
    pub fn room(&self, max_length: usize) -> Result<usize, TokenizerError> {
        self.text_room(max_length, false)
    }

    /// The number of tokens of two texts together that fit into `max_length`, special tokens subtracted.
    ///
    /// # Errors
    /// [`TokenizerError::MaxLength`] if there is no room for any.
    pub fn room_for_two(&self, max_length: usize) -> Result<usize, TokenizerError> {
        self.text_room(max_length, true)
    }

    /// All tokens of one text.
    ///
    /// These are the steps of `Tokenizer::encode` before its truncation. That method cannot be used: it truncates as the
    /// tokenizer is configured and not as the call asks, and in version 0.23.2 it stops at the maximum length before it
    /// knows how long the text is, so that it loses the windows and gives the odd token of a pair to the wrong text.
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

    /// How many tokens of text fit into `max_length`.
    fn text_room(&self, max_length: usize, pair: bool) -> Result<usize, TokenizerError> {
        let second = usize::from(self.form.second_type);
        if pair && second >= self.token_types {
            return Err(TokenizerError::TokenTypes {
                second,
                types: self.token_types,
            });
        }
        let special = self.form.special_count(pair);
        match max_length.checked_sub(special) {
            None | Some(0) => Err(TokenizerError::MaxLength {
                max_length,
                least: special + 1,
            }),
            Some(room) => Ok(room),
        }
    }

    /// The id of `[PAD]`, which fills a batch's shorter rows.
    pub fn pad_id(&self) -> u32 {
        self.special.pad
    }

    /// The id of `[UNK]`, which stands for a word that the vocabulary cannot spell.
    pub fn unk_id(&self) -> u32 {
        self.special.unk
    }

    /// The id of `[CLS]`, whose last hidden state represents the whole input.
    pub fn cls_id(&self) -> u32 {
        self.special.cls
    }

    /// The id of `[SEP]`, which ends each text.
    pub fn sep_id(&self) -> u32 {
        self.special.sep
    }

    /// The id of `[MASK]`, which masks a token in pre-training, if the vocabulary has it.
    pub fn mask_id(&self) -> Option<u32> {
        self.special.mask
    }

    /// Whether the token with this id is special: one of those above, or one that was added as a special token.
    pub fn is_special(&self, id: u32) -> bool {
        let special = &self.special;
        let added = self.inner.get_added_tokens_decoder();
        [special.pad, special.unk, special.cls, special.sep].contains(&id)
            || special.mask == Some(id)
            || added.get(&id).is_some_and(|token| token.special)
    }

    /// One more than the largest id: the number of tokens, added tokens included, unless ids are left out.
    pub fn vocab_size(&self) -> usize {
        self.size
    }

    /// Whether texts are lower-cased although the vocabulary has many tokens with capital letters, which then never occur: a
    /// sign of missing settings.
    pub fn loses_capitals(&self) -> bool {
        if !self
            .normalization()
            .is_some_and(|normalization| normalization.lowercase)
        {
            return false;
        }
        let special = self.inner.get_added_tokens_decoder();
        let vocabulary = self.inner.get_vocab(false);
        let capitals = vocabulary.iter().filter(|(token, id)| {
            token.chars().any(char::is_uppercase) && !special.contains_key(id) && !token.starts_with('[')
        });
        20 * capitals.count() > vocabulary.len()
    }

    /// The token with this id.
    pub fn token(&self, id: u32) -> Option<String> {
        self.inner.id_to_token(id)
    }

    /// The text of tokens, without special ones: the pieces of a word are joined, and no space stands before a full stop. What the
    /// normalisation of a text changes, such as capitals, is not restored.
    ///
    /// ```
    /// # use bert_core::tokenizer::{BertTokenizer, Normalization};
    /// # let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "cat", "##s", "sat", "."].map(String::from).to_vec();
    /// # let tokenizer = BertTokenizer::from_vocabulary(words, Normalization::uncased())?;
    /// let ids = tokenizer.encode("The cats sat.", None, 16)?.ids;
    /// assert_eq!(tokenizer.decode(&ids), "the cats sat.");
    /// # Ok::<(), bert_core::TokenizerError>(())
    /// ```
    pub fn decode(&self, ids: &[u32]) -> String {
        // A decoder of a tokenizer.json that cannot decode its own tokens has no text to give.
        self.inner.decode(ids, true).unwrap_or_default()
    }

    /// How texts are normalised; `None` where `tokenizer.json` has a normaliser that is not BERT's.
    pub fn normalization(&self) -> Option<Normalization> {
        match self.inner.get_normalizer() {
            Some(NormalizerWrapper::BertNormalizer(normalizer)) => Some((*normalizer).into()),
            _ => None,
        }
    }

    /// The tokenizer of the `tokenizers` crate, for features that this type does not have; it neither truncates nor pads.
    pub fn inner(&self) -> &Tokenizer {
        &self.inner
    }
}
