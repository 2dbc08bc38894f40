//! Options that train parts of the model differently.

use std::collections::BTreeMap;

use bert_core::Checkpoint;
use bert_core::models::Part;
use bert_core::models::bert::ARCHITECTURE;
use bert_tasks::{SequenceClassifier, Task, TaskModel};
use bert_tests::reviews::{recipe, session};
use bert_tests::{devices, max_difference};
use bert_train::Recipe;
use bert_train::optim::lr_schedule::Decay;
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

use crate::{Ran, accuracy_of_the_saved, run, saved};

/// The weights of each part of the model.
fn weights<M: Module>(model: &M) -> BTreeMap<Part, Vec<f32>> {
    struct All(Vec<String>, BTreeMap<Part, Vec<f32>>);
    impl ModuleVisitor for All {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.0.push(name.to_owned());
        }
        fn exit_module(&mut self, _: &str, _: &str) {
            self.0.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let values = param.val().into_data();
            let part = self
                .1
                .entry(ARCHITECTURE.parameters.part(&self.0.join(".")))
                .or_default();
            part.extend(values.iter::<f32>());
        }
    }
    let mut all = All(vec![], BTreeMap::new());
    model.visit(&mut all);
    all.1
}

fn trained<M: TaskModel>(run: &Ran, blank: M) -> M {
    let checkpoint = Checkpoint::open(&run.dir().join("model")).unwrap();
    checkpoint
        .load_into(blank, ARCHITECTURE.names("Model"))
        .unwrap()
        .0
}

#[test]
fn lower_layers_change_less_and_frozen_layers_do_not_change() {
    for (name, device) in devices() {
        let moved = |recipe: Recipe| -> BTreeMap<Part, f32> {
            let session = session(
                Recipe {
                    lr: 1e-3,
                    max_steps: Some(1),
                    warmup: 0.0,
                    schedule: Decay::Constant,
                    weight_decay: 0.0,
                    ..recipe
                },
                &device,
            );
            let before = weights(&session.model);
            let blank = session.model.clone();
            let after = weights(&trained(&run(session), blank));
            let distance = |part| max_difference(&after[part], &before[part]);
            before.keys().map(|part| (*part, distance(part))).collect()
        };
        // Adam's first step moves each weight with a gradient by the learning rate.
        let close = |found: f32, expected: f32| {
            assert!(
                (found / expected - 1.0).abs() < 0.02,
                "{name}: {found} {expected}"
            )
        };
        let decayed = moved(Recipe {
            layer_decay: 0.5,
            ..recipe()
        });
        close(decayed[&Part::Head], 1e-3);
        close(decayed[&Part::Layer(0)], 0.5e-3);
        close(decayed[&Part::Embeddings], 0.25e-3);
        let frozen = moved(Recipe {
            freeze_embeddings: true,
            freeze_layers: 1,
            ..recipe()
        });
        close(frozen[&Part::Head], 1e-3);
        assert_eq!(
            (frozen[&Part::Layer(0)], frozen[&Part::Embeddings]),
            (0.0, 0.0),
            "{name}"
        );
    }
}

#[test]
fn lora_trains_low_rank_matrices_and_merges_them_at_the_end() {
    for (name, device) in devices() {
        let session = session(
            Recipe {
                lora_rank: 4,
                lr: 2e-2,
                ..recipe()
            },
            &device,
        );
        let before = session.model.clone().materialize();
        let blank = session.task.model(&session.config, 9, &device);
        let run = run(session);
        let after = trained(&run, blank);
        let same = |before: &Tensor<2>, after: &Tensor<2>| {
            let (before, after) = (before.clone().into_data(), after.clone().into_data());
            before.iter::<f32>().eq(after.iter::<f32>())
        };
        let layer = |model: &SequenceClassifier| model.bert.encoder.layer[0].clone();
        let attention = |model: &SequenceClassifier| layer(model).attention.self_attention;
        for (what, learned, before, after) in [
            ("query", true, attention(&before).query, attention(&after).query),
            ("value", true, attention(&before).value, attention(&after).value),
            ("key", false, attention(&before).key, attention(&after).key),
            (
                "output",
                false,
                layer(&before).output.dense,
                layer(&after).output.dense,
            ),
            ("head", true, before.classifier.clone(), after.classifier.clone()),
        ] {
            assert_eq!(
                !same(&before.weight.val(), &after.weight.val()),
                learned,
                "{name} {what}"
            );
        }
        let losses = run.figures("train", "loss");
        assert!(losses[11] < losses[0] - 0.02, "{name}: {losses:?}");
        let accuracy = run.metrics.last.as_ref().unwrap().get("accuracy").unwrap();
        assert_eq!(accuracy_of_the_saved(&run, &device), accuracy, "{name}");
        // What was evaluated in training is the merged model, bit for bit.
        let evaluated = *run.figures("evaluation", "loss").last().unwrap();
        assert_eq!(saved(&run, &device).loss, evaluated, "{name}");
    }
}
