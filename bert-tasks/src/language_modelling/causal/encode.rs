//! Texts to rows, and rows to batches whose every token predicts the next one.

use std::sync::Arc;

use bert_core::{BertTokenizer, EncoderInput, Encoding, TokenizerError, threads};
use burn::tensor::{Device, Int, Tensor, TensorData};
use datasets::Passage;

use super::super::blocks::even_blocks;
use super::CausalLanguageModelling;
use super::row::CausalRow;
use crate::task::{Collation, Encode, ModelInput, TaskError};

/// Texts, each token of which predicts the next one.
#[derive(Clone, Debug)]
pub struct CausalInput {
    /// The texts.
    pub encoder: EncoderInput,
    /// The positions of the tokens that predict one in the flattened batch, in the order of the rows, `[predicted tokens]`; one dummy
    /// position where nothing is predicted, because backends reject empty tensors.
    pub positions: Tensor<1, Int>,
    /// The tokens that are predicted, of each row.
    pub next: Arc<Vec<Vec<u32>>>,
}

impl ModelInput for CausalInput {
    fn device(&self) -> Device {
        self.encoder.device()
    }

    fn computed_tokens(&self) -> usize {
        self.encoder.computed_tokens()
    }
}

impl Encode for CausalLanguageModelling {
    type Example = Passage;
    type Row = CausalRow;
    type Input = CausalInput;
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
            if passage.ends_document && !passage.has_gaps {
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

    fn collate(&self, rows: &[CausalRow], context: &Collation<'_>) -> (CausalInput, Vec<Vec<u32>>) {
        let encodings: Vec<Encoding> = rows
            .iter()
            .map(|row| Encoding {
                ids: row.read().to_vec(),
                type_ids: vec![0; row.read().len()],
                truncated: false,
            })
            .collect();
        let encoder = context.encoder_input(&encodings.iter().collect::<Vec<_>>());
        let [_, length] = encoder.dims();
        let next: Vec<Vec<u32>> = rows.iter().map(|row| row.next().to_vec()).collect();
        let lengths = next.iter().map(Vec::len);
        let positions = flat_positions(lengths, length, context.device);
        let input = CausalInput {
            encoder,
            positions,
            next: Arc::new(next.clone()),
        };
        (input, next)
    }
}

/// The first positions of each row, as many as in `counts`, in a flattened batch of rows of this `length`.
fn flat_positions(counts: impl Iterator<Item = usize>, length: usize, device: &Device) -> Tensor<1, Int> {
    let positions = counts.enumerate();
    let positions =
        positions.flat_map(|(row, count)| (0..count).map(move |position| (row * length + position) as i32));
    let mut positions: Vec<i32> = positions.collect();
    if positions.is_empty() {
        positions.push(0);
    }
    let count = positions.len();
    Tensor::from_data(TensorData::new(positions, [count]), device)
}
