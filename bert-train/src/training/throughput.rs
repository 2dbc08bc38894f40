//! Mean loss and speed between two lines of the log.

use std::time::Instant;

use crate::run::log::StepRecord;
use crate::run::state::Counts;

/// Sums up the steps between two lines of the log, and measures the time.
///
/// ```
/// use bert_train::run::state::Counts;
/// use bert_train::training::throughput::Throughput;
/// let mut throughput = Throughput::start(Counts::default());
/// throughput.count(16, 300, 320);
/// throughput.add_seconds(0.5);
/// throughput.add(0.7, 1.2);
/// let record = throughput.record(1, 0.1, 5e-5, 0);
/// assert_eq!((record.tokens_per_second, record.loss), (600.0, 0.7));
/// ```
#[derive(Debug)]
pub struct Throughput {
    counts: Counts,
    start: Instant,
    before: f64,
}

impl Throughput {
    /// Continues from `counts`, now.
    pub fn start(counts: Counts) -> Self {
        Self {
            before: counts.seconds,
            counts,
            start: Instant::now(),
        }
    }

    /// Counts a step's rows, its tokens without padding, and the tokens that the model computed.
    pub fn count(&mut self, texts: usize, tokens: usize, computed: usize) {
        self.counts.texts += texts;
        self.counts.tokens += tokens;
        self.counts.positions += computed;
    }

    /// Adds time spent in training steps, in seconds.
    pub fn add_seconds(&mut self, seconds: f64) {
        self.counts.training += seconds;
    }

    /// Adds the loss and the gradient norm of a step that was not skipped.
    pub fn add(&mut self, loss: f64, norm: f64) {
        self.counts.loss += loss;
        self.counts.losses += 1;
        self.counts.newest = loss;
        self.counts.norm = norm;
    }

    /// Seconds of the whole run so far, in all processes.
    pub fn seconds(&self) -> f64 {
        self.before + self.start.elapsed().as_secs_f64()
    }

    /// The counts so far.
    pub fn counts(&self) -> Counts {
        Counts {
            seconds: self.seconds(),
            ..self.counts.clone()
        }
    }

    /// A line of the log, over the steps since the last [`restart`](Self::restart).
    pub fn record(&self, step: usize, epoch: f64, learning_rate: f64, skipped: usize) -> StepRecord {
        let counts = &self.counts;
        let elapsed = counts.training.max(1e-9);
        let mean = match counts.losses {
            // All were skipped.
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
            padding: 1.0 - counts.tokens as f64 / counts.positions.max(1) as f64,
            skipped,
            seconds: self.seconds(),
        }
    }

    /// Resets the counts after a line of the log.
    pub fn restart(&mut self) {
        self.counts = Counts {
            newest: self.counts.newest,
            norm: self.counts.norm,
            ..Counts::default()
        };
    }
}
