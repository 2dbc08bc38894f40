//! The terminal dashboard: what there is to know of a run on one screen, from 80 columns and 24 lines on.
//!
//! Burn's own shows one metric at a time beside a list that 24 lines cut off; this one shows the task's metrics, the
//! speed, the padding, the memory and the time left all at once.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use burn_train::logger::{EvaluationProgressLogger, TrainingProgressLogger};
use burn_train::metric::{MetricAttributes, MetricDefinition, MetricId};
use burn_train::renderer::{
    EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation, MetricsRendererTraining,
};
use burn_train::{Interrupter, LearnerSummary};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Block, Chart, Dataset, GraphType, LineGauge, Paragraph, Row, Table};
use ratatui::{Frame, symbols};

use crate::dashboard::{LOSS, shown};
use crate::interrupt::keep_ctrl_c;
use crate::lines::duration;
use crate::memory;

const REFRESH: Duration = Duration::from_millis(150);
/// A curve of more points than this loses every second one.
const POINTS: usize = 2000;
const TRAINING: Color = Color::Cyan;
const EVALUATION: Color = Color::Yellow;

/// Shows a run on the terminal until it is dropped.
#[derive(Debug)]
pub struct Screen {
    state: Arc<Mutex<State>>,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What is shown.
#[derive(Debug)]
struct State {
    title: String,
    main: String,
    names: HashMap<MetricId, Known>,
    train: Vec<(String, f64)>,
    valid: Vec<Judged>,
    loss: Curve,
    epoch: usize,
    epochs: usize,
    step: usize,
    done: usize,
    items: usize,
    validating: bool,
    judged: (usize, usize),
    started: Instant,
    split_started: Instant,
    /// Time and items of training alone, for the time left.
    trained: (Duration, usize),
    /// Whether the next items are the first ones after those of an earlier process.
    resumed: bool,
    memory: Option<usize>,
    asking: bool,
    stopping: bool,
}

#[derive(Clone, Debug)]
struct Known {
    name: String,
    higher_is_better: bool,
}

/// A metric of the evaluations.
#[derive(Clone, Debug)]
struct Judged {
    name: String,
    higher_is_better: bool,
    newest: f64,
    values: Curve,
}

/// Values by step.
#[derive(Clone, Debug, Default)]
struct Curve {
    points: Vec<(f64, f64)>,
}

impl Curve {
    fn push(&mut self, step: usize, value: f64) {
        if !value.is_finite() {
            return;
        }
        if self.points.len() >= POINTS {
            let mut place = 0;
            self.points.retain(|_| {
                place += 1;
                place % 2 == 1
            });
        }
        self.points.push((step as f64, value));
    }
}

impl Screen {
    /// Takes the terminal over; `title` is what is trained, `main` the metric whose curve is drawn. Asked to, it tells `interrupter` to stop the run.
    ///
    /// # Errors
    /// If there is no terminal that can be drawn on.
    pub fn open(title: &str, main: &str, interrupter: &Interrupter) -> io::Result<Self> {
        let mut terminal = ratatui::try_init()?;
        keep_ctrl_c();
        let state = Arc::new(Mutex::new(State::new(title, main)));
        let closing = Arc::new(AtomicBool::new(false));
        let thread = {
            let (state, closing, interrupter) = (state.clone(), closing.clone(), interrupter.clone());
            std::thread::Builder::new().name("screen".into()).spawn(move || {
                while !closing.load(Ordering::Relaxed) {
                    lock(&state).memory = memory::resident();
                    // A terminal that is gone must not end the run: its results are in the run folder.
                    let _ = terminal.draw(|frame| draw(frame, &lock(&state)));
                    while event::poll(REFRESH).unwrap_or(false) {
                        let Ok(event) = event::read() else { break };
                        if lock(&state).key(&event) {
                            interrupter.stop(Some("q in the dashboard"));
                        }
                        let _ = terminal.draw(|frame| draw(frame, &lock(&state)));
                        if closing.load(Ordering::Relaxed) {
                            break;
                        }
                    }
                }
            })?
        };
        Ok(Self {
            state,
            closing,
            thread: Some(thread),
        })
    }

