//! Functions of one float without a branch or a call, so that loops over them become vector code.

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

/// The sum, by sixteen interleaved ones, so that they can be a vector.
#[inline(always)]
pub(super) fn sum(values: &[f32]) -> f32 {
    sum_of(values, |x| x)
}

/// The sum of a function of each value.
#[inline(always)]
pub(super) fn sum_of(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let (blocks, rest) = values.as_chunks::<16>();
    let mut sums = [0.0; 16];
    for block in blocks {
        for (sum, &x) in sums.iter_mut().zip(block) {
            *sum += f(x);
        }
    }
    for (sum, &x) in sums.iter_mut().zip(rest) {
        *sum += f(x);
    }
    fold(sums, |a, b| a + b)
}

/// The sum of a function of two values.
#[inline(always)]
pub(super) fn sum_of_both(left: &[f32], right: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let (left, left_rest) = left.as_chunks::<16>();
    let (right, right_rest) = right.as_chunks::<16>();
    let mut sums = [0.0; 16];
    for (left, right) in left.iter().zip(right) {
        for i in 0..16 {
            sums[i] += f(left[i], right[i]);
        }
    }
    for (i, (&x, &y)) in left_rest.iter().zip(right_rest).enumerate() {
        sums[i] += f(x, y);
    }
    fold(sums, |a, b| a + b)
}

/// The greatest value, `f32::MIN` of none.
#[inline(always)]
pub(super) fn max(values: &[f32]) -> f32 {
    let greater = |a: f32, b: f32| if a > b { a } else { b };
    let (blocks, rest) = values.as_chunks::<16>();
    let mut highs = [f32::MIN; 16];
    for block in blocks {
        for (high, &x) in highs.iter_mut().zip(block) {
            *high = greater(*high, x);
        }
    }
    for (high, &x) in highs.iter_mut().zip(rest) {
        *high = greater(*high, x);
    }
    fold(highs, greater)
}

#[inline(always)]
fn fold(mut lanes: [f32; 16], f: impl Fn(f32, f32) -> f32) -> f32 {
    let mut half = 8;
    while half > 0 {
        for i in 0..half {
            lanes[i] = f(lanes[i], lanes[i + half]);
        }
        half /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests {
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
        for count in [0, 1, 15, 16, 17, 100] {
            let values: Vec<f32> = (0..count).map(|i| (i * 7 % 13) as f32).collect();
            assert_eq!(sum(&values), values.iter().sum::<f32>());
            assert_eq!(max(&values), values.iter().copied().fold(f32::MIN, f32::max));
            assert_eq!(
                sum_of_both(&values, &values, |a, b| a * b),
                sum_of(&values, |a| a * a)
            );
        }
    }
}
