//! Texts and pairs of texts to rows, one each.

use bert_core::{BertTokenizer, EncoderInput};
use datasets::TextExample;

use super::SequenceClassification;
use crate::row::Row;
use crate::task::{Collation, Encode, TaskError};

impl Encode for SequenceClassification {
    type Example = TextExample;
    type Row = Row<(), u32>;
    type Input = EncoderInput;
    type Target = u32;

    /// Rows depend on the labels' numbers.
    fn cache_key(&self) -> String {
        format!("{:?}", self.labels)
    }

    fn encode(
        &self,
        examples: &[TextExample],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<Self::Row>, TaskError> {
        let texts: Vec<_> = examples
            .iter()
            .map(|e| (e.text.as_str(), e.second.as_deref()))
            .collect();
        let target = |example: usize| self.target(&examples[example]).map(|label| label as u32);
        Row::of_texts(&texts, tokenizer, max_length, target)
    }

    fn collate(&self, rows: &[Self::Row], context: &Collation<'_>) -> (EncoderInput, Vec<u32>) {
        Row::collate(rows, context)
    }
}
