//! WordPiece: a vocabulary from `vocab.txt` or `tokenizer.json`, and the tokenizer that transformers builds on it.

use std::collections::{BTreeMap, HashMap};

use tokenizers::decoders::wordpiece::WordPiece as WordPieceDecoder;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::{Model, ModelWrapper, Tokenizer};

use super::Normalization;
use crate::models::TokenizerForm;

/// The name of the algorithm in `tokenizer.json`.
pub(super) const NAME: &str = "WordPiece";
/// What each piece of a word but the first begins with.
pub const CONTINUATION_PREFIX: &str = "##";
/// The characters of the longest word that is cut into pieces; longer ones are unknown.
pub(super) const MAX_WORD_LENGTH: usize = 100;

/// The ids of the tokens.
pub(super) type Vocabulary = HashMap<String, u32>;

/// The model of a tokenizer, if it is WordPiece.
pub(super) fn of(tokenizer: &Tokenizer) -> Option<&WordPiece> {
    match tokenizer.get_model() {
        ModelWrapper::WordPiece(model) => Some(model),
        _ => None,
    }
}

/// The vocabulary of a list of words: the id of a word is its index. Of equal words the last one counts, and an empty one is a
/// token that no text has, as in transformers.
pub(super) fn vocabulary(words: impl IntoIterator<Item = String>) -> Vocabulary {
    (0..).zip(words).map(|(id, word)| (word, id)).collect()
}

/// The tokenizer that transformers' `BertTokenizer` builds on a vocabulary.
pub(super) fn build(
    vocabulary: Vocabulary,
    normalization: Normalization,
    form: &TokenizerForm,
) -> tokenizers::Result<Tokenizer> {
    // The builder needs a map of a crate that is not a dependency here; an empty file yields one.
    let mut ids = WordPiece::read_bytes(b"")?;
    ids.extend(vocabulary);
    let model = WordPiece::builder()
        .vocab(ids)
        .unk_token(form.unk.into())
        .continuing_subword_prefix(CONTINUATION_PREFIX.into())
        .max_input_chars_per_word(MAX_WORD_LENGTH)
        .build()?;
    let mut tokenizer = Tokenizer::new(model);
    tokenizer
        .with_normalizer(Some(BertNormalizer::from(normalization)))?
        .with_pre_tokenizer(Some(BertPreTokenizer))
        .with_decoder(Some(WordPieceDecoder::default()));
    Ok(tokenizer)
}

/// The lines of a `vocab.txt`: the tokens by id, without added tokens. An id without a token, and a token that is no line, has a line
/// that no text has, so that the ids of all others stay the same. `None` if most ids have no token.
#[cfg_attr(not(feature = "files"), allow(dead_code))] // Only folders have one.
pub(super) fn lines(model: &WordPiece) -> Option<Vec<String>> {
    let ids: BTreeMap<u32, String> = model
        .get_vocab()
        .into_iter()
        .map(|(token, id)| (id, token))
        .collect();
    let count = ids.last_key_value().map_or(0, |(last, _)| last + 1);
    if count as usize > 2 * ids.len() + 1000 {
        return None;
    }
    let line = |id| match ids.get(&id) {
        Some(token) if !token.contains(['\n', '\r']) => token.clone(),
        _ => format!("[no token {id}]"),
    };
    Some((0..count).map(line).collect())
}
