use std::time::{Duration, Instant};

use bert_tasks::Metrics;
use ratatui::Terminal as Drawn;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{Event as Input, KeyCode, KeyEvent};

use super::super::event::{Event, RunOverview, Step};
use super::drawing::draw;
use super::state::{Curve, POINTS, State};
use crate::run::log::StepRecord;

/// The dashboard without a terminal.
pub(in super::super) struct TestScreen(State);

impl TestScreen {
    pub(in super::super) fn new(now: Instant) -> Self {
        Self(State::new(now))
    }

    pub(in super::super) fn show(&mut self, event: &Event, now: Instant) {
        self.0.update(event, now);
    }

    /// All that it shows at `now`.
    pub(in super::super) fn draw(&self, backend: TestBackend, now: Instant) -> String {
        let mut terminal = Drawn::new(backend).unwrap();
        terminal.draw(|frame| draw(frame, &self.0, now)).unwrap();
        terminal.backend().to_string()
    }
}

fn evaluation_end(step: usize, metrics: Metrics) -> Event {
    Event::EvaluationEnd {
        step,
        epoch: 0.5,
        loss: 7.5,
        metrics,
    }
}

/// 700 of 2000 steps in 700 seconds, and three evaluations.
fn shown() -> (TestScreen, Instant) {
    let start = Instant::now();
    let mut screen = TestScreen::new(start);
    let overview = RunOverview {
        name: "demo".into(),
        main_metric: "matthews".into(),
        epochs: 10,
        steps: 2000,
        ..RunOverview::default()
    };
    screen.show(&Event::Start(overview), start);
    let mut now = start;
    for step in 1..=700 {
        let record = StepRecord {
            step,
            epoch: 0.0,
            loss: 0.345_6,
            learning_rate: 4.2e-5,
            grad_norm: 1.234_5,
            tokens_per_second: 34_567.0,
            texts_per_second: 2345.0,
            padding: 0.031,
            skipped: 0,
            seconds: 0.0,
        };
        if step > 1 && step % 200 == 1 {
            screen.show(&Event::EvaluationStart { rows: 9 }, now);
            let mut metrics = Metrics::default();
            for name in ["accuracy", "f1", "macro_f1", "matthews"] {
                metrics.set(name, 0.612_3);
            }
            screen.show(&evaluation_end(step - 1, metrics), now);
        }
        now += Duration::from_secs(1);
        let step = Step {
            step,
            epoch: 4,
            trained: 1,
            time: Duration::from_secs(1),
            record: Some(record),
            evaluations_left: 0,
        };
        screen.show(&Event::Step(step), now);
    }
    screen.0.memory = Some(512_000_000);
    (screen, now)
}

#[test]
fn everything_is_on_small_and_large_screens() {
    let (screen, now) = shown();
    for (width, height) in [(80, 24), (200, 50)] {
        let drawn = screen.draw(TestBackend::new(width, height), now);
        for part in [
            "demo",
            "epoch 4 of 10",
            "step 700",
            "35 %",
            "eta 21m 40s",
            "after 11m 40s",
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
            assert!(drawn.contains(part), "{width}x{height}: no {part:?} in\n{drawn}");
        }
        // The last line of the lists is there with its frame closed below it.
        assert!(drawn.matches('└').count() >= 4, "{drawn}");
    }
}

#[test]
fn odd_sizes_and_nothing_to_show_are_no_trouble() {
    let (screen, now) = shown();
    for (width, height) in [(1, 1), (20, 5), (59, 10), (300, 8)] {
        screen.draw(TestBackend::new(width, height), now);
        TestScreen::new(now).draw(TestBackend::new(width, height), now);
    }
}

#[test]
fn the_first_evaluation_is_announced() {
    let now = Instant::now();
    let mut screen = TestScreen::new(now);
    let overview = RunOverview {
        next_evaluation: Some(50),
        ..RunOverview::default()
    };
    screen.show(&Event::Start(overview), now);
    let drawn = screen.draw(TestBackend::new(80, 24), now);
    assert!(drawn.contains(" after step 50 "), "{drawn}");
}

#[test]
fn q_asks_before_it_stops() {
    let (mut screen, now) = shown();
    let key = |letter: char| Input::Key(KeyEvent::from(KeyCode::Char(letter)));
    let drawn = |screen: &TestScreen| screen.draw(TestBackend::new(80, 24), now);
    assert!(!screen.0.key(&key('y')));
    assert!(!screen.0.key(&key('q')));
    assert!(drawn(&screen).contains("Stop after this step and save?"));
    assert!(!screen.0.key(&key('n')) && !screen.0.asking);
    assert!(!screen.0.key(&key('q')) && screen.0.key(&key('y')));
    assert!(drawn(&screen).contains("stopping"));
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

/// The labels of the metric's vertical axis after one evaluation.
fn metric_axis(name: &str, value: f64) -> String {
    let now = Instant::now();
    let mut screen = TestScreen::new(now);
    let main_metric = name.to_owned();
    let overview = RunOverview {
        main_metric,
        ..RunOverview::default()
    };
    screen.show(&Event::Start(overview), now);
    let mut metrics = Metrics::default();
    metrics.set(name, value);
    screen.show(&evaluation_end(1, metrics), now);
    screen.draw(TestBackend::new(100, 30), now)
}

#[test]
fn the_best_of_a_metric_is_its_lowest_where_lower_is_better() {
    for (name, best) in [
        ("accuracy", "0.9000"),
        ("perplexity", "0.7000"),
        ("squared_error", "0.7000"),
    ] {
        let now = Instant::now();
        let mut screen = TestScreen::new(now);
        screen.show(&Event::Start(RunOverview::default()), now);
        for (step, value) in [(1, 0.7), (2, 0.9), (3, 0.8)] {
            screen.show(&evaluation_end(step, Metrics::from_iter([(name, value)])), now);
        }
        let drawn = screen.draw(TestBackend::new(100, 30), now);
        let row = drawn.lines().find(|line| line.contains("0.8000"));
        assert!(row.is_some_and(|row| row.contains(best)), "{name}: {drawn}");
    }
}

#[test]
fn the_axis_of_a_metric_ends_where_the_metric_does() {
    for (name, value, shown, hidden) in [
        ("accuracy", 0.98, "1.0000", "1.0780"),
        ("f1", 98.1, "100.0", "107.9"),
        ("mean_squared_error", 0.98, "1.0780", "1.0000"),
        ("perplexity", 30.0, "33.0", "100.0"),
        ("matthews", -0.95, "-1.0000", "-1.0450"),
    ] {
        let drawn = metric_axis(name, value);
        assert!(
            drawn.contains(shown) && !drawn.contains(hidden),
            "{name}: {drawn}"
        );
    }
}
