//! Encoded examples, and batches of them.

use bert_core::{EncoderInput, Encoding, Mode};
use burn::tensor::Device;

/// One example, encoded.
#[derive(Clone, Debug)]
pub struct Features<T> {
    /// Token ids and segments, without padding.
    pub encoding: Encoding,
    /// What is to be predicted, where it is known.
    pub target: Option<T>,
}

/// Some examples on a device, padded to the longest of them.
#[derive(Clone, Debug)]
pub struct Batch<T> {
    /// Ids, segments and padding.
    pub input: EncoderInput,
    /// One target a row; empty where they are not known.
    pub targets: Vec<T>,
    /// Each row's place in the dataset.
    pub rows: Vec<usize>,
    /// Real tokens: those that are no padding.
    pub tokens: usize,
    /// Training with this batch's dropout, or inference.
    pub mode: Mode,
}

impl<T: Clone> Batch<T> {
    /// The batch of the examples `rows` of `features`.
    ///
    /// # Panics
    /// If a row is outside `features`.
    pub fn new(features: &[Features<T>], rows: &[usize], pad_id: u32, mode: Mode, device: &Device) -> Self {
        let encodings: Vec<&Encoding> = rows.iter().map(|&row| &features[row].encoding).collect();
        Self {
            input: EncoderInput::from_encodings(&encodings, pad_id, device),
            targets: rows
                .iter()
                .filter_map(|&row| features[row].target.clone())
                .collect(),
            rows: rows.to_vec(),
            tokens: encodings.iter().map(|encoding| encoding.ids.len()).sum(),
            mode,
        }
    }

    /// Places, padding included.
    pub fn places(&self) -> usize {
        let [batch, length] = self.input.dims();
        batch * length
    }
}
