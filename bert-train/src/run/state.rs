//! The progress of a run: what a checkpoint holds besides weights.

use std::collections::BTreeMap;

use bert_tasks::Metrics;
use serde::{Deserialize, Serialize};

use super::log::EvalRecord;
use crate::optim::non_finite::Skipped;

/// The progress of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RunProgress {
    /// Epochs finished.
    pub epoch: usize,
    /// Optimiser steps taken in the epoch after those.
    pub step_of_epoch: usize,
    /// Optimiser steps taken.
    pub steps: usize,
    /// Rows trained on.
    pub texts: usize,
    /// Time spent in training steps, in seconds.
    pub train_seconds: f64,
    /// Whether an evaluation is due that did not happen because the run was stopped.
    #[serde(alias = "owes-evaluation")]
    pub evaluation_due: bool,
    /// Steps skipped because they were not finite.
    pub skipped: Skipped,
    /// Evaluations in a row without enough improvement. Checkpoints of earlier versions call it `stale`.
    #[serde(alias = "stale")]
    pub without_improvement: usize,
    /// The optimiser steps taken by the model in `model/`.
    #[serde(default)]
    pub model_step: Option<usize>,
    /// Whether the run was stopped before its end.
    #[serde(skip)]
    pub stopped: bool,
    /// The last evaluation.
    #[serde(with = "evaluation")]
    pub last: Option<EvalRecord>,
    /// The best evaluation.
    #[serde(with = "evaluation")]
    pub best: Option<EvalRecord>,
}

/// Counts since the last line of the log, and the time since the start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Time of the whole run so far, in seconds.
    pub seconds: f64,
    /// Time of the training steps since the last line, in seconds.
    pub training: f64,
    /// The sum of the steps' losses.
    pub loss: f64,
    /// The number of steps in that sum: those that were not skipped.
    pub losses: usize,
    /// The last of them.
    pub newest: f64,
    /// The last finite gradient norm.
    pub norm: f64,
    /// Rows.
    pub texts: usize,
    /// Tokens, without padding.
    pub tokens: usize,
    /// Positions, padding included.
    #[serde(alias = "places")]
    pub positions: usize,
}

/// `state.toml` of a checkpoint. TOML restores every number to the last bit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct State {
    /// The progress of the run.
    pub progress: RunProgress,
    /// Counts since the last line of the log.
    pub counts: Counts,
    /// The length of the log, in bytes.
    pub log_bytes: u64,
    /// What the new head started at, if the training data said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_init: Option<String>,
    /// Checksums of the data, by file.
    pub data: BTreeMap<String, String>,
}

impl State {
    /// Checks the numbers of a state that was read from a file.
    ///
    /// # Errors
    /// For the first number that no run can have.
    pub fn check(&self) -> Result<(), String> {
        // No run takes more steps or trains on more rows, and none lasts a million years.
        const MAX: usize = 1 << 50;
        const SECONDS: f64 = 3e13;
        let Self { progress, counts, .. } = self;
        let numbers = [
            ("epoch", progress.epoch),
            ("step-of-epoch", progress.step_of_epoch),
            ("steps", progress.steps),
            ("texts", progress.texts),
            ("without-improvement", progress.without_improvement),
            ("losses", counts.losses),
            ("texts", counts.texts),
            ("tokens", counts.tokens),
            ("positions", counts.positions),
        ];
        if let Some((name, number)) = numbers.iter().find(|(_, number)| *number > MAX) {
            return Err(format!("`{name}` is {number}, more than any run can have"));
        }
        let evaluations = [&progress.last, &progress.best].into_iter().flatten();
        let seconds = [
            ("train-seconds", progress.train_seconds),
            ("seconds", counts.seconds),
            ("training", counts.training),
        ];
        let mut seconds = seconds
            .into_iter()
            .chain(evaluations.map(|evaluation| ("seconds", evaluation.seconds)));
        match seconds.find(|(_, seconds)| !(0.0..SECONDS).contains(seconds)) {
            Some((name, seconds)) => Err(format!(
                "`{name}` is {seconds}; it must be a run's time in seconds"
            )),
            None => Ok(()),
        }
    }
}

