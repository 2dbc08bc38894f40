//! Texts and pairs of texts to rows, one each.

use bert_core::{BertTokenizer, EncoderInput};
use datasets::ScoredExample;

use super::SequenceRegression;
use crate::row::Row;
use crate::task::{Collation, Encode, TaskError};

impl Encode for SequenceRegression {
    type Example = ScoredExample;
    type Row = Row<(), f32>;
    type Input = EncoderInput;
    type Target = f32;

    fn encode(
        &self,
        examples: &[ScoredExample],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<Self::Row>, TaskError> {
        let texts: Vec<_> = examples
            .iter()
            .map(|e| (e.text.as_str(), e.second.as_deref()))
            .collect();
        let target = |example: usize| examples[example].score.map(|score| score as f32);
        Row::of_texts(&texts, tokenizer, max_length, target)
    }

    fn collate(&self, rows: &[Self::Row], context: &Collation<'_>) -> (EncoderInput, Vec<f32>) {
        Row::collate(rows, context)
    }
}
