//! The learning rate of each optimiser step: a linear warm-up, then a decay (Devlin et al. 2019, appendix A.3, use the
//! linear one).

use std::f64::consts::PI;

use burn::lr_scheduler::{LrScheduler, LrSchedulerRecord};
use burn::optim::LearningRate;
use serde::{Deserialize, Serialize};

/// How the rate decays after the warm-up, with the names of transformers' `lr_scheduler_type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decay {
    /// In a straight line to zero.
    #[default]
    Linear,
    /// Along half a cosine to zero.
    Cosine,
    /// It stays constant.
    Constant,
    /// The remaining share of the steps, raised to a power.
    Polynomial,
}

/// The schedules of transformers' `get_scheduler`, one step ahead of them: the first step has a rate above zero.
///
/// ```
/// use bert_train::optim::lr_schedule::{Decay, LrSchedule};
/// use burn::lr_scheduler::LrScheduler;
/// let mut schedule = LrSchedule::new(Decay::Linear, 1.0, 2, 4);
/// let rates: Vec<f64> = (0..5).map(|_| schedule.step()).collect();
/// assert_eq!(rates, [0.5, 1.0, 1.0, 0.5, 0.0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LrSchedule {
    decay: Decay,
    power: f64,
    peak: f64,
    warmup: usize,
    total: usize,
    taken: usize,
}

impl LrSchedule {
    /// Rises to `peak` over the first `warmup` of `total` steps, then decays.
    pub fn new(decay: Decay, peak: f64, warmup: usize, total: usize) -> Self {
        Self {
            decay,
            power: 1.0,
            peak,
            warmup,
            total,
            taken: 0,
        }
    }

    /// Sets the power of [`Decay::Polynomial`]; 1 by default.
    pub fn power(mut self, power: f64) -> Self {
        self.power = power;
        self
    }

    /// Multiplies all rates by `factor`.
    pub fn scaled(mut self, factor: f64) -> Self {
        self.peak *= factor;
        self
    }

    /// Continues after `taken` steps.
    pub fn after(mut self, taken: usize) -> Self {
        self.taken = taken;
        self
    }

    /// The rate of step `step`, counted from 0.
    pub fn rate(&self, step: usize) -> f64 {
        if step < self.warmup {
            return self.peak * ((step + 1) as f64 / self.warmup as f64);
        }
        let steps = self.total.saturating_sub(self.warmup).max(1) as f64;
        let left = self.total.saturating_sub(step) as f64 / steps;
        self.peak
            * match self.decay {
                Decay::Linear => left,
                Decay::Cosine => 0.5 * (1.0 - (PI * left).cos()),
                Decay::Constant => 1.0,
                Decay::Polynomial => left.powf(self.power),
            }
    }
}

impl LrScheduler for LrSchedule {
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

    fn linear(peak: f64, warmup: usize, total: usize) -> LrSchedule {
        LrSchedule::new(Decay::Linear, peak, warmup, total)
    }

    #[test]
    fn follows_the_reference_trace() {
        // lr = 5e-5 * (min(1, (s + 1) / 2) if s < 2 else (20 - s) / 18)
        let schedule = linear(5e-5, 2, 20);
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
    fn decays_are_those_of_transformers() {
        // [f(s) for s in range(2, 10, 2)] of transformers' lambdas with 2 steps of warm-up and 10 in all:
        // _get_cosine_schedule_with_warmup_lr_lambda(num_cycles=.5),
        // _get_polynomial_decay_schedule_with_warmup_lr_lambda(lr_end=0, power=2, lr_init=1)
        let expected: [(Decay, [f64; 4]); 4] = [
            (Decay::Linear, [1.0, 0.75, 0.5, 0.25]),
            (
                Decay::Cosine,
                [1.0, 0.853_553_390_593_273_8, 0.5, 0.146_446_609_406_726_2],
            ),
            (Decay::Constant, [1.0; 4]),
            (Decay::Polynomial, [1.0, 0.5625, 0.25, 0.0625]),
        ];
        for (decay, rates) in expected {
            let schedule = LrSchedule::new(decay, 1.0, 2, 10).power(2.0);
            assert_eq!(schedule.rate(0), 0.5, "{decay:?}");
            for (step, rate) in (2..10).step_by(2).zip(rates) {
                assert!((schedule.rate(step) - rate).abs() < 1e-15, "{decay:?} {step}");
            }
        }
    }

    #[test]
    fn no_warm_up_and_all_warm_up() {
        assert_eq!(linear(1.0, 0, 2).rate(0), 1.0);
        assert_eq!(linear(1.0, 2, 2).rate(1), 1.0);
        assert_eq!(linear(1.0, 2, 2).rate(2), 0.0);
    }

    #[test]
    fn a_record_holds_the_steps_taken() {
        let mut schedule = linear(1.0, 3, 10);
        for _ in 0..5 {
            schedule.step();
        }
        let mut again = linear(1.0, 3, 10);
        again.load_record(schedule.to_record());
        assert_eq!(again, schedule);
        assert_eq!(linear(1.0, 3, 10).after(5), schedule);
    }
}