/// Evaluations in TOML, where a metric may be NaN.
mod evaluation {
    use super::*;
    use serde::{Deserializer, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Stored {
        step: usize,
        epoch: f64,
        loss: f64,
        texts_per_second: f64,
        seconds: f64,
        names: Vec<String>,
        values: Vec<f64>,
    }

    pub fn serialize<S: Serializer>(record: &Option<EvalRecord>, serializer: S) -> Result<S::Ok, S::Error> {
        let stored = record.as_ref().map(|record| Stored {
            step: record.step,
            epoch: record.epoch,
            loss: record.loss,
            texts_per_second: record.texts_per_second,
            seconds: record.seconds,
            names: record.metrics.iter().map(|(name, _)| name.to_owned()).collect(),
            values: record.metrics.iter().map(|(_, value)| value).collect(),
        });
        // A list of none or one, since TOML has no null.
        Vec::from_iter(stored).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<EvalRecord>, D::Error> {
        let stored = Vec::<Stored>::deserialize(deserializer)?.into_iter().next();
        Ok(stored.map(|stored| {
            let mut metrics = Metrics::default();
            for (name, value) in stored.names.iter().zip(stored.values) {
                metrics.set(name, value);
            }
            EvalRecord {
                step: stored.step,
                epoch: stored.epoch,
                loss: stored.loss,
                metrics,
                texts_per_second: stored.texts_per_second,
                seconds: stored.seconds,
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_earlier_versions_are_read() {
        let state = State {
            progress: RunProgress {
                without_improvement: 3,
                ..RunProgress::default()
            },
            ..State::default()
        };
        let text = toml::to_string(&state).unwrap();
        let earlier = text
            .replace("without-improvement", "stale")
            .replace("evaluation-due", "owes-evaluation")
            .replace("positions", "places");
        let old = ["stale = 3", "owes-evaluation = ", "places = "];
        assert!(old.iter().all(|old| earlier.contains(old)), "{earlier}");
        assert_eq!(toml::from_str::<State>(&earlier).unwrap(), state);
    }

    #[test]
    fn a_state_is_restored_to_the_last_bit() {
        let mut bits = 0x3fe5_5555_5555_5555_u64;
        for round in 0..500 {
            let mut number = || {
                bits = bert_core::random::mix(bits);
                // Any number between 2^-64 and 2^64.
                f64::from_bits((bits >> 12) | ((1023 - 64 + bits % 128) << 52))
            };
            let mut metrics = Metrics::default();
            metrics.set("matthews", number());
            metrics.set("pearson", f64::NAN);
            let record = EvalRecord {
                step: round,
                epoch: number(),
                loss: number(),
                metrics,
                texts_per_second: number(),
                seconds: number(),
            };
            let state = State {
                progress: RunProgress {
                    steps: round,
                    train_seconds: number(),
                    best: Some(record),
                    ..RunProgress::default()
                },
                counts: Counts {
                    loss: number(),
                    norm: number(),
                    ..Counts::default()
                },
                log_bytes: 7,
                head_init: Some("starts at the mean, 3.5".into()),
                data: BTreeMap::from([("a file.csv".into(), "00c0ffee".into())]),
            };
            let text = toml::to_string(&state).unwrap();
            let again: State = toml::from_str(&text).unwrap();
            assert_eq!(again, state, "{text}");
        }
    }

    #[test]
    fn numbers_that_no_run_has_are_refused() {
        let check = |change: fn(&mut State)| {
            let mut state = State::default();
            change(&mut state);
            state.check()
        };
        check(|_| {}).unwrap();
        let named = |change, name: &str| {
            let reason = check(change).unwrap_err();
            assert!(reason.contains(name), "{reason}");
        };
        named(|state| state.progress.epoch = 1 << 62, "`epoch`");
        named(|state| state.progress.step_of_epoch = 1 << 62, "`step-of-epoch`");
        named(|state| state.counts.texts = 1 << 62, "`texts`");
        named(|state| state.counts.seconds = f64::INFINITY, "`seconds`");
        named(|state| state.progress.train_seconds = -1.0, "`train-seconds`");
        named(|state| state.counts.training = f64::NAN, "`training`");
    }
}
