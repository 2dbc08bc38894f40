//! `--patience`: training ends when evaluations no longer improve (Prechelt 1998, "Early stopping -- but when?").

use crate::recipe::Recipe;
use crate::run::state::RunProgress;

/// When a run ends early.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlyStopping {
    patience: Option<usize>,
    min_delta: f64,
}

impl EarlyStopping {
    /// As `recipe` says: never without a patience.
    pub fn new(recipe: &Recipe) -> Self {
        Self {
            patience: recipe.patience,
            min_delta: recipe.min_delta,
        }
    }

    /// Counts an evaluation that is better than all before by `improvement`: only more than the minimum renews the patience.
    pub fn count(&self, progress: &mut RunProgress, improvement: f64) {
        progress.without_improvement = match improvement > self.min_delta {
            true => 0,
            false => progress.without_improvement + 1,
        };
    }

    /// Whether the patience is used up.
    pub fn stops(&self, progress: &RunProgress) -> bool {
        self.patience
            .is_some_and(|patience| progress.without_improvement >= patience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many evaluations with these improvements a run ends.
    fn stopped_after(recipe: Recipe, improvements: &[f64]) -> Option<usize> {
        let stopping = EarlyStopping::new(&recipe);
        let mut progress = RunProgress::default();
        let mut stops = improvements.iter().map(|&improvement| {
            stopping.count(&mut progress, improvement);
            stopping.stops(&progress)
        });
        stops.position(|stops| stops).map(|index| index + 1)
    }

    #[test]
    fn patience_ends_and_small_improvements_do_not_renew_it() {
        let recipe = |min_delta| Recipe {
            patience: Some(2),
            min_delta,
            ..Recipe::default()
        };
        let improvements = [f64::INFINITY, 0.005, 0.005, -0.11, 0.09, -0.3, 0.0];
        assert_eq!(stopped_after(recipe(0.0), &improvements), Some(7));
        assert_eq!(stopped_after(recipe(0.01), &improvements), Some(3));
        assert_eq!(stopped_after(Recipe::default(), &improvements), None);
    }
}
