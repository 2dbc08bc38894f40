//! Every option of training does what its name says, on every backend.

use std::collections::BTreeMap;

use bert_core::{BertConfig, Checkpoint};
use bert_tasks::{
    Objective, Row, SequenceClassification, SequenceClassifier, Splits, Task, TaskModel, TokenTagging,
};
use bert_tests::reviews::{log, recipe, run_in, session};
use bert_tests::{devices, max_difference};
use bert_train::groups::Part;
use bert_train::interrupt::Stop;
use bert_train::run::RunMetrics;
use bert_train::schedule::Decay;
use bert_train::{BatchLoader, FineTuned, Finetune, Order, Recipe, Session, Start, evaluate};
use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::tensor::{Device, Tensor};
use datasets::{Labels, Source, TaggedDataset, TaggedExample};

/// A finished run in a folder of its own.
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

/// A session without dropout, so that two ways to the same sum can be compared.
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

/// The weights of a module by part of the model.
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
            let part = self.1.entry(Part::of(&self.0.join("."))).or_default();
            part.extend(values.iter::<f32>());
        }
    }
    let mut all = All(vec![], BTreeMap::new());
    model.visit(&mut all);
    all.1
}

fn trained<M: TaskModel>(run: &Ran, blank: M) -> M {
    let checkpoint = Checkpoint::open(&run.dir().join("model")).unwrap();
    checkpoint.load_into(blank).unwrap().0
}

/// The loss of the first optimiser step and its gradients, with as many losses in a batch's mean as `count` says of the
/// batch and of the step.
fn first_step<K: Task>(
    session: Session<K>,
    batch_size: usize,
    accumulation: usize,
    count: fn(usize, usize) -> usize,
) -> (f64, Vec<f32>) {
    struct All<'a>(&'a mut GradientsParams, Vec<f32>);
    impl ModuleVisitor for All<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let grad = self.0.remove::<D>(param.id).unwrap().into_data();
            self.1.extend(grad.iter::<f32>());
        }
    }
    let order = Order::Shuffled {
        seed: 1,
        by_length: false,
    };
    let device = session.device.clone().autodiff();
    let loader = BatchLoader::new(session.train, order, batch_size, 0, &device).accumulating(accumulation);
    let window = loader.windows(0, 0).next().unwrap();
    assert_eq!(window.batches.len(), accumulation);
    let model = Finetune::new(session.model, 1.0);
    let mut sum = GradientsAccumulator::new();
    let mut loss = 0.0;
    for batch in &window.batches {
        let count = count(K::Model::count(&batch.targets), window.count);
        let (part, grads) = model.gradients(batch, count);
        sum.accumulate(&model, grads);
        loss += part.into_scalar::<f64>();
    }
    let mut grads = sum.grads();
    let mut all = All(&mut grads, vec![]);
    model.visit(&mut all);
    (loss, all.1)
}

#[test]
fn accumulated_gradients_are_those_of_the_large_batch() {
    let of_step = |_, step| step;
    for (name, device) in devices() {
        let large = first_step(exact(recipe(), &device), 24, 1, of_step);
        let small = first_step(exact(recipe(), &device), 6, 4, of_step);
        assert!(
            (large.0 - small.0).abs() < 1e-6,
            "{name}: {} {}",
            large.0,
            small.0
        );
        let difference = max_difference(&large.1, &small.1);
        assert!(difference < 1e-6, "{name}: {difference:e}");

        // Sentences have from two to nine labels: a mean of their batches' means is not the mean.
        let large = first_step(tagging(recipe(), &device), 16, 1, of_step);
        let small = first_step(tagging(recipe(), &device), 4, 4, of_step);
        assert!(
            (large.0 - small.0).abs() < 1e-6,
            "{name}: {} {}",
            large.0,
            small.0
        );
        let difference = max_difference(&large.1, &small.1);
        assert!(difference < 1e-6, "{name}: {difference:e}");
        let means = first_step(tagging(recipe(), &device), 4, 4, |batch, _| 4 * batch);
        assert!(
            max_difference(&large.1, &means.1) > 1e-4,
            "{name}: the test tells nothing apart"
        );
    }
}

