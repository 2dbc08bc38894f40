//! Dot products of many queries and many rows.

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
            // Rows in the outer loop: a few of them stay in the nearest cache while all queries pass by.
            row += match count - row {
                4.. => tile_rows::<S, 4>(simd, queries, rows, dimension, scores, row),
                _ => tile_rows::<S, 1>(simd, queries, rows, dimension, scores, row),
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
    let rows: [&[f32]; R] = std::array::from_fn(|i| &rows[(row + i) * dimension..][..dimension]);
    let mut query = 0;
    while query + 4 <= count {
        let four = std::array::from_fn(|i| &queries[(query + i) * dimension..][..dimension]);
        let products = tile::<S, 4, R>(simd, four, rows);
        for (i, products) in products.iter().enumerate() {
            scores[(query + i) * stride + row..][..R].copy_from_slice(products);
        }
        query += 4;
    }
    while query < count {
        let [products] = tile::<S, 1, R>(simd, [&queries[query * dimension..][..dimension]], rows);
        scores[query * stride + row..][..R].copy_from_slice(&products);
        query += 1;
    }
    R
}

/// `Q` queries with `R` rows, all sums in registers.
#[inline(always)]
fn tile<S: Simd, const Q: usize, const R: usize>(
    simd: S,
    queries: [&[f32]; Q],
    rows: [&[f32]; R],
) -> [[f32; R]; Q] {
    let dimension = rows[0].len();
    let whole = dimension / S::F32_LANES * S::F32_LANES;
    let mut sums = [[simd.splat_f32s(0.0); R]; Q];
    let mut at = 0;
    while at < whole {
        let rows: [S::f32s; R] = std::array::from_fn(|i| load::<S>(&rows[i][at..]));
        for (query, sums) in queries.iter().zip(&mut sums) {
            let query = load::<S>(&query[at..]);
            for (sum, row) in sums.iter_mut().zip(rows) {
                *sum = simd.mul_add_e_f32s(query, row, *sum);
            }
        }
        at += S::F32_LANES;
    }
    if whole < dimension {
        let rows: [S::f32s; R] = std::array::from_fn(|i| simd.partial_load_f32s(&rows[i][whole..]));
        for (query, sums) in queries.iter().zip(&mut sums) {
            let query = simd.partial_load_f32s(&query[whole..]);
            for (sum, row) in sums.iter_mut().zip(rows) {
                *sum = simd.mul_add_e_f32s(query, row, *sum);
            }
        }
    }
    sums.map(|sums| sums.map(|sum| simd.reduce_sum_f32s(sum)))
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
