//! The vectors of a segment: `vectors.f32` row after row, `vectors.int8` with the same rows as bytes, and `scales.f32` with the
//! scale of each row of bytes.

use std::ops::Range;
use std::path::Path;

use super::file;
use super::quantization::quantize;
use crate::IndexError;
use crate::files::{FileEntry, MappedFile, NewFile, SegmentEntry, Similarity};

const VECTORS: &str = "vectors.f32";
const QUANTIZED: &str = "vectors.int8";
const SCALES: &str = "scales.f32";

/// With longer vectors a dot product could exceed the range of f32.
const MAX_LENGTH: f64 = 1e18;

/// Checks the vector of a passage or a query, and with [`Similarity::Cosine`] scales it to length 1.
pub(crate) fn prepare(vector: &mut [f32], similarity: Similarity) -> Result<(), String> {
    if let Some(position) = vector.iter().position(|x| !x.is_finite()) {
        return Err(format!("value {position} of its vector is {}", vector[position]));
    }
    let squares: f64 = vector.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
    let length = squares.sqrt();
    if length == 0.0 {
        return Err("all values of its vector are 0, so it is like nothing".into());
    }
    match similarity {
        Similarity::Cosine => {
            for x in vector {
                *x = (f64::from(*x) / length) as f32;
            }
        }
        Similarity::Dot if length > MAX_LENGTH => {
            return Err(format!(
                "its vector has length {length:e}; at most {MAX_LENGTH:e} is possible"
            ));
        }
        Similarity::Dot => {}
    }
    Ok(())
}

/// [`prepare`] for query vectors one after the other.
pub(crate) fn prepare_all(
    queries: &[f32],
    dimension: usize,
    similarity: Similarity,
) -> Result<Vec<f32>, IndexError> {
    let mut prepared = queries.to_vec();
    for (query, vector) in prepared.chunks_exact_mut(dimension).enumerate() {
        prepare(vector, similarity).map_err(|reason| IndexError::Query { query, reason })?;
    }
    Ok(prepared)
}

/// The vectors of a segment.
#[derive(Debug)]
pub(super) struct Vectors {
    dimension: usize,
    vectors: MappedFile,
    quantized: MappedFile,
    scales: MappedFile,
}

impl Vectors {
    /// Opens the files of a segment.
    pub fn open(dir: &Path, entry: &SegmentEntry, dimension: usize) -> Result<Self, IndexError> {
        let open = |name| MappedFile::open(dir, file(dir, entry, name)?);
        let vectors = Vectors {
            dimension,
            vectors: open(VECTORS)?,
            quantized: open(QUANTIZED)?,
            scales: open(SCALES)?,
        };
        // Without vectors there are no scales either.
        let rows = if dimension == 0 {
            0
        } else {
            entry.passages as usize
        };
        for (file, size) in [
            (&vectors.vectors, rows * dimension * 4),
            (&vectors.quantized, rows * dimension),
            (&vectors.scales, rows * 4),
        ] {
            if file.bytes().len() != size {
                return Err(file.damaged("its size does not match the number of passages"));
            }
        }
        Ok(vectors)
    }

    /// Vectors, row after row.
    pub fn vectors(&self, rows: Range<usize>) -> Result<&[f32], IndexError> {
        let values = rows.start * self.dimension..rows.end * self.dimension;
        let found = self.vectors.numbers()?.get(values);
        found.ok_or_else(|| self.vectors.damaged("it has no such row"))
    }

    /// Rows of bytes, and the scale of each.
    pub fn quantized(&self, rows: Range<usize>) -> Result<(&[i8], &[f32]), IndexError> {
        let values = rows.start * self.dimension..rows.end * self.dimension;
        let numbers = self.quantized.numbers()?.get(values);
        let scales = self.scales.numbers()?.get(rows);
        numbers
            .zip(scales)
            .ok_or_else(|| self.quantized.damaged("it has no such row"))
    }
}

/// The vectors of a segment that is being written.
#[derive(Debug)]
pub(super) struct NewVectors {
    vectors: NewFile,
    quantized: NewFile,
    scales: NewFile,
    numbers: Vec<i8>,
}

impl NewVectors {
    /// Creates the files.
    pub fn create(dir: &Path, dimension: usize) -> Result<Self, IndexError> {
        Ok(NewVectors {
            vectors: NewFile::create(dir, VECTORS)?,
            quantized: NewFile::create(dir, QUANTIZED)?,
            scales: NewFile::create(dir, SCALES)?,
            numbers: vec![0; dimension],
        })
    }

    /// Appends vectors.
    pub fn push(&mut self, vectors: &[f32]) -> Result<(), IndexError> {
        self.vectors.write(bytemuck::cast_slice(vectors))?;
        // An index without vectors has dimension 0, which is no size of a chunk.
        for vector in vectors.chunks_exact(self.numbers.len().max(1)) {
            let scale = quantize(vector, &mut self.numbers);
            self.quantized.write(bytemuck::cast_slice(&self.numbers))?;
            self.scales.write(&scale.to_le_bytes())?;
        }
        Ok(())
    }

    /// Completes the files.
    pub fn finish(self) -> Result<Vec<FileEntry>, IndexError> {
        Ok(vec![
            self.vectors.finish()?,
            self.quantized.finish()?,
            self.scales.finish()?,
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosine_scales_to_length_one_even_where_squares_underflow() {
        for vector in [[3.0, -4.0], [3e-30, -4e-30], [3e30, -4e30]] {
            let mut vector = vector;
            prepare(&mut vector, Similarity::Cosine).unwrap();
            assert!((vector[0] - 0.6).abs() < 1e-7 && (vector[1] + 0.8).abs() < 1e-7);
        }
    }

    #[test]
    fn vectors_that_have_no_meaning_are_refused() {
        for similarity in [Similarity::Cosine, Similarity::Dot] {
            for (vector, reason) in [
                ([1.0, f32::NAN], "value 1 of its vector is NaN"),
                ([f32::NEG_INFINITY, 1.0], "value 0 of its vector is -inf"),
                ([0.0, -0.0], "are 0"),
            ] {
                let mut vector = vector;
                let message = prepare(&mut vector, similarity).unwrap_err();
                assert!(message.contains(reason), "{message}");
            }
        }
        assert!(prepare(&mut [1e30, 0.0], Similarity::Dot).is_err());
    }
}
