//! A pool of buffers: an allocator for the whole process.
//!
//! A training step asks for the same few hundred megabytes each time. If they went back to the system in between, each of
//! their pages would cause a fault when it is next touched.

#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use burn::backend::flex::{FlexTensor, Layout as Strides};
use burn::backend::{AllocationProperty, Bytes, DType, Shape};
use burn_std::{AccessError, AccessPolicy, AllocationController};

use super::row_tracker::RowTracker;
use crate::threads;

/// A cache line, and the widest vector.
const ALIGN: usize = 64;

/// Memory that is initialised, at an address of its own.
struct Block {
    start: NonNull<u8>,
    bytes: usize,
}

// SAFETY: a block owns its memory, as a box does.
unsafe impl Send for Block {}
// SAFETY: shared, it can only be read.
unsafe impl Sync for Block {}

/// Blocks from this size on ask for pages of this size: one fault, and one address translation, instead of 512.
const LARGE_PAGE: usize = 2 << 20;

impl Block {
    /// New memory, all zero.
    fn new(bytes: usize) -> Self {
        let layout = Self::layout(bytes);
        // SAFETY: the size is not zero; see `Pool::take`.
        let start = unsafe { alloc(layout) };
        let start = NonNull::new(start).unwrap_or_else(|| handle_alloc_error(layout));
        #[cfg(target_os = "linux")]
        if bytes >= LARGE_PAGE {
            // SAFETY: it is our memory, and this is advice, which may be ignored.
            unsafe { libc::madvise(start.as_ptr().cast(), bytes, libc::MADV_HUGEPAGE) };
        }
        // SAFETY: it has this size, and no one else uses it yet.
        unsafe { start.write_bytes(0, bytes) };
        Self { start, bytes }
    }

    fn layout(bytes: usize) -> Layout {
        let align = if bytes >= LARGE_PAGE { LARGE_PAGE } else { ALIGN };
        Layout::from_size_align(bytes, align).expect("a size that memory can have")
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: made by `new` with this layout.
        unsafe { dealloc(self.start.as_ptr(), Self::layout(self.bytes)) }
    }
}

/// A block that is not in use.
struct Idle {
    block: Block,
    /// The number of floats at its start that are zero.
    zeros: usize,
}

/// The allocator of this process: blocks that are not in use, the longest unused first.
struct Pool {
    idle: Vec<Idle>,
    idle_bytes: usize,
    used_bytes: usize,
    peak: Peak,
}

static POOL: Mutex<Pool> = Mutex::new(Pool {
    idle: Vec::new(),
    idle_bytes: 0,
    used_bytes: 0,
    peak: Peak::new(),
});

/// How many requests for a block a [`Peak`] looks back at least: those of about a hundred training steps of BERT base.
const LOOK_BACK: usize = 1 << 16;

/// The most bytes that were in use within the last one to two times [`LOOK_BACK`] requests. A batch that is larger than all others is forgotten.
struct Peak {
    /// In the requests before the current ones.
    before: usize,
    /// In the current requests so far.
    now: usize,
    /// The number of current requests.
    requests: usize,
}

impl Peak {
    const fn new() -> Self {
        Self {
            before: 0,
            now: 0,
            requests: 0,
        }
    }

    /// Takes note of a request, after which `used` bytes are in use.
    fn record(&mut self, used: usize) {
        if self.requests == LOOK_BACK {
            *self = Self {
                before: self.now,
                ..Self::new()
            };
        }
        self.requests += 1;
        self.now = self.now.max(used);
    }

    fn bytes(&self) -> usize {
        self.before.max(self.now)
    }
}

/// Whether blocks have exactly the size asked for and are used once: `BERT_MEMORY=exact`, for tests with a sanitiser.
static EXACT: LazyLock<bool> =
    LazyLock::new(|| std::env::var_os("BERT_MEMORY").is_some_and(|how| how == "exact"));

