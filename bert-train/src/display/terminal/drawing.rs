//! How the dashboard is drawn.

use std::time::Instant;

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Block, Chart, Dataset, GraphType, LineGauge, Paragraph, Row, Table};
use ratatui::{Frame, symbols};

use super::state::{LOSS, State, falls};
use crate::progress::format::{duration, number};
use crate::system::memory;

const TRAINING: Color = Color::Cyan;
const EVALUATION: Color = Color::Yellow;
const NO_LIMITS: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

/// Draws the whole screen at the time `now`.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State, now: Instant) {
    let [title, bar, body, help] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(3),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    draw_title(frame, state, title);
    draw_bar(frame, state, now, bar);
    draw_help(frame, state, help);
    if body.width < 60 {
        draw_figures(frame, state, body);
        return;
    }
    let left = if body.width >= 140 { 40 } else { 34 };
    let [left, right] = Layout::horizontal([Constraint::Length(left), Constraint::Min(20)]).areas(body);
    draw_figures(frame, state, left);
    let curve = |name: &str| {
        let metric = state.metrics.iter().find(|metric| metric.name == name);
        metric.map_or(&[][..], |metric| metric.values.points.as_slice())
    };
    let [upper, lower] = Layout::vertical([Constraint::Fill(1); 2]).areas(right);
    let losses = [
        (state.loss.points.as_slice(), TRAINING),
        (curve(LOSS), EVALUATION),
    ];
    draw_curves(frame, " loss ", &losses, NO_LIMITS, upper);
    let main = &state.overview.main_metric;
    let title = format!(" {} ", main.replace('_', " "));
    let values = curve(main);
    draw_curves(
        frame,
        &title,
        &[(values, EVALUATION)],
        metric_limits(main, values),
        lower,
    );
}

fn draw_title(frame: &mut Frame<'_>, state: &State, area: Rect) {
    let doing = match (state.stopping, state.evaluation.is_some()) {
        (true, _) => "stopping".red().bold(),
        (false, true) => "evaluating".fg(EVALUATION).bold(),
        (false, false) => "training".fg(TRAINING).bold(),
    };
    let line = Line::from(vec![
        Span::from(" bert ").bold().reversed(),
        Span::from(format!(" {} ", state.overview.name)).bold(),
        doing,
        Span::from(format!(
            "  epoch {} of {}  step {}",
            state.epoch, state.overview.epochs, state.step
        )),
    ]);
    frame.render_widget(Paragraph::new(line), area);
}

fn draw_bar(frame: &mut Frame<'_>, state: &State, now: Instant, area: Rect) {
    let left = state.eta.left(now).map_or("…".into(), duration);
    let text = format!(
        "{:>3.0} %  eta {left}  after {}",
        100.0 * state.share(),
        duration(now.saturating_duration_since(state.started))
    );
    let gauge = LineGauge::default()
        .ratio(state.share())
        .label(text)
        .filled_style(Style::new().fg(TRAINING))
        .unfilled_style(Style::new().dark_gray())
        .filled_symbol(symbols::line::THICK_HORIZONTAL)
        .unfilled_symbol(symbols::line::HORIZONTAL);
    frame.render_widget(gauge, area);
}

fn draw_help(frame: &mut Frame<'_>, state: &State, area: Rect) {
    let line = match (state.asking, state.stopping) {
        (true, _) => Line::from(
            " Stop after this step and save?  y: yes  any other key: no "
                .bold()
                .reversed(),
        ),
        (_, true) => Line::from(" stopping after this step; the model is saved ".dim()),
        _ => Line::from(vec![
            " q".bold(),
            " stop and save  ".dim(),
            "━".fg(TRAINING),
            " training  ".dim(),
            "━".fg(EVALUATION),
            " evaluation".dim(),
        ]),
    };
    frame.render_widget(Paragraph::new(line), area);
}

