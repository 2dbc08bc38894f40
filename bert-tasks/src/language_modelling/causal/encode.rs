//! Texts to rows, and rows to batches whose every token predicts the next one.

use bert_core::{BertTokenizer, Encoding, TokenizerError, threads};
use datasets::Passage;

use super::super::blocks::even_blocks;
use super::super::predicted_tokens::{LanguageModelInput, PredictedToken};
use super::CausalLanguageModelling;
use super::row::CausalRow;
use crate::task::{Collation, Encode, TaskError};

impl Encode for CausalLanguageModelling {
    type Example = Passage;
    type Row = CausalRow;
    type Input = LanguageModelInput;
    type Target = Vec<u32>;

    fn cache_key(&self) -> String {
        // The rows depend on the passages alone.
        String::new()
    }

    fn encode(
        &self,
        examples: &[Passage],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<CausalRow>, TaskError> {
        // Refuses a length without room for text. A row has `[CLS]`, and `[SEP]` counts as a token of the text.
        tokenizer.room(max_length)?;
        let room = max_length - 1;
        let rows = threads::try_map(examples, 1, |example, passage| {
            let mut ids = tokenizer.tokenize(&passage.text)?.ids;
            // A user's own text may go on.
            if passage.ends_document && !passage.is_input {
                ids.push(tokenizer.sep_id());
            }
            let row = |block: &[u32]| CausalRow {
                ids: [&[tokenizer.cls_id()], block].concat(),
                example,
            };
            let rows: Vec<CausalRow> = even_blocks(&ids, room).into_iter().map(row).collect();
            Ok::<_, TokenizerError>(rows)
        })?;
        Ok(rows.into_iter().flatten().collect())
    }

    fn collate(&self, rows: &[CausalRow], context: &Collation<'_>) -> (LanguageModelInput, Vec<Vec<u32>>) {
        let encodings: Vec<Encoding> = rows
            .iter()
            .map(|row| Encoding {
                ids: row.read().to_vec(),
                type_ids: vec![0; row.read().len()],
                truncated: false,
            })
            .collect();
        let encoder = context.encoder_input(&encodings.iter().collect::<Vec<_>>());
        let predicted = |row: &CausalRow| {
            let next = row.next().iter().enumerate();
            let token = |(position, &id)| PredictedToken {
                position,
                id: Some(id),
            };
            next.map(token).collect()
        };
        let predicted = rows.iter().map(predicted).collect();
        let next = rows.iter().map(|row| row.next().to_vec()).collect();
        (LanguageModelInput::new(encoder, predicted, context.device), next)
    }
}