impl Pool {
    /// A block of at least `bytes`, and how many floats at its start are known to be zero. `zero` says whether a zero block
    /// is preferred, or another.
    fn take(bytes: usize, zero: bool) -> (Block, usize) {
        let floats = bytes / size_of::<f32>();
        if *EXACT {
            return (Block::new(bytes.max(1)), floats);
        }
        // Sizes in eighths of a power of two, so that batches of neighbouring lengths share blocks.
        let step = (bytes.max(1).next_power_of_two() / 16).max(ALIGN);
        let bytes = bytes.max(1).next_multiple_of(step);
        let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
        pool.used_bytes += bytes;
        let used = pool.used_bytes;
        pool.peak.record(used);
        // The newest, which can still be in the caches.
        let fits = |idle: &Idle| idle.block.bytes == bytes;
        let preferred = |idle: &Idle| fits(idle) && (idle.zeros >= floats.max(1)) == zero;
        let found = pool.idle.iter().rposition(preferred);
        if let Some(at) = found.or_else(|| pool.idle.iter().rposition(fits)) {
            pool.idle_bytes -= bytes;
            let Idle { block, zeros } = pool.idle.remove(at);
            return (block, zeros);
        }
        drop(pool);
        (Block::new(bytes), floats)
    }

    /// Puts a block back into the pool; its first `zeros` floats are zero.
    fn give_back(block: Block, zeros: usize) {
        if *EXACT {
            return;
        }
        let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
        pool.used_bytes -= block.bytes;
        pool.idle_bytes += block.bytes;
        pool.idle.push(Idle { block, zeros });
        let freed = pool.surplus();
        // Memory goes back to the system without the lock.
        drop(pool);
        drop(freed);
    }

    /// Removes the blocks that are to be freed: the pool keeps little more than was lately in use, so that sizes which do not
    /// come again are freed. (The sizes that a step uses at different times add up to a quarter more.)
    fn surplus(&mut self) -> Vec<Idle> {
        let most = self.peak.bytes() / 4 * 5;
        let mut freed = vec![];
        while self.idle_bytes + self.used_bytes > most {
            let oldest = self.idle.remove(0);
            self.idle_bytes -= oldest.block.bytes;
            freed.push(oldest);
        }
        freed
    }
}

/// Floats in memory from the pool.
pub(in crate::ops::flex) struct Floats {
    /// `None` only while being dropped or lent.
    block: Option<Block>,
    len: usize,
}

impl Floats {
    /// Floats of any value: write them before you read them.
    pub(in crate::ops::flex) fn uninitialised(len: usize) -> Self {
        let (block, _) = Pool::take(len * size_of::<f32>(), false);
        Self {
            block: Some(block),
            len,
        }
    }

    /// All zero.
    pub(in crate::ops::flex) fn zeros(len: usize) -> Self {
        let (block, zeros) = Pool::take(len * size_of::<f32>(), true);
        let mut floats = Self {
            block: Some(block),
            len,
        };
        if zeros < len {
            threads::for_each_chunk(&mut floats, 1 << 16, |_, chunk| chunk.fill(0.0));
        }
        floats
    }

    /// A contiguous tensor of these floats.
    pub(in crate::ops::flex) fn into_tensor(self, shape: Shape) -> FlexTensor {
        self.lend(shape, None)
    }

    /// The same, `[rows, width]`, with a [`RowTracker`].
    pub(super) fn into_row_sparse(self, shape: Shape) -> FlexTensor {
        let [_, width] = shape.dims();
        self.lend(shape, Some(Arc::new(RowTracker::new(width))))
    }

    fn lend(mut self, shape: Shape, rows: Option<Arc<RowTracker>>) -> FlexTensor {
        assert_eq!(shape.num_elements(), self.len, "as many floats as the shape has");
        let len = self.len * size_of::<f32>();
        let block = self.block.take().expect("not lent before");
        let controller = Box::new(TensorMemory {
            block: Some(block),
            len,
            rows,
        });
        // SAFETY: the block is at least `len` bytes long and all of it is initialised.
        let bytes = unsafe { Bytes::from_controller(controller, len) };
        FlexTensor::new(bytes, Strides::contiguous(shape), DType::F32)
    }
}

impl Deref for Floats {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        let block = self.block.as_ref().expect("not lent before");
        // SAFETY: aligned, long enough, initialised, and any bits are a float.
        unsafe { std::slice::from_raw_parts(block.start.as_ptr().cast(), self.len) }
    }
}

impl DerefMut for Floats {
    fn deref_mut(&mut self) -> &mut [f32] {
        let block = self.block.as_ref().expect("not lent before");
        // SAFETY: as in `deref`, and borrowed mutably as a whole.
        unsafe { std::slice::from_raw_parts_mut(block.start.as_ptr().cast(), self.len) }
    }
}

