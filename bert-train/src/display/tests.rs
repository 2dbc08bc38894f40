//! The time left, as both views show it.

use std::time::{Duration, Instant};

use bert_tasks::Metrics;
use ratatui::backend::TestBackend;

use super::event::{Event, RunOverview, Step};
use super::terminal::TestScreen;
use super::{Display, PlainView};
use crate::progress::format::duration;
use crate::recipe::Recipe;
use crate::run::log::EvalRecord;
use crate::run::state::RunProgress;
use crate::training::events;
use crate::training::step_schedule::StepSchedule;

const STEP: Duration = Duration::from_secs(2);
const EVALUATION: Duration = Duration::from_secs(30);
/// Rows of an evaluation. A step trains on one row, and a row takes a third of that time without training.
const ROWS: usize = 45;

/// A run with a clock of its own.
struct Simulated {
    /// Optimiser steps of the whole run, and those of an epoch.
    steps: usize,
    of_epoch: usize,
    /// Steps that an earlier process took.
    taken: usize,
    /// Whether it was stopped before the evaluation that follows the last of them.
    evaluation_due: bool,
    /// Steps from one evaluation to the next; without them, an evaluation ends each epoch.
    eval_every: Option<usize>,
    /// What an earlier process has measured.
    evaluation_time: Option<Duration>,
    /// Rows of an evaluation.
    rows: usize,
}

/// A thousand steps, with evaluations within the only epoch.
const WITHIN: Simulated = Simulated {
    steps: 1000,
    of_epoch: 1000,
    taken: 0,
    evaluation_due: false,
    eval_every: Some(50),
    evaluation_time: None,
    rows: ROWS,
};

impl Simulated {
    fn schedule(&self) -> StepSchedule {
        let recipe = Recipe {
            logging_steps: 1,
            eval_every: self.eval_every,
            ..Recipe::default()
        };
        let ends =
            (1..=self.steps.div_ceil(self.of_epoch)).map(|epoch| self.steps.min(epoch * self.of_epoch));
        StepSchedule::new(&recipe, ends.collect())
    }

    /// The progress after `steps` steps, each on one row.
    fn progress(&self, steps: usize) -> RunProgress {
        RunProgress {
            epoch: steps / self.of_epoch,
            step_of_epoch: steps % self.of_epoch,
            steps,
            texts: steps,
            train_seconds: (STEP * steps as u32).as_secs_f64(),
            ..RunProgress::default()
        }
    }

    fn start(&self) -> Event {
        let last = self.evaluation_time.map(|time| EvalRecord {
            step: 0,
            epoch: 0.0,
            loss: 0.5,
            metrics: Metrics::default(),
            texts_per_second: self.rows as f64 / time.as_secs_f64(),
            seconds: 0.0,
        });
        let progress = RunProgress {
            evaluation_due: self.evaluation_due,
            last,
            ..self.progress(self.taken)
        };
        Event::Start(events::overview(&self.schedule(), &progress, self.rows))
    }

    fn evaluation_end(&self, step: usize) -> Event {
        Event::EvaluationEnd {
            step,
            epoch: step as f64 / self.of_epoch as f64,
            loss: 0.5,
            metrics: Metrics::default(),
        }
    }

    fn evaluates_after(&self, step: usize) -> bool {
        step == self.steps || step.is_multiple_of(self.eval_every.unwrap_or(self.of_epoch))
    }

    /// Evaluations after `step`, one that is due right after it included.
    fn evaluations_from(&self, step: usize) -> usize {
        (step.max(1)..=self.steps)
            .filter(|&step| self.evaluates_after(step))
            .count()
    }

    /// All that happens up to `last` and not after it, and when.
    fn events(&self, last: usize) -> Vec<(Duration, Event)> {
        let mut now = Duration::ZERO;
        let schedule = self.schedule();
        let mut events = vec![(now, self.start())];
        for step in self.taken + 1..=last {
            // Lines are printed after a step, so an evaluation belongs before it.
            let before = step - 1;
            let evaluates = match before == self.taken {
                true => self.evaluation_due,
                false => {
                    schedule
                        .due(before, before.is_multiple_of(self.of_epoch))
                        .evaluation
                }
            };
            if evaluates {
                events.push((now, Event::EvaluationStart { rows: self.rows }));
                for third in 1..=3 {
                    now += EVALUATION / 3;
                    let rows = self.rows * third / 3;
                    events.push((now, Event::EvaluationProgress { rows }));
                }
                events.push((now, self.evaluation_end(before)));
            }
            now += STEP;
            let step = events::step(&schedule, &self.progress(step), 1, STEP, None);
            events.push((now, Event::Step(step)));
        }
        events
    }

