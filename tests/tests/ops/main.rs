//! Compares every operation of `ops` with its definition in f64 on the host, and its gradient with finite differences of
//! that definition, on every backend and for odd shapes.

mod attention;
mod dropout;
mod embeddings;
mod frozen;
mod layer;
mod linear;
mod loss;
mod normalisation;
mod optimizer;
mod vocabulary;

use bert_core::ops::{Dropout, NormOptions};
use bert_core::{Activation, Init, layer_norm};
use bert_tests::{assert_near, tensor};
use burn::module::Param;
use burn::nn::{LayerNorm, Linear};
use burn::tensor::{Device, Tensor};

/// The gradient of `sum(weights * f(x))` by central differences.
fn finite_differences(f: &dyn Fn(&[f64]) -> Vec<f64>, x: &[f64], weights: &[f64]) -> Vec<f64> {
    let value = |x: &[f64]| f(x).iter().zip(weights).map(|(a, b)| a * b).sum::<f64>();
    let mut x = x.to_vec();
    (0..x.len())
        .map(|i| {
            let (middle, step) = (x[i], 1e-5);
            x[i] = middle + step;
            let above = value(&x);
            x[i] = middle - step;
            let below = value(&x);
            x[i] = middle;
            (above - below) / (2.0 * step)
        })
        .collect()
}

/// `erf` by its series, exact in f64 for the arguments of these tests.
fn erf(x: f64) -> f64 {
    let (mut sum, mut term) = (x, x);
    for n in 1..80 {
        term *= -x * x / n as f64;
        sum += term / (2 * n + 1) as f64;
    }
    2.0 / std::f64::consts::PI.sqrt() * sum
}

fn activated(x: f64, activation: Activation) -> f64 {
    match activation {
        Activation::Gelu => 0.5 * x * (1.0 + erf(x / 2f64.sqrt())),
        Activation::GeluTanh => {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x * x * x);
            0.5 * x * (1.0 + inner.tanh())
        }
        Activation::Relu => x.max(0.0),
    }
}

fn product(x: &[f64], weight: &[f64], bias: &[f64], inputs: usize) -> Vec<f64> {
    let outputs = bias.len();
    x.chunks(inputs)
        .flat_map(|row| {
            (0..outputs).map(move |o| {
                bias[o]
                    + row
                        .iter()
                        .enumerate()
                        .map(|(i, v)| v * weight[i * outputs + o])
                        .sum::<f64>()
            })
        })
        .collect()
}

fn normalised(x: &[f64], gamma: &[f64], beta: &[f64], epsilon: f64) -> Vec<f64> {
    let width = gamma.len();
    x.chunks(width)
        .flat_map(|row| {
            let mean = row.iter().sum::<f64>() / width as f64;
            let variance = row.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / width as f64;
            let scale = 1.0 / (variance + epsilon).sqrt();
            row.iter()
                .zip(gamma.iter().zip(beta))
                .map(move |(v, (g, b))| (v - mean) * scale * g + b)
                .collect::<Vec<_>>()
        })
        .collect()
}

fn dense(weight: &[f64], bias: &[f64], inputs: usize, device: &Device) -> Linear {
    let mut layer = Init::new(0, 0.02).linear(inputs, bias.len(), device);
    layer.weight = Param::from_tensor(tensor(weight, [inputs, bias.len()], device));
    layer.bias = Some(Param::from_tensor(tensor(bias, [bias.len()], device)));
    layer
}

fn norm(gamma: &[f64], beta: &[f64], device: &Device) -> LayerNorm {
    let mut norm = layer_norm(gamma.len(), 1e-12, device);
    norm.gamma = Param::from_tensor(tensor(gamma, [gamma.len()], device));
    norm.beta = Some(Param::from_tensor(tensor(beta, [beta.len()], device)));
    norm
}

/// Normalisation as in BERT, with dropout.
fn norm_options(dropout: Option<Dropout>) -> NormOptions {
    NormOptions {
        epsilon: 1e-12,
        dropout,
    }
}

/// Tolerance factor for a GPU's approximations of erf and exp.
fn slack(name: &str) -> f64 {
    if name == "flex" || name == "ndarray" {
        1.0
    } else {
        10.0
    }
}

/// Expects `grad`, the gradient of `sum(weights * f(x))`, to match finite differences of `f`.
fn assert_gradient(
    what: &str,
    x: &[f64],
    grad: Vec<f64>,
    f: &dyn Fn(&[f64]) -> Vec<f64>,
    weights: &[f64],
    slack: f64,
) {
    assert_near(
        &format!("gradient of {what}"),
        &grad,
        &finite_differences(f, x, weights),
        1e-4 * slack,
    );
}

/// `sum(weights * y)` and its gradients.
fn backward<const D: usize>(y: Tensor<D>, weights: &[f64]) -> burn::tensor::Gradients {
    let shape = y.dims();
    let weights = tensor(weights, shape, &y.device());
    (y * weights).sum().backward()
}

#[test]
fn narrower_simd_vectors_pass_the_same_tests() {
    if std::env::var_os("BERT_VECTORS").is_some() {
        return;
    }
    for vectors in ["avx2", "plain"] {
        let tests = std::process::Command::new(std::env::current_exe().unwrap())
            .env("BERT_VECTORS", vectors)
            .output()
            .unwrap();
        let output = String::from_utf8_lossy(&tests.stdout);
        assert!(tests.status.success(), "{vectors}: {output}");
        assert!(output.contains("test result: ok"), "{vectors}: {output}");
    }
}
