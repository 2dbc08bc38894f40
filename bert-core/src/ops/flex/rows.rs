//! Which rows of a table can be other than zero.
//!
//! A batch has a few hundred of the vocabulary's thirty thousand words, so the gradient of their table is almost all
//! zero, and so are the moments of every word that has not occurred yet. Where that is known, the norm, clipping and
//! AdamW leave the other rows out, and what they compute is the same to the last bit (AdamW) or but for the order of a
//! sum (the norm). The knowledge belongs to a table's memory and is lost as soon as anybody else asks to write to it, so
//! that it cannot be wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;

use super::memory::Floats;
use super::tensor::{floats, floats_mut, in_order};

/// The numbers of rows, ascending.
pub(super) type Rows = Arc<[u32]>;

#[derive(Clone)]
struct Table {
    width: usize,
    /// Where they are known.
    rows: Option<Rows>,
}

/// All tables there are, by their addresses.
static TABLES: Mutex<BTreeMap<usize, Table>> = Mutex::new(BTreeMap::new());

fn tables() -> MutexGuard<'static, BTreeMap<usize, Table>> {
    TABLES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on there is a table of this width at this address.
pub(super) fn begin(address: usize, width: usize) {
    tables().insert(address, Table { width, rows: None });
}

/// From now on nothing is known of the table at this address.
pub(super) fn forget(address: usize) {
    if let Some(table) = tables().get_mut(&address) {
        table.rows = None;
    }
}

/// From now on there is no table at this address; what was known of it.
pub(super) fn end(address: usize) -> Option<Rows> {
    tables().remove(&address)?.rows
}

fn address(table: &FlexTensor) -> usize {
    table.bytes().as_ptr() as usize
}

/// The rows of a tensor that can be other than zero, where that is known: where it is a table, and no part or other shape
/// of one.
pub(super) fn known(tensor: &FlexTensor) -> Option<Rows> {
    let table = tables().get(&address(tensor)).cloned()?;
    let shape = tensor.shape();
    let whole = shape.num_elements() * size_of::<f32>() == tensor.bytes().len();
    let same = shape.num_dims() == 2 && shape[1] == table.width && whole && tensor.is_contiguous();
    table.rows.filter(|_| same)
}

/// Remembers that all rows of a table but these are zero.
pub(super) fn note(table: &FlexTensor, rows: Rows) {
    debug_assert!(rows.is_sorted());
    if let Some(known) = tables().get_mut(&address(table)) {
        known.rows = Some(rows);
    }
}

/// The same tensor, `[rows, width]`, as a table that nobody else uses, and which of its rows can be other than zero.
pub(super) fn table(tensor: FlexTensor) -> (FlexTensor, Rows) {
    let tensor = in_order(tensor);
    if let Some(rows) = known(&tensor).filter(|_| tensor.is_unique()) {
        return (tensor, rows);
    }
    let from = floats(&tensor);
    let width = tensor.shape()[1].max(1);
    let rows = from.chunks_exact(width).enumerate();
    let rows = rows.filter(|(_, row)| row.iter().any(|&x| x != 0.0));
    let rows = rows.map(|(number, _)| number as u32).collect();
    let mut to = Floats::stale(from.len());
    to.copy_from_slice(from);
    (to.into_table(tensor.shape()), rows)
}

/// Those in either.
pub(super) fn union(one: &Rows, other: &Rows) -> Rows {
    let mut all: Vec<u32> = one.iter().chain(other.iter()).copied().collect();
    // Two ascending runs, which this sort merges.
    all.sort();
    all.dedup();
    all.into()
}

/// The floats of a table that nobody else uses, of which `write` changes these rows alone.
pub(super) fn change<T>(
    table: &mut FlexTensor,
    rows: Rows,
    write: impl FnOnce(&mut [f32], &[u32]) -> T,
) -> T {
    let result = write(floats_mut(table), &rows);
    note(table, rows);
    result
}