/// Two runs, of which one accumulates, must tell of the same training.
fn assert_same_training<K: Task>(
    name: &str,
    session: impl Fn(Recipe) -> Session<K>,
    large: usize,
    small: usize,
) {
    let with = |batch_size, gradient_accumulation_steps| {
        run(session(Recipe {
            batch_size,
            gradient_accumulation_steps,
            logging_steps: 1,
            epochs: 2,
            lr: 1e-3,
            ..recipe()
        }))
    };
    let (large, small) = (with(large, 1), with(small, large / small));
    for figure in ["loss", "grad_norm"] {
        let (large, small) = (large.figures("train", figure), small.figures("train", figure));
        assert_eq!((large.len(), small.len()), (6, 6), "{name}");
        assert!(
            (large[0] - small[0]).abs() < 1e-6 * large[0].max(1.0),
            "{name} {figure}: {large:?} {small:?}"
        );
        // Adam divides by the gradient's size: where that is tiny, rounding decides the direction of an update.
        for (large, small) in large.iter().zip(&small) {
            assert!(
                (large - small).abs() < 1e-4 * large.max(1.0),
                "{name} {figure}: {large} {small}"
            );
        }
    }
}

#[test]
fn accumulated_batches_learn_as_the_large_batch_does() {
    for (name, device) in devices() {
        // 64 texts in steps of 24 and 48 sentences in steps of 16.
        assert_same_training(&name, |recipe| exact(recipe, &device), 24, 6);
        assert_same_training(&name, |recipe| tagging(recipe, &device), 16, 4);
    }
}

#[test]
fn the_rate_follows_the_schedule() {
    let (name, device) = devices().remove(0);
    let rates = |decay, warmup_steps| {
        let run = run(session(
            Recipe {
                schedule: decay,
                warmup_steps,
                warmup: 0.25,
                lr: 1e-3,
                epochs: 2,
                logging_steps: 1,
                ..recipe()
            },
            &device,
        ));
        run.figures("train", "learning_rate")
    };
    let close = |found: Vec<f64>, expected: [f64; 8]| {
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found - 1e-3 * expected).abs() < 1e-12,
                "{name}: {found} {expected}"
            );
        }
    };
    // Eight steps; a quarter of them is two.
    close(
        rates(Decay::Linear, None),
        [0.5, 1.0, 1.0, 5. / 6., 4. / 6., 0.5, 2. / 6., 1. / 6.],
    );
    close(
        rates(Decay::Constant, Some(4)),
        [0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0],
    );
    close(
        rates(Decay::Polynomial, Some(0)),
        [64., 49., 36., 25., 16., 9., 4., 1.].map(|x| x / 64.),
    );
    let cosine = rates(Decay::Cosine, Some(0));
    assert!((cosine[4] - 0.5e-3).abs() < 1e-12, "{cosine:?}");
    assert!(
        (cosine[2] - 0.853_553_390_593_273_8e-3).abs() < 1e-12,
        "{cosine:?}"
    );
}

#[test]
fn steps_and_evaluations_are_as_many_as_asked() {
    let (_, device) = devices().remove(0);
    let of = |max_steps, eval_every| {
        let run = run(session(
            Recipe {
                max_steps: Some(max_steps),
                eval_every,
                epochs: 1,
                ..recipe()
            },
            &device,
        ));
        assert_eq!(
            (run.metrics.state.as_str(), run.metrics.steps),
            ("finished", max_steps)
        );
        let steps: Vec<u64> = log(&run.dir(), "evaluation")
            .iter()
            .map(|line| line["step"].as_u64().unwrap())
            .collect();
        (steps, run.figures("evaluation", "epoch"))
    };
    // Four steps to an epoch.
    assert_eq!(of(10, None), (vec![4, 8, 10], vec![1.0, 2.0, 2.5]));
    assert_eq!(of(10, Some(3)), (vec![3, 6, 9, 10], vec![0.75, 1.5, 2.25, 2.5]));
    assert_eq!(of(3, None), (vec![3], vec![0.75]));
}

