//! The memory of tensors: a pool of buffers, tensors as slices, and the sparse rows of a table.

mod pool;
mod sparse_rows;
mod table;
mod tensor;

pub(super) use self::pool::Floats;
pub(super) use self::sparse_rows::{change_rows, mark_rows, nonzero_rows, owned_table, table, union};
pub(super) use self::table::Rows;
pub(super) use self::tensor::{contiguous, floats, floats_mut, is_f32, owned};
