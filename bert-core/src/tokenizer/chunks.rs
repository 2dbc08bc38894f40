//! Long texts in chunks, so that the memory to tokenise a text does not grow with it, and so that no more of a text is read
//! than is used. The chunks have the same tokens as the whole text.

use std::ops::Range;

use tokenizers::normalizers::NormalizerWrapper;
use tokenizers::{ModelWrapper, OffsetType, PreTokenizerWrapper};

use super::{BertTokenizer, TokenizerError};
use crate::encoding::Pieces;

/// Texts up to this many bytes are tokenised as a whole.
const WHOLE: usize = 1 << 12;
/// The bytes of a chunk of a text that is read to its end.
const CHUNK: usize = 1 << 16;
/// Bytes that a token of text rarely exceeds, with the space before it.
const PER_TOKEN: usize = 8;

/// The first tokens of a text.
pub(super) struct FirstTokens {
    /// Their ids: all of the text, or more than were asked for.
    pub(super) ids: Vec<u32>,
    /// Where the rest of the text starts; none if nothing is left.
    rest: Option<usize>,
}

impl BertTokenizer {
    /// The tokens of `text`; of a long text, at least `most` + 1 if it has more than `most`.
    pub(super) fn first_tokens(&self, text: &str, most: usize) -> Result<FirstTokens, TokenizerError> {
        let size = WHOLE.max(PER_TOKEN.saturating_mul(most));
        let (mut ids, mut at) = (vec![], 0);
        while at < text.len() && ids.len() <= most {
            let chunk = self.chunk(text, at, size);
            let pieces = self.pieces(text[chunk.read.clone()].into(), 0, OffsetType::None)?;
            ids.extend_from_slice(pieces.get_ids());
            at = chunk.next;
        }
        Ok(FirstTokens {
            ids,
            rest: (at < text.len()).then_some(at),
        })
    }

    /// The number of tokens of a text whose first tokens are known.
    pub(super) fn count_tokens(&self, text: &str, first: &FirstTokens) -> Result<usize, TokenizerError> {
        let (mut count, mut at) = (first.ids.len(), first.rest.unwrap_or(text.len()));
        while at < text.len() {
            let chunk = self.chunk(text, at, CHUNK);
            count += self.pieces(text[chunk.read].into(), 0, OffsetType::None)?.len();
            at = chunk.next;
        }
        Ok(count)
    }

    /// All tokens of `text`, or at least `most` + 1 of a long text, with their bytes.
    pub(super) fn pieces_in_chunks(&self, text: &str, most: usize) -> Result<Pieces, TokenizerError> {
        let size = if most == usize::MAX {
            CHUNK
        } else {
            WHOLE.max(PER_TOKEN.saturating_mul(most))
        };
        let (mut pieces, mut at) = (Pieces::default(), 0);
        while at < text.len() && pieces.ids.len() <= most {
            let Chunk { read, next } = self.chunk(text, at, size);
            let found = self.pieces(text[read.clone()].into(), 0, OffsetType::Byte)?;
            pieces.ids.extend_from_slice(found.get_ids());
            let offsets = found.get_offsets().iter();
            pieces
                .offsets
                .extend(offsets.map(|&(start, end)| ((start + at) as u32, (end + at) as u32)));
            if next > read.end
                && let Some((_, end)) = pieces.offsets.last_mut()
            {
                // The rest of an unknown word.
                *end = next as u32;
            }
            at = next;
        }
        Ok(pieces)
    }

    /// The characters of the longest word that is not unknown, if words are split as in BERT: only then is it known where a
    /// text can be cut.
    fn longest_word(&self) -> Option<usize> {
        let normalizer = self.inner.get_normalizer();
        let normalized = matches!(normalizer, None | Some(NormalizerWrapper::BertNormalizer(_)));
        match (self.inner.get_model(), self.inner.get_pre_tokenizer()) {
            (ModelWrapper::WordPiece(model), Some(PreTokenizerWrapper::BertPreTokenizer(_)))
                if normalized =>
            {
                Some(model.max_input_chars_per_word)
            }
            _ => None,
        }
    }

    /// The next chunk of a text from byte `at`, of about `size` bytes.
    fn chunk(&self, text: &str, at: usize, size: usize) -> Chunk {
        let whole = Chunk {
            read: at..text.len(),
            next: text.len(),
        };
        if text.len() - at <= size.saturating_mul(2) {
            return whole;
        }
        let Some(longest_word) = self.longest_word() else {
            return whole;
        };
        let added = self.inner.get_added_vocabulary().get_added_tokens_decoder();
        let mut run = 0;
        for (offset, character) in text[at..].char_indices() {
            let here = at + offset;
            if character.is_ascii_alphanumeric() {
                run += 1;
                continue;
            }
            if offset >= size && is_boundary(character) {
                let in_added = |token: &str| {
                    let near = floor(text, here.saturating_sub(token.len()))..ceil(text, here + token.len());
                    token.len() > 1 && text[near].to_lowercase().contains(&token.to_lowercase())
                };
                if !added.values().any(|token| in_added(&token.content)) {
                    // A word of more characters than the model reads is unknown, however long it is.
                    let cut = run > longest_word.saturating_add(size);
                    return Chunk {
                        read: at..if cut {
                            here - (run - longest_word - 1)
                        } else {
                            here
                        },
                        next: here,
                    };
                }
            }
            run = 0;
        }
        if run > longest_word.saturating_add(size) {
            return Chunk {
                read: at..text.len() - (run - longest_word - 1),
                next: text.len(),
            };
        }
        whole
    }
}

/// A part of a text.
struct Chunk {
    /// What is tokenised.
    read: Range<usize>,
    /// Where the next chunk starts: after the rest of an unknown word.
    next: usize,
}

/// Whether a word ends before this character: space, or ASCII punctuation, which is a token by itself. (Other characters that
/// Unicode calls white space are removed as control characters.)
fn is_boundary(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r') || character.is_ascii_punctuation()
}

/// The last boundary of characters up to `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}

/// The first boundary of characters from `at`.
fn ceil(text: &str, at: usize) -> usize {
    (at..text.len())
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(text.len())
}