    /// The time left after `last`: the truth, and what the two views say.
    fn after(&self, last: usize) -> [String; 3] {
        let start = Instant::now();
        let mut now = start;
        let mut text = vec![];
        let mut screen = TestScreen::new(start);
        let mut lines = PlainView::new(&mut text).every_step();
        for (time, event) in self.events(last) {
            now = start + time;
            lines.show(&event, now);
            screen.show(&event, now);
        }
        let left = STEP * (self.steps - last) as u32 + EVALUATION * self.evaluations_from(last) as u32;
        let text = String::from_utf8(text).unwrap();
        let line = text.lines().last().unwrap();
        let in_line = line.split_once("eta ").unwrap().1.to_owned();
        [duration(left), in_line, on_screen(&screen, now)]
    }

    fn assert_right(&self, last: usize) {
        let [left, in_line, in_screen] = self.after(last);
        assert_eq!(in_line, left, "lines after step {last}");
        assert_eq!(in_screen, left, "screen after step {last}");
    }
}

/// The time left that the screen shows.
fn on_screen(screen: &TestScreen, now: Instant) -> String {
    let drawn = screen.draw(TestBackend::new(100, 30), now);
    let (_, rest) = drawn.split_once("eta ").unwrap();
    rest.split_once("  after").unwrap().0.to_owned()
}

#[test]
fn the_time_left_is_right_with_evaluations_within_an_epoch() {
    let [left, ..] = WITHIN.after(1);
    assert_eq!(left, duration(Duration::from_secs(999 * 2 + 20 * 30)));
    for step in [1, 49, 50, 51, 149, 150, 500, 999, 1000] {
        WITHIN.assert_right(step);
    }
}

#[test]
fn the_time_left_falls_during_the_first_evaluation() {
    // Its rows take half as long as training suggests.
    let run = Simulated {
        rows: 2 * ROWS,
        ..WITHIN
    };
    let start = Instant::now();
    let mut screen = TestScreen::new(start);
    for (time, event) in run.events(50) {
        screen.show(&event, start + time);
    }
    let now = start + 50 * STEP;
    let at = |second: u64| now + Duration::from_secs(second);
    let assert_left = |screen: &TestScreen, second: u64, left: u64| {
        let left = duration(Duration::from_secs(left));
        assert_eq!(on_screen(screen, at(second)), left, "second {second}");
    };
    screen.show(&Event::EvaluationStart { rows: run.rows }, now);
    let steps = 950 * 2;
    assert_left(&screen, 0, steps + 20 * 60);
    assert_left(&screen, 5, steps + 20 * 60 - 5);
    for third in 1..=3 {
        let rows = run.rows * third / 3;
        let done = third as u64 * 10;
        screen.show(&Event::EvaluationProgress { rows }, at(done));
        assert_left(&screen, done, steps + 20 * 30 - done);
        if third < 3 {
            assert_left(&screen, done + 4, steps + 20 * 30 - done - 4);
        }
    }
    screen.show(&run.evaluation_end(50), at(30));
    assert_left(&screen, 30, steps + 19 * 30);
}

#[test]
fn no_time_is_left_at_the_end() {
    let start = Instant::now();
    let mut screen = TestScreen::new(start);
    for (time, event) in WITHIN.events(70) {
        screen.show(&event, start + time);
    }
    // Before the last step: somebody stopped it, or its patience is used up.
    screen.show(&Event::End, start + 100 * STEP);
    assert_eq!(on_screen(&screen, start + 101 * STEP), duration(Duration::ZERO));
}

#[test]
fn the_time_left_is_right_with_a_number_of_steps() {
    // Two epochs and a fifth of a third.
    let run = Simulated {
        steps: 220,
        of_epoch: 100,
        eval_every: None,
        ..WITHIN
    };
    for step in [1, 100, 101, 150, 219] {
        run.assert_right(step);
    }
    // Less than an epoch: the only evaluation is the last event, so its time is only estimated.
    let run = Simulated {
        steps: 60,
        eval_every: None,
        ..WITHIN
    };
    for step in [1, 10, 60] {
        run.assert_right(step);
    }
}

