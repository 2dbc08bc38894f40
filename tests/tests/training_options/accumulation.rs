//! Gradient accumulation: several batches per optimiser step equal one large batch.

use bert_core::BertConfig;
use bert_tasks::{Batch, LossCount, Splits, Task, TokenTagging};
use bert_tests::reviews::{recipe, session};
use bert_tests::{devices, max_difference};
use bert_train::data::StepBatches;
use bert_train::optim::adamw::BertAdamW;
use bert_train::{BatchLoader, Order, Recipe, Session, Start, Trainer};
use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use datasets::{Labels, Source, TaggedDataset, TaggedExample};

use crate::{exact, run};

/// Sentences of two to nine words. Each word is tagged as a noun or not.
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
        .hold_out_every(5)
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
    let splits = Splits { train, dev };
    let task = TokenTagging::new(Labels::collect(["NOUN", "OTHER"]).unwrap(), 0);
    Session::new(task, "sentences", start, splits, recipe, device).unwrap()
}

/// How losses are averaged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mean {
    /// Over all losses of the step, as in training.
    Step,
    /// Over each batch, and then over the batches.
    Batches,
}

/// The loss of the first optimiser step and its gradients.
fn first_step<K: Task>(
    session: Session<K>,
    batch_size: usize,
    accumulation: usize,
    mean: Mean,
) -> (f64, Vec<f32>) {
    struct All(GradientsParams, Vec<f32>);
    impl ModuleVisitor for All {
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
    let (task, tokenizer) = (&session.task, &session.tokenizer);
    let loader = BatchLoader::new(task, session.train, order, batch_size, tokenizer, &device);
    let loader = loader.accumulating(accumulation);
    let step = loader.epoch_steps(0, 0).next().unwrap();
    assert_eq!(step.batches.len(), accumulation);
    let trainer = Trainer::new(session.model, BertAdamW::for_model(0.0), 0.0);
    let steps = match mean {
        Mean::Step => vec![step],
        Mean::Batches => {
            let alone = |batch: Batch<K::Input, K::Target>| StepBatches {
                count: LossCount::of::<K::Model>(&batch.targets) * accumulation,
                batches: vec![batch],
            };
            step.batches.into_iter().map(alone).collect()
        }
    };
    let (mut loss, mut sum) = (0.0, vec![]);
    for step in steps {
        let (part, grads) = trainer.gradients(step, || false).unwrap();
        loss += part.into_scalar::<f64>();
        let mut all = All(grads, vec![]);
        trainer.model().visit(&mut all);
        sum.resize(all.1.len(), 0.0);
        sum.iter_mut().zip(all.1).for_each(|(sum, grad)| *sum += grad);
    }
    (loss, sum)
}

#[test]
fn accumulated_gradients_equal_those_of_the_large_batch() {
    let same = |name: &str, (large, all): &(f64, Vec<f32>), (small, each): &(f64, Vec<f32>)| {
        assert!((large - small).abs() < 1e-6, "{name}: {large} {small}");
        let difference = max_difference(all, each);
        assert!(difference < 1e-6, "{name}: {difference:e}");
    };
    for (name, device) in devices() {
        let large = first_step(exact(recipe(), &device), 24, 1, Mean::Step);
        let small = first_step(exact(recipe(), &device), 6, 4, Mean::Step);
        same(&name, &large, &small);

        // Sentences have two to nine labels, so the mean of the batches' means differs from the mean.
        let large = first_step(tagging(recipe(), &device), 16, 1, Mean::Step);
        let small = first_step(tagging(recipe(), &device), 4, 4, Mean::Step);
        same(&name, &large, &small);
        let means = first_step(tagging(recipe(), &device), 4, 4, Mean::Batches);
        assert!(
            max_difference(&large.1, &means.1) > 1e-4,
            "{name}: the test cannot tell the two apart"
        );
    }
}

/// A run that accumulates must log the same training as one with large batches.
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
        // Adam divides by the size of the gradient. If it is tiny, rounding decides the direction of the update.
        for (large, small) in large.iter().zip(&small) {
            assert!(
                (large - small).abs() < 1e-4 * large.max(1.0),
                "{name} {figure}: {large} {small}"
            );
        }
    }
}

#[test]
fn accumulated_batches_train_like_the_large_batch() {
    for (name, device) in devices() {
        // 64 texts in steps of 24 and 48 sentences in steps of 16.
        assert_same_training(&name, |recipe| exact(recipe, &device), 24, 6);
        assert_same_training(&name, |recipe| tagging(recipe, &device), 16, 4);
    }
}
