//! Questions to rows: the question, then its passage, or a window over it if it is too long.

use std::collections::HashMap;
use std::sync::Arc;

use bert_core::{BertTokenizer, EncoderInput, Encoding, TokenizerError, threads};
use datasets::{Message, QuestionExample};

use super::QuestionAnswering;
use super::passage::{AnswerTokens, TokenizedPassage, Window};
use crate::row::Row;
use crate::task::{Collation, Encode, TaskError};

/// A row of question answering.
pub type QuestionRow = Row<Window, AnswerTokens>;

impl Encode for QuestionAnswering {
    type Example = QuestionExample;
    type Row = QuestionRow;
    type Input = EncoderInput;
    type Target = AnswerTokens;

    const ENCODING: u32 = 2;

    fn encode(
        &self,
        examples: &[QuestionExample],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<QuestionRow>, TaskError> {
        // The questions of a passage share its tokens.
        let mut numbers = HashMap::new();
        let mut texts: Vec<&str> = vec![];
        let passage_of: Vec<usize> = examples
            .iter()
            .map(|example| {
                *numbers.entry(Arc::as_ptr(&example.passage)).or_insert_with(|| {
                    texts.push(&example.passage);
                    texts.len() - 1
                })
            })
            .collect();
        let passages = threads::try_map(&texts, 1, |_, text| TokenizedPassage::new(text, tokenizer))?;
        let rows = threads::try_map(examples, 1, |number, example| {
            let passage = &passages[passage_of[number]];
            self.rows(number, example, passage, tokenizer, max_length)
        })?;
        Ok(rows.into_iter().flatten().collect())
    }

    fn collate(&self, rows: &[QuestionRow], context: &Collation<'_>) -> (EncoderInput, Vec<AnswerTokens>) {
        Row::collate(rows, context)
    }

    fn truncation(&self) -> Message {
        Message::new("questions longer than ")
            .option("max_question_length")
            .text(" were truncated")
    }
}

impl QuestionAnswering {
    /// The windows over a passage of `tokens`, each of at most `window` of them, as ranges.
    fn windows(&self, tokens: usize, window: usize) -> Vec<(usize, usize)> {
        // At least half of each window is new, even if windows are small.
        let stride = self.options.stride.min(window / 2);
        let mut all = vec![];
        let mut start = 0;
        loop {
            let end = tokens.min(start + window);
            all.push((start, end));
            if end == tokens {
                return all;
            }
            start += window - stride;
        }
    }

    fn rows(
        &self,
        number: usize,
        example: &QuestionExample,
        passage: &TokenizedPassage,
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<QuestionRow>, TaskError> {
        let room = tokenizer.room_for_two(max_length)?;
        let longest = self.options.max_question_length.get();
        let mut question = tokenizer.tokenize_start(example.question.trim(), longest)?.ids;
        let cut = question.len() > longest;
        question.truncate(longest);
        let window = room.saturating_sub(question.len());
        if window == 0 {
            let least = max_length - room + question.len() + 1;
            return Err(TokenizerError::MaxLength { max_length, least }.into());
        }
        let answer = example.span().map(|span| (span.start as u32, span.end as u32));
        let rows = self
            .windows(passage.ids.len(), window)
            .into_iter()
            .map(|(start, end)| {
                let tokens = &passage.ids[start..end];
                let encoding = tokenizer.with_special_tokens(&question, Some(tokens));
                // A special token ends the passage.
                let first = encoding.ids.len() - 1 - tokens.len();
                let position = Window {
                    first: first as u32,
                    offsets: passage.offsets[start..end].to_vec(),
                };
                let target = example.answers.is_some().then(|| position.target(answer));
                Row {
                    encoding: Encoding {
                        truncated: cut,
                        ..encoding
                    },
                    example: number,
                    position,
                    target,
                }
            });
        Ok(rows.collect())
    }
}
