//! Frozen weights have no gradient, and all other weights have the same gradients as without frozen ones.

use bert_core::Activation;
use bert_core::ops::{
    AttentionMask, AttentionOptions, Dropout, EmbeddingsOptions, EmbeddingsWeights, FeedForwardOptions,
    FeedForwardWeights, GemmOptions, SelfAttentionOptions, SelfAttentionWeights, embeddings, feed_forward,
    self_attention,
};
use bert_tests::{assert_near, devices, host, noise, tensor};
use burn::module::Module;
use burn::nn::{LayerNorm, Linear};
use burn::tensor::{Device, Gradients, Int, Tensor, TensorData};

use super::{backward, dense, norm, norm_options};

/// The module, frozen unless the bit `number` of `trained` is set.
fn trained_if<M: Module>(module: &M, trained: u32, number: usize) -> M {
    match trained >> number & 1 {
        1 => module.clone(),
        _ => module.clone().no_grad(),
    }
}

/// The same of a tensor.
fn tracked_if<const D: usize>(tensor: &Tensor<D>, trained: u32, number: usize) -> Tensor<D> {
    match trained >> number & 1 {
        1 => tensor.clone().require_grad(),
        _ => tensor.clone(),
    }
}

fn gradient<const D: usize>(tensor: &Tensor<D>, all: &Gradients) -> Option<Vec<f64>> {
    tensor.grad(all).map(host)
}

fn of_layer(layer: &Linear, all: &Gradients) -> [Option<Vec<f64>>; 2] {
    let bias = layer.bias.as_ref().unwrap();
    [gradient(&layer.weight.val(), all), gradient(&bias.val(), all)]
}

fn of_norm(norm: &LayerNorm, all: &Gradients) -> [Option<Vec<f64>>; 2] {
    let beta = norm.beta.as_ref().unwrap();
    [gradient(&norm.gamma.val(), all), gradient(&beta.val(), all)]
}

/// Checks that with each choice of trained parts out of `parts`, `run` gives these parts the gradients that they have if all
/// are trained, and the others none. `run` takes the choice, a bit for each part, and returns the gradients by part.
fn check(what: &str, parts: u32, run: impl Fn(u32) -> Vec<Vec<Option<Vec<f64>>>>) {
    let all = run((1 << parts) - 1);
    assert!(all.iter().flatten().all(Option::is_some), "{what}");
    for trained in 1..(1 << parts) - 1 {
        for (part, (found, expected)) in run(trained).into_iter().zip(&all).enumerate() {
            let what = format!("{what}, part {part} of {trained:b}");
            match trained >> part & 1 {
                1 if what.starts_with("flex") => assert_eq!(&found, expected, "{what}"),
                1 => {
                    for (found, expected) in found.into_iter().flatten().zip(expected.iter().flatten()) {
                        assert_near(&what, &found, expected, 1e-5);
                    }
                }
                _ => assert!(found.iter().all(Option::is_none), "{what}"),
            }
        }
    }
}

fn small(inputs: usize, outputs: usize, seed: usize, device: &Device) -> Linear {
    let weight: Vec<f64> = noise(inputs * outputs, seed).iter().map(|w| 0.2 * w).collect();
    dense(&weight, &noise(outputs, seed + 100), inputs, device)
}

const DROPOUT: Option<Dropout> = Some(Dropout { rate: 0.1, key: 3 });

#[test]
fn feed_forward_skips_frozen_weights() {
    for (name, device) in devices() {
        let device = device.autodiff();
        let (width, inner, shape) = (6, 10, [2, 3, 6]);
        let x = tensor(&noise(36, 1), shape, &device);
        let layers = [small(width, inner, 2, &device), small(inner, width, 3, &device)];
        let norm = norm(&noise(width, 4), &noise(width, 5), &device);
        check(&format!("{name} feed_forward"), 4, |trained| {
            let x = tracked_if(&x, trained, 0);
            let [wide, narrow] = [1, 2].map(|i| trained_if(&layers[i - 1], trained, i));
            let norm = trained_if(&norm, trained, 3);
            let options = FeedForwardOptions {
                activation: Activation::Gelu,
                output: norm_options(DROPOUT),
                gemm: GemmOptions::default(),
            };
            let y = feed_forward(x.clone(), FeedForwardWeights::new(&wide, &narrow, &norm), options);
            let all = backward(y, &noise(36, 6));
            vec![
                vec![gradient(&x, &all)],
                of_layer(&wide, &all).into(),
                of_layer(&narrow, &all).into(),
                of_norm(&norm, &all).into(),
            ]
        });
    }
}

#[test]
fn self_attention_skips_frozen_weights() {
    for (name, device) in devices() {
        let device = device.autodiff();
        let (width, shape) = (6, [2, 3, 6]);
        let x = tensor(&noise(36, 1), shape, &device);
        let layers = [2, 3, 4, 5].map(|seed| small(width, width, seed, &device));
        let norm = norm(&noise(width, 6), &noise(width, 7), &device);
        let mask = AttentionMask::padding(Tensor::zeros([2, 1, 1, 3], &device));
        check(&format!("{name} self_attention"), 6, |trained| {
            let x = tracked_if(&x, trained, 0);
            let layers = [1, 2, 3, 4].map(|i| trained_if(&layers[i - 1], trained, i));
            let norm = trained_if(&norm, trained, 5);
            let options = SelfAttentionOptions {
                attention: AttentionOptions {
                    heads: 2,
                    dropout: DROPOUT,
                    causal: false,
                },
                output: norm_options(DROPOUT),
                gemm: GemmOptions::default(),
            };
            let weights = SelfAttentionWeights::new(layers.each_ref(), &norm);
            let y = self_attention(x.clone(), weights, mask.clone(), options);
            let all = backward(y, &noise(36, 8));
            let mut parts = vec![vec![gradient(&x, &all)]];
            parts.extend(layers.iter().map(|layer| of_layer(layer, &all).to_vec()));
            parts.push(of_norm(&norm, &all).into());
            parts
        });
    }
}

#[test]
fn embeddings_skip_frozen_ones() {
    for (name, device) in devices() {
        let device = device.autodiff();
        let width = 6;
        let all = [5, 4, 2].map(|rows| tensor(&noise(rows * width, rows), [rows, width], &device));
        let norm = norm(&noise(width, 6), &noise(width, 7), &device);
        let ids = |ids: [i32; 6]| Tensor::<2, Int>::from_data(TensorData::new(ids.to_vec(), [2, 3]), &device);
        check(&format!("{name} embeddings"), 4, |trained| {
            let [word, position, kind] = [0, 1, 2].map(|i| tracked_if(&all[i], trained, i));
            let norm = trained_if(&norm, trained, 3);
            let options = EmbeddingsOptions {
                first_position: 0,
                output: norm_options(DROPOUT),
            };
            let tables = [word.clone(), position.clone(), kind.clone()];
            let y = embeddings(
                ids([1, 3, 1, 1, 0, 4]),
                ids([0, 0, 1, 1, 0, 1]),
                None,
                EmbeddingsWeights::new(tables, &norm),
                options,
            );
            let all = backward(y, &noise(36, 8));
            vec![
                vec![gradient(&word, &all)],
                vec![gradient(&position, &all)],
                vec![gradient(&kind, &all)],
                of_norm(&norm, &all).into(),
            ]
        });
    }
}
