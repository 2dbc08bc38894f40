//! Mean and unit of the training targets, from which a new head starts.

use std::fmt;

/// Mean of the training targets, and the unit in which the head predicts them.
///
/// ```
/// use bert_tasks::regression::TargetScale;
/// let grades = TargetScale::of([0.0, 50.0, 100.0]).unwrap();
/// assert_eq!(grades, TargetScale { mean: 50.0, unit: 32.0 });
/// let stars = TargetScale::of([1.0, 3.0, 4.0, 5.0]).unwrap();
/// assert_eq!(stars, TargetScale { mean: 3.25, unit: 1.0 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TargetScale {
    /// The mean.
    pub mean: f64,
    /// A power of two near the standard deviation; 1 if this is from ½ to 2.
    pub unit: f64,
}

impl TargetScale {
    /// The mean and the unit of `targets`; none if there are no targets, or one is not finite.
    pub fn of(targets: impl IntoIterator<Item = f64>) -> Option<Self> {
        // Welford 1962, "Note on a method for calculating corrected sums of squares and products".
        let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
        for target in targets {
            count += 1.0;
            let difference = target - mean;
            mean += difference / count;
            squares += difference * (target - mean);
        }
        let deviation = (squares / f64::max(count, 1.0)).sqrt();
        let unit = match deviation {
            0.5..=2.0 => 1.0,
            // With these limits the square of a unit is a 32-bit float. A deviation of 0 has no unit.
            _ if deviation > 0.0 => 2f64.powi(deviation.log2().round().clamp(-60.0, 60.0) as i32),
            _ => 1.0,
        };
        (count > 0.0 && mean.is_finite() && deviation.is_finite()).then_some(Self { mean, unit })
    }
}

/// What a head of these targets does, as the end of a sentence.
impl fmt::Display for TargetScale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "starts at the mean of the training scores, {:.4}", self.mean)?;
        match self.unit {
            1.0 => Ok(()),
            unit => write!(
                f,
                ", and is trained in units of {unit}, near their standard deviation; the saved model gives plain scores"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_powers_of_two_where_the_deviation_is_far_from_1() {
        // Two targets deviate from their mean by half of their distance.
        for (deviation, unit) in [
            (0.003, 1.0 / 256.0),
            (0.49, 0.5),
            (0.5, 1.0),
            (1.5, 1.0),
            (2.0, 1.0),
            (2.1, 2.0),
            (29.0, 32.0),
            (20_000.0, 16384.0),
            (1e30, 2f64.powi(60)),
            (1e-30, 2f64.powi(-60)),
        ] {
            let found = TargetScale::of([-deviation, deviation]).unwrap();
            assert_eq!(found, TargetScale { mean: 0.0, unit }, "{deviation}");
        }
    }

    #[test]
    fn targets_far_from_zero_keep_their_deviation() {
        // statistics.pstdev([2000000.0, 2000000.25]) is .125
        let found = TargetScale::of([2e6, 2e6 + 0.25]).unwrap();
        assert_eq!(
            found,
            TargetScale {
                mean: 2e6 + 0.125,
                unit: 0.125
            }
        );
        assert_eq!(
            TargetScale::of([7.0; 3]),
            Some(TargetScale { mean: 7.0, unit: 1.0 })
        );
        assert_eq!(TargetScale::of([]), None);
        assert_eq!(TargetScale::of([1.0, f64::NAN]), None);
    }
}
