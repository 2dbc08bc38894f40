//! Functions of one float without branches or calls, so that loops over them become vector code; and sums, which must be
//! written as vector code.

use pulp::Simd;

/// `e^x` to two units in the last place; at least `e^-87`, at most `e^88`.
///
/// `2^n e^r` with `|r| <= ln 2 / 2` (Cody and Waite 1980, "Software manual for the elementary functions", chapter 6), the
/// latter by Taylor's series.
#[inline(always)]
pub(in crate::ops::flex) fn exp(x: f32) -> f32 {
    // Adding it rounds to a whole number, which is then in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts, the first with so few bits that its multiples are exact.
    const LN_2_HIGH: f32 = 355.0 / 512.0;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 88.0 { 88.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let mut sum = 1.0 / 5040.0;
    sum = sum * r + 1.0 / 720.0;
    sum = sum * r + 1.0 / 120.0;
    sum = sum * r + 1.0 / 24.0;
    sum = sum * r + 1.0 / 6.0;
    sum = sum * r + 0.5;
    sum = sum * r + 1.0;
    sum = sum * r + 1.0;
    let power = (shifted.to_bits() << 23).wrapping_add(0x3f80_0000);
    sum * f32::from_bits(power)
}

/// The standard normal distribution at `x`, the function and its density, both to 3e-7 (Abramowitz and Stegun 1964,
/// "Handbook of mathematical functions", 7.1.26, for erf).
#[inline(always)]
pub(in crate::ops::flex) fn normal(x: f32) -> (f32, f32) {
    const P: f32 = 0.327_591_1 * std::f32::consts::FRAC_1_SQRT_2;
    // 1 / sqrt(2 pi).
    const HEIGHT: f32 = 0.398_942_3;
    let t = 1.0 / (1.0 + P * x.abs());
    let bell = exp(-0.5 * x * x);
    let mut sum = 1.061_405_4;
    sum = sum * t - 1.453_152;
    sum = sum * t + 1.421_413_7;
    sum = sum * t - 0.284_496_74;
    sum = sum * t + 0.254_829_6;
    let tail = 0.5 * sum * t * bell;
    let below = if x < 0.0 { tail } else { 1.0 - tail };
    (below, HEIGHT * bell)
}

/// The hyperbolic tangent, to 2e-7.
#[inline(always)]
pub(in crate::ops::flex) fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (exp(2.0 * x) + 1.0)
}

/// A vector of floats.
#[inline(always)]
fn load<S: Simd>(_: S, values: &[f32]) -> S::f32s {
    assert!(values.len() == S::F32_LANES, "a whole vector");
    // SAFETY: `values` has the length of a vector, any bits are valid, and the read is unaligned.
    #[allow(unsafe_code)]
    unsafe {
        values.as_ptr().cast::<S::f32s>().read_unaligned()
    }
}

/// The sum of `vector` over all whole vectors and of `single` over the remaining floats. The vectors go to four sums, so
/// that no addition waits for the previous one.
#[inline(always)]
fn add_up<S: Simd>(
    simd: S,
    count: usize,
    mut vector: impl FnMut(usize, S::f32s) -> S::f32s,
    single: impl Fn(usize) -> f32,
) -> f32 {
    let mut sums = [simd.splat_f32s(0.0); 4];
    let lanes = S::F32_LANES;
    let whole = count / lanes;
    for four in 0..whole / 4 {
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum = vector((4 * four + i) * lanes, *sum);
        }
    }
    let mut last = simd.splat_f32s(0.0);
    for number in whole / 4 * 4..whole {
        last = vector(number * lanes, last);
    }
    sums[0] = simd.add_f32s(sums[0], last);
    let mut rest = 0.0;
    for at in whole * lanes..count {
        rest += single(at);
    }
    rest + total(simd, sums)
}

/// The sum.
#[inline(always)]
pub(in crate::ops::flex) fn sum<S: Simd>(simd: S, values: &[f32]) -> f32 {
    let vector = |at, sum| simd.add_f32s(sum, load(simd, &values[at..at + S::F32_LANES]));
    add_up(simd, values.len(), vector, |at| values[at])
}

/// The sum of `(x - centre)^2`.
#[inline(always)]
pub(in crate::ops::flex) fn squares<S: Simd>(simd: S, values: &[f32], centre: f32) -> f32 {
    let centres = simd.splat_f32s(centre);
    let vector = |at, sum| {
        let x = simd.sub_f32s(load(simd, &values[at..at + S::F32_LANES]), centres);
        simd.mul_add_e_f32s(x, x, sum)
    };
    add_up(simd, values.len(), vector, |at| {
        (values[at] - centre) * (values[at] - centre)
    })
}

