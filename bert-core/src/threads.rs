//! Work divided among threads where the feature `threads` is on, and done by the caller where it is not.

#[cfg(feature = "threads")]
use rayon::prelude::*;

/// The number of threads that work is divided among.
pub fn count() -> usize {
    #[cfg(feature = "threads")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "threads"))]
    1
}

/// Runs `work` on one of the threads. A caller outside of them would otherwise wake one for each operation, and wait to be
/// woken at its end.
///
/// `work` must not wait for other work on these threads: there may be only one.
pub fn enter<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    #[cfg(feature = "threads")]
    return rayon::scope(|_| work());
    #[cfg(not(feature = "threads"))]
    work()
}

/// Calls `work` with each number below `count`.
pub fn for_each(count: usize, work: impl Fn(usize) + Send + Sync) {
    #[cfg(feature = "threads")]
    (0..count).into_par_iter().with_max_len(1).for_each(work);
    #[cfg(not(feature = "threads"))]
    (0..count).for_each(work);
}

/// Calls `work` with each chunk of `size` elements and its number; the last chunk may be shorter.
pub fn for_each_chunk<T: Send>(all: &mut [T], size: usize, work: impl Fn(usize, &mut [T]) + Send + Sync) {
    #[cfg(feature = "threads")]
    all.par_chunks_mut(size)
        .enumerate()
        .for_each(|(number, chunk)| work(number, chunk));
    #[cfg(not(feature = "threads"))]
    for (number, chunk) in all.chunks_mut(size).enumerate() {
        work(number, chunk);
    }
}

/// The results of `work` for each of `items` and its index, in their order, or an error. A thread takes at least `least`
/// items at once.
pub fn try_map<T: Sync, R: Send, E: Send>(
    items: &[T],
    least: usize,
    work: impl Fn(usize, &T) -> Result<R, E> + Send + Sync,
) -> Result<Vec<R>, E> {
    #[cfg(feature = "threads")]
    return items
        .par_iter()
        .enumerate()
        .with_min_len(least)
        .map(|(index, item)| work(index, item))
        .collect();
    #[cfg(not(feature = "threads"))]
    {
        let _ = least;
        let items = items.iter().enumerate();
        items.map(|(index, item)| work(index, item)).collect()
    }
}
