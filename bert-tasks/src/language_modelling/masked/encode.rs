//! Texts to rows, and rows to batches with masked tokens.

use bert_core::{BertTokenizer, Encoding, TokenizerError, threads};
use datasets::Passage;

use super::super::blocks::even_blocks;
use super::super::predicted_tokens::{LanguageModelInput, PredictedToken};
use super::MaskedLanguageModelling;
use super::masking::Masked;
use super::nsp::{self, Pairs};
use super::row::MaskedRow;
use crate::task::{Collation, Encode, TaskError};

/// What the model is to predict of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskedTarget {
    /// The ids of the masked tokens, in the order of their positions.
    pub ids: Vec<u32>,
    /// Whether the second part follows the first, where there are two.
    pub is_next: Option<bool>,
}

impl Encode for MaskedLanguageModelling {
    type Example = Passage;
    type Row = MaskedRow;
    type Input = LanguageModelInput;
    type Target = MaskedTarget;

    fn cache_key(&self) -> String {
        // What is masked is drawn when a batch is made.
        format!("{} {}", self.nsp, self.line_by_line)
    }

    fn encode(
        &self,
        examples: &[Passage],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<MaskedRow>, TaskError> {
        let rows = if examples.iter().any(|passage| passage.is_input) {
            threads::try_map(examples, 16, |example, passage| {
                Ok::<_, TaskError>(vec![self.row_with_gaps(passage, tokenizer, max_length, example)?])
            })?
        } else if self.nsp {
            self.pairs(examples, tokenizer, max_length)?
        } else if self.line_by_line {
            threads::try_map(examples, 16, |example, passage| {
                let encoding = tokenizer.encode(&passage.text, None, max_length)?;
                Ok::<_, TokenizerError>(vec![MaskedRow::new(encoding, example)])
            })?
        } else {
            let room = tokenizer.room(max_length)?;
            threads::try_map(examples, 1, |example, passage| {
                let ids = tokenizer.tokenize(&passage.text)?.ids;
                let blocks = even_blocks(&ids, room).into_iter();
                let row = |block: &[u32]| MaskedRow::new(tokenizer.with_special_tokens(block, None), example);
                Ok::<_, TokenizerError>(blocks.map(row).collect())
            })?
        };
        Ok(rows.into_iter().flatten().collect())
    }

    fn collate(
        &self,
        rows: &[MaskedRow],
        context: &Collation<'_>,
    ) -> (LanguageModelInput, Vec<MaskedTarget>) {
        let with_masks: Vec<Masked> = rows
            .iter()
            .enumerate()
            .map(|(index, row)| self.with_masks(row, context.row_seed(index)))
            .collect();
        let masked: Vec<Vec<PredictedToken>> = rows
            .iter()
            .zip(&with_masks)
            .map(|(row, masked)| {
                let token = |&position: &usize| PredictedToken {
                    position,
                    id: (!row.has_gaps).then(|| row.ids[position]),
                };
                masked.positions.iter().map(token).collect()
            })
            .collect();
        let encodings: Vec<Encoding> = rows
            .iter()
            .zip(with_masks)
            .map(|(row, masked)| row.encoding(masked.ids))
            .collect();
        let encoder = context.encoder_input(&encodings.iter().collect::<Vec<_>>());
        let target = |(row, masked): (&MaskedRow, &Vec<PredictedToken>)| {
            let ids: Option<Vec<u32>> = masked.iter().map(|token| token.id).collect();
            Some(MaskedTarget {
                ids: ids.filter(|_| !row.has_gaps)?,
                is_next: row.is_next,
            })
        };
        let targets: Option<Vec<MaskedTarget>> = rows.iter().zip(&masked).map(target).collect();
        let input = LanguageModelInput::new(encoder, masked, context.device);
        (input, targets.unwrap_or_default())
    }
}

impl MaskedLanguageModelling {
    /// A row with its masked tokens: those of its text, or tokens drawn from `seed`.
    fn with_masks(&self, row: &MaskedRow, seed: u64) -> Masked {
        let vocabulary = self.vocabulary();
        match row.has_gaps {
            false => self.masking.mask(&row.ids, vocabulary, seed),
            true => Masked {
                positions: (0..row.ids.len())
                    .filter(|&position| row.ids[position] == vocabulary.mask())
                    .collect(),
                ids: row.ids.clone(),
            },
        }
    }

    /// The row of a text with gaps.
    fn row_with_gaps(
        &self,
        passage: &Passage,
        tokenizer: &BertTokenizer,
        max_length: usize,
        example: usize,
    ) -> Result<MaskedRow, TaskError> {
        let mask = self.vocabulary().mask();
        let encoding = tokenizer.encode(&passage.text, None, max_length)?;
        if !encoding.ids.contains(&mask) {
            let name = self.vocabulary().token(mask);
            let reason = match encoding.truncated && passage.text.contains(name) {
                true => format!(
                    "the text has no {name} in its first {max_length} tokens; what comes after them is not read"
                ),
                false => format!("the text has no {name}; write {name} where the model is to fill in a word"),
            };
            return Err(passage.source.error(None, reason).into());
        }
        Ok(MaskedRow {
            has_gaps: true,
            ..MaskedRow::new(encoding, example)
        })
    }

    /// The rows of two parts of each passage.
    fn pairs(
        &self,
        passages: &[Passage],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<Vec<MaskedRow>>, TaskError> {
        let room = tokenizer.room_for_two(max_length)?;
        let segments = threads::try_map(passages, 1, |_, passage| {
            let mut segments = vec![];
            for line in passage.text.lines() {
                let ids = tokenizer.tokenize(line)?.ids;
                let of_line = nsp::segments(&ids, self.vocabulary(), room / 2);
                segments.extend(of_line.into_iter().filter(|segment| !segment.is_empty()));
            }
            if segments.is_empty() {
                // A text of control characters alone.
                segments.push(vec![tokenizer.unk_id()]);
            }
            Ok::<_, TokenizerError>(segments)
        })?;
        let pairs = Pairs::new(passages, segments, room);
        Ok(threads::try_map(passages, 1, |example, passage| {
            let of_passage = pairs.of_passage(example, seed(&passage.text)).into_iter();
            let rows = of_passage.map(|pair| MaskedRow {
                is_next: Some(pair.is_next),
                ..MaskedRow::new(
                    tokenizer.with_special_tokens(&pair.first, Some(&pair.second)),
                    example,
                )
            });
            Ok::<_, TokenizerError>(rows.collect())
        })?)
    }
}

/// A number that depends on a text alone (FNV-1a; Fowler, Noll and Vo).
fn seed(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_those_of_fnv() {
        // The first test vectors of http://www.isthe.com/chongo/tech/comp/fnv/
        assert_eq!(seed(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(seed("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(seed("foobar"), 0x8594_4171_f739_67e8);
    }
}
