//! Row-sparse matrices: tensors that know which of their rows can be other than zero.
//!
//! A batch has a few hundred of the vocabulary's thirty thousand words, so the gradient of the word embeddings is almost all zero,
//! and so are the moments of each word that has not occurred yet. Where that is known, the norm, clipping and AdamW skip
//! the other rows. Their results are the same to the last bit (AdamW), or except for the order of a sum (the norm). The
//! knowledge belongs to the matrix's memory and is lost as soon as anyone else asks to write to it, so it cannot be wrong.

use burn::backend::flex::FlexTensor;
use burn::backend::{Shape, TensorMetadata};

use super::pool::Floats;
use super::row_tracker::{RowTracker, Rows};
use super::tensor::{contiguous, floats, floats_mut};

/// The rows of a tensor that can be other than zero, if they are known: if it is row-sparse, and not a part or another shape
/// of one.
pub(in crate::ops::flex) fn nonzero_rows(tensor: &FlexTensor) -> Option<Rows> {
    let (rows, width) = RowTracker::of(tensor)?.known()?;
    let shape = tensor.shape();
    let whole = shape.num_elements() * size_of::<f32>() == tensor.bytes().len();
    let same = shape.num_dims() == 2 && shape[1] == width && whole && tensor.is_contiguous();
    same.then_some(rows)
}

/// Marks all rows of a row-sparse matrix but these as zero.
pub(in crate::ops::flex) fn mark_rows(tensor: &FlexTensor, rows: Rows) {
    debug_assert!(rows.is_sorted());
    if let Some(tracker) = RowTracker::of(tensor) {
        tracker.mark(Some(rows));
    }
}

/// The same tensor, `[rows, width]`, row-sparse and in memory that it alone uses, and the rows that can be other than zero.
pub(in crate::ops::flex) fn owned_row_sparse(tensor: FlexTensor) -> (FlexTensor, Rows) {
    let tensor = contiguous(tensor);
    if let Some(rows) = nonzero_rows(&tensor).filter(|_| tensor.is_unique()) {
        return (tensor, rows);
    }
    let from = floats(&tensor);
    let width = tensor.shape()[1].max(1);
    let rows = from.chunks_exact(width).enumerate();
    let rows = rows.filter(|(_, row)| row.iter().any(|&x| x != 0.0));
    let rows = rows.map(|(number, _)| number as u32).collect();
    let mut to = Floats::uninitialised(from.len());
    to.copy_from_slice(from);
    (to.into_row_sparse(tensor.shape()), rows)
}

/// A row-sparse matrix of these floats, `[rows, width]`. All other rows than `rows` must be zero.
pub(in crate::ops::flex) fn row_sparse(floats: Floats, shape: Shape, rows: Rows) -> FlexTensor {
    let matrix = floats.into_row_sparse(shape);
    mark_rows(&matrix, rows);
    matrix
}

/// The rows in either.
pub(in crate::ops::flex) fn union(one: &Rows, other: &Rows) -> Rows {
    let mut all: Vec<u32> = one.iter().chain(other.iter()).copied().collect();
    // Two ascending runs, which this sort merges.
    all.sort();
    all.dedup();
    all.into()
}

/// Lets `write` change these rows, and no others, of a row-sparse matrix in memory that it alone uses.
pub(in crate::ops::flex) fn change_rows(
    matrix: &mut FlexTensor,
    rows: Rows,
    write: impl FnOnce(&mut [f32], &[u32]),
) {
    write(floats_mut(matrix), &rows);
    mark_rows(matrix, rows);
}