#[test]
fn the_time_left_is_right_after_a_resume() {
    let run = Simulated {
        steps: 1000,
        of_epoch: 250,
        taken: 630,
        eval_every: Some(40),
        evaluation_time: Some(EVALUATION),
        evaluation_due: false,
        // The rate of training would suggest more.
        rows: 2 * ROWS,
    };
    for step in [631, 640, 641, 700, 999] {
        run.assert_right(step);
    }
    // The first step of the process: steps of earlier processes took none of its time.
    let run = Simulated {
        eval_every: Some(1000),
        ..run
    };
    run.assert_right(631);
    // No evaluation had ended before the resume.
    let run = Simulated {
        evaluation_time: None,
        rows: ROWS,
        ..run
    };
    run.assert_right(631);
}

#[test]
fn the_time_left_is_right_after_a_resume_whose_evaluation_is_due() {
    let run = Simulated {
        taken: 650,
        evaluation_due: true,
        evaluation_time: Some(EVALUATION),
        ..WITHIN
    };
    for step in [651, 700, 701] {
        run.assert_right(step);
    }
    // It is known at once.
    let start = Instant::now();
    let mut screen = TestScreen::new(start);
    screen.show(&run.start(), start);
    screen.show(&Event::EvaluationStart { rows: ROWS }, start);
    let left = 350 * STEP + 8 * EVALUATION;
    assert_eq!(on_screen(&screen, start), duration(left));
    let later = start + Duration::from_secs(10);
    assert_eq!(
        on_screen(&screen, later),
        duration(left - Duration::from_secs(10))
    );
}

#[test]
fn lines_show_the_newest_figures_and_a_table() {
    let mut text = vec![];
    let mut lines = PlainView::new(&mut text).every_step();
    let now = Instant::now();
    let overview = RunOverview {
        epochs: 2,
        steps: 12,
        logging_steps: 2,
        ..RunOverview::default()
    };
    lines.show(&Event::Start(overview), now);
    let step = |step| Step {
        step,
        epoch: 1,
        trained: 10,
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
    let end = Event::EvaluationEnd {
        step: 2,
        epoch: 0.5,
        loss: 0.25,
        metrics,
    };
    lines.show(&end, now);
    let text = String::from_utf8(text).unwrap();
    assert_eq!(
        text,
        "epoch 1/2  step  2/12   17 %  loss -  rate -  norm -  - tokens/s  eta 20s
      step     epoch      Loss  accuracy
         2      0.50    0.2500    0.5000
"
    );
}

/// The steps of the lines that a run of `steps` steps prints, each of which takes `step`.
fn printed(steps: usize, step: Duration, every_step: bool) -> Vec<usize> {
    let mut text = vec![];
    let mut lines = PlainView::new(&mut text);
    if every_step {
        lines = lines.every_step();
    }
    let start = Instant::now();
    let overview = RunOverview {
        steps,
        epochs: 1,
        logging_steps: 10,
        ..RunOverview::default()
    };
    lines.show(&Event::Start(overview), start);
    for number in 1..=steps {
        let event = Step {
            step: number,
            epoch: 1,
            trained: 1,
            time: step,
            record: None,
            evaluations_left: 0,
        };
        lines.show(&Event::Step(event), start + step * number as u32);
    }
    let text = String::from_utf8(text).unwrap();
    let number = |line: &str| {
        let rest = line.split_once("step")?.1;
        rest.split_once('/')?.0.trim().parse().ok()
    };
    text.lines().filter_map(number).collect()
}

#[test]
fn lines_are_five_seconds_and_one_percent_apart() {
    let millis = Duration::from_millis;
    // 30 seconds: the pause is what is rarer.
    assert_eq!(printed(600, millis(50), false), [10, 110, 210, 310, 410, 510]);
    // 28 hours: the percentage is.
    let long = printed(100_000, millis(1000), false);
    assert_eq!((long.len(), long[0], long[1]), (100, 10, 1010));
    let all: Vec<usize> = (1..=60).map(|line| line * 10).collect();
    assert_eq!(printed(600, millis(50), true), all);
}
