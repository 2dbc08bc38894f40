use std::time::Duration;

use crate::display::figures::{LOSS, NORM, PADDING, RATE, TEXTS, TOKENS};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent};

use super::drawing::draw;
use super::state::{Curve, Judged, POINTS, State};

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
