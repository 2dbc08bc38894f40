//! The limits of an input: memory and time in proportion to it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use rustix::time::{ClockId, clock_gettime};

/// How many times an input the memory for it may be.
const TIMES: usize = 50;
/// Memory that even a small input may take, in bytes.
const FLOOR: usize = 16 << 20;
/// Time for an input, in seconds of the processor: a busy machine is no fault.
const SECONDS: f64 = 1.0;

/// Runs `read` for an input of `bytes` bytes. Ends the process with a message if it takes too much time or memory.
pub fn within(bytes: usize, read: impl FnOnce()) {
    let start = seconds();
    let memory = FLOOR.max(TIMES * bytes);
    LIMIT.store(LIVE.load(Relaxed).saturating_add(memory), Relaxed);
    read();
    LIMIT.store(usize::MAX, Relaxed);
    let spent = seconds() - start;
    if spent > SECONDS {
        eprintln!("too slow: {spent:.1} s for an input of {bytes} bytes");
        std::process::abort();
    }
}

/// The time of the processor for this process.
fn seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
}

/// Bytes that are allocated now.
static LIVE: AtomicUsize = AtomicUsize::new(0);
/// The most that may be.
static LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The system's allocator, which ends the process where too much is asked for.
struct Counting;

fn count(bytes: usize) {
    let live = LIVE.fetch_add(bytes, Relaxed).saturating_add(bytes);
    let most = LIMIT.load(Relaxed);
    if live > most {
        // The message takes memory too.
        LIMIT.store(usize::MAX, Relaxed);
        eprintln!(
            "too much memory: {bytes} bytes more are {} above the limit",
            live - most
        );
        std::process::abort();
    }
}

// SAFETY: all is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        match size.checked_sub(layout.size()) {
            Some(more) => count(more),
            None => drop(LIVE.fetch_sub(layout.size() - size, Relaxed)),
        }
        // SAFETY: as the caller promises.
        unsafe { System.realloc(memory, layout, size) }
    }
}

/// Gives signal handlers a stack of their own: libFuzzer's handler then saves the input of a stack overflow too.
pub fn catch_stack_overflow() {
    const SIZE: usize = 1 << 16;
    let stack = libc::stack_t {
        ss_sp: Box::leak(vec![0u8; SIZE].into_boxed_slice()).as_mut_ptr().cast(),
        ss_flags: 0,
        ss_size: SIZE,
    };
    // SAFETY: the memory is never freed.
    unsafe { libc::sigaltstack(&stack, std::ptr::null_mut()) };
}
