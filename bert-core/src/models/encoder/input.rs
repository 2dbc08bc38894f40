//! A batch of token ids on a device.

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::encoding::Encoding;
use crate::ops::{AttentionMask, Capabilities, SequenceOffsets};

/// What the encoder reads: token ids, token type ids and the attention mask.
///
/// Where the device [gains by it](Capabilities::packed_sequences), as the CPU does, the sequences are packed: the encoder computes the real
/// tokens alone, and its output is zero at padding. [`with_padding`](Self::with_padding) switches this off.
#[derive(Clone, Debug)]
pub struct EncoderInput {
    padded: Tokens,
    packed: Option<Tokens>,
}

/// Tokens on a device.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Token ids, `[batch, length]`.
    pub ids: Tensor<2, Int>,
    /// Token type ids, 0 for the first text and 1 for the second, `[batch, length]`.
    pub types: Tensor<2, Int>,
    /// Which tokens attend to each other.
    pub mask: AttentionMask,
}

impl EncoderInput {
    /// A batch from `[batch, length]` host arrays; `mask` is 1 at real tokens and 0 at padding.
    ///
    /// Each array is uploaded in one write.
    ///
    /// # Panics
    /// If the arrays are not `batch * length` long.
    pub fn new(ids: Vec<i32>, types: Vec<i32>, mask: &[i32], batch: usize, device: &Device) -> Self {
        let length = ids.len().checked_div(batch).unwrap_or(0);
        let packed = pack(&ids, &types, mask, length, device);
        // f32::MIN and not -inf, as in transformers: a row that is all padding stays finite.
        let bias: Vec<f32> = mask
            .iter()
            .map(|&real| if real == 0 { f32::MIN } else { 0.0 })
            .collect();
        let bias = Tensor::from_data(TensorData::new(bias, [batch, 1, 1, length]), device);
        let padded = Tokens {
            ids: Tensor::from_data(TensorData::new(ids, [batch, length]), device),
            types: Tensor::from_data(TensorData::new(types, [batch, length]), device),
            mask: AttentionMask::padding(bias),
        };
        Self { padded, packed }
    }

    /// A batch padded on the right with `pad_id` to its longest sequence.
    pub fn from_encodings(encodings: &[&Encoding], pad_id: u32, device: &Device) -> Self {
        let longest = encodings.iter().map(|e| e.ids.len()).max().unwrap_or(0);
        Self::padded(encodings, longest, pad_id, device)
    }

    /// A batch padded on the right with `pad_id` to `length` positions.
    ///
    /// # Panics
    /// If a sequence is longer than `length`.
    pub fn padded(encodings: &[&Encoding], length: usize, pad_id: u32, device: &Device) -> Self {
        let batch = encodings.len();
        let mut ids = vec![pad_id as i32; batch * length];
        let mut types = vec![0; batch * length];
        let mut mask = vec![0; batch * length];
        for (row, encoding) in encodings.iter().enumerate() {
            let start = row * length;
            let count = encoding.ids.len();
            assert!(
                count <= length,
                "a sequence of {count} tokens in {length} positions"
            );
            for (position, (&id, &kind)) in encoding.ids.iter().zip(&encoding.type_ids).enumerate() {
                ids[start + position] = id as i32;
                types[start + position] = i32::from(kind);
            }
            mask[start..start + count].fill(1);
        }
        Self::new(ids, types, &mask, batch, device)
    }

    /// The same batch with padding computed like any token, for code that reads the output there.
    pub fn with_padding(mut self) -> Self {
        self.packed = None;
        self
    }

    /// `[batch, length]`, padding included.
    pub fn dims(&self) -> [usize; 2] {
        self.padded.ids.dims()
    }

    /// The device of the batch.
    pub fn device(&self) -> Device {
        self.padded.ids.device()
    }

    /// 1 at tokens and 0 at padding, `[batch, length]`.
    pub fn token_mask(&self) -> Tensor<2> {
        let dims = self.dims();
        match &self.padded.mask {
            AttentionMask::Padding(bias) => {
                let bias = Tensor::<4>::from_dispatch(bias.clone());
                bias.equal_elem(0.0).float().reshape(dims)
            }
            AttentionMask::Packed(_) => Tensor::ones(dims, &self.device()),
        }
    }

    /// Whether the encoder leaves padding out; its output there is zero.
    pub fn is_packed(&self) -> bool {
        self.packed.is_some()
    }

    /// The tokens that the encoder computes.
    pub fn tokens(&self) -> &Tokens {
        self.packed.as_ref().unwrap_or(&self.padded)
    }
}

/// The packed batch: the real tokens, one sequence after the other. `None` where the device does not gain by it, where
/// there is no padding, only padding, or padding before a real token.
fn pack(ids: &[i32], types: &[i32], mask: &[i32], length: usize, device: &Device) -> Option<Tokens> {
    if !mask.contains(&0) || !mask.contains(&1) || !Capabilities::of(device).packed_sequences {
        return None;
    }
    let rows = mask.chunks_exact(length);
    let lengths = rows.map(|row| {
        (
            row.iter().rposition(|&real| real != 0).map_or(0, |last| last + 1),
            row,
        )
    });
    let lengths: Option<Vec<usize>> = lengths
        .map(|(count, row)| row[..count].iter().all(|&real| real != 0).then_some(count))
        .collect();
    let offsets = SequenceOffsets::new(lengths?);
    let tokens = offsets.tokens();
    let real = |all: &[i32]| {
        let rows = all.chunks_exact(length).zip(offsets.ranges());
        let real: Vec<i32> = rows
            .flat_map(|(row, range)| &row[..range.len()])
            .copied()
            .collect();
        Tensor::from_data(TensorData::new(real, [1, tokens]), device)
    };
    Some(Tokens {
        ids: real(ids),
        types: real(types),
        mask: AttentionMask::Packed(offsets.clone()),
    })
}
