//! The frame of a figure: the positions of values, and the axes.

use std::fmt::Write;

use super::html::escape;

pub(super) const WIDTH: f64 = 520.0;
pub(super) const HEIGHT: f64 = 230.0;
pub(super) const LEFT: f64 = 56.0;
pub(super) const RIGHT: f64 = 14.0;
pub(super) const TOP: f64 = 10.0;
pub(super) const BOTTOM: f64 = 34.0;

/// The frame of a figure: the positions of values.
pub(super) struct Plot {
    pub(super) x: (f64, f64),
    pub(super) y: (f64, f64),
    pub(super) x_ticks: Vec<f64>,
    pub(super) y_ticks: Vec<f64>,
}

impl Plot {
    pub(super) fn around(points: impl Iterator<Item = (f64, f64)> + Clone, pad_x: bool) -> Self {
        let reach = |values: &mut dyn Iterator<Item = f64>| {
            let range = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
                (low.min(v), high.max(v))
            });
            if range.0 == range.1 {
                let half = if range.0 == 0.0 { 0.5 } else { range.0.abs() * 0.1 };
                // Most metrics end at 1: the axis must not suggest that there is more.
                let high = if range.1 <= 1.0 {
                    (range.1 + half).min(1.0)
                } else {
                    range.1 + half
                };
                (range.0 - half, high)
            } else {
                range
            }
        };
        let (mut x, mut y) = (
            reach(&mut points.clone().map(|p| p.0)),
            reach(&mut points.map(|p| p.1)),
        );
        let x_ticks = ticks(x, 6);
        let y_ticks = ticks(y, 5);
        let wider = |range: (f64, f64), ticks: &[f64]| {
            let step = ticks.get(1).map_or(0.0, |second| second - ticks[0]);
            let low = ticks.first().map_or(
                range.0,
                |first| if range.0 < *first { first - step } else { *first },
            );
            let high = ticks
                .last()
                .map_or(range.1, |last| if range.1 > *last { last + step } else { *last });
            (low, high)
        };
        if pad_x {
            x = wider(x, &x_ticks);
        }
        y = wider(y, &y_ticks);
        Self {
            x_ticks: ticks(x, 6),
            y_ticks: ticks(y, 5),
            x,
            y,
        }
    }

    pub(super) fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let share = |value: f64, (low, high): (f64, f64)| (value - low) / (high - low);
        (
            LEFT + (WIDTH - LEFT - RIGHT) * share(x, self.x),
            HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share(y, self.y),
        )
    }

    pub(super) fn path(&self, points: &[(f64, f64)]) -> String {
        let mut path = String::new();
        for (number, &point) in points.iter().enumerate() {
            let (x, y) = self.at(point);
            let _ = write!(path, "{}{x:.1} {y:.1}", if number == 0 { 'M' } else { 'L' });
        }
        path
    }

    pub(super) fn axes(&self, x_name: &str) -> String {
        let mut out = String::new();
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        for &tick in &self.y_ticks {
            let y = self.at((self.x.0, tick)).1;
            let _ = writeln!(
                out,
                "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{right}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 7.0,
                y + 3.5,
                label(tick, &self.y_ticks)
            );
        }
        for &tick in &self.x_ticks {
            let x = self.at((tick, self.y.0)).0;
            let _ = writeln!(
                out,
                "<path class=\"tick\" d=\"M{x:.1} {bottom}v4\"/><text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                bottom + 15.0,
                label(tick, &self.x_ticks)
            );
        }
        let _ = writeln!(
            out,
            "<path class=\"axis\" d=\"M{LEFT} {bottom}H{right}\"/><text class=\"name\" x=\"{right}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            HEIGHT - 5.0,
            escape(x_name)
        );
        out
    }
}

/// About `count` round values within a range; none in a range that is too narrow or too wide for floats to divide.
pub(super) fn ticks((low, high): (f64, f64), count: usize) -> Vec<f64> {
    let rough = (high - low) / count as f64;
    if !rough.is_normal() {
        return vec![];
    }
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(10.0 * power);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).map(|number| number as f64 * step).collect()
}

/// The label of a tick, with as many digits as it needs to differ from its neighbours.
pub(super) fn label(tick: f64, ticks: &[f64]) -> String {
    let step = ticks.get(1).map_or(1.0, |second| second - ticks[0]);
    let largest = ticks.iter().fold(0.0, |high: f64, tick| high.max(tick.abs()));
    if largest > 0.0 && largest < 1e-3 {
        return if tick == 0.0 {
            "0".into()
        } else {
            format!("{tick:.1e}")
        };
    }
    if largest >= 1e6 {
        return format!("{}M", shortest(tick / 1e6));
    }
    if largest >= 1e4 {
        return format!("{}k", shortest(tick / 1e3));
    }
    let mut digits = 0;
    while digits < 6
        && (step * 10f64.powi(digits))
            .fract()
            .min(1.0 - (step * 10f64.powi(digits)).fract())
            > 1e-6
    {
        digits += 1;
    }
    format!("{tick:.*}", digits as usize)
}

pub(super) fn shortest(value: f64) -> String {
    format!("{value:.2}")
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}
