//! The terminal dashboard: what there is to know of a run on one screen, from 80 columns and 24 lines on.
//!
//! Burn's own shows one metric at a time beside a list that 24 lines cut off; this one shows the task's metrics, the
//! speed, the padding, the memory and the time left all at once.

mod drawing;
mod state;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use burn_train::logger::{EvaluationProgressLogger, TrainingProgressLogger};
use burn_train::metric::{MetricAttributes, MetricDefinition};
use burn_train::renderer::{
    EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation, MetricsRendererTraining,
};
use burn_train::{Interrupter, LearnerSummary};
use ratatui::crossterm::event;

use crate::display::figures::LOSS;
use crate::interrupt::keep_ctrl_c;
use crate::memory;
use drawing::draw;
use state::Curve;
use state::{Judged, Known, State};

const REFRESH: Duration = Duration::from_millis(150);

/// Shows a run on the terminal until it is dropped.
#[derive(Debug)]
pub struct Screen {
    state: Arc<Mutex<State>>,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
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
