//! Which rows of a matrix can be other than zero, as the owner of its memory knows them.

use std::cell::Cell;
use std::sync::{Arc, Mutex, PoisonError};

use burn::backend::flex::FlexTensor;

/// The numbers of rows, ascending.
pub(in crate::ops::flex) type Rows = Arc<[u32]>;

/// Which rows of a matrix can be other than zero. The owner of the matrix's memory holds it.
#[derive(Debug)]
pub(super) struct RowTracker {
    width: usize,
    /// The rows that can be other than zero, where they are known.
    rows: Mutex<Option<Rows>>,
}

thread_local! {
    /// The tracker that [`RowTracker::of`] asks for: empty except during this call.
    static ANSWER: Cell<Option<Arc<RowTracker>>> = const { Cell::new(None) };
}

impl RowTracker {
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            rows: Mutex::new(None),
        }
    }

    /// The tracker in the owner of the memory of `tensor`.
    ///
    /// A tensor hides the owner of its memory behind `Bytes`, which has no downcast. So this asks for an empty view, which
    /// no owner needs to grant, and an owner with a tracker [answers](Self::answer) through a cell of this thread.
    pub(super) fn of(tensor: &FlexTensor) -> Option<Arc<Self>> {
        ANSWER.take();
        let _ = tensor.data_arc().view(0, 0);
        ANSWER.take()
    }

    /// Gives `tracker` to the caller of [`of`](Self::of).
    pub(super) fn answer(tracker: &Arc<Self>) {
        ANSWER.set(Some(tracker.clone()));
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
