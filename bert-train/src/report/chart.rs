//! Curves, points and intervals as SVG, in the colours of the page.

use std::fmt::Write;

use super::html::escape;
use super::plot::{BOTTOM, HEIGHT, LEFT, Plot, RIGHT, TOP, WIDTH};
use crate::progress::format::number;

/// A curve of more points is drawn as the means of this many stretches.
const POINTS: usize = 400;
/// From this many points on, a noisy curve is drawn faint, under its moving average.
const NOISY: usize = 24;
/// Number of places that show their values on hover.
const HOVERS: usize = 80;

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke {
    /// A line.
    Plain,
    /// A faint line and its moving average.
    Noisy,
    /// A dashed line with a dot at each point.
    Dots,
}

/// One curve.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// The number of its colour.
    pub colour: usize,
    /// How it is drawn.
    pub stroke: Stroke,
    /// From left to right.
    pub points: Vec<(f64, f64)>,
}

/// A colour of the page's palette, which repeats.
pub fn colour(number: usize) -> String {
    format!("var(--c{})", number % 6)
}

/// A figure of curves over the steps; empty if there is nothing to draw.
pub fn curves(title: &str, series: &[Series]) -> String {
    let series: Vec<Series> = series
        .iter()
        .map(|series| Series {
            points: thinned(&series.points),
            ..series.clone()
        })
        .filter(|series| !series.points.is_empty())
        .collect();
    if series.is_empty() {
        return String::new();
    }
    let points = || series.iter().flat_map(|series| &series.points);
    let plot = Plot::around(points().copied(), false);
    let mut body = plot.axes("step");
    for series in &series {
        body += &curve(&plot, series);
    }
    body += &hovers(&plot, &series);
    let legend: String = series
        .iter()
        .map(|series| {
            let dashed = if series.stroke == Stroke::Dots {
                " dashed"
            } else {
                ""
            };
            format!(
                "<span class=\"key{dashed}\" style=\"--key:{}\">{}</span>",
                colour(series.colour),
                escape(&series.name)
            )
        })
        .collect();
    let legend = if series.len() > 1 { legend } else { String::new() };
    figure(title, &legend, &svg(title, &body))
}

/// The line of a series, with its points if they are visible.
fn curve(plot: &Plot, series: &Series) -> String {
    let mut out = String::new();
    let colour = colour(series.colour);
    let noisy = series.stroke == Stroke::Noisy && series.points.len() >= NOISY;
    if noisy {
        let path = plot.path(&series.points);
        let _ = writeln!(
            out,
            "<path class=\"curve faint\" stroke=\"{colour}\" d=\"{path}\"/>"
        );
    }
    let smooth;
    let points = if noisy {
        smooth = smoothed(&series.points);
        &smooth
    } else {
        &series.points
    };
    let dash = if series.stroke == Stroke::Dots {
        " dash"
    } else {
        ""
    };
    let _ = writeln!(
        out,
        "<path class=\"curve{dash}\" stroke=\"{colour}\" d=\"{}\"/>",
        plot.path(points)
    );
    if series.stroke == Stroke::Dots || points.len() == 1 {
        for &point in points.iter() {
            let (x, y) = plot.at(point);
            let _ = writeln!(
                out,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.6\" fill=\"{colour}\"/>"
            );
        }
    }
    out
}

/// A figure of points; the line is where `y` is 0.
pub fn scatter(title: &str, x: &str, y: &str, points: &[(f64, f64)], colour_number: usize) -> String {
    if points.is_empty() {
        return String::new();
    }
    let plot = Plot::around(points.iter().copied(), true);
    let mut body = plot.axes(x);
    let (left, zero) = plot.at((plot.x.0, 0.0));
    let _ = writeln!(
        body,
        "<path class=\"zero\" d=\"M{left:.1} {zero:.1}H{:.1}\"/>",
        WIDTH - RIGHT
    );
    let colour = colour(colour_number);
    // The first thousands of very many points show the same cloud.
    for &point in points.iter().take(4000) {
        let (cx, cy) = plot.at(point);
        let _ = writeln!(
            body,
            "<circle class=\"point\" cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"2.2\" fill=\"{colour}\"/>"
        );
    }
    let legend = format!("<span class=\"axis-name\">up: {}</span>", escape(y));
    figure(title, &legend, &svg(title, &body))
}

