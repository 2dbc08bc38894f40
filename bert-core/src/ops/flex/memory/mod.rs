//! The memory of tensors: a pool of buffers, tensors as slices, and row-sparse matrices.

mod pool;
mod row_tracker;
mod sparse_rows;
mod tensor;

pub(super) use self::pool::Floats;
pub(super) use self::row_tracker::Rows;
pub(super) use self::sparse_rows::{
    change_rows, mark_rows, nonzero_rows, owned_row_sparse, row_sparse, union,
};
pub(super) use self::tensor::{contiguous, floats, floats_mut, is_f32, owned};