    /// The run goes on after `steps` steps of an earlier process.
    pub fn after(self, steps: usize) -> Self {
        let mut state = self.state();
        state.step = steps;
        state.resumed = steps > 0;
        drop(state);
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        ratatui::restore();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn new(title: &str, main: &str) -> Self {
        let now = Instant::now();
        Self {
            title: title.into(),
            main: main.into(),
            names: HashMap::new(),
            train: vec![],
            valid: vec![],
            loss: Curve::default(),
            epoch: 1,
            epochs: 1,
            step: 0,
            done: 0,
            items: 0,
            validating: false,
            judged: (0, 0),
            started: now,
            split_started: now,
            trained: (Duration::ZERO, 0),
            resumed: false,
            memory: None,
            asking: false,
            stopping: false,
        }
    }

    /// What a key does; `true` where the run is to stop.
    fn key(&mut self, event: &Event) -> bool {
        let Event::Key(key) = event else {
            return false;
        };
        if key.kind == KeyEventKind::Release {
            return false;
        }
        match (self.asking, key.code) {
            (true, KeyCode::Char('y' | 'Y')) => {
                self.asking = false;
                self.stopping = true;
                true
            }
            (true, _) => {
                self.asking = false;
                false
            }
            (false, KeyCode::Char('q' | 'Q')) => {
                self.asking = !self.stopping;
                false
            }
            (false, _) => false,
        }
    }

    fn share(&self) -> f64 {
        let all = (self.items * self.epochs).max(1);
        let before = self.items * self.epoch.saturating_sub(1);
        ((before + self.done) as f64 / all as f64).clamp(0.0, 1.0)
    }

    /// Training time left, by the rate so far; `None` before there is one.
    fn left(&self) -> Option<Duration> {
        let (before, items) = self.trained;
        let spent = match self.validating {
            true => before,
            false => before + self.split_started.elapsed(),
        };
        let ahead = (self.items * self.epochs) as f64 * (1.0 - self.share());
        (items > 0).then(|| spent.mul_f64(ahead / items as f64))
    }
}

impl MetricsRendererTraining for Screen {
    fn update_train(&mut self, state: MetricState) {
        let mut screen = self.state();
        let Some((known, value)) = screen.value(state) else {
            return;
        };
        if known.name == LOSS {
            let step = screen.step;
            screen.loss.push(step, value);
        }
        match screen.train.iter_mut().find(|(name, _)| *name == known.name) {
            Some(entry) => entry.1 = value,
            None => screen.train.push((known.name, value)),
        }
    }

    fn update_valid(&mut self, state: MetricState) {
        let mut screen = self.state();
        let Some((known, value)) = screen.value(state) else {
            return;
        };
        match screen.valid.iter_mut().find(|judged| judged.name == known.name) {
            Some(judged) => judged.newest = value,
            None => screen.valid.push(Judged {
                name: known.name,
                higher_is_better: known.higher_is_better,
                newest: value,
                values: Curve::default(),
            }),
        }
    }

    fn on_train_end(&mut self, _: Option<LearnerSummary>) -> Result<(), Box<dyn core::error::Error>> {
        Ok(())
    }
}

impl State {
    /// The metric's name and its value, if it has one.
    fn value(&self, state: MetricState) -> Option<(Known, f64)> {
        let MetricState::Numeric(entry, value) = state else {
            return None;
        };
        let value = value?.current();
        let known = self.names.get(&entry.metric_id)?.clone();
        value.is_finite().then_some((known, value))
    }
}

impl TrainingProgressLogger for Screen {
    fn start(&mut self, total_epochs: usize, starting_epoch: usize, _: Option<usize>, _: Option<&str>) {
        let mut screen = self.state();
        screen.epochs = total_epochs;
        screen.epoch = starting_epoch.max(1);
        screen.started = Instant::now();
    }

    fn update_epoch(&mut self, epoch: usize) {
        let mut screen = self.state();
        screen.epoch = (epoch + 1).min(screen.epochs);
        if epoch < screen.epochs {
            screen.done = 0;
        }
    }

    fn start_split(&mut self, split: &str, total_items: usize) {
        let mut screen = self.state();
        screen.validating = split != "train";
        screen.split_started = Instant::now();
        if screen.validating {
            screen.judged = (0, total_items);
        } else {
            // An epoch may have several splits, with evaluations between them.
            screen.items = total_items;
        }
    }

    fn update_split(&mut self, items_processed: usize) {
        let mut screen = self.state();
        match screen.validating {
            true => screen.judged.0 = items_processed,
            false => {
                let done = std::mem::replace(&mut screen.done, items_processed);
                // What an earlier process has done took none of this one's time.
                if !std::mem::take(&mut screen.resumed) {
                    screen.trained.1 += items_processed.saturating_sub(done);
                }
            }
        }
    }

    fn end_split(&mut self) {
        let mut screen = self.state();
        if screen.validating {
            let step = screen.step;
            for judged in &mut screen.valid {
                judged.values.push(step, judged.newest);
            }
            screen.validating = false;
        } else {
            let spent = screen.split_started.elapsed();
            screen.trained.0 += spent;
        }
        // What comes until the next split is neither training's time nor its items.
        screen.validating = true;
    }

    fn end(&mut self) {}

