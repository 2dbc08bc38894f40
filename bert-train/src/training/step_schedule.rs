//! After which optimiser steps something is due: a line of the log, an evaluation, a checkpoint.

use crate::recipe::Recipe;

/// What is due after each optimiser step of a run.
///
/// ```
/// use bert_train::Recipe;
/// use bert_train::training::step_schedule::StepSchedule;
/// // Three epochs of four steps, the last of them cut short by --max-steps 10.
/// let schedule = StepSchedule::new(&Recipe::default(), vec![4, 8, 10]);
/// assert_eq!((schedule.epochs(), schedule.steps()), (3, 10));
/// assert!(schedule.due(4, true).evaluation && !schedule.due(5, false).evaluation);
/// assert_eq!(schedule.evaluations_after(4), 2);
/// ```
#[derive(Clone, Debug)]
pub struct StepSchedule {
    /// The last step of each epoch, counted over the run.
    epoch_ends: Vec<usize>,
    /// Steps from one line of the log to the next.
    pub logging_steps: usize,
    eval_every: Option<usize>,
    save_every: Option<usize>,
}

/// What is due after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// A line of the log.
    pub logging: bool,
    /// An evaluation.
    pub evaluation: bool,
    /// A checkpoint, besides that of a new best evaluation.
    pub checkpoint: bool,
}

impl StepSchedule {
    /// The schedule of a run whose epochs end with the steps `epoch_ends`.
    pub fn new(recipe: &Recipe, epoch_ends: Vec<usize>) -> Self {
        Self {
            epoch_ends,
            logging_steps: recipe.logging_steps,
            eval_every: recipe.eval_every,
            save_every: recipe.save_every,
        }
    }

    /// The number of epochs. The last one may be incomplete.
    pub fn epochs(&self) -> usize {
        self.epoch_ends.len()
    }

    /// Optimiser steps of the run.
    pub fn steps(&self) -> usize {
        self.epoch_ends.last().copied().unwrap_or(0)
    }

    /// What is due after `step`, counted from 1, which may end an epoch.
    pub fn due(&self, step: usize, end_of_epoch: bool) -> Due {
        let last = step >= self.steps();
        let hits = |every: Option<usize>| every.is_some_and(|every| step.is_multiple_of(every));
        Due {
            logging: last || end_of_epoch || hits(Some(self.logging_steps)),
            evaluation: last || hits(self.eval_every) || (end_of_epoch && self.eval_every.is_none()),
            checkpoint: last || end_of_epoch || hits(self.save_every),
        }
    }

    /// The next step after `step` after which an evaluation is due.
    pub fn next_evaluation(&self, step: usize) -> Option<usize> {
        let steps = self.steps();
        match self.eval_every {
            _ if step >= steps => None,
            Some(every) => Some(steps.min(step - step % every + every)),
            None => self.epoch_ends.iter().copied().find(|&end| end > step),
        }
    }

    /// Evaluations that are due after later steps than `step`.
    pub fn evaluations_after(&self, step: usize) -> usize {
        let steps = self.steps();
        match self.eval_every {
            _ if step >= steps => 0,
            // The last step has one, whether it is a multiple or not.
            Some(every) => steps.div_ceil(every).saturating_sub(step / every),
            None => self.epoch_ends.iter().filter(|&&end| end > step).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evaluations_ahead_are_those_that_come() {
        for eval_every in [None, Some(1), Some(3), Some(5), Some(99)] {
            let recipe = Recipe {
                eval_every,
                ..Recipe::default()
            };
            let ends = vec![4, 8, 10];
            let schedule = StepSchedule::new(&recipe, ends.clone());
            let due: Vec<usize> = (1..=10)
                .filter(|step| schedule.due(*step, ends.contains(step)).evaluation)
                .collect();
            for step in 0..=10 {
                let ahead: Vec<usize> = due.iter().copied().filter(|&due| due > step).collect();
                assert_eq!(
                    schedule.evaluations_after(step),
                    ahead.len(),
                    "{eval_every:?} {step}"
                );
                assert_eq!(
                    schedule.next_evaluation(step),
                    ahead.first().copied(),
                    "{eval_every:?} {step}"
                );
            }
        }
    }
}