impl Drop for Floats {
    fn drop(&mut self) {
        if let Some(block) = self.block.take() {
            Pool::give_back(block, 0);
        }
    }
}

/// A block inside a tensor.
struct TensorMemory {
    block: Option<Block>,
    len: usize,
    /// Which rows can be other than zero, if this is a row-sparse matrix.
    rows: Option<Arc<RowTracker>>,
}

impl TensorMemory {
    fn block(&self) -> &Block {
        self.block.as_ref().expect("there until dropped")
    }
}

impl AllocationController for TensorMemory {
    /// The alignment of a float and not of the block: Burn aligns a copy with it, and does not align its own memory to more
    /// than 16 bytes.
    fn alloc_align(&self) -> usize {
        align_of::<f32>()
    }

    fn property(&self) -> AllocationProperty {
        AllocationProperty::Other
    }

    unsafe fn memory_mut(&mut self, _: AccessPolicy) -> Result<&mut [MaybeUninit<u8>], AccessError> {
        if let Some(rows) = &self.rows {
            rows.mark(None);
        }
        let start = self.block().start.as_ptr().cast();
        // SAFETY: the block is this long and ours alone.
        Ok(unsafe { std::slice::from_raw_parts_mut(start, self.len) })
    }

    fn memory(&self, _: AccessPolicy) -> Result<&[MaybeUninit<u8>], AccessError> {
        let start = self.block().start.as_ptr().cast();
        // SAFETY: the block is this long.
        Ok(unsafe { std::slice::from_raw_parts(start, self.len) })
    }

    /// No view: this only gives the caller the tracker, if there is one. See [`RowTracker::of`].
    fn view(&self, _: usize, _: usize) -> Option<Box<dyn AllocationController>> {
        if let Some(rows) = &self.rows {
            RowTracker::answer(rows);
        }
        None
    }
}

impl Drop for TensorMemory {
    fn drop(&mut self) {
        let Some(block) = self.block.take() else { return };
        let known = self.rows.take().and_then(|rows| rows.known());
        let Some((rows, width)) = known else {
            Pool::give_back(block, 0);
            return;
        };
        // To clear a few rows here saves the next user from clearing all of them.
        let len = self.len / size_of::<f32>();
        let mut floats = Floats {
            block: Some(block),
            len,
        };
        for &row in rows.iter() {
            floats[row as usize * width..][..width].fill(0.0);
        }
        let block = floats.block.take().expect("put there above");
        Pool::give_back(block, len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reused_memory_is_zero_where_zeros_are_asked_for() {
        // Below and above the size of a large page.
        for len in [1, 1000, 1_000_000] {
            let mut floats = Floats::uninitialised(len);
            floats.fill(7.0);
            drop(floats);
            assert!(Floats::zeros(len).iter().all(|&x| x == 0.0), "{len}");
        }
    }

    #[test]
    fn what_one_large_batch_used_is_freed_in_the_end() {
        let mut pool = Pool {
            idle: vec![],
            idle_bytes: 1 << 20,
            used_bytes: 0,
            peak: Peak::new(),
        };
        let (block, zeros) = (Block::new(1 << 20), 0);
        pool.idle.push(Idle { block, zeros });
        pool.peak.record(1 << 20);
        // The rest of its requests, and as many again.
        for _ in 1..2 * LOOK_BACK {
            pool.peak.record(ALIGN);
            assert!(pool.surplus().is_empty());
        }
        pool.peak.record(ALIGN);
        assert_eq!(pool.surplus().len(), 1);
        assert_eq!((pool.idle.len(), pool.idle_bytes), (0, 0));
    }

    #[test]
    fn a_tensor_holds_its_floats_and_copies_them_when_shared() {
        let mut floats = Floats::uninitialised(6);
        floats.copy_from_slice(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        let mut tensor = floats.into_tensor(Shape::new([2, 3]));
        let before = tensor.clone();
        tensor.storage_mut::<f32>()[0] = 9.0;
        assert_eq!(before.storage::<f32>(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(tensor.storage::<f32>()[..2], [9.0, 1.0]);
        drop(tensor);
        assert_eq!(before.into_data().iter::<f32>().last(), Some(5.0));
    }
}