/// The sum of `left * (right - centre)`.
#[inline(always)]
pub(in crate::ops::flex) fn products<S: Simd>(simd: S, left: &[f32], right: &[f32], centre: f32) -> f32 {
    let centres = simd.splat_f32s(centre);
    let vector = |at, sum| {
        let range = at..at + S::F32_LANES;
        let y = simd.sub_f32s(load(simd, &right[range.clone()]), centres);
        simd.mul_add_e_f32s(load(simd, &left[range]), y, sum)
    };
    let count = left.len().min(right.len());
    add_up(simd, count, vector, |at| left[at] * (right[at] - centre))
}

/// The greatest value, `f32::MIN` of none.
#[inline(always)]
pub(in crate::ops::flex) fn max<S: Simd>(simd: S, values: &[f32]) -> f32 {
    let mut highs = [simd.splat_f32s(f32::MIN); 4];
    let fours = values.chunks_exact(4 * S::F32_LANES);
    let vectors = fours.remainder().chunks_exact(S::F32_LANES);
    let mut rest = f32::MIN;
    for &x in vectors.remainder() {
        rest = if x > rest { x } else { rest };
    }
    for four in fours {
        for (high, x) in highs.iter_mut().zip(four.chunks_exact(S::F32_LANES)) {
            *high = simd.max_f32s(*high, load(simd, x));
        }
    }
    let [mut a, b, c, d] = highs;
    for x in vectors {
        a = simd.max_f32s(a, load(simd, x));
    }
    let high = simd.reduce_max_f32s(simd.max_f32s(simd.max_f32s(a, b), simd.max_f32s(c, d)));
    if high > rest { high } else { rest }
}

#[inline(always)]
fn total<S: Simd>(simd: S, [a, b, c, d]: [S::f32s; 4]) -> f32 {
    simd.reduce_sum_f32s(simd.add_f32s(simd.add_f32s(a, b), simd.add_f32s(c, d)))
}

#[cfg(test)]
mod tests {
    use pulp::WithSimd;

    use super::*;

    #[test]
    fn exp_is_near_for_all_exponents() {
        for i in -87_000..=88_000 {
            let x = i as f32 / 1000.0;
            let expected = f64::from(x).exp();
            let error = (f64::from(exp(x)) - expected) / expected;
            assert!(error.abs() < 2.5e-7, "exp({x}) is off by {error}");
        }
        assert!(exp(f32::MIN) < 2e-38 && exp(f32::MAX).is_finite());
    }

    #[test]
    fn normal_distribution_sums_its_density() {
        // Simpson's rule in f64 from 0, where the function is one half.
        let density = |x: f64| (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let (mut below, step) = (0.5, 0.005);
        for i in 0..2000 {
            let x = i as f64 * step;
            for (x, expected) in [(x, below), (-x, 1.0 - below)] {
                let (function, height) = normal(x as f32);
                assert!(
                    (f64::from(function) - expected).abs() < 3e-7,
                    "at {x}: {function} for {expected}"
                );
                assert!((f64::from(height) - density(x)).abs() < 3e-7, "at {x}: {height}");
            }
            below += step / 6.0 * (density(x) + 4.0 * density(x + step / 2.0) + density(x + step));
        }
    }

    #[test]
    fn tanh_is_near() {
        for i in -5000..=5000 {
            let x = i as f32 / 500.0;
            assert!(
                (f64::from(tanh(x)) - f64::from(x).tanh()).abs() < 3e-7,
                "tanh({x})"
            );
        }
    }

    #[test]
    fn sums_and_maxima_of_any_length() {
        struct Check;
        impl WithSimd for Check {
            type Output = ();
            fn with_simd<S: Simd>(self, simd: S) {
                for count in [0, 1, 15, 16, 17, 63, 64, 100, 256] {
                    // Whole numbers: their sums are exact in any order.
                    let values: Vec<f32> = (0..count).map(|i| (i * 7 % 13) as f32).collect();
                    let others: Vec<f32> = (0..count).map(|i| (i * 5 % 11) as f32).collect();
                    let both = values.iter().zip(&others);
                    assert_eq!(sum(simd, &values), values.iter().sum::<f32>());
                    assert_eq!(
                        max(simd, &values),
                        values.iter().copied().fold(f32::MIN, f32::max)
                    );
                    let expected = values.iter().map(|x| (x - 3.0) * (x - 3.0)).sum::<f32>();
                    assert_eq!(squares(simd, &values, 3.0), expected);
                    let expected = both.map(|(x, y)| x * (y - 3.0)).sum::<f32>();
                    assert_eq!(products(simd, &values, &others, 3.0), expected);
                }
            }
        }
        crate::ops::flex::parallel::vectorised(Check);
        Check.with_simd(pulp::Scalar);
    }
}
