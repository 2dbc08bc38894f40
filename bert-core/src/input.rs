//! A batch of encoded texts on a device.

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::tokenizer::Encoding;

/// What the encoder reads: token ids, segment ids and which positions are real.
#[derive(Clone, Debug)]
pub struct EncoderInput {
    /// Token ids, `[batch, length]`.
    pub ids: Tensor<2, Int>,
    /// Segment ids, 0 for the first text and 1 for the second, `[batch, length]`.
    pub types: Tensor<2, Int>,
    /// What is added to the attention scores of each key: 0 at real tokens, the most negative float at padding,
    /// `[batch, 1, 1, length]`.
    pub bias: Tensor<4>,
}

impl EncoderInput {
    /// A batch from `[batch, length]` host arrays; `mask` is 1 at real tokens and 0 at padding.
    ///
    /// Each array travels to the device in one write.
    ///
    /// # Panics
    /// If the arrays are not `batch * length` long.
    pub fn new(ids: Vec<i32>, types: Vec<i32>, mask: &[i32], batch: usize, device: &Device) -> Self {
        let length = ids.len().checked_div(batch).unwrap_or(0);
        // f32::MIN and not -inf, as Hugging Face has it: a row that is all padding stays finite.
        let bias: Vec<f32> = mask
            .iter()
            .map(|&real| if real == 0 { f32::MIN } else { 0.0 })
            .collect();
        Self {
            ids: Tensor::from_data(TensorData::new(ids, [batch, length]), device),
            types: Tensor::from_data(TensorData::new(types, [batch, length]), device),
            bias: Tensor::from_data(TensorData::new(bias, [batch, 1, 1, length]), device),
        }
    }

    /// A batch padded on the right with `pad_id` to its longest text.
    pub fn from_encodings(encodings: &[&Encoding], pad_id: u32, device: &Device) -> Self {
        let longest = encodings.iter().map(|e| e.ids.len()).max().unwrap_or(0);
        Self::padded(encodings, longest, pad_id, device)
    }

    /// A batch padded on the right with `pad_id` to `length` positions.
    ///
    /// # Panics
    /// If a text is longer than `length`.
    pub fn padded(encodings: &[&Encoding], length: usize, pad_id: u32, device: &Device) -> Self {
        let batch = encodings.len();
        let mut ids = vec![pad_id as i32; batch * length];
        let mut types = vec![0; batch * length];
        let mut mask = vec![0; batch * length];
        for (row, encoding) in encodings.iter().enumerate() {
            let start = row * length;
            let count = encoding.ids.len();
            assert!(count <= length, "a text of {count} tokens in {length} places");
            for (place, (&id, &segment)) in encoding.ids.iter().zip(&encoding.type_ids).enumerate() {
                ids[start + place] = id as i32;
                types[start + place] = i32::from(segment);
            }
            mask[start..start + count].fill(1);
        }
        Self::new(ids, types, &mask, batch, device)
    }

    /// `[batch, length]`.
    pub fn dims(&self) -> [usize; 2] {
        self.ids.dims()
    }
}
