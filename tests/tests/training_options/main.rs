//! Every training option has its documented effect, on every backend.

mod accumulation;
mod loss;
mod packing;
mod parts;
mod steps;

use bert_tasks::{SequenceClassification, Task};
use bert_tests::reviews::{log, recipe, run_in, session};
use bert_train::Stop;
use bert_train::run::RunMetrics;
use bert_train::{BatchLoader, Evaluation, FineTuned, Order, Recipe, Session, evaluate};
use burn::tensor::Device;

/// A finished run in its own folder.
struct Ran {
    dir: tempfile::TempDir,
    metrics: RunMetrics,
}

impl Ran {
    fn dir(&self) -> std::path::PathBuf {
        self.dir.path().join("run")
    }

    fn figures(&self, kind: &str, name: &str) -> Vec<f64> {
        let lines = log(&self.dir(), kind);
        lines.iter().map(|line| line[name].as_f64().unwrap()).collect()
    }
}

/// A session without dropout, so that two ways to compute the same sum are comparable.
fn exact(recipe: Recipe, device: &Device) -> Session<SequenceClassification> {
    let mut session = session(recipe, device);
    session.config.hidden_dropout_prob = 0.0;
    session.config.attention_probs_dropout_prob = 0.0;
    session.model = session
        .task
        .model(&session.config, session.recipe.seed, &device.clone().autodiff());
    session
}

fn run<K: Task>(session: Session<K>) -> Ran {
    let dir = tempfile::tempdir().unwrap();
    let metrics = run_in(&dir.path().join("run"), session, &Stop::default()).unwrap();
    Ran { dir, metrics }
}

fn accuracy_of_the_saved(run: &Ran, device: &Device) -> f64 {
    saved(run, device).metrics.get("accuracy").unwrap()
}

/// The evaluation of the model in the run's folder.
fn saved(run: &Ran, device: &Device) -> Evaluation {
    let tuned = FineTuned::<SequenceClassification>::load(&run.dir(), device).unwrap();
    let session = session(recipe(), device);
    let (order, tokenizer) = (Order::ByLength, &tuned.tokenizer);
    let loader = BatchLoader::new(&tuned.task, session.dev, order, 64, tokenizer, device);
    let again = evaluate(&tuned.task, &tuned.model, &loader, &session.dev_examples, |_| {
        true
    });
    again.unwrap()
}
