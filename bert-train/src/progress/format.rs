//! Numbers and durations as people read them.

use std::time::Duration;

use burn_train::metric::format_float;

/// Four significant digits, or a power of ten below 0.001; `-` for NaN.
///
/// ```
/// use bert_train::progress::format::number;
/// assert_eq!([1234.5, 12.345, 0.61234, 4.2e-5].map(number), ["1234", "12.3", "0.6123", "4.20e-5"]);
/// ```
pub fn number(value: f64) -> String {
    match value.abs() {
        x if x.is_nan() => "-".into(),
        x if x >= 1000.0 => format!("{value:.0}"),
        x if x >= 10.0 => format!("{value:.1}"),
        0.0 => "0".into(),
        x if x < 1e-3 => format!("{value:.2e}"),
        _ => format_float(value, 4),
    }
}

/// `1h 02m`, `3m 05s` or `7s`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64().round() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s}s"),
        (0, m, s) => format!("{m}m {s:02}s"),
        (h, m, _) => format!("{h}h {m:02}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_for_people() {
        let shown = [0.4, 7.0, 185.0, 3725.0].map(|seconds| duration(Duration::from_secs_f64(seconds)));
        assert_eq!(shown, ["0s", "7s", "3m 05s", "1h 02m"]);
    }
}
