//! Which evaluation is the best, and when to stop early.

use crate::recipe::{InvalidOption, Recipe};
use crate::run::log::EvalRecord;
use crate::run::state::Progress;

/// Compares the evaluations of a run.
///
/// ```
/// use bert_train::Recipe;
/// use bert_train::training::best_model::ModelSelection;
/// let recipe = Recipe { patience: Some(3), ..Recipe::default() };
/// let selection = ModelSelection::new(&recipe, "f1", &["f1", "accuracy"]).unwrap();
/// assert_eq!(selection.metric(), "f1");
/// assert!(selection.keeps_best);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSelection {
    metric: String,
    higher: bool,
    min_delta: f64,
    patience: Option<usize>,
    /// Whether `model/` holds the model of the best evaluation, not of the newest.
    pub keeps_best: bool,
}

impl ModelSelection {
    /// Compares by the metric that `recipe` names, or by `main`; `known` are all metrics of an evaluation besides the loss.
    ///
    /// # Errors
    /// If there is no such metric.
    pub fn new(recipe: &Recipe, main: &str, known: &[&str]) -> Result<Self, InvalidOption> {
        let metric = recipe.best_by.clone().unwrap_or_else(|| main.into());
        if metric != "loss" && !known.contains(&metric.as_str()) {
            return Err(InvalidOption {
                option: "best_by",
                value: metric,
                reason: format!("this task's metrics are {} and loss", known.join(", ")),
            });
        }
        Ok(Self {
            // Lower is better for losses and errors, such as mean_squared_error.
            higher: recipe
                .greater_is_better
                .unwrap_or(metric != "loss" && !metric.ends_with("error")),
            metric,
            min_delta: recipe.min_delta,
            patience: recipe.patience,
            keeps_best: recipe.best_by.is_some() || recipe.patience.is_some(),
        })
    }

    /// The metric.
    pub fn metric(&self) -> &str {
        &self.metric
    }

    /// The metric's value, with its sign changed if lower is better.
    fn score(&self, record: &EvalRecord) -> Option<f64> {
        let value = match self.metric.as_str() {
            "loss" => Some(record.loss),
            name => record.metrics.get(name),
        };
        let value = value.filter(|value| value.is_finite())?;
        Some(if self.higher { value } else { -value })
    }

    /// Records an evaluation; whether it is the best so far. It renews the patience only if it is better than all before by
    /// more than the minimum.
    pub fn is_best(&self, progress: &mut Progress, record: &EvalRecord) -> bool {
        let before = progress.best.as_ref().and_then(|best| self.score(best));
        let (best, enough) = match (self.score(record), before) {
            (Some(now), Some(before)) => (now > before, now - before > self.min_delta),
            (Some(_), None) => (true, true),
            (None, _) => (progress.best.is_none(), false),
        };
        progress.without_improvement = match enough {
            true => 0,
            false => progress.without_improvement + 1,
        };
        if best {
            progress.best = Some(record.clone());
        }
        best
    }

    /// Whether the patience is used up.
    pub fn stops_early(&self, progress: &Progress) -> bool {
        self.patience
            .is_some_and(|patience| progress.without_improvement >= patience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bert_tasks::Metrics;

    fn record(loss: f64, f1: f64) -> EvalRecord {
        let mut metrics = Metrics::default();
        metrics.set("f1", f1);
        EvalRecord {
            step: 1,
            epoch: 1.0,
            loss,
            metrics,
            texts_per_second: 1.0,
            seconds: 1.0,
        }
    }

    fn selection(recipe: Recipe) -> ModelSelection {
        ModelSelection::new(&recipe, "f1", &["f1", "accuracy"]).unwrap()
    }

    /// Which of the evaluations were the best by then, and after how many patience was used up.
    fn seen(selection: &ModelSelection, records: &[EvalRecord]) -> (Vec<bool>, Option<usize>) {
        let mut progress = Progress::default();
        let mut best = vec![];
        let mut given_up = None;
        for record in records {
            best.push(selection.is_best(&mut progress, record));
            if selection.stops_early(&progress) && given_up.is_none() {
                given_up = Some(best.len());
            }
        }
        (best, given_up)
    }

    #[test]
    fn higher_and_lower() {
        let records = [record(2.0, 0.5), record(1.0, 0.4), record(3.0, 0.6)];
        let by = |name: &str, greater: Option<bool>| {
            let selection = selection(Recipe {
                best_by: Some(name.into()),
                greater_is_better: greater,
                ..Recipe::default()
            });
            seen(&selection, &records).0
        };
        assert_eq!(by("f1", None), [true, false, true]);
        assert_eq!(by("f1", Some(false)), [true, true, false]);
        assert_eq!(by("loss", None), [true, true, false]);
        assert_eq!(by("loss", Some(true)), [true, false, true]);
    }

    #[test]
    fn patience_ends_and_small_improvements_do_not_renew_it() {
        let recipe = |min_delta| Recipe {
            patience: Some(2),
            min_delta,
            ..Recipe::default()
        };
        let f1s = [0.5, 0.505, 0.51, 0.4, 0.6, 0.3, 0.3];
        let records = f1s.map(|f1| record(1.0, f1));
        let seen_by = seen(&selection(recipe(0.0)), &records);
        assert_eq!(
            seen_by,
            (vec![true, true, true, false, true, false, false], Some(7))
        );
        let seen_by = seen(&selection(recipe(0.01)), &records);
        assert_eq!(seen_by.1, Some(3));
        assert_eq!(seen(&selection(Recipe::default()), &records).1, None);
    }

    #[test]
    fn a_metric_that_is_not_finite_is_never_better() {
        let records = [f64::NAN, 0.1, f64::NAN, 0.2].map(|f1| record(1.0, f1));
        assert_eq!(
            seen(&selection(Recipe::default()), &records).0,
            [true, true, false, true]
        );
    }

    #[test]
    fn an_unknown_metric_is_an_error() {
        let recipe = Recipe {
            best_by: Some("bleu".into()),
            ..Recipe::default()
        };
        let error = ModelSelection::new(&recipe, "f1", &["f1", "accuracy"]).unwrap_err();
        assert_eq!((error.option, error.value.as_str()), ("best_by", "bleu"));
        assert!(error.reason.contains("f1, accuracy and loss"), "{error}");
    }
}
