//! How a model is fine-tuned: the numbers of a run.

use bert_tasks::options::{at_least_one, finite};
use bert_tasks::{Options, Task};
use clap::{ArgAction, Args};
use serde::{Deserialize, Serialize};

/// The recipe of the BERT paper (Devlin et al. 2019, appendix A.3), with the names of Hugging Face's `run_glue`.
///
/// ```
/// use bert_train::Recipe;
/// let recipe = Recipe { epochs: 2, ..Recipe::default() };
/// assert!(recipe.check().is_ok());
/// assert!(Recipe { lr: -1.0, ..recipe }.check().unwrap_err().contains("lr"));
/// ```
#[derive(Args, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// Times to go through the training examples.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = at_least_one)]
    pub epochs: usize,
    /// Highest learning rate.
    #[arg(long, value_name = "RATE", default_value_t = 5e-5, value_parser = finite)]
    pub lr: f64,
    /// Texts an optimiser step.
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = at_least_one)]
    pub batch_size: usize,
    /// Texts at once in evaluation.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = at_least_one)]
    pub eval_batch_size: usize,
    /// Most tokens of a text, `[CLS]` and `[SEP]` included; what is done with longer ones is the task's.
    #[arg(long, value_name = "TOKENS", default_value_t = 128)]
    pub max_length: usize,
    /// Share of the steps over which the rate rises.
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = finite)]
    pub warmup: f64,
    /// Decay of weights; biases and normalisations never decay.
    #[arg(long, value_name = "DECAY", default_value_t = 0.01, value_parser = finite)]
    pub weight_decay: f64,
    /// Most that the gradients' global norm may be.
    #[arg(long, value_name = "NORM", default_value_t = 1.0, value_parser = finite)]
    pub max_grad_norm: f64,
    /// What order, dropout and new weights are drawn from.
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// Put texts of near length into the same batch.
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set)]
    pub group_by_length: bool,
    /// Optimiser steps from one line of the log to the next.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = at_least_one)]
    pub logging_steps: usize,
}

impl Options for Recipe {}

impl Default for Recipe {
    fn default() -> Self {
        Self::defaults()
    }
}

impl Recipe {
    /// What suits a task where nothing is said.
    pub fn of_task<K: Task>() -> Self {
        Self {
            max_length: K::MAX_LENGTH,
            ..Self::default()
        }
    }

    /// What suits a small model without pre-training on a demo's short texts.
    pub fn demo(epochs: usize, max_length: usize) -> Self {
        Self {
            epochs,
            lr: 5e-4,
            batch_size: 16,
            max_length,
            ..Self::default()
        }
    }

    /// Whether the numbers make sense.
    ///
    /// # Errors
    /// A sentence that names the option and what it may be.
    pub fn check(&self) -> Result<(), String> {
        let counts = [
            ("epochs", self.epochs),
            ("batch-size", self.batch_size),
            ("eval-batch-size", self.eval_batch_size),
            ("logging-steps", self.logging_steps),
        ];
        if let Some((name, _)) = counts.iter().find(|(_, count)| *count == 0) {
            return Err(format!("--{name} is 0; it must be at least 1"));
        }
        let ranges = [
            (
                "lr",
                self.lr,
                self.lr > 0.0 && self.lr <= 1.0,
                "above 0 and at most 1",
            ),
            (
                "warmup",
                self.warmup,
                (0.0..=1.0).contains(&self.warmup),
                "from 0 to 1: it is a share of the steps",
            ),
            (
                "weight-decay",
                self.weight_decay,
                (0.0..1.0).contains(&self.weight_decay),
                "at least 0 and below 1",
            ),
            (
                "max-grad-norm",
                self.max_grad_norm,
                self.max_grad_norm > 0.0 && self.max_grad_norm.is_finite(),
                "above 0",
            ),
        ];
        match ranges.iter().find(|(_, _, fits, _)| !fits) {
            Some((name, value, _, range)) => Err(format!("--{name} is {value}; it must be {range}")),
            None => Ok(()),
        }
    }

    /// Steps of warm-up in a run of `total` steps: at least one, so that the first update is a small one.
    pub fn warmup_steps(&self, total: usize) -> usize {
        match self.warmup {
            0.0 => 0,
            share => ((share * total as f64) as usize).max(1),
        }
    }
}
