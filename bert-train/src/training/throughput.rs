//! Adds up steps between two lines of the log.

use std::time::Instant;

use crate::run::log::StepRecord;
use crate::run::state::Counts;

/// A clock with [`Counts`].
#[derive(Debug)]
pub struct Meter {
    counts: Counts,
    start: Instant,
    before: f64,
}

impl Meter {
    /// A meter that goes on from `counts`, now.
    pub fn start(counts: Counts) -> Self {
        Self {
            before: counts.seconds,
            counts,
            start: Instant::now(),
        }
    }

    /// Counts a step's rows, real tokens and places.
    pub fn count(&mut self, texts: usize, tokens: usize, places: usize) {
        self.counts.texts += texts;
        self.counts.tokens += tokens;
        self.counts.places += places;
    }

    /// Counts time spent in training steps.
    pub fn add_seconds(&mut self, seconds: f64) {
        self.counts.training += seconds;
    }

    /// Adds the loss and the gradient norm of a step, once they are known.
    pub fn add(&mut self, loss: f64, norm: f64) {
        self.counts.loss += loss;
        self.counts.losses += 1;
        self.counts.newest = loss;
        self.counts.norm = norm;
    }

    /// Seconds since the start of the run, without those in which it stood still.
    pub fn seconds(&self) -> f64 {
        self.before + self.start.elapsed().as_secs_f64()
    }

    /// The counts by now.
    pub fn counts(&self) -> Counts {
        Counts {
            seconds: self.seconds(),
            ..self.counts.clone()
        }
    }

    /// What was counted since the start or the last [`restart`](Self::restart).
    pub fn record(&self, step: usize, epoch: f64, learning_rate: f64, skipped: usize) -> StepRecord {
        let counts = &self.counts;
        let elapsed = counts.training.max(1e-9);
        let mean = match counts.losses {
            // All were left out.
            0 => counts.newest,
            count => counts.loss / count as f64,
        };
        StepRecord {
            step,
            epoch,
            loss: mean,
            learning_rate,
            grad_norm: counts.norm,
            tokens_per_second: counts.tokens as f64 / elapsed,
            texts_per_second: counts.texts as f64 / elapsed,
            padding: 1.0 - counts.tokens as f64 / counts.places.max(1) as f64,
            skipped,
            seconds: self.seconds(),
        }
    }

    /// Starts the counts anew, after a line of the log.
    pub fn restart(&mut self) {
        self.counts = Counts {
            newest: self.counts.newest,
            norm: self.counts.norm,
            ..Counts::default()
        };
    }
}
