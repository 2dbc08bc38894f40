//! How long a training step and an inference take.
//!
//! `cargo bench --bench step -- --layers 6 --hidden 384 --batch 32 --length 128` prints one JSON line for each.
//! A training step has the same parts as in training: forward with dropout .1, backward, clipping to a global norm of 1, AdamW.
//! `peak_mib` is the peak memory of the process until then; use `--what train` for the peak of training.
//! `scripts/bench/step` and `scripts/bench/growth` alternate it with other frameworks.

use std::time::Instant;

use bert_core::ops::Precision;
use bert_core::ops::{
    AdamWStep, EmbeddingsOptions, EmbeddingsWeights, GemmOptions, NormOptions, VocabularyWeights,
};
use bert_core::{BertConfig, EncoderInput, Mode, backend_name, ops, parse_device};
use bert_core::{Init, layer_norm};
use bert_tasks::language_modelling::masked::MaskedTarget;
use bert_tasks::language_modelling::{LanguageModelInput, LanguageModelOutput, PredictedToken};
use bert_tasks::{Batch, LossCount, MaskedLanguageModel, SequenceClassifier, TaskModel};
use bert_train::Trainer;
use bert_train::data::StepBatches;
use bert_train::optim::adamw::BertAdamW;
use bert_train::system::memory;
use bert_train::training::session::unsupported_precision;
use burn::module::Param;
use burn::tensor::{Device, Int, Tensor, TensorData};
use clap::{Parser, ValueEnum};

/// Times a training step and an inference.
#[derive(Parser)]
struct Options {
    /// Layers.
    #[arg(long, default_value_t = 6)]
    layers: usize,
    /// Width; a head is 32 wide, or 64 from 768 on.
    #[arg(long, default_value_t = 384)]
    hidden: usize,
    /// Texts.
    #[arg(long, default_value_t = 32)]
    batch: usize,
    /// Tokens of each text.
    #[arg(long, default_value_t = 128)]
    length: usize,
    /// Timed runs of each, after two warm-up runs.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// What to time.
    #[arg(long, value_enum, default_value_t = What::Both)]
    what: What,
    /// Times only the widest matrix product with its bias: this program's, and Burn's own matmul (on flex, the `gemm` crate).
    #[arg(long)]
    gemm: bool,
    /// Masked language modelling with 15 % of the tokens hidden, instead of the classification of texts.
    #[arg(long)]
    masked: bool,
    /// Times only the loss of masked language modelling with its gradients: the product with the vocabulary, and the softmax.
    #[arg(long)]
    vocabulary: bool,
    /// Times only the word embeddings' part of a step: with a sparse gradient, and with a dense one.
    #[arg(long)]
    word_embeddings: bool,
    /// Number format of the matrix products on the CPU.
    #[arg(long, default_value_t = Precision::F32)]
    precision: Precision,
    /// Device.
    #[arg(long, default_value = "auto")]
    device: String,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    Train,
    Inference,
    /// Training first.
    Both,
}

fn main() {
    let options = Options::parse();
    let device = match parse_device(&options.device) {
        Ok(device) => device,
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    };
    if let Some(note) = unsupported_precision(options.precision, &device) {
        eprintln!("{note}");
        std::process::exit(1);
    }
    if options.gemm {
        gemm(&options, &device);
        return;
    }
    if options.word_embeddings {
        word_embeddings(&options, &device, true);
        word_embeddings(&options, &device, false);
        return;
    }
    if options.vocabulary {
        vocabulary(&options, &device);
        return;
    }
    let heads = options.hidden / if options.hidden >= 768 { 64 } else { 32 };
    let config = BertConfig {
        max_position_embeddings: options.length.max(512),
        precision: options.precision,
        ..BertConfig::compact(WORDS, options.hidden, options.layers, heads)
    };
    let autodiff = device.clone().autodiff();
    match options.masked {
        false => {
            let model = SequenceClassifier::new(&config, 2, 1, &autodiff);
            let finite = |_: &SequenceClassifier, logits: Tensor<3>| all_finite(logits);
            time(model, &options, &device, |device| batch(&options, device), finite);
        }
        true => {
            let model = MaskedLanguageModel::new(&config, false, 1, 1, &autodiff);
            let finite = |model: &MaskedLanguageModel, output: LanguageModelOutput| {
                let words = &model.bert.embeddings.word_embeddings;
                all_finite(model.cls.predictions.logits(output.states, words))
            };
            time(
                model,
                &options,
                &device,
                |device| masked_batch(&options, device),
                finite,
            );
        }
    }
}

/// The words of the vocabulary.
const WORDS: usize = 30522;