/// The two lists of numbers.
fn draw_figures(frame: &mut Frame<'_>, state: &State, area: Rect) {
    let mut rows: Vec<(&str, String)> = vec![];
    if let Some(record) = &state.record {
        rows.extend([
            (LOSS, number(record.loss)),
            ("Learning rate", number(record.learning_rate)),
            ("Gradient norm", number(record.grad_norm)),
            ("Tokens/s", number(record.tokens_per_second)),
            ("Texts/s", number(record.texts_per_second)),
            ("Padding", format!("{:.1} %", 100.0 * record.padding)),
        ]);
    }
    if let Some(bytes) = state.memory {
        rows.push(("Memory", memory::shown(bytes as f64)));
    }
    let height = rows.len() as u16 + 2;
    let [upper, lower] = Layout::vertical([Constraint::Length(height), Constraint::Min(3)]).areas(area);
    let rows = rows.into_iter().map(|(name, value)| {
        let value = Line::from(value.bold()).right_aligned();
        Row::new(vec![Line::from(name), value])
    });
    let table = Table::new(rows, [Constraint::Min(14), Constraint::Length(12)]).block(
        Block::bordered()
            .title(" training ")
            .border_style(Style::new().dark_gray()),
    );
    frame.render_widget(table, upper);
    let title = match state.evaluation {
        Some((done, all)) if done < all => format!(" evaluation {done} of {all} "),
        _ => " evaluation ".into(),
    };
    let block = Block::bordered()
        .title(title)
        .border_style(Style::new().dark_gray());
    if state.metrics.is_empty() {
        let text = match state.overview.next_evaluation {
            Some(step) => format!(" after step {step}"),
            None => String::new(),
        };
        frame.render_widget(Paragraph::new(text.dim()).block(block), lower);
        return;
    }
    let rows = state.metrics.iter().map(|metric| {
        let right = |text: String| Line::from(text).right_aligned();
        Row::new(vec![
            Line::from(metric.name.replace('_', " ")),
            right(number(metric.newest)).bold(),
            right(number(metric.best())).dim(),
        ])
    });
    let head = Row::new(vec![
        Line::from(""),
        Line::from("newest").right_aligned(),
        Line::from("best").right_aligned(),
    ]);
    let widths = [Constraint::Min(12), Constraint::Length(7), Constraint::Length(7)];
    frame.render_widget(Table::new(rows, widths).header(head.dim()).block(block), lower);
}

/// The lowest and the highest value that a metric with these values can have: up to 1, or 100 where it is a percentage;
/// from 0, or -1 where it can be negative. Errors have no limits.
fn metric_limits(name: &str, points: &[(f64, f64)]) -> (f64, f64) {
    let all = |fits: fn(f64) -> bool| points.iter().all(|point| fits(point.1));
    if falls(name) || !all(|value| (-1.0..=100.0).contains(&value)) {
        return NO_LIMITS;
    }
    let low = if all(|value| value >= 0.0) { 0.0 } else { -1.0 };
    let high = if all(|value| value <= 1.0) { 1.0 } else { 100.0 };
    (low, high)
}

/// Draws curves in one chart, whose vertical axis stays within `limits`.
fn draw_curves(
    frame: &mut Frame<'_>,
    title: &str,
    curves: &[(&[(f64, f64)], Color)],
    limits: (f64, f64),
    area: Rect,
) {
    let block = Block::bordered()
        .title(title)
        .border_style(Style::new().dark_gray());
    let points = || curves.iter().flat_map(|(points, _)| points.iter());
    if points().next().is_none() {
        frame.render_widget(Paragraph::new(" nothing yet".dim()).block(block), area);
        return;
    }
    let range = |pick: fn(&(f64, f64)) -> f64| {
        let start = (f64::INFINITY, f64::NEG_INFINITY);
        let (low, high) = points()
            .map(pick)
            .fold(start, |(low, high), v| (low.min(v), high.max(v)));
        let margin = if low == high {
            low.abs().max(1e-6) * 0.1
        } else {
            0.0
        };
        (low - margin, high + margin)
    };
    let (x, (low, high)) = (range(|point| point.0), range(|point| point.1));
    let y = (low.max(limits.0), high.min(limits.1));
    let sets = curves
        .iter()
        .filter(|(points, _)| !points.is_empty())
        .map(|(points, colour)| {
            let kind = if points.len() == 1 {
                GraphType::Scatter
            } else {
                GraphType::Line
            };
            Dataset::default()
                .marker(Marker::Braille)
                .graph_type(kind)
                .style(Style::new().fg(*colour))
                .data(points)
        });
    let axis = |(low, high): (f64, f64), form: fn(f64) -> String| {
        Axis::default()
            .bounds([low, high])
            .labels([form(low), form(high)])
            .style(Style::new().dark_gray())
    };
    let chart = Chart::new(sets.collect())
        .block(block)
        .x_axis(axis(x, |step| format!("{step:.0}")))
        .y_axis(axis(y, number))
        .legend_position(None);
    frame.render_widget(chart, area);
}
