//! How the dashboard is drawn.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Block, Chart, Dataset, GraphType, LineGauge, Paragraph, Row, Table};
use ratatui::{Frame, symbols};

use super::state::State;
use crate::display::figures::{LOSS, shown};
use crate::display::plain::duration;
use crate::memory;

const TRAINING: Color = Color::Cyan;
const EVALUATION: Color = Color::Yellow;

pub(super) fn draw(frame: &mut Frame<'_>, state: &State) {
    let [title, bar, body, help] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(3),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    draw_title(frame, state, title);
    draw_bar(frame, state, bar);
    draw_help(frame, state, help);
    if body.width < 60 {
        draw_figures(frame, state, body);
        return;
    }
    let left = if body.width >= 140 { 40 } else { 34 };
    let [left, right] = Layout::horizontal([Constraint::Length(left), Constraint::Min(20)]).areas(body);
    draw_figures(frame, state, left);
    let metric = state.valid.iter().find(|judged| judged.name == state.main);
    let [upper, lower] = Layout::vertical([Constraint::Fill(1); 2]).areas(right);
    let losses = state.valid.iter().find(|judged| judged.name == LOSS);
    let evaluated: &[(f64, f64)] = losses.map_or(&[], |judged| &judged.values.points);
    draw_curves(
        frame,
        " loss ",
        &[(&state.loss.points, TRAINING), (evaluated, EVALUATION)],
        upper,
    );
    let (name, points): (String, &[(f64, f64)]) = match metric {
        Some(judged) => (
            format!(" {} ", judged.name.replace('_', " ")),
            &judged.values.points,
        ),
        None => (format!(" {} ", state.main.replace('_', " ")), &[]),
    };
    draw_curves(frame, &name, &[(points, EVALUATION)], lower);
}

fn draw_title(frame: &mut Frame<'_>, state: &State, area: Rect) {
    let doing = match (state.stopping, state.validating) {
        (true, _) => "stopping".red().bold(),
        (false, true) => "evaluating".fg(EVALUATION).bold(),
        (false, false) => "training".fg(TRAINING).bold(),
    };
    let line = Line::from(vec![
        Span::from(" bert ").bold().reversed(),
        Span::from(format!(" {} ", state.title)).bold(),
        doing,
        Span::from(format!(
            "  epoch {} of {}  step {}",
            state.epoch, state.epochs, state.step
        )),
    ]);
    frame.render_widget(Paragraph::new(line), area);
}

fn draw_bar(frame: &mut Frame<'_>, state: &State, area: Rect) {
    let left = state.left().map_or("…".into(), duration);
    let text = format!(
        "{:>3.0} %  eta {left}  after {}",
        100.0 * state.share(),
        duration(state.started.elapsed())
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
    let mut rows: Vec<(String, String)> = state
        .train
        .iter()
        .map(|(name, value)| {
            let shown = match name.as_str() {
                crate::display::figures::PADDING => format!("{:.1} %", 100.0 * value),
                _ => shown(*value),
            };
            (name.clone(), shown)
        })
        .collect();
    if let Some(bytes) = state.memory {
        rows.push(("Memory".into(), memory::shown(bytes as f64)));
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
    let title = match state.validating && state.judged.0 < state.judged.1 {
        true => format!(" evaluation {} of {} ", state.judged.0, state.judged.1),
        false => " evaluation ".into(),
    };
    let block = Block::bordered()
        .title(title)
        .border_style(Style::new().dark_gray());
    if state.valid.is_empty() {
        let text = Paragraph::new(" at the end of the epoch".dim()).block(block);
        frame.render_widget(text, lower);
        return;
    }
    let rows = state.valid.iter().map(|judged| {
        let values = judged.values.points.iter().map(|point| point.1);
        let best = match judged.higher_is_better {
            true => values.fold(f64::NAN, f64::max),
            false => values.fold(f64::NAN, f64::min),
        };
        let right = |text: String| Line::from(text).right_aligned();
        Row::new(vec![
            Line::from(judged.name.replace('_', " ")),
            right(shown(judged.newest)).bold(),
            right(shown(best)).dim(),
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

fn draw_curves(frame: &mut Frame<'_>, title: &str, curves: &[(&[(f64, f64)], Color)], area: Rect) {
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
    let (x, y) = (range(|point| point.0), range(|point| point.1));
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
        .y_axis(axis(y, shown))
        .legend_position(None);
    frame.render_widget(chart, area);
}