fn accuracy_of_the_saved(run: &Ran, device: &Device) -> f64 {
    let tuned = FineTuned::<SequenceClassification>::load(&run.dir(), device).unwrap();
    let session = session(recipe(), device);
    let pad = tuned.tokenizer.pad_id();
    let loader = BatchLoader::new(session.dev, Order::ByLength, 64, pad, device);
    let again = evaluate(&tuned.task, &tuned.model, &loader, &session.dev_examples, |_| {
        true
    });
    again.unwrap().metrics.get("accuracy").unwrap()
}

#[test]
fn the_best_model_is_kept_by_the_metric_that_was_named() {
    for (name, device) in devices() {
        // By the lowest accuracy, so that the best is not the last.
        let of = |best_by: Option<&str>| {
            run(session(
                Recipe {
                    best_by: best_by.map(str::to_owned),
                    greater_is_better: Some(false),
                    keep: 1,
                    ..recipe()
                },
                &device,
            ))
        };
        let best = of(Some("accuracy"));
        let (at_best, at_last) = (
            best.metrics.best.as_ref().unwrap(),
            best.metrics.last.as_ref().unwrap(),
        );
        let lowest = best
            .figures("evaluation", "accuracy")
            .into_iter()
            .fold(1.0, f64::min);
        assert_eq!(at_best.get("accuracy"), Some(lowest), "{name}");
        assert_eq!(at_last.get("accuracy"), Some(1.0), "{name}");
        assert_eq!(best.metrics.model_step, best.metrics.best_step, "{name}");
        assert_eq!(accuracy_of_the_saved(&best, &device), lowest, "{name}");
        // Its checkpoint outlives those that are not kept.
        let kept = |step: usize| best.dir().join(format!("checkpoints/step-{step}")).exists();
        assert!(kept(best.metrics.best_step.unwrap()) && kept(64), "{name}");
        let folders = std::fs::read_dir(best.dir().join("checkpoints")).unwrap().count();
        assert_eq!(folders, 2, "{name}");

        let last = of(None);
        assert_eq!(last.metrics.model_step, Some(64), "{name}");
        assert_eq!(accuracy_of_the_saved(&last, &device), 1.0, "{name}");
    }
}

#[test]
fn patience_ends_a_run_that_gets_no_better() {
    let (_, device) = devices().remove(0);
    let of = |patience| {
        let run = run(session(
            Recipe {
                best_by: Some("loss".into()),
                patience,
                min_delta: 100.0,
                ..recipe()
            },
            &device,
        ));
        assert_eq!(run.metrics.state, "finished");
        (run.figures("evaluation", "loss").len(), run.metrics.steps)
    };
    // No evaluation can be better than another by a loss of 100: the first is progress, the next two are not.
    assert_eq!(of(Some(2)), (3, 12));
    assert_eq!(of(None), (16, 64));
}

#[test]
fn lower_layers_move_less_and_frozen_ones_not_at_all() {
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
        // Adam's first step moves what has a gradient by the rate.
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
fn lora_learns_thin_matrices_that_are_merged_at_the_end() {
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
    }
}

/// Sentences of two to nine words, each of which is a noun or is not.
fn tagged() -> (TaggedDataset, TaggedDataset) {
    let source = Source::file("sentences".as_ref());
    let examples = (0..60usize).map(|line| {
        let count = 2 + line * 7 % 8;
        let pick = |place: usize| (line * 5 + place * 3) % 12;
        let words = [
            "the", "was", "good", "bad", "film", "plot", "song", "scene", "cast", "end", "joke", "story",
        ];
        let words: Vec<String> = (0..count).map(|place| words[pick(place)].into()).collect();
        let tags = (0..count).map(|place| if pick(place) > 3 { "NOUN" } else { "OTHER" }.into());
        TaggedExample {
            tags: Some(tags.collect()),
            words,
            text: None,
            offsets: None,
            source: source.line(line + 1),
        }
    });
    TaggedDataset::new(&source.file, examples.collect())
        .unwrap()
        .hold_out(5)
        .unwrap()
}

