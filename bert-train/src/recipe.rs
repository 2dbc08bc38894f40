//! How a model is fine-tuned: the numbers of a run.

use serde::{Deserialize, Serialize};

/// The recipe of the BERT paper (Devlin et al. 2019, appendix A.3), with the names of Hugging Face's `run_glue`.
///
/// ```
/// use bert_train::Recipe;
/// let recipe = Recipe { epochs: 2, ..Recipe::default() };
/// assert!(recipe.check().is_ok());
/// assert!(Recipe { lr: -1.0, ..recipe }.check().unwrap_err().contains("lr"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// Times the training texts are gone through.
    pub epochs: usize,
    /// The highest learning rate.
    pub lr: f64,
    /// Texts an optimiser step.
    pub batch_size: usize,
    /// Texts at once in evaluation.
    pub eval_batch_size: usize,
    /// The most tokens of a text, `[CLS]` and `[SEP]` included; longer texts are cut.
    pub max_length: usize,
    /// The share of the steps over which the learning rate rises.
    pub warmup: f64,
    /// AdamW's decay of weights; biases and normalisations never decay.
    pub weight_decay: f64,
    /// The most that the global norm of the gradients may be.
    pub max_grad_norm: f64,
    /// What order, dropout and new weights are drawn from.
    pub seed: u64,
    /// Whether texts of near length are put into the same batch.
    pub group_by_length: bool,
    /// Optimiser steps from one line of the log to the next.
    pub logging_steps: usize,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            epochs: 3,
            lr: 5e-5,
            batch_size: 32,
            eval_batch_size: 64,
            max_length: 128,
            warmup: 0.1,
            weight_decay: 0.01,
            max_grad_norm: 1.0,
            seed: 42,
            group_by_length: true,
            logging_steps: 10,
        }
    }
}

impl Recipe {
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
