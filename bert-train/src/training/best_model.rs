//! Which evaluation is the best.

use bert_tasks::lower_is_better;

use super::early_stopping::EarlyStopping;
use crate::recipe::{InvalidOption, Recipe};
use crate::run::log::EvalRecord;
use crate::run::state::RunProgress;

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
    early_stopping: EarlyStopping,
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
            higher: recipe.greater_is_better.unwrap_or(!lower_is_better(&metric)),
            metric,
            early_stopping: EarlyStopping::new(recipe),
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

    /// Records an evaluation; whether it is the best so far.
    pub fn is_best(&self, progress: &mut RunProgress, record: &EvalRecord) -> bool {
        let before = progress.best.as_ref().and_then(|best| self.score(best));
        let (best, improvement) = match (self.score(record), before) {
            (Some(now), Some(before)) => (now > before, now - before),
            (Some(_), None) => (true, f64::INFINITY),
            (None, _) => (progress.best.is_none(), f64::NEG_INFINITY),
        };
        self.early_stopping.count(progress, improvement);
        if best {
            progress.best = Some(record.clone());
        }
        best
    }

    /// Whether the evaluations have not improved for so long that training ends.
    pub fn stops_early(&self, progress: &RunProgress) -> bool {
        self.early_stopping.stops(progress)
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

    /// Which of the evaluations were the best by then.
    fn seen(selection: &ModelSelection, records: &[EvalRecord]) -> Vec<bool> {
        let mut progress = RunProgress::default();
        let is_best = |record| selection.is_best(&mut progress, record);
        records.iter().map(is_best).collect()
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
            seen(&selection, &records)
        };
        assert_eq!(by("f1", None), [true, false, true]);
        assert_eq!(by("f1", Some(false)), [true, true, false]);
        assert_eq!(by("loss", None), [true, true, false]);
        assert_eq!(by("loss", Some(true)), [true, false, true]);
    }

    #[test]
    fn the_run_stops_when_its_metric_no_longer_improves() {
        let selection = selection(Recipe {
            patience: Some(2),
            min_delta: 0.01,
            ..Recipe::default()
        });
        let mut progress = RunProgress::default();
        let stops = [0.5, 0.505, 0.6, f64::NAN, 0.55].map(|f1| {
            selection.is_best(&mut progress, &record(1.0, f1));
            selection.stops_early(&progress)
        });
        assert_eq!(stops, [false, false, false, false, true]);
    }

    #[test]
    fn a_metric_that_is_not_finite_is_never_better() {
        let records = [f64::NAN, 0.1, f64::NAN, 0.2].map(|f1| record(1.0, f1));
        assert_eq!(
            seen(&selection(Recipe::default()), &records),
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
