//! What a batch is made with, besides its rows.

use bert_core::random::mix;
use bert_core::{BertTokenizer, EncoderInput, Encoding, Mode};
use burn::tensor::Device;

/// Everything that [`Encode::collate`](crate::Encode::collate) gets besides the rows.
#[derive(Clone, Copy, Debug)]
pub struct Collation<'a> {
    /// The device to put the batch on.
    pub device: &'a Device,
    /// The tokenizer of the rows' token ids.
    pub tokenizer: &'a BertTokenizer,
    /// How rows are padded to one length.
    pub padding: Padding,
    /// The seeds of random choices.
    pub draw: Draw,
    /// Each row's number in the dataset.
    pub rows: &'a [usize],
    /// Training with this batch's dropout, or inference.
    pub mode: Mode,
}

/// How the rows of a batch are padded to one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Padding {
    /// Lengths are rounded up to multiples of this: few shapes suit devices that compile for each one.
    pub multiple: usize,
    /// Rounding does not go beyond this.
    pub longest: usize,
    /// Leaves padding out of the computation, where the device gains by it.
    pub packing: bool,
}

/// The seeds of a collation's random choices, besides the row's number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Draw {
    /// The run's seed; 0 in evaluation.
    pub seed: u64,
    /// The epoch, from 0; 0 in evaluation, so that each evaluation draws the same.
    pub epoch: usize,
}

impl Default for Padding {
    fn default() -> Self {
        Self {
            multiple: 1,
            longest: usize::MAX,
            packing: true,
        }
    }
}

impl Padding {
    /// The length of a batch whose longest row has `tokens` tokens.
    pub fn length(&self, tokens: usize) -> usize {
        tokens
            .next_multiple_of(self.multiple)
            .min(self.longest.max(tokens))
    }
}

impl<'a> Collation<'a> {
    /// An inference batch on `device`, padded to its longest row.
    pub fn inference(tokenizer: &'a BertTokenizer, rows: &'a [usize], device: &'a Device) -> Self {
        Self {
            device,
            tokenizer,
            padding: Padding::default(),
            draw: Draw::default(),
            rows,
            mode: Mode::Inference,
        }
    }

    /// The encoder's input of `encodings`, padded as this context says.
    pub fn encoder_input(&self, encodings: &[&Encoding]) -> EncoderInput {
        let longest = encodings.iter().map(|encoding| encoding.ids.len()).max();
        let length = self.padding.length(longest.unwrap_or(0));
        let input = EncoderInput::padded(encodings, length, self.tokenizer.pad_id(), self.device);
        match self.padding.packing {
            true => input,
            false => input.with_padding(),
        }
    }

    /// A seed for the random choices of one row: a function of the run's seed, the epoch and the row's number in the
    /// dataset alone. `index` is the row's index in the batch.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row_seed(&self, index: usize) -> u64 {
        let Draw { seed, epoch } = self.draw;
        mix(seed ^ mix(epoch as u64 ^ mix(self.rows[index] as u64)))
    }
}