fn tagging(recipe: Recipe, device: &Device) -> Session<TokenTagging> {
    let reviews = session(recipe.clone(), device);
    let (train, dev) = tagged();
    let start = Start {
        config: BertConfig {
            hidden_dropout_prob: 0.0,
            attention_probs_dropout_prob: 0.0,
            ..reviews.config
        },
        tokenizer: reviews.tokenizer,
        weights: None,
    };
    let splits = Splits {
        train,
        dev,
        note: None,
    };
    let task = TokenTagging::new(Labels::collect(["NOUN", "OTHER"]).unwrap(), "accuracy", 0);
    Session::new(task, "sentences", start, splits, recipe, device).unwrap()
}

#[test]
fn smoothing_and_class_weights_reach_the_loss() {
    let (name, device) = devices().remove(0);
    let first_loss = |smoothing, weights: Option<&str>, only: Option<u32>| {
        let mut session = exact(
            Recipe {
                max_steps: Some(1),
                logging_steps: 1,
                batch_size: 64,
                ..recipe()
            },
            &device,
        );
        let wanted = |row: &Row<_>| only.is_none() || row.target == only;
        session.train = session.train.iter().filter(wanted).collect();
        let labels = session.task.labels().clone();
        let objective = Objective::new(smoothing, weights, &labels, &[32, 32]).unwrap();
        session.task = session.task.with_objective(objective);
        // Large outputs, so that it matters which are asked for.
        let mut model = session
            .task
            .model(&session.config, 42, &device.clone().autodiff());
        let bias = Tensor::<1>::from_floats([2.0, 0.0], &device.clone().autodiff());
        model.classifier.bias = Some(Param::from_tensor(bias));
        session.model = model;
        run(session).figures("train", "loss")[0]
    };
    let close =
        |found: f64, expected: f64| assert!((found - expected).abs() < 0.1, "{name}: {found} {expected}");
    // The first label's outputs are 2 above the other's: log(1 + e^-2) for it, log(1 + e^2) for the other.
    let (first, other) = (0.126_93, 2.126_93);
    close(first_loss(0.0, None, None), (first + other) / 2.0);
    // Weights 1.5 and 0.5.
    close(
        first_loss(0.0, Some("bad=3"), None),
        (1.5 * first + 0.5 * other) / 2.0,
    );
    // Of texts of the other label alone, so that smoothing does not cancel out.
    close(first_loss(0.0, None, Some(1)), other);
    close(
        first_loss(0.4, None, Some(1)),
        0.6 * other + 0.2 * (first + other),
    );
}

#[test]
fn padding_that_is_not_computed_changes_nothing() {
    for (name, device) in devices() {
        let ran = |packing| {
            let recipe = Recipe {
                packing,
                pad_to_multiple: Some(16),
                epochs: 2,
                logging_steps: 1,
                ..recipe()
            };
            run(exact(recipe, &device))
        };
        let (packed, padded) = (ran(true), ran(false));
        assert!(
            padded
                .figures("train", "padding")
                .iter()
                .all(|&share| share > 0.0)
        );
        let spared = packed
            .figures("train", "padding")
            .iter()
            .all(|&share| share == 0.0);
        assert_eq!(spared, bert_core::ops::packs(&device), "{name}");
        for (kind, figure) in [("train", "loss"), ("train", "grad_norm"), ("evaluation", "loss")] {
            let both = [&packed, &padded].map(|ran| ran.figures(kind, figure));
            for (found, expected) in both[0].iter().zip(&both[1]) {
                let difference = (found - expected).abs() / expected.abs();
                assert!(
                    difference < 1e-4,
                    "{name} {kind} {figure}: {found} for {expected}"
                );
            }
        }
    }
}
