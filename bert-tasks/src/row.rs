//! Encoded examples, and batches of them.

use bert_core::{BertTokenizer, EncoderInput, Encoding, Mode};
use burn::tensor::Device;

use crate::task::{Task, TaskError};

/// One input of the encoder: an example, or a part of one that is too long to be read at once.
#[derive(Clone, Debug)]
pub struct Row<K: Task> {
    /// Token ids and segments, without padding.
    pub encoding: Encoding,
    /// The example's place in its dataset. An example's rows follow each other.
    pub example: usize,
    /// Where in the example the row's answers belong.
    pub place: K::Place,
    /// What is to be predicted, where it is known.
    pub target: Option<K::Target>,
}

impl<K: Task<Place = ()>> Row<K> {
    /// A row for each of `texts`, or pairs of texts, cut to `max_length` tokens; `target` says what is to be predicted of
    /// the text at a place.
    ///
    /// # Errors
    /// If `max_length` leaves no room for text, or the tokenizer refuses a text.
    pub fn of_texts(
        texts: &[(&str, Option<&str>)],
        tokenizer: &BertTokenizer,
        max_length: usize,
        target: impl Fn(usize) -> Option<K::Target>,
    ) -> Result<Vec<Self>, TaskError> {
        let encodings = tokenizer.encode_batch(texts, max_length)?;
        let rows = encodings.into_iter().enumerate().map(|(example, encoding)| Row {
            encoding,
            example,
            place: (),
            target: target(example),
        });
        Ok(rows.collect())
    }
}

/// Some rows on a device, padded to one length.
#[derive(Clone, Debug)]
pub struct Batch<T> {
    /// Ids, segments and padding.
    pub input: EncoderInput,
    /// One target a row; empty where they are not known.
    pub targets: Vec<T>,
    /// Each row's place among all rows.
    pub rows: Vec<usize>,
    /// Real tokens: those that are no padding.
    pub tokens: usize,
    /// Training with this batch's dropout, or inference.
    pub mode: Mode,
}

impl<T: Clone> Batch<T> {
    /// The batch of the rows `places` of `rows`, padded to the longest of them.
    ///
    /// # Panics
    /// If a place is outside `rows`.
    pub fn new<K: Task<Target = T>>(
        rows: &[Row<K>],
        places: &[usize],
        pad_id: u32,
        mode: Mode,
        device: &Device,
    ) -> Self {
        let lengths = places.iter().map(|&place| rows[place].encoding.ids.len());
        Self::padded(rows, places, lengths.max().unwrap_or(0), pad_id, mode, device)
    }

    /// The batch of the rows `places` of `rows`, padded to `length` tokens.
    ///
    /// # Panics
    /// If a place is outside `rows`, or a row is longer.
    pub fn padded<K: Task<Target = T>>(
        rows: &[Row<K>],
        places: &[usize],
        length: usize,
        pad_id: u32,
        mode: Mode,
        device: &Device,
    ) -> Self {
        let encodings: Vec<&Encoding> = places.iter().map(|&place| &rows[place].encoding).collect();
        let targets: Vec<T> = places
            .iter()
            .filter_map(|&place| rows[place].target.clone())
            .collect();
        Self {
            input: EncoderInput::padded(&encodings, length, pad_id, device),
            // A loss over a part of the rows would be a loss of something else.
            targets: if targets.len() == places.len() {
                targets
            } else {
                vec![]
            },
            rows: places.to_vec(),
            tokens: encodings.iter().map(|encoding| encoding.ids.len()).sum(),
            mode,
        }
    }

    /// The same batch, its padding computed like all else.
    pub fn with_padding(mut self) -> Self {
        self.input = self.input.with_padding();
        self
    }

    /// Places that the encoder is given: the real tokens, and the padding if it is not left out.
    pub fn places(&self) -> usize {
        let [batch, length] = self.input.tokens().ids.dims();
        batch * length
    }
}
