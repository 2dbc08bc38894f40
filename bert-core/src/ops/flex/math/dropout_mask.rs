//! Dropout's random numbers: a function of key, row and column. Any thread can make any part of a mask, in any order,
//! forward and again backward, and nothing is stored (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").

use crate::ops::Dropout;
use crate::random::mix;

/// Columns that are drawn together: two from each of sixteen 32-bit numbers.
pub(in crate::ops::flex) const BLOCK: usize = 32;

/// The mask of one dropout site.
#[derive(Clone, Copy, Debug)]
pub(in crate::ops::flex) struct DropoutMask {
    key: u64,
    /// A 16-bit number below it drops the element.
    threshold: u32,
    scale: f32,
}

/// The mask of one row.
#[derive(Clone, Copy)]
pub(in crate::ops::flex) struct RowMask {
    start: u32,
    twist: u32,
    threshold: u32,
    scale: f32,
}

impl DropoutMask {
    pub(in crate::ops::flex) fn new(dropout: Dropout) -> Self {
        Self {
            key: dropout.key,
            threshold: (dropout.rate * 65536.0).round() as u32,
            scale: (1.0 / (1.0 - dropout.rate)) as f32,
        }
    }

    #[inline(always)]
    pub(in crate::ops::flex) fn row(self, row: usize) -> RowMask {
        let bits = mix(self.key ^ mix(row as u64));
        RowMask {
            start: bits as u32,
            twist: (bits >> 32) as u32,
            threshold: self.threshold,
            scale: self.scale,
        }
    }
}

impl RowMask {
    /// The factors of the columns from `block * 32` on: 0 where dropped, the inverse of the rate that stays elsewhere.
    #[inline(always)]
    pub(in crate::ops::flex) fn factors(self, block: usize) -> [f32; BLOCK] {
        let mut factors = [0.0; BLOCK];
        let (low, high) = factors.split_at_mut(BLOCK / 2);
        for i in 0..BLOCK / 2 {
            // The finaliser of MurmurHash3 (Appleby 2011) with the row's second half worked in between.
            let mut bits = self.start.wrapping_add((block * (BLOCK / 2) + i) as u32);
            bits = (bits ^ (bits >> 16)).wrapping_mul(0x85eb_ca6b) ^ self.twist;
            bits = (bits ^ (bits >> 13)).wrapping_mul(0xc2b2_ae35);
            bits ^= bits >> 16;
            low[i] = if bits & 0xffff < self.threshold {
                0.0
            } else {
                self.scale
            };
            high[i] = if bits >> 16 < self.threshold {
                0.0
            } else {
                self.scale
            };
        }
        factors
    }

    /// Multiplies a row by its factors.
    #[inline(always)]
    pub(in crate::ops::flex) fn apply(self, row: &mut [f32]) {
        for (block, values) in row.chunks_mut(BLOCK).enumerate() {
            let factors = self.factors(block);
            if let Ok(values) = <&mut [f32; BLOCK]>::try_from(&mut *values) {
                for i in 0..BLOCK {
                    values[i] *= factors[i];
                }
            } else {
                for (value, factor) in values.iter_mut().zip(factors) {
                    *value *= factor;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 256 rows of 512 columns: 1 where an element stays, 0 where it is dropped.
    fn staying(key: u64) -> Vec<Vec<f64>> {
        let mask = DropoutMask::new(Dropout { rate: 0.5, key });
        let row = |row| {
            let factors = (0..16).flat_map(move |block| mask.row(row).factors(block));
            factors.map(|factor| f64::from(factor > 0.0)).collect()
        };
        (0..256).map(row).collect()
    }

    /// How often two sequences of coins agree, in standard deviations from one half.
    fn agreement<'a>(pairs: impl Iterator<Item = (&'a f64, &'a f64)>) -> f64 {
        let (mut same, mut count) = (0.0, 0.0);
        for (a, b) in pairs {
            same += f64::from(a == b);
            count += 1.0;
        }
        (same - count / 2.0) / (count / 4.0f64).sqrt()
    }

    #[test]
    fn neighbours_in_every_direction_are_unrelated() {
        let (here, elsewhere) = (staying(7), staying(8));
        for lag in [1, 2, 15, 16, 17, 31, 32, 64] {
            let along = here.iter().flat_map(|row| row.iter().zip(&row[lag..]));
            assert!(agreement(along).abs() < 5.0, "{lag} columns apart");
            let down = here.iter().zip(&here[lag..]).flat_map(|(a, b)| a.iter().zip(b));
            assert!(agreement(down).abs() < 5.0, "{lag} rows apart");
        }
        let keys = here.iter().zip(&elsewhere).flat_map(|(a, b)| a.iter().zip(b));
        assert!(agreement(keys).abs() < 5.0, "another key");
    }

    #[test]
    fn every_row_and_column_drops_half() {
        let here = staying(7);
        for (number, row) in here.iter().enumerate() {
            let share = row.iter().sum::<f64>() - 256.0;
            assert!(share.abs() < 5.0 * 128f64.sqrt(), "row {number}: {share}");
        }
        for column in 0..512 {
            let share = here.iter().map(|row| row[column]).sum::<f64>() - 128.0;
            assert!(share.abs() < 5.0 * 64f64.sqrt(), "column {column}: {share}");
        }
    }
}
