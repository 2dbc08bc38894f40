//! The learning rate: linear warm-up, then linear decay to zero, by optimiser step (Devlin et al. 2019, appendix A.3).

use burn::lr_scheduler::{LrScheduler, LrSchedulerRecord};
use burn::optim::LearningRate;

/// The schedule of Hugging Face's `get_linear_schedule_with_warmup`, one step ahead of it: the first step has a rate
/// above zero.
///
/// ```
/// use bert_train::warmup::LinearWarmup;
/// use burn::lr_scheduler::LrScheduler;
/// let mut schedule = LinearWarmup::new(1.0, 2, 4);
/// let rates: Vec<f64> = (0..5).map(|_| schedule.step()).collect();
/// assert_eq!(rates, [0.5, 1.0, 1.0, 0.5, 0.0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LinearWarmup {
    peak: f64,
    warmup: usize,
    total: usize,
    taken: usize,
}

impl LinearWarmup {
    /// To `peak` over the first `warmup` of `total` steps, then to zero.
    pub fn new(peak: f64, warmup: usize, total: usize) -> Self {
        Self {
            peak,
            warmup,
            total,
            taken: 0,
        }
    }

    /// The rate of step `step`, counted from 0.
    pub fn rate(&self, step: usize) -> f64 {
        if step < self.warmup {
            return self.peak * ((step + 1) as f64 / self.warmup as f64);
        }
        let left = self.total.saturating_sub(step) as f64;
        let decay = self.total.saturating_sub(self.warmup).max(1) as f64;
        self.peak * (left / decay)
    }
}

impl LrScheduler for LinearWarmup {
    fn step(&mut self) -> LearningRate {
        let rate = self.rate(self.taken);
        self.taken += 1;
        rate
    }

    fn to_record(&self) -> LrSchedulerRecord {
        LrSchedulerRecord::new().with_scalar("taken", self.taken as u64)
    }

    fn load_record(&mut self, record: LrSchedulerRecord) {
        if let Some(taken) = record.scalar::<u64>("taken") {
            self.taken = taken as usize;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_reference_trace() {
        // lr = 5e-5 * (min(1, (s + 1) / 2) if s < 2 else (20 - s) / 18)
        let schedule = LinearWarmup::new(5e-5, 2, 20);
        for step in 0..20 {
            let expected = if step < 2 {
                5e-5 * ((step + 1) as f64 / 2.0).min(1.0)
            } else {
                5e-5 * ((20 - step) as f64 / 18.0)
            };
            assert!((schedule.rate(step) - expected).abs() < 1e-18, "{step}");
        }
    }

    #[test]
    fn no_warm_up_and_all_warm_up() {
        assert_eq!(LinearWarmup::new(1.0, 0, 2).rate(0), 1.0);
        assert_eq!(LinearWarmup::new(1.0, 2, 2).rate(1), 1.0);
        assert_eq!(LinearWarmup::new(1.0, 2, 2).rate(2), 0.0);
    }

    #[test]
    fn a_record_carries_the_place() {
        let mut schedule = LinearWarmup::new(1.0, 3, 10);
        for _ in 0..5 {
            schedule.step();
        }
        let mut again = LinearWarmup::new(1.0, 3, 10);
        again.load_record(schedule.to_record());
        assert_eq!(again, schedule);
    }
}