/// An interval on a line from `low` to `high`, with its middle marked.
pub fn interval(value: f64, from: f64, to: f64, low: f64, high: f64, colour_number: usize) -> String {
    const LENGTH: f64 = 160.0;
    let place = |value: f64| 4.0 + (LENGTH - 8.0) * ((value - low) / (high - low).max(1e-12)).clamp(0.0, 1.0);
    let colour = colour(colour_number);
    format!(
        "<svg class=\"interval\" viewBox=\"0 0 {LENGTH} 14\" role=\"img\" aria-label=\"{} to {}\">\
         <path class=\"grid\" d=\"M0 7H{LENGTH}\"/>\
         <path d=\"M{:.1} 7H{:.1}M{:.1} 3V11M{:.1} 3V11\" stroke=\"{colour}\" stroke-width=\"2\"/>\
         <circle cx=\"{:.1}\" cy=\"7\" r=\"3.4\" fill=\"{colour}\"/></svg>",
        number(from),
        number(to),
        place(from),
        place(to),
        place(from),
        place(to),
        place(value),
    )
}

fn figure(title: &str, legend: &str, drawing: &str) -> String {
    format!(
        "<figure class=\"card\"><figcaption><b>{}</b><span class=\"legend\">{legend}</span></figcaption>\n{drawing}</figure>\n",
        escape(title)
    )
}

fn svg(title: &str, body: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\n{body}</svg>\n",
        escape(title)
    )
}

/// Bands over the plot that show the values at their place on hover.
fn hovers(plot: &Plot, series: &[Series]) -> String {
    let longest = series.iter().max_by_key(|series| series.points.len());
    let places: Vec<f64> = longest
        .map(|s| s.points.iter().map(|p| p.0).collect())
        .unwrap_or_default();
    let every = places.len().div_ceil(HOVERS).max(1);
    let places: Vec<f64> = places.into_iter().step_by(every).collect();
    let mut out = String::new();
    for (index, &x) in places.iter().enumerate() {
        let middle = |a: f64, b: f64| plot.at(((a + b) / 2.0, 0.0)).0;
        let left = if index == 0 {
            LEFT
        } else {
            middle(places[index - 1], x)
        };
        let right = places
            .get(index + 1)
            .map_or(WIDTH - RIGHT, |&next| middle(x, next));
        let mut text = format!("step {}", number(x));
        for series in series {
            let near = series
                .points
                .iter()
                .min_by(|a, b| (a.0 - x).abs().total_cmp(&(b.0 - x).abs()));
            if let Some((_, y)) = near {
                let _ = write!(text, "\n{}: {}", series.name, number(*y));
            }
        }
        let _ = writeln!(
            out,
            "<rect class=\"hover\" x=\"{left:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{:.1}\"><title>{}</title></rect>",
            (right - left).max(0.0),
            HEIGHT - TOP - BOTTOM,
            escape(&text)
        );
    }
    out
}

/// The means of [`POINTS`] stretches if there are more points, without values that are not finite.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let points: Vec<(f64, f64)> = points
        .iter()
        .copied()
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .collect();
    if points.len() <= POINTS {
        return points;
    }
    let stretch = points.len().div_ceil(POINTS);
    points
        .chunks(stretch)
        .map(|chunk| {
            let mean =
                |pick: fn(&(f64, f64)) -> f64| chunk.iter().map(pick).sum::<f64>() / chunk.len() as f64;
            (mean(|p| p.0), mean(|p| p.1))
        })
        .collect()
}

