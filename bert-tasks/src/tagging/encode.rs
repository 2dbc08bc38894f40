//! Sentences to rows: one each, or several that overlap if a sentence is too long.

use bert_core::{BertTokenizer, EncoderInput, Encoding, threads};
use datasets::{Message, TaggedExample};

use super::TokenTagging;
use crate::row::Row;
use crate::task::{Collation, Encode, TaskError};
use crate::windows::{assign, windows};

/// A row's words by their number in the sentence, each with the index of its first token in the row. A word that is in
/// several rows counts in the row where it has most context.
pub type Words = Vec<(u32, u32)>;

/// A row's first tokens by their index, each with the number of its label. Labels that the model does not have are left out.
pub type TokenLabels = Vec<(u32, u32)>;

/// A row of tagging.
pub type TagRow = Row<Words, TokenLabels>;

impl Encode for TokenTagging {
    type Example = TaggedExample;
    type Row = TagRow;
    type Input = EncoderInput;
    type Target = TokenLabels;

    fn encode(
        &self,
        examples: &[TaggedExample],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<TagRow>, TaskError> {
        let rows = threads::try_map(examples, 1, |number, example| {
            self.rows(number, example, tokenizer, max_length)
        })?;
        Ok(rows.into_iter().flatten().collect())
    }

    fn collate(&self, rows: &[TagRow], context: &Collation<'_>) -> (EncoderInput, Vec<TokenLabels>) {
        Row::collate(rows, context)
    }

    fn truncation(&self) -> Message {
        Message::new("words longer than ")
            .option("max_length")
            .text(" were truncated, in sentences")
    }
}

impl TokenTagging {
    fn rows(
        &self,
        number: usize,
        example: &TaggedExample,
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<TagRow>, TaskError> {
        let room = tokenizer.room(max_length)?;
        let mut pieces: Vec<Vec<u32>> = Vec::with_capacity(example.words.len());
        for word in &example.words {
            let mut ids = tokenizer.tokenize_start(word, room)?.ids;
            if ids.is_empty() {
                // A word of control characters has no tokens, but still gets a label.
                ids.push(tokenizer.unk_id());
            }
            pieces.push(ids);
        }
        let tags = example.tags.as_ref().map(|tags| self.wanted(tags));
        let lengths: Vec<usize> = pieces.iter().map(Vec::len).collect();
        let windows = windows(&lengths, room, self.overlap.min(room / 2));
        let windows_of_words = assign(&lengths, &windows);
        let rows = windows.iter().enumerate().map(|(window_number, window)| {
            let (mut ids, mut truncated) = (vec![], false);
            let (mut position, mut target) = (vec![], vec![]);
            for word in window.clone() {
                // After `[CLS]`.
                let token = ids.len() as u32 + 1;
                let fits = pieces[word].len().min(room);
                truncated |= fits < pieces[word].len();
                ids.extend(&pieces[word][..fits]);
                if windows_of_words[word] != window_number {
                    continue;
                }
                position.push((word as u32, token));
                let tag = tags.as_ref().map(|tags| tags[word].as_str());
                if let Some(label) = tag.and_then(|tag| self.labels.index(tag)) {
                    target.push((token, label as u32));
                }
            }
            let target = example.tags.is_some().then_some(target);
            Row {
                encoding: Encoding {
                    truncated,
                    ..tokenizer.with_special_tokens(&ids, None)
                },
                example: number,
                position,
                target,
            }
        });
        Ok(rows.collect())
    }
}
