//! Dot products of many queries and many rows.

// Closures and iterator adapters are functions of their own, which the compiler does not compile for the vector units that
// `Arch::dispatch` has found. Loops over numbers are.
#![allow(clippy::needless_range_loop)]

use pulp::{Arch, Simd, WithSimd};

/// Writes the dot product of each query and row, query after query, row after row.
///
/// A product is summed in the same order whatever the number of queries and rows, so that a query has the same scores alone and
/// in a batch.
pub(super) fn write_dot_products(queries: &[f32], rows: &[f32], dimension: usize, scores: &mut [f32]) {
    Arch::new().dispatch(Products {
        queries,
        rows,
        dimension,
        scores,
    });
}

struct Products<'a> {
    queries: &'a [f32],
    rows: &'a [f32],
    dimension: usize,
    scores: &'a mut [f32],
}

impl WithSimd for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Products {
            queries,
            rows,
            dimension,
            scores,
        } = self;
        let count = rows.len() / dimension;
        let mut row = 0;
        while row < count {
            // With many queries a few rows stay in the nearest cache while all queries pass by. With one, the speed is that of
            // the memory, which is best when it is read in order.
            row += match queries.len() > dimension && count - row >= 4 {
                true => tile_rows::<S, 4>(simd, queries, rows, dimension, scores, row),
                false => tile_rows::<S, 1>(simd, queries, rows, dimension, scores, row),
            };
        }
    }
}

/// All queries with `R` rows.
#[inline(always)]
fn tile_rows<S: Simd, const R: usize>(
    simd: S,
    queries: &[f32],
    rows: &[f32],
    dimension: usize,
    scores: &mut [f32],
    row: usize,
) -> usize {
    let count = queries.len() / dimension;
    let stride = rows.len() / dimension;
    let rows = &rows[row * dimension..(row + R) * dimension];
    let mut query = 0;
    while query + 4 <= count {
        let four = &queries[query * dimension..(query + 4) * dimension];
        let products = tile::<S, 4, R>(simd, four, rows, dimension);
        for i in 0..4 {
            scores[(query + i) * stride + row..][..R].copy_from_slice(&products[i]);
        }
        query += 4;
    }
    while query < count {
        let one = &queries[query * dimension..(query + 1) * dimension];
        let products = tile::<S, 1, R>(simd, one, rows, dimension);
        scores[query * stride + row..][..R].copy_from_slice(&products[0]);
        query += 1;
    }
    R
}

/// `Q` queries with `R` rows, all sums in registers.
#[inline(always)]
fn tile<S: Simd, const Q: usize, const R: usize>(
    simd: S,
    queries: &[f32],
    rows: &[f32],
    dimension: usize,
) -> [[f32; R]; Q] {
    let whole = dimension / S::F32_LANES * S::F32_LANES;
    let zero = simd.splat_f32s(0.0);
    let mut sums = [[zero; R]; Q];
    let mut at = 0;
    while at < whole {
        let mut values = [zero; R];
        for r in 0..R {
            values[r] = load::<S>(&rows[r * dimension + at..]);
        }
        for q in 0..Q {
            let query = load::<S>(&queries[q * dimension + at..]);
            for r in 0..R {
                sums[q][r] = simd.mul_add_e_f32s(query, values[r], sums[q][r]);
            }
        }
        at += S::F32_LANES;
    }
    if whole < dimension {
        for q in 0..Q {
            let query = simd.partial_load_f32s(&queries[q * dimension + whole..(q + 1) * dimension]);
            for r in 0..R {
                let values = simd.partial_load_f32s(&rows[r * dimension + whole..(r + 1) * dimension]);
                sums[q][r] = simd.mul_add_e_f32s(query, values, sums[q][r]);
            }
        }
    }
    let mut products = [[0.0; R]; Q];
    for q in 0..Q {
        for r in 0..R {
            products[q][r] = simd.reduce_sum_f32s(sums[q][r]);
        }
    }
    products
}

/// The first values as a vector register.
#[inline(always)]
fn load<S: Simd>(values: &[f32]) -> S::f32s {
    bytemuck::pod_read_unaligned(bytemuck::cast_slice(&values[..S::F32_LANES]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_to_plain_sums_for_all_sizes_of_tiles() {
        for (queries, rows, dimension) in [(1, 1, 1), (3, 5, 7), (4, 4, 16), (5, 9, 33), (9, 6, 100)] {
            let values = |count: usize, seed: usize| -> Vec<f32> {
                (0..count)
                    .map(|i| ((i * 7919 + seed) % 1013) as f32 / 500.0 - 1.0)
                    .collect()
            };
            let (q, r) = (values(queries * dimension, 3), values(rows * dimension, 5));
            let mut scores = vec![f32::NAN; queries * rows];
            write_dot_products(&q, &r, dimension, &mut scores);
            for (query, scores) in q.chunks(dimension).zip(scores.chunks(rows)) {
                for (row, &score) in r.chunks(dimension).zip(scores) {
                    let plain: f64 = query
                        .iter()
                        .zip(row)
                        .map(|(&a, &b)| f64::from(a) * f64::from(b))
                        .sum();
                    assert!((plain - f64::from(score)).abs() < 1e-4, "{plain} {score}");
                    let mut alone = [0.0];
                    write_dot_products(query, row, dimension, &mut alone);
                    assert_eq!(alone[0].to_bits(), score.to_bits());
                }
            }
        }
    }
}