/// Times the training step of `model` on the batch that `batch` makes on a device, and its inference, whose output `finite` checks.
fn time<M: TaskModel>(
    model: M,
    options: &Options,
    device: &Device,
    batch: impl Fn(&Device) -> Batch<M::Input, M::Target>,
    finite: impl Fn(&M, M::Output) -> bool,
) {
    let mut training = Training {
        trainer: Trainer::new(model, BertAdamW::for_model(0.01), 5e-5),
        batch: batch(&device.clone().autodiff()),
        steps: 0,
    };
    let (train, inference) = match options.masked {
        true => ("train masked", "inference masked"),
        false => ("train", "inference"),
    };
    if options.what != What::Inference {
        report(train, options, device, || training.step());
    }
    if options.what == What::Train {
        return;
    }
    let model = training.trainer.valid();
    let batch = batch(device);
    report(inference, options, device, || {
        assert!(finite(&model, model.forward(&batch.input, Mode::Inference)));
    });
}

fn all_finite<const D: usize>(values: Tensor<D>) -> bool {
    values.into_data().iter::<f32>().all(f32::is_finite)
}

/// Times `work` and prints the seconds as a JSON line.
fn report(name: &str, options: &Options, device: &Device, mut work: impl FnMut()) {
    let mut seconds: Vec<f64> = (0..options.runs + 2)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .skip(2)
        .collect();
    seconds.sort_by(f64::total_cmp);
    println!(
        r#"{{"what": "{name}", "program": "bert", "backend": "{}", "precision": "{}", "layers": {}, "hidden": {}, "batch": {}, "length": {}, "median": {:.4}, "fastest": {:.4}, "slowest": {:.4}, "peak_mib": {}}}"#,
        backend_name(device),
        options.precision,
        options.layers,
        options.hidden,
        options.batch,
        options.length,
        seconds[seconds.len() / 2],
        seconds[0],
        seconds[seconds.len() - 1],
        memory::peak().map_or("null".into(), |bytes| format!(
            "{:.0}",
            bytes as f64 / f64::from(1 << 20)
        )),
    );
}

/// The matrix product of all tokens' hidden states with the weight of the feed-forward block's first layer.
fn gemm(options: &Options, device: &Device) {
    let [rows, inputs, outputs] = [options.batch * options.length, options.hidden, 4 * options.hidden];
    let layer = Init::new(1, 0.02).linear(inputs, outputs, device);
    let x = Tensor::<3>::ones([1, rows, inputs], device);
    let gemm = GemmOptions::new(options.precision);
    let finite = |y: Tensor<3>| {
        let last = y.slice([0..1, rows - 1..rows, outputs - 1..outputs]);
        assert!(last.into_scalar::<f32>().is_finite());
    };
    report("gemm, bert", options, device, || {
        finite(ops::linear(x.clone(), &layer, &gemm));
    });
    report("gemm, Burn", options, device, || {
        let weight = layer.weight.val().unsqueeze();
        let bias = layer.bias.as_ref().expect("it has a bias").val().unsqueeze();
        finite(x.clone().matmul(weight) + bias);
    });
}

/// The gradient of the word embeddings, its norm, clipping and AdamW. Reshaped to rows twice as wide, the gradient is dense: its
/// memory no longer knows which rows are zero.
fn word_embeddings(options: &Options, device: &Device, sparse: bool) {
    let width = options.hidden;
    let autodiff = device.clone().autodiff();
    let mut init = Init::new(1, 0.02);
    let mut table = |rows| init.embedding(rows, width, &autodiff).weight.val().require_grad();
    let tables = [table(WORDS), table(512), table(2)];
    let norm = layer_norm(width, 1e-12, &autodiff);
    let tokens = batch(options, &autodiff).input;
    let shape = if sparse {
        [WORDS, width]
    } else {
        [WORDS / 2, 2 * width]
    };
    let zeros = || Tensor::<2>::zeros(shape, device);
    let mut state = Some((zeros(), [zeros(), zeros()]));
    let half = Tensor::<1>::full([1], 0.5, device);
    let mut time = 0;
    let name = if sparse {
        "word embeddings, sparse gradient"
    } else {
        "word embeddings, dense gradient"
    };
    report(name, options, device, || {
        time += 1;
        let tokens = tokens.tokens();
        let (ids, types) = (tokens.ids.clone(), tokens.types.clone());
        let weights = EmbeddingsWeights::new(tables.clone(), &norm);
        let options = EmbeddingsOptions {
            first_position: 0,
            output: NormOptions {
                epsilon: 1e-12,
                dropout: None,
            },
        };
        let y = ops::embeddings(ids, types, None, weights, options);
        let mut grads = y.sum().backward();
        let gradient = tables[0]
            .grad_remove(&mut grads)
            .expect("a gradient")
            .reshape(shape);
        let squares = ops::sum_of_squares(gradient.clone());
        let gradient = ops::scale(gradient, half.clone());
        let step = AdamWStep {
            rate: 1e-5,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            decay: 0.01,
            time,
        };
        let (parameter, moments) = state.take().expect("every step puts it back");
        state = Some(ops::adamw(parameter, gradient, moments, step));
        assert!(squares.into_scalar::<f32>().is_finite());
    });
}

