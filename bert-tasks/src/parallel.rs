//! Work that is divided among threads where there are any.

/// What `make` gives for each of `items` and its index, in their order; the first error, if there is one.
#[cfg(feature = "threads")]
pub(crate) fn try_map<T: Sync, R: Send, E: Send>(
    items: &[T],
    make: impl Fn(usize, &T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    use rayon::prelude::*;
    items
        .par_iter()
        .enumerate()
        .map(|(index, item)| make(index, item))
        .collect()
}

/// What `make` gives for each of `items` and its index, in their order; the first error, if there is one.
#[cfg(not(feature = "threads"))]
pub(crate) fn try_map<T, R, E>(items: &[T], make: impl Fn(usize, &T) -> Result<R, E>) -> Result<Vec<R>, E> {
    items
        .iter()
        .enumerate()
        .map(|(index, item)| make(index, item))
        .collect()
}