/// The moving average with weights that halve over a twentieth of the points, to both sides.
fn smoothed(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let keep = 0.5f64.powf(20.0 / points.len() as f64);
    let pass = |values: &mut dyn Iterator<Item = f64>| -> Vec<(f64, f64)> {
        let (mut sum, mut weight) = (0.0, 0.0);
        let step = |value: f64| {
            sum = keep * sum + value;
            weight = keep * weight + 1.0;
            (sum, weight)
        };
        values.map(step).collect()
    };
    let forth = pass(&mut points.iter().map(|p| p.1));
    let mut back = pass(&mut points.iter().rev().map(|p| p.1));
    back.reverse();
    let both = forth.iter().zip(&back).zip(points);
    both.map(|(((a, wa), (b, wb)), &(x, y))| (x, (a + b - y) / (wa + wb - 1.0)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::plot::{label, ticks};
    use super::*;

    fn series(points: Vec<(f64, f64)>) -> Series {
        Series {
            name: "loss".into(),
            colour: 0,
            stroke: Stroke::Noisy,
            points,
        }
    }

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(
            ticks((0.0, 1.0), 5),
            [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]
        );
        assert_eq!(ticks((3.0, 47.0), 5), [10.0, 20.0, 30.0, 40.0]);
        let labels: Vec<String> = ticks((0.0, 1.0), 4)
            .iter()
            .map(|t| label(*t, &ticks((0.0, 1.0), 4)))
            .collect();
        assert_eq!(labels, ["0.00", "0.25", "0.50", "0.75", "1.00"]);
        assert_eq!(label(20000.0, &[0.0, 10000.0, 20000.0]), "20k");
    }

    #[test]
    fn a_range_that_floats_cannot_divide_has_no_ticks() {
        for (low, high) in [
            (0.0, 5e-324),
            (f64::MIN, f64::MAX),
            (f64::INFINITY, f64::NEG_INFINITY),
        ] {
            assert_eq!(ticks((low, high), 5), [0.0; 0], "{low} to {high}");
            let drawn = curves("Loss", &[series(vec![(1.0, low), (2.0, high)])]);
            // Points that are not finite are left out.
            assert_eq!(drawn.contains("<svg"), low.is_finite(), "{drawn}");
        }
        assert!(!ticks((1.0, 1.0 + f64::EPSILON), 5).is_empty());
    }

    #[test]
    fn a_curve_stays_within_its_frame() {
        let points: Vec<(f64, f64)> = (0..5000)
            .map(|i| (f64::from(i), (f64::from(i) / 100.0).sin()))
            .collect();
        let drawing = curves("Loss", &[series(points.clone())]);
        assert!(thinned(&points).len() <= POINTS);
        for path in drawing
            .split(" d=\"")
            .skip(1)
            .filter(|part| part.starts_with('M') && part.contains('L'))
        {
            let path = path.split('"').next().unwrap();
            for point in path.split(['M', 'L']).filter(|point| !point.is_empty()) {
                let (x, y) = point.split_once(' ').unwrap();
                let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
                assert!((LEFT..=WIDTH - RIGHT).contains(&x), "{x}");
                assert!((TOP..=HEIGHT - BOTTOM).contains(&y), "{y}");
            }
        }
    }

    #[test]
    fn odd_data_gives_a_figure_or_nothing_and_never_nan() {
        assert_eq!(curves("Loss", &[series(vec![])]), "");
        assert_eq!(curves("Loss", &[series(vec![(1.0, f64::NAN)])]), "");
        for points in [
            vec![(1.0, 0.0)],
            vec![(1.0, 2.0), (1.0, 2.0)],
            vec![(0.0, -1e-9), (1e9, 1e9)],
        ] {
            let drawing = curves("Loss", &[series(points)]);
            assert!(
                drawing.contains("<svg") && !drawing.contains("NaN") && !drawing.contains("inf"),
                "{drawing}"
            );
        }
    }

    #[test]
    fn smoothing_keeps_what_is_straight() {
        let line: Vec<(f64, f64)> = (0..100).map(|i| (f64::from(i), 3.0)).collect();
        assert!(smoothed(&line).iter().all(|p| (p.1 - 3.0).abs() < 1e-12));
        let noise: Vec<(f64, f64)> = (0..100).map(|i| (f64::from(i), f64::from(i % 2))).collect();
        assert!(
            smoothed(&noise).iter().all(|p| (p.1 - 0.5).abs() < 0.11),
            "{:?}",
            smoothed(&noise)
        );
    }
}