    fn log_event_training(&mut self, _: String) {
        let mut screen = self.state();
        if !screen.validating {
            screen.step += 1;
        }
    }
}

impl EvaluationProgressLogger for Screen {
    fn start_global_progress(&mut self, _: usize) {}

    fn start_test(&mut self, _: &str, _: usize) {}

    fn update_test_progress(&mut self, _: usize) {}

    fn end_test(&mut self) {}

    fn end_global_progress(&mut self) {}

    fn log_event_evaluation(&mut self, _: String) {}
}

impl MetricsRendererEvaluation for Screen {
    fn update_test(&mut self, _: EvaluationName, _: MetricState) {}
}

impl MetricsRenderer for Screen {
    fn manual_close(&mut self) {}

    fn register_metric(&mut self, definition: MetricDefinition) {
        let higher_is_better = match &definition.attributes {
            MetricAttributes::Numeric(numeric) => numeric.higher_is_better,
            MetricAttributes::None => true,
        };
        let known = Known {
            name: definition.name.to_string(),
            higher_is_better,
        };
        self.state().names.insert(definition.metric_id, known);
    }
}

fn draw(frame: &mut Frame<'_>, state: &State) {
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
                crate::dashboard::PADDING => format!("{:.1} %", 100.0 * value),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::{NORM, PADDING, RATE, TEXTS, TOKENS};
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use ratatui::crossterm::event::KeyEvent;

    fn state() -> State {
        let mut state = State::new("demo", "matthews");
        for (name, value) in [
            (LOSS, 0.345_6),
            (RATE, 4.2e-5),
            (NORM, 1.234_5),
            (TOKENS, 34_567.0),
            (TEXTS, 2345.0),
            (PADDING, 0.031),
        ] {
            state.train.push((name.into(), value));
        }
        (0..500).for_each(|step| state.loss.push(step, 1.0 / f64::from(step as u32 + 1)));
        for name in [LOSS, "accuracy", "f1", "macro_f1", "matthews"] {
            let mut values = Curve::default();
            (1..4).for_each(|epoch| values.push(epoch * 100, 0.2 * epoch as f64));
            state.valid.push(Judged {
                name: name.into(),
                higher_is_better: name != LOSS,
                newest: 0.612_3,
                values,
            });
        }
        state.memory = Some(512_000_000);
        (state.epochs, state.epoch, state.items, state.done, state.step) = (10, 4, 1000, 500, 700);
        state.trained = (Duration::from_secs(60), 3500);
        state
    }

    fn screen(state: &State, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, state)).unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn everything_is_on_small_and_large_screens() {
        let state = state();
        for (width, height) in [(80, 24), (200, 50)] {
            let screen = screen(&state, width, height);
            for part in [
                "demo",
                "epoch 4 of 10",
                "step 700",
                "35 %",
                "eta 1m",
                "Loss",
                "0.3456",
                "Learning rate",
                "4.20e-5",
                "Gradient norm",
                "Tokens/s",
                "34567",
                "Texts/s",
                "2345",
                "Padding",
                "3.1 %",
                "Memory",
                "512 MB",
                "accuracy",
                "macro f1",
                "matthews",
                "0.6123",
                "newest",
                "best",
                "stop and save",
            ] {
                assert!(
                    screen.contains(part),
                    "{width}x{height}: no {part:?} in\n{screen}"
                );
            }
            // The last line of the lists is there with its frame closed below it.
            assert!(screen.matches('└').count() >= 4, "{screen}");
        }
    }

    #[test]
    fn odd_sizes_and_nothing_to_show_are_no_trouble() {
        for (width, height) in [(1, 1), (20, 5), (59, 10), (300, 8)] {
            screen(&state(), width, height);
            screen(&State::new("demo", "matthews"), width, height);
        }
    }

    #[test]
    fn q_asks_before_it_stops() {
        let mut state = state();
        let key = |letter: char| Event::Key(KeyEvent::from(KeyCode::Char(letter)));
        assert!(!state.key(&key('y')));
        assert!(!state.key(&key('q')));
        assert!(screen(&state, 80, 24).contains("Stop after this step and save?"));
        assert!(!state.key(&key('n')) && !state.asking);
        assert!(!state.key(&key('q')) && state.key(&key('y')));
        assert!(screen(&state, 80, 24).contains("stopping"));
    }

    #[test]
    fn a_long_curve_keeps_its_ends() {
        let mut curve = Curve::default();
        (0..50_000).for_each(|step| curve.push(step, 1.0));
        assert!(curve.points.len() <= POINTS);
        assert_eq!(
            (curve.points[0].0, curve.points.last().unwrap().0),
            (0.0, 49_999.0)
        );
    }
}