/// The loss of masked language modelling over 15 % of the tokens, with the gradients of their hidden states, of the word embeddings
/// and of the biases.
fn vocabulary(options: &Options, device: &Device) {
    let autodiff = device.clone().autodiff();
    let rows = masked_places(options).len();
    let table = Init::new(1, 0.02).embedding(WORDS, options.hidden, &autodiff);
    let bias = Param::from_tensor(Tensor::<1>::zeros([WORDS], &autodiff).require_grad());
    let x = Tensor::<2>::ones([rows, options.hidden], &autodiff).require_grad();
    let ids: Vec<i32> = (0..rows).map(|row| (row * 7919 % WORDS) as i32).collect();
    let ids = Tensor::<1, Int>::from_data(TensorData::new(ids, [rows]), &autodiff);
    let shares = Tensor::<1>::full([rows], 1.0 / rows as f64, &autodiff);
    let gemm = GemmOptions::new(options.precision);
    report("vocabulary", options, device, || {
        let weights = VocabularyWeights::new(&table, &bias);
        let loss = ops::vocabulary_cross_entropy(x.clone(), weights, ids.clone(), shares.clone(), &gemm);
        let mut grads = loss.backward();
        let gradient = bias.val().grad_remove(&mut grads).expect("a gradient");
        assert!(all_finite(gradient));
    });
}

/// The positions of the masked tokens of all texts in the flattened batch: 15 % of them.
fn masked_places(options: &Options) -> Vec<usize> {
    let all = options.batch * options.length;
    (0..all * 15 / 100).map(|masked| masked * 100 / 15).collect()
}

/// The same texts as in [`batch`], whose masked tokens are to be predicted.
fn masked_batch(options: &Options, device: &Device) -> Batch<LanguageModelInput, MaskedTarget> {
    let Batch {
        input,
        rows,
        tokens,
        mode,
        ..
    } = batch(options, device);
    let mut masked = vec![vec![]; options.batch];
    for position in masked_places(options) {
        masked[position / options.length].push(PredictedToken {
            position: position % options.length,
            id: Some((1000 + position * 7919 % 29000) as u32),
        });
    }
    let target = |masked: &Vec<PredictedToken>| MaskedTarget {
        ids: masked.iter().filter_map(|token| token.id).collect(),
        is_next: None,
    };
    let targets = masked.iter().map(target).collect();
    let input = LanguageModelInput::new(input, masked, device);
    Batch {
        input,
        targets,
        rows,
        tokens,
        mode,
    }
}

/// Texts without padding, with tokens from the whole vocabulary.
fn batch(options: &Options, device: &Device) -> Batch<EncoderInput, u32> {
    let Options { batch, length, .. } = *options;
    let count = batch * length;
    let ids = (0..count).map(|i| 1000 + (i * 7919 % 29000) as i32).collect();
    Batch {
        input: EncoderInput::new(ids, vec![0; count], &vec![1; count], batch, device),
        targets: (0..batch).map(|row| (row % 2) as u32).collect(),
        rows: (0..batch).collect(),
        tokens: count,
        mode: Mode::Inference,
    }
}

struct Training<M: TaskModel> {
    trainer: Trainer<M>,
    batch: Batch<M::Input, M::Target>,
    steps: u64,
}

impl<M: TaskModel> Training<M> {
    fn step(&mut self) {
        self.steps += 1;
        let mode = Mode::Training { seed: self.steps };
        let batch = Batch {
            mode,
            ..self.batch.clone()
        };
        let step = StepBatches {
            count: LossCount::of::<M>(&batch.targets),
            batches: vec![batch],
        };
        let metrics = self.trainer.step(step, || false).expect("nothing stops it");
        // Reading both makes the device finish the step.
        let loss = metrics.loss.into_scalar::<f64>();
        let norm = metrics.norm.map_or(f64::NAN, |norm| norm.into_scalar::<f64>());
        assert!(loss.is_finite() && norm.is_finite());
    }
}
