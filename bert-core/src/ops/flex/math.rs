//! Functions of one float without a branch or a call, so that loops over them become vector code; and sums, which only
//! become so if they are written as such.

use pulp::Simd;

/// `e^x` to two units in the last place; at least `e^-87`, at most `e^88`.
///
/// `2^n e^r` with `|r| <= ln 2 / 2` (Cody and Waite 1980, "Software manual for the elementary functions", chapter 6), the
/// latter by Taylor's series.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
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
pub(super) fn normal(x: f32) -> (f32, f32) {
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
pub(super) fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (exp(2.0 * x) + 1.0)
}

/// A whole vector's worth of floats.
#[inline(always)]
fn load<S: Simd>(_: S, values: &[f32]) -> S::f32s {
    assert!(values.len() == S::F32_LANES, "a whole vector");
    // SAFETY: as long as a vector, of which any bits will do, and read unaligned.
    #[allow(unsafe_code)]
    unsafe {
        values.as_ptr().cast::<S::f32s>().read_unaligned()
    }
}

/// The sum: of four vectors in turn, so that none waits for the one before it.
#[inline(always)]
pub(super) fn sum<S: Simd>(simd: S, values: &[f32]) -> f32 {
    let mut sums = [simd.splat_f32s(0.0); 4];
    let blocks = values.chunks_exact(4 * S::F32_LANES);
    let mut rest = 0.0;
    for x in blocks.remainder() {
        rest += x;
    }
    for block in blocks {
        for (i, x) in block.chunks_exact(S::F32_LANES).enumerate() {
            sums[i] = simd.add_f32s(sums[i], load(simd, x));
        }
    }
    rest + total(simd, sums)
}

/// The sum of `(x - centre)^2`.
#[inline(always)]
pub(super) fn squares<S: Simd>(simd: S, values: &[f32], centre: f32) -> f32 {
    let mut sums = [simd.splat_f32s(0.0); 4];
    let centres = simd.splat_f32s(centre);
    let blocks = values.chunks_exact(4 * S::F32_LANES);
    let mut rest = 0.0;
    for x in blocks.remainder() {
        rest += (x - centre) * (x - centre);
    }
    for block in blocks {
        for (i, x) in block.chunks_exact(S::F32_LANES).enumerate() {
            let x = simd.sub_f32s(load(simd, x), centres);
            sums[i] = simd.mul_add_e_f32s(x, x, sums[i]);
        }
    }
    rest + total(simd, sums)
}

/// The sum of `left * (right - centre)`.
#[inline(always)]
pub(super) fn products<S: Simd>(simd: S, left: &[f32], right: &[f32], centre: f32) -> f32 {
    let mut sums = [simd.splat_f32s(0.0); 4];
    let centres = simd.splat_f32s(centre);
    let (left, right) = (
        left.chunks_exact(4 * S::F32_LANES),
        right.chunks_exact(4 * S::F32_LANES),
    );
    let mut rest = 0.0;
    for (x, y) in left.remainder().iter().zip(right.remainder()) {
        rest += x * (y - centre);
    }
    for (left, right) in left.zip(right) {
        let pairs = left
            .chunks_exact(S::F32_LANES)
            .zip(right.chunks_exact(S::F32_LANES));
        for (i, (x, y)) in pairs.enumerate() {
            let y = simd.sub_f32s(load(simd, y), centres);
            sums[i] = simd.mul_add_e_f32s(load(simd, x), y, sums[i]);
        }
    }
    rest + total(simd, sums)
}

/// The greatest value, `f32::MIN` of none.
#[inline(always)]
pub(super) fn max<S: Simd>(simd: S, values: &[f32]) -> f32 {
    let mut highs = [simd.splat_f32s(f32::MIN); 4];
    let blocks = values.chunks_exact(4 * S::F32_LANES);
    let mut rest = f32::MIN;
    for &x in blocks.remainder() {
        rest = if x > rest { x } else { rest };
    }
    for block in blocks {
        for (i, x) in block.chunks_exact(S::F32_LANES).enumerate() {
            highs[i] = simd.max_f32s(highs[i], load(simd, x));
        }
    }
    let [a, b, c, d] = highs;
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
                    // Whole numbers, whose sums are exact in any order.
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
