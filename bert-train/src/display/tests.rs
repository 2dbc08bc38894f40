//! The time left, as both views show it.

use std::time::{Duration, Instant};

use bert_tasks::Metrics;
use ratatui::backend::TestBackend;

use super::event::{Event, Plan, Step};
use super::format::duration;
use super::terminal::TestScreen;
use super::{Display, PlainLines};

const STEP: Duration = Duration::from_secs(2);
const EVALUATION: Duration = Duration::from_secs(30);

/// A run with a clock of its own.
struct Simulated {
    /// Optimiser steps of the whole run, and those of an epoch.
    steps: usize,
    of_epoch: usize,
    /// Steps that an earlier process took.
    taken: usize,
    /// Steps from one evaluation to the next; without them, an evaluation ends each epoch.
    eval_every: Option<usize>,
}

impl Simulated {
    fn evaluates_after(&self, step: usize) -> bool {
        step == self.steps || step.is_multiple_of(self.eval_every.unwrap_or(self.of_epoch))
    }

    /// Evaluations after `step`, one that is due right after it included.
    fn evaluations_from(&self, step: usize) -> usize {
        (step.max(1)..=self.steps)
            .filter(|&step| self.evaluates_after(step))
            .count()
    }

    /// The time left after `step` and its evaluation: the truth, and what the two views say.
    fn after(&self, last: usize) -> [String; 3] {
        let mut now = Instant::now();
        let mut text = vec![];
        let mut screen = TestScreen::new(now);
        let mut lines = PlainLines::new(&mut text);
        let mut show = |event: Event, now: Instant| {
            lines.show(&event, now);
            screen.show(&event, now);
        };
        let plan = Plan {
            epochs: self.steps.div_ceil(self.of_epoch),
            steps: self.steps,
            taken: self.taken,
            epoch: self.taken / self.of_epoch + 1,
            evaluations_left: self.evaluations_from(self.taken + 1),
            logging_steps: 1,
            ..Plan::default()
        };
        show(Event::Start(plan), now);
        for step in self.taken + 1..=last {
            // Lines are printed after a step, so an evaluation belongs before it.
            if step > self.taken + 1 && self.evaluates_after(step - 1) {
                show(Event::EvaluationStart { rows: 100 }, now);
                now += EVALUATION;
                let (epoch, loss, metrics) = (1, 0.5, Metrics::default());
                show(Event::EvaluationEnd { epoch, loss, metrics }, now);
            }
            now += STEP;
            let rows = ((step - 1) % self.of_epoch + 1, self.of_epoch);
            let event = Event::Step(Step {
                step,
                epoch: (step - 1) / self.of_epoch + 1,
                rows,
                time: STEP,
                record: None,
                evaluations_left: self.evaluations_from(step),
            });
            show(event, now);
        }
        let left = STEP * (self.steps - last) as u32 + EVALUATION * self.evaluations_from(last) as u32;
        let text = String::from_utf8(text).unwrap();
        let line = text.lines().last().unwrap();
        let in_line = line.split_once("eta ").unwrap().1.to_owned();
        let drawn = screen.draw(TestBackend::new(100, 30), now);
        let in_screen = drawn
            .split_once("eta ")
            .unwrap()
            .1
            .split_once("  after")
            .unwrap()
            .0
            .to_owned();
        [duration(left), in_line, in_screen]
    }

    fn assert_right(&self, last: usize) {
        let [left, in_line, in_screen] = self.after(last);
        assert_eq!(in_line, left, "lines after step {last}");
        assert_eq!(in_screen, left, "screen after step {last}");
    }
}

#[test]
fn the_time_left_is_right_with_evaluations_within_an_epoch() {
    let run = Simulated {
        steps: 1000,
        of_epoch: 1000,
        taken: 0,
        eval_every: Some(50),
    };
    for step in [51, 149, 150, 500, 999, 1000] {
        run.assert_right(step);
    }
}

#[test]
fn the_time_left_is_right_with_a_number_of_steps() {
    // Two epochs and a fifth of a third.
    let run = Simulated {
        steps: 220,
        of_epoch: 100,
        taken: 0,
        eval_every: None,
    };
    for step in [101, 150, 219] {
        run.assert_right(step);
    }
    // Less than an epoch: the only evaluation is the last event, so its time is not known.
    let run = Simulated {
        steps: 60,
        of_epoch: 1000,
        taken: 0,
        eval_every: None,
    };
    let [_, in_line, in_screen] = run.after(10);
    assert_eq!([in_line, in_screen], [duration(50 * STEP), duration(50 * STEP)]);
}

#[test]
fn the_time_left_is_right_after_a_resume() {
    let run = Simulated {
        steps: 1000,
        of_epoch: 250,
        taken: 630,
        eval_every: Some(40),
    };
    for step in [641, 700, 999] {
        run.assert_right(step);
    }
    // The first step of the process: steps of earlier processes took none of its time.
    let run = Simulated {
        eval_every: Some(1000),
        ..run
    };
    let [_, in_line, in_screen] = run.after(631);
    assert_eq!([in_line, in_screen], [duration(369 * STEP), duration(369 * STEP)]);
}

#[test]
fn lines_show_the_newest_figures_and_a_table() {
    let mut text = vec![];
    let mut lines = PlainLines::new(&mut text);
    let now = Instant::now();
    let plan = Plan {
        epochs: 2,
        steps: 8,
        logging_steps: 2,
        ..Plan::default()
    };
    lines.show(&Event::Start(plan), now);
    let step = |step| Step {
        step,
        epoch: 1,
        rows: (step * 10, 40),
        time: STEP,
        record: None,
        evaluations_left: 0,
    };
    for number in 1..=2 {
        lines.show(&Event::Step(step(number)), now + STEP * number as u32);
    }
    let mut metrics = Metrics::default();
    metrics.set("accuracy", 0.5);
    metrics.set("pearson", f64::NAN);
    let (epoch, loss) = (1, 0.25);
    lines.show(&Event::EvaluationEnd { epoch, loss, metrics }, now);
    let text = String::from_utf8(text).unwrap();
    assert_eq!(
        text,
        "epoch 1/2  step     2   50 %  loss -  rate -  norm -  - tokens/s  eta 12s\n     epoch      Loss  accuracy\n         \
         1    0.2500    0.5000\n"
    );
}
