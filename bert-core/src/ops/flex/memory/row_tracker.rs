//! What the owner of a table's memory knows of its rows.

use std::cell::Cell;
use std::sync::{Arc, Mutex, PoisonError};

use burn::backend::flex::FlexTensor;

/// The numbers of rows, ascending.
pub(in crate::ops::flex) type Rows = Arc<[u32]>;

/// What is known of the rows of a table. The owner of the table's memory holds it.
#[derive(Debug)]
pub(super) struct Table {
    width: usize,
    /// The rows that can be other than zero, where they are known.
    rows: Mutex<Option<Rows>>,
}

thread_local! {
    /// The table that [`Table::of`] asks for: empty but during this call.
    static ANSWER: Cell<Option<Arc<Table>>> = const { Cell::new(None) };
}

impl Table {
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            rows: Mutex::new(None),
        }
    }

    /// The table that owns the memory of `tensor`.
    ///
    /// A tensor hides the owner of its memory behind `Bytes`, which has no downcast. So this asks for an empty view, which
    /// no owner needs to grant, and the owner of a table [answers](Self::answer) through a cell of this thread.
    pub(super) fn of(tensor: &FlexTensor) -> Option<Arc<Self>> {
        ANSWER.take();
        let _ = tensor.data_arc().view(0, 0);
        ANSWER.take()
    }

    /// Tells the caller of [`of`](Self::of) which table it asked.
    pub(super) fn answer(table: &Arc<Self>) {
        ANSWER.set(Some(table.clone()));
    }

    /// The rows that can be other than zero, and the width of a row.
    pub(super) fn known(&self) -> Option<(Rows, usize)> {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.clone().map(|rows| (rows, self.width))
    }

    pub(super) fn mark(&self, rows: Option<Rows>) {
        *self.rows.lock().unwrap_or_else(PoisonError::into_inner) = rows;
    }
}
