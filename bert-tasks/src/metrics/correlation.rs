//! Correlation of two series.

/// Pearson's correlation coefficient, as `scipy.stats.pearsonr`: covariance over the product of the standard deviations.
/// 0 where a series does not vary, or there is none; not a number where a value is not finite.
///
/// # Panics
/// If the series differ in length.
pub fn pearson(x: &[f64], y: &[f64]) -> f64 {
    assert_eq!(x.len(), y.len(), "one value of each series for each other");
    if x.iter().chain(y).any(|value| !value.is_finite()) {
        return f64::NAN;
    }
    // Not by their deviations from the mean, which is rounded.
    let varies = |series: &[f64]| series.iter().any(|value| *value != series[0]);
    if !varies(x) || !varies(y) {
        return 0.0;
    }
    let count = x.len() as f64;
    let mean = |series: &[f64]| series.iter().sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(x), mean(y));
    // In units of the greatest deviation, so that no square is too small or too large for f64.
    let reach = |series: &[f64], mean: f64| series.iter().map(|v| (v - mean).abs()).fold(0.0, f64::max);
    let (reach_x, reach_y) = (reach(x, mean_x), reach(y, mean_y));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (a, b) in x.iter().zip(y) {
        let (a, b) = ((a - mean_x) / reach_x, (b - mean_y) / reach_y);
        xx += a * a;
        yy += b * b;
        xy += a * b;
    }
    let spread = (xx * yy).sqrt();
    if spread > 0.0 {
        (xy / spread).clamp(-1.0, 1.0)
    } else {
        0.0
    }
}

/// Spearman's rank correlation, as `scipy.stats.spearmanr`: Pearson's of the ranks, equal values share the mean of
/// their ranks; not a number where a value is not a number.
///
/// # Panics
/// If the series differ in length.
pub fn spearman(x: &[f64], y: &[f64]) -> f64 {
    match x.iter().chain(y).any(|value| value.is_nan()) {
        true => f64::NAN,
        false => pearson(&ranks(x), &ranks(y)),
    }
}

/// Each value's rank from 1; equal values have the mean of their ranks (`scipy.stats.rankdata`).
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = before as f64 + (equal.len() + 1) as f64 / 2.0;
        equal.iter().for_each(|&index| ranks[index] = rank);
        before += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    // x = [1.5, 2.25, 2.25, 4, 0, 3.75, 5]; y = [1, 2, 2.5, 3, 1, 5, 4.5]
    const X: [f64; 7] = [1.5, 2.25, 2.25, 4.0, 0.0, 3.75, 5.0];
    const Y: [f64; 7] = [1.0, 2.0, 2.5, 3.0, 1.0, 5.0, 4.5];

    #[test]
    fn as_scipy() {
        // scipy.stats.pearsonr(x, y)[0], scipy.stats.spearmanr(x, y)[0]
        assert!((pearson(&X, &Y) - 0.8722080815955032).abs() < 1e-14);
        assert!((spearman(&X, &Y) - 0.8727272727272728).abs() < 1e-14);
        // By hand: the ranks of 1 2 3 against 1 3 2 differ by 0 1 1: 1 - 6 * 2 / (3 * 8).
        assert!((spearman(&[1.0, 2.0, 3.0], &[10.0, 30.0, 20.0]) - 0.5).abs() < 1e-15);
        assert_eq!(ranks(&[2.0, 1.0, 2.0, 2.0]), [3.0, 1.0, 3.0, 3.0]);
    }

    #[test]
    fn neither_scale_nor_offset_matters() {
        let far: Vec<f64> = X.iter().map(|x| 1e8 - 3e-3 * x).collect();
        assert!((pearson(&far, &Y) + pearson(&X, &Y)).abs() < 1e-6);
        let tiny: Vec<f64> = X.iter().map(|x| 1e-200 * x).collect();
        assert!((pearson(&tiny, &Y) - pearson(&X, &Y)).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_number_correlates_with_nothing() {
        let nothing = [f64::NAN; 3];
        assert!(spearman(&nothing, &[1.0, 2.0, 3.0]).is_nan());
        assert!(pearson(&[1.0, f64::INFINITY, 3.0], &[1.0, 2.0, 3.0]).is_nan());
        assert_eq!(spearman(&[1.0, f64::INFINITY, 3.0], &[1.0, 9.0, 3.0]), 1.0);
    }

    #[test]
    fn what_does_not_vary_correlates_with_nothing() {
        assert_eq!(pearson(&[2.0; 3], &[1.0, 2.0, 3.0]), 0.0);
        assert_eq!(spearman(&[], &[]), 0.0);
        // Means of these are rounded: 0.1 + 0.1 + 0.1 is not 0.3.
        for constant in [0.1, 0.7, 1e-300, -3.3] {
            for varied in [[0.1; 3], [0.7; 3], [1.0, 2.0, 3.0]] {
                assert_eq!(pearson(&[constant; 3], &varied), 0.0, "{constant} {varied:?}");
                assert_eq!(spearman(&varied, &[constant; 3]), 0.0, "{constant} {varied:?}");
            }
        }
        // The mean of two neighbours is one of them.
        assert!(pearson(&[1.0, 1.0 + f64::EPSILON], &[1.0, 2.0]) >= 0.0);
    }
}
