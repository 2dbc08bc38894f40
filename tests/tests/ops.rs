//! Every operation of `ops` against its definition in f64 on the host, and its gradient against finite differences of
//! that definition, on every backend and over odd shapes.

use bert_core::ops::sum_of_squares;
use bert_core::ops::{AdamWStep, Dropout, adamw, attention, cross_entropy, dropout, embeddings};
use bert_core::ops::{feed_forward, linear, linear_activation, residual_norm, scale, self_attention};
use bert_core::{Activation, init::Init, init::layer_norm};
use bert_tests::{assert_near, devices, host, noise, tensor};
use burn::module::Param;
use burn::nn::{LayerNorm, Linear};
use burn::tensor::{Device, Int, Tensor, TensorData};

/// The gradient of `sum(weights * f(x))` by central differences.
fn slopes(f: &dyn Fn(&[f64]) -> Vec<f64>, x: &[f64], weights: &[f64]) -> Vec<f64> {
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

/// `erf` by its series, exact to f64 for the arguments that occur here.
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

/// How much more a GPU's approximations of erf and exp may be off.
fn slack(name: &str) -> f64 {
    if name == "flex" || name == "ndarray" {
        1.0
    } else {
        10.0
    }
}

/// Expects `grad`, the gradient of `sum(weights * f(x))`, to be what finite differences of `f` say.
fn assert_slopes(
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
        &slopes(f, x, weights),
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
fn dense_layers_with_every_activation() {
    for (name, device) in devices() {
        let device = device.autodiff();
        for [batch, length, inputs, outputs] in [[1, 1, 1, 1], [2, 7, 5, 3], [3, 2, 8, 16]] {
            let rows = batch * length;
            let (x, weight, bias) = (
                noise(rows * inputs, 1),
                noise(inputs * outputs, 2),
                noise(outputs, 3),
            );
            let weights = noise(rows * outputs, 4);
            let layer = dense(&weight, &bias, inputs, &device);
            let run = |activation: Option<Activation>| {
                let x = tensor(&x, [batch, length, inputs], &device).require_grad();
                let y = match activation {
                    Some(activation) => linear_activation(x.clone(), &layer, activation),
                    None => linear(x.clone(), &layer),
                };
                (x, y)
            };
            for activation in [
                None,
                Some(Activation::Gelu),
                Some(Activation::GeluTanh),
                Some(Activation::Relu),
            ] {
                let what = format!("{name} dense {batch}x{length}x{inputs}x{outputs} {activation:?}");
                let act = |v: f64| activation.map_or(v, |a| activated(v, a));
                let f = |x: &[f64], w: &[f64], b: &[f64]| -> Vec<f64> {
                    product(x, w, b, inputs).into_iter().map(act).collect()
                };
                let (input, y) = run(activation);
                assert_near(
                    &what,
                    &host(y.clone()),
                    &f(&x, &weight, &bias),
                    1e-5 * slack(&name),
                );
                let grads = backward(y, &weights);
                let grad = host(input.grad(&grads).unwrap());
                assert_slopes(
                    &format!("{what} x"),
                    &x,
                    grad,
                    &|x| f(x, &weight, &bias),
                    &weights,
                    slack(&name),
                );
                let grad = host(layer.weight.val().grad(&grads).unwrap());
                assert_slopes(
                    &format!("{what} weight"),
                    &weight,
                    grad,
                    &|w| f(&x, w, &bias),
                    &weights,
                    slack(&name),
                );
                let grad = host(layer.bias.as_ref().unwrap().val().grad(&grads).unwrap());
                assert_slopes(
                    &format!("{what} bias"),
                    &bias,
                    grad,
                    &|b| f(&x, &weight, b),
                    &weights,
                    slack(&name),
                );
            }
        }
    }
}

#[test]
fn residual_and_normalisation() {
    for (name, device) in devices() {
        let device = device.autodiff();
        for [batch, length, width] in [[1, 1, 2], [2, 7, 6], [1, 3, 33]] {
            let what = format!("{name} residual_norm {batch}x{length}x{width}");
            let count = batch * length * width;
            let (x, residual, gamma, beta) =
                (noise(count, 1), noise(count, 2), noise(width, 3), noise(width, 4));
            let weights = noise(count, 5);
            let shape = [batch, length, width];
            let layer = norm(&gamma, &beta, &device);
            let input = tensor(&x, shape, &device).require_grad();
            let skip = tensor(&residual, shape, &device).require_grad();
            let y = residual_norm(input.clone(), skip.clone(), &layer, 1e-12, None);
            let f = |x: &[f64], residual: &[f64], gamma: &[f64], beta: &[f64]| {
                let sum: Vec<f64> = x.iter().zip(residual).map(|(a, b)| a + b).collect();
                normalised(&sum, gamma, beta, 1e-12)
            };
            assert_near(
                &what,
                &host(y.clone()),
                &f(&x, &residual, &gamma, &beta),
                1e-5 * slack(&name),
            );
            if width == 2 {
                // Two features normalise to plus and minus one whatever they are: the slopes are all rounding.
                continue;
            }
            let grads = backward(y, &weights);
            let grad = host(input.grad(&grads).unwrap());
            assert_slopes(
                &format!("{what} x"),
                &x,
                grad,
                &|x| f(x, &residual, &gamma, &beta),
                &weights,
                slack(&name),
            );
            let grad = host(skip.grad(&grads).unwrap());
            assert_slopes(
                &format!("{what} residual"),
                &residual,
                grad,
                &|r| f(&x, r, &gamma, &beta),
                &weights,
                slack(&name),
            );
            let grad = host(layer.gamma.val().grad(&grads).unwrap());
            assert_slopes(
                &format!("{what} gamma"),
                &gamma,
                grad,
                &|g| f(&x, &residual, g, &beta),
                &weights,
                slack(&name),
            );
            let grad = host(layer.beta.as_ref().unwrap().val().grad(&grads).unwrap());
            assert_slopes(
                &format!("{what} beta"),
                &beta,
                grad,
                &|b| f(&x, &residual, &gamma, b),
                &weights,
                slack(&name),
            );
        }
    }
}

/// Attention by its definition; `mask` has one entry a key, 0 for padding.
fn attended(qkv: [&[f64]; 3], mask: &[f64], [batch, length, width]: [usize; 3], heads: usize) -> Vec<f64> {
    let [query, key, value] = qkv;
    let size = width / heads;
    let mut out = vec![0.0; batch * length * width];
    for row in 0..batch {
        for head in 0..heads {
            let at = |place: usize| (row * length + place) * width + head * size;
            for place in 0..length {
                let scores: Vec<f64> = (0..length)
                    .map(|other| {
                        let dot: f64 = (0..size).map(|i| query[at(place) + i] * key[at(other) + i]).sum();
                        dot / (size as f64).sqrt()
                            + if mask[row * length + other] > 0.0 {
                                0.0
                            } else {
                                -1e9
                            }
                    })
                    .collect();
                let high = scores.iter().copied().fold(f64::MIN, f64::max);
                let sum: f64 = scores.iter().map(|s| (s - high).exp()).sum();
                for (other, score) in scores.iter().enumerate() {
                    for i in 0..size {
                        out[at(place) + i] += (score - high).exp() / sum * value[at(other) + i];
                    }
                }
            }
        }
    }
    out
}

#[test]
fn attention_over_odd_shapes_and_masks() {
    for (name, device) in devices() {
        let device = device.autodiff();
        for ([batch, length, width], heads, real) in [
            ([1, 1, 4], 1, vec![1]),
            ([2, 7, 6], 3, vec![7, 2]),
            ([3, 4, 8], 2, vec![4, 1, 3]),
        ] {
            let what = format!("{name} attention {batch}x{length}x{width} of {heads} heads");
            let shape = [batch, length, width];
            let count = batch * length * width;
            let [q, k, v] = [noise(count, 1), noise(count, 2), noise(count, 3)];
            let weights = noise(count, 4);
            let mask: Vec<f64> = real
                .iter()
                .flat_map(|&real| (0..length).map(move |i| f64::from(u8::from(i < real))))
                .collect();
            let bias: Vec<f64> = mask.iter().map(|&m| if m > 0.0 { 0.0 } else { -1e9 }).collect();
            let inputs = [&q, &k, &v].map(|x| tensor(x, shape, &device).require_grad());
            let [query, key, value] = inputs.clone();
            let y = attention(
                query,
                key,
                value,
                tensor(&bias, [batch, 1, 1, length], &device),
                None,
                heads,
                None,
            );
            assert_near(
                &what,
                &host(y.clone()),
                &attended([&q, &k, &v], &mask, shape, heads),
                1e-5 * slack(&name),
            );
            let grads = backward(y, &weights);
            for which in 0..3 {
                let expected = |x: &[f64]| {
                    let mut all: [&[f64]; 3] = [&q, &k, &v];
                    all[which] = x;
                    attended(all, &mask, shape, heads)
                };
                let grad = host(inputs[which].grad(&grads).unwrap());
                let name_ = format!("{what} input {which}");
                assert_slopes(
                    &name_,
                    [&q, &k, &v][which],
                    grad,
                    &expected,
                    &weights,
                    slack(&name),
                );
            }
        }
    }
}

/// Attention by its definition with the factors that dropout puts on its probabilities, `[batch, heads, length, length]`,
/// and the gradients of `sum(weights * output)`: output, then those of queries, keys and values.
fn attended_and_slopes(
    [query, key, value]: [&[f64]; 3],
    bias: &[f64],
    factors: &[f64],
    [batch, length, width]: [usize; 3],
    heads: usize,
    weights: &[f64],
) -> [Vec<f64>; 4] {
    let size = width / heads;
    let scale = 1.0 / (size as f64).sqrt();
    let mut all = [(); 4].map(|()| vec![0.0; batch * length * width]);
    for (text, head) in (0..batch).flat_map(|text| (0..heads).map(move |head| (text, head))) {
        let at = |place: usize| (text * length + place) * width + head * size;
        let dot = |a: &[f64], i: usize, b: &[f64], j: usize| -> f64 {
            (0..size).map(|k| a[at(i) + k] * b[at(j) + k]).sum()
        };
        for i in 0..length {
            let scores: Vec<f64> = (0..length)
                .map(|j| dot(query, i, key, j) * scale + bias[text * length + j])
                .collect();
            let high = scores.iter().copied().fold(f64::MIN, f64::max);
            let sum: f64 = scores.iter().map(|s| (s - high).exp()).sum();
            let p: Vec<f64> = scores.iter().map(|s| (s - high).exp() / sum).collect();
            let kept = &factors[((text * heads + head) * length + i) * length..][..length];
            let slopes: Vec<f64> = (0..length).map(|j| kept[j] * dot(weights, i, value, j)).collect();
            let along: f64 = p.iter().zip(&slopes).map(|(p, s)| p * s).sum();
            for j in 0..length {
                let slope = p[j] * (slopes[j] - along) * scale;
                for k in 0..size {
                    all[0][at(i) + k] += p[j] * kept[j] * value[at(j) + k];
                    all[1][at(i) + k] += slope * key[at(j) + k];
                    all[2][at(j) + k] += slope * query[at(i) + k];
                    all[3][at(j) + k] += p[j] * kept[j] * weights[at(i) + k];
                }
            }
        }
    }
    all
}

#[test]
fn attention_of_long_texts_with_dropout_and_rows_of_padding() {
    for (name, device) in devices() {
        let device = device.autodiff();
        for ([batch, length, width], heads, rate) in [
            ([1, 1, 32], 1, 0.1),
            ([2, 7, 40], 2, 0.1),
            ([2, 33, 64], 2, 0.5),
            ([1, 130, 96], 3, 0.1),
            ([1, 512, 64], 1, 0.0),
            ([1, 512, 32], 1, 0.1),
        ] {
            let what = format!("{name} attention {batch}x{length}x{width} of {heads} heads, dropout {rate}");
            let shape = [batch, length, width];
            let count = batch * length * width;
            let [q, k, v] = [1, 2, 3].map(|seed| noise(count, seed));
            let weights = noise(count, 4);
            // The last text is all padding, which must be as if nothing were.
            let mut bias = vec![0.0; batch * length];
            bias[(batch - 1) * length..].fill(f64::from(f32::MIN));
            if length > 1 {
                bias[length / 2 + 1] = f64::from(f32::MIN);
            }
            let dropped = (rate > 0.0).then_some(Dropout { rate, key: 11 });
            let ones = Tensor::<4>::ones([batch, heads, length, length], &device);
            let factors = host(dropout(ones, dropped));
            let inputs = [&q, &k, &v].map(|x| tensor(x, shape, &device).require_grad());
            let [query, key, value] = inputs.clone();
            let bias_tensor = tensor(&bias, [batch, 1, 1, length], &device);
            let y = attention(query, key, value, bias_tensor, None, heads, dropped);
            // In f64 the score would show beside the most negative f32: there, as here, only the padding counts.
            let padding = |row: &[f64]| row.iter().all(|b| *b < 0.0);
            let exact: Vec<f64> = bias
                .chunks(length)
                .flat_map(|row| {
                    let all = padding(row);
                    row.iter().map(move |b| if *b < 0.0 && !all { -1e9 } else { 0.0 })
                })
                .collect();
            let mut scored = q.clone();
            for (text, row) in bias.chunks(length).enumerate() {
                if padding(row) {
                    scored[text * length * width..][..length * width].fill(0.0);
                }
            }
            let qkv = [&scored[..], &k, &v];
            let expected = attended_and_slopes(qkv, &exact, &factors, shape, heads, &weights);
            assert_near(&what, &host(y.clone()), &expected[0], 1e-5 * slack(&name));
            let grads = backward(y, &weights);
            let real = (batch - 1) * length * width;
            for (which, input) in inputs.iter().enumerate() {
                let grad = host(input.grad(&grads).unwrap());
                let what = format!("{what}: gradient of input {which}");
                assert_near(
                    &what,
                    &grad[..real],
                    &expected[1 + which][..real],
                    1e-4 * slack(&name),
                );
                assert!(grad.iter().all(|g| g.is_finite()), "{what}");
            }
        }
    }
}

/// A dense layer of small random weights.
fn small(inputs: usize, outputs: usize, seed: usize, device: &Device) -> Linear {
    let weight: Vec<f64> = noise(inputs * outputs, seed).iter().map(|w| 0.2 * w).collect();
    dense(&weight, &noise(outputs, seed + 100), inputs, device)
}

/// `y`, and the gradients of `sum(weights * y)` by `x` and by what the layers and the normalisation learn.
fn all_slopes(
    x: &Tensor<3>,
    y: Tensor<3>,
    weights: &[f64],
    layers: &[Linear],
    norm: &LayerNorm,
) -> Vec<Vec<f64>> {
    let grads = backward(y.clone(), weights);
    let mut all = vec![host(y), host(x.grad(&grads).unwrap())];
    for layer in layers {
        all.push(host(layer.weight.val().grad(&grads).unwrap()));
        all.push(host(layer.bias.as_ref().unwrap().val().grad(&grads).unwrap()));
    }
    all.push(host(norm.gamma.val().grad(&grads).unwrap()));
    all.push(host(norm.beta.as_ref().unwrap().val().grad(&grads).unwrap()));
    all
}

fn assert_all_near(what: &str, found: &[Vec<f64>], expected: &[Vec<f64>], slack: f64) {
    for (number, (found, expected)) in found.iter().zip(expected).enumerate() {
        let tolerance = if number == 0 { 1e-5 } else { 1e-4 };
        assert_near(
            &format!("{what}, number {number}"),
            found,
            expected,
            tolerance * slack,
        );
    }
}

#[test]
fn the_first_half_of_a_layer_is_what_it_is_made_of() {
    for (name, device) in devices() {
        let device = device.autodiff();
        for ([batch, length, width], heads, rate) in
            [([1, 1, 6], 1, 0.1), ([2, 7, 6], 3, 0.0), ([3, 50, 96], 3, 0.1)]
        {
            let what = format!("{name} self_attention {batch}x{length}x{width}, dropout {rate}");
            let shape = [batch, length, width];
            let (x, weights) = (noise(batch * length * width, 1), noise(batch * length * width, 2));
            let layers = [3, 4, 5, 6].map(|seed| small(width, width, seed, &device));
            let norm = norm(&noise(width, 7), &noise(width, 8), &device);
            let bias = tensor(&vec![0.0; batch * length], [batch, 1, 1, length], &device);
            let dropouts = [3, 4].map(|key| (rate > 0.0).then_some(Dropout { rate, key }));
            let run = |fused: bool| {
                let x = tensor(&x, shape, &device).require_grad();
                let y = if fused {
                    let layers = layers.each_ref();
                    self_attention(
                        x.clone(),
                        layers,
                        &norm,
                        bias.clone(),
                        None,
                        heads,
                        1e-12,
                        dropouts,
                    )
                } else {
                    let [query, key, value, output] = &layers;
                    let [query, key, value] = [query, key, value].map(|layer| linear(x.clone(), layer));
                    let context = attention(query, key, value, bias.clone(), None, heads, dropouts[0]);
                    residual_norm(linear(context, output), x.clone(), &norm, 1e-12, dropouts[1])
                };
                all_slopes(&x, y, &weights, &layers, &norm)
            };
            assert_all_near(&what, &run(true), &run(false), slack(&name));
        }
    }
}

#[test]
fn the_second_half_of_a_layer_is_what_it_is_made_of() {
    for (name, device) in devices() {
        let device = device.autodiff();
        for activation in [Activation::Gelu, Activation::GeluTanh, Activation::Relu] {
            for ([batch, length, width], inner, rate) in
                [([1, 1, 6], 5, 0.1), ([2, 7, 6], 24, 0.0), ([3, 50, 64], 200, 0.1)]
            {
                let what =
                    format!("{name} feed_forward {batch}x{length}x{width} {activation:?}, dropout {rate}");
                let shape = [batch, length, width];
                let (x, weights) = (noise(batch * length * width, 1), noise(batch * length * width, 2));
                let layers = [small(width, inner, 3, &device), small(inner, width, 4, &device)];
                let norm = norm(&noise(width, 7), &noise(width, 8), &device);
                let dropped = (rate > 0.0).then_some(Dropout { rate, key: 5 });
                let run = |fused: bool| {
                    let x = tensor(&x, shape, &device).require_grad();
                    let y = if fused {
                        feed_forward(x.clone(), layers.each_ref(), &norm, activation, 1e-12, dropped)
                    } else {
                        let wide = linear_activation(x.clone(), &layers[0], activation);
                        residual_norm(linear(wide, &layers[1]), x.clone(), &norm, 1e-12, dropped)
                    };
                    all_slopes(&x, y, &weights, &layers, &norm)
                };
                assert_all_near(&what, &run(true), &run(false), slack(&name));
            }
        }
    }
}

#[test]
fn large_dense_layers_and_their_gradients() {
    for (name, device) in devices() {
        let device = device.autodiff();
        // Above and beside the sizes of the blocks that products are done in.
        for [rows, inputs, outputs] in [[135, 400, 200], [7, 770, 33], [400, 30, 2]] {
            let (x, bias) = (noise(rows * inputs, 1), noise(outputs, 3));
            let weight: Vec<f64> = noise(inputs * outputs, 2).iter().map(|w| 0.05 * w).collect();
            let weights: Vec<f64> = noise(rows * outputs, 4).iter().map(|w| 0.05 * w).collect();
            let layer = dense(&weight, &bias, inputs, &device);
            let input = tensor(&x, [1, rows, inputs], &device).require_grad();
            let y = linear_activation(input.clone(), &layer, Activation::Gelu);
            let before = product(&x, &weight, &bias, inputs);
            let expected: Vec<f64> = before.iter().map(|&v| activated(v, Activation::Gelu)).collect();
            let what = format!("{name} dense {rows}x{inputs}x{outputs}");
            assert_near(&what, &host(y.clone()), &expected, 1e-5 * slack(&name));
            let slopes: Vec<f64> = before
                .iter()
                .zip(&weights)
                .map(|(v, weight)| {
                    let density = (-0.5 * v * v).exp() / (2.0 * std::f64::consts::PI).sqrt();
                    weight * (0.5 * (1.0 + erf(v / 2f64.sqrt())) + v * density)
                })
                .collect();
            let grads = backward(y, &weights);
            let (mut of_x, mut of_weight) = (vec![0.0; rows * inputs], vec![0.0; inputs * outputs]);
            let mut of_bias = vec![0.0; outputs];
            for row in 0..rows {
                for (o, slope) in slopes[row * outputs..][..outputs].iter().enumerate() {
                    of_bias[o] += slope;
                    for i in 0..inputs {
                        of_x[row * inputs + i] += slope * weight[i * outputs + o];
                        of_weight[i * outputs + o] += slope * x[row * inputs + i];
                    }
                }
            }
            let tolerance = 1e-4 * slack(&name);
            let found = host(input.grad(&grads).unwrap());
            assert_near(&format!("{what}: x"), &found, &of_x, tolerance);
            let found = host(layer.weight.val().grad(&grads).unwrap());
            assert_near(&format!("{what}: weight"), &found, &of_weight, tolerance);
            let found = host(layer.bias.as_ref().unwrap().val().grad(&grads).unwrap());
            assert_near(&format!("{what}: bias"), &found, &of_bias, tolerance);
        }
    }
}

#[test]
fn fused_dropout_is_dropout_by_itself() {
    for (name, device) in devices() {
        let device = device.autodiff();
        for [batch, length, width] in [[1, 1, 32], [2, 40, 33], [1, 3, 70]] {
            let shape = [batch, length, width];
            let count = batch * length * width;
            let layer = norm(&noise(width, 3), &noise(width, 4), &device);
            let weights = noise(count, 5);
            let dropped = Some(Dropout { rate: 0.3, key: 5 });
            let run = |fused: bool| {
                let x = tensor(&noise(count, 1), shape, &device).require_grad();
                let residual = tensor(&noise(count, 2), shape, &device).require_grad();
                let y = if fused {
                    residual_norm(x.clone(), residual.clone(), &layer, 1e-12, dropped)
                } else {
                    residual_norm(dropout(x.clone(), dropped), residual.clone(), &layer, 1e-12, None)
                };
                let grads = backward(y.clone(), &weights);
                let gamma = layer.gamma.val().grad(&grads).unwrap();
                [
                    host(y),
                    host(x.grad(&grads).unwrap()),
                    host(residual.grad(&grads).unwrap()),
                    host(gamma),
                ]
            };
            for (found, expected) in run(true).iter().zip(run(false)) {
                let what = format!("{name} residual_norm {batch}x{length}x{width} with dropout");
                assert_near(&what, found, &expected, 1e-4 * slack(&name));
            }
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| {
            let device = bert_core::parse_device("flex").unwrap().autodiff();
            let [batch, length, width] = [5, 50, 64];
            let count = batch * length * width;
            let dropped = |key| Some(Dropout { rate: 0.1, key });
            let x = tensor(&noise(count, 1), [batch, length, width], &device).require_grad();
            let layers = [5, 6, 7, 8].map(|seed| small(width, width, seed, &device));
            let norm = norm(&noise(width, 3), &noise(width, 4), &device);
            let bias = tensor(&vec![0.0; batch * length], [batch, 1, 1, length], &device);
            let dropouts = [dropped(1), dropped(2)];
            let y = self_attention(
                x.clone(),
                layers.each_ref(),
                &norm,
                bias,
                None,
                2,
                1e-12,
                dropouts,
            );
            let pair = [&layers[0], &layers[1]];
            let y = feed_forward(y, pair, &norm, Activation::Gelu, 1e-12, dropped(3));
            let mut all = all_slopes(&x, y, &noise(count, 9), &layers[..3], &norm);
            all.push(host(sum_of_squares(x.inner())));
            all
        })
    };
    let alone = run(1);
    assert!(alone.iter().flatten().all(|x| x.is_finite()));
    for threads in [2, 3, 5] {
        assert_eq!(run(threads), alone, "{threads} threads");
    }
}

#[test]
fn a_text_does_not_change_with_its_neighbours() {
    for (name, device) in devices() {
        let [length, width] = [19, 64];
        let one = noise(length * width, 1);
        let many: Vec<f64> = [noise(4 * length * width, 2), one.clone()].concat();
        let layers = [5, 6, 7, 8].map(|seed| small(width, width, seed, &device));
        let norm = norm(&noise(width, 3), &noise(width, 4), &device);
        let run = |x: &[f64]| {
            let batch = x.len() / (length * width);
            let bias = tensor(&vec![0.0; batch * length], [batch, 1, 1, length], &device);
            let x = tensor(x, [batch, length, width], &device);
            let y = self_attention(x, layers.each_ref(), &norm, bias, None, 2, 1e-12, [None; 2]);
            host(feed_forward(
                y,
                [&layers[0], &layers[1]],
                &norm,
                Activation::Gelu,
                1e-12,
                None,
            ))
        };
        let all = run(&many);
        assert_near(&name, &all[4 * length * width..], &run(&one), 1e-5);
    }
}

#[test]
fn embeddings_and_their_gradients_where_ids_repeat() {
    for (name, device) in devices() {
        let device = device.autodiff();
        let (width, words, places) = (6, 5, 4);
        let ids = [1, 3, 1, 1, 0, 4];
        let types = [0, 0, 1, 1, 0, 1];
        let tables = [
            noise(words * width, 1),
            noise(places * width, 2),
            noise(2 * width, 3),
        ];
        let (gamma, beta) = (noise(width, 4), noise(width, 5));
        let weights = noise(6 * width, 6);
        let layer = norm(&gamma, &beta, &device);
        let [word, position, segment] = &tables;
        let parameters = [
            tensor(word, [words, width], &device).require_grad(),
            tensor(position, [places, width], &device).require_grad(),
            tensor(segment, [2, width], &device).require_grad(),
        ];
        let integers =
            |values: [i32; 6]| Tensor::<2, Int>::from_data(TensorData::new(values.to_vec(), [2, 3]), &device);
        let y = embeddings(
            integers(ids),
            integers(types),
            None,
            parameters.clone(),
            &layer,
            1e-12,
            None,
        );
        let f = |tables: [&[f64]; 3]| {
            let sum: Vec<f64> = (0..6)
                .flat_map(|at| {
                    (0..width).map(move |i| {
                        tables[0][ids[at] as usize * width + i]
                            + tables[1][at % 3 * width + i]
                            + tables[2][types[at] as usize * width + i]
                    })
                })
                .collect();
            normalised(&sum, &gamma, &beta, 1e-12)
        };
        let what = format!("{name} embeddings");
        assert_near(
            &what,
            &host(y.clone()),
            &f([word, position, segment]),
            1e-5 * slack(&name),
        );
        let grads = backward(y, &weights);
        for which in 0..3 {
            let expected = |x: &[f64]| {
                let mut all: [&[f64]; 3] = [word, position, segment];
                all[which] = x;
                f(all)
            };
            let grad = host(parameters[which].grad(&grads).unwrap());
            let name_ = format!("{what} table {which}");
            assert_slopes(&name_, &tables[which], grad, &expected, &weights, slack(&name));
        }
    }
}

#[test]
fn cross_entropy_with_weights_and_with_no_row() {
    for (name, device) in devices() {
        let device = device.autodiff();
        let logits: Vec<f64> = noise(5 * 4, 1).iter().map(|x| 20.0 * x).collect();
        let targets = [3, 0, 2, 1, 0];
        let weights = [0.5, 0.25, 0.0, 1.5, 1.0];
        let f = |logits: &[f64], weights: &[f64]| {
            let rows = logits.chunks(4).zip(targets).zip(weights);
            let sum: f64 = rows
                .map(|((row, target), weight)| {
                    let high = row.iter().copied().fold(f64::MIN, f64::max);
                    let log_sum = high + row.iter().map(|x| (x - high).exp()).sum::<f64>().ln();
                    weight * (log_sum - row[target as usize])
                })
                .sum();
            vec![sum]
        };
        let run = |weights: &[f64]| {
            let x = tensor(&logits, [5, 4], &device).require_grad();
            let targets = Tensor::<1, Int>::from_data(TensorData::new(targets.to_vec(), [5]), &device);
            let loss = cross_entropy(x.clone(), targets, tensor(weights, [5], &device));
            (x, loss)
        };
        let (x, loss) = run(&weights);
        let what = format!("{name} cross_entropy");
        assert_near(
            &what,
            &host(loss.clone()),
            &f(&logits, &weights),
            1e-5 * slack(&name),
        );
        let grads = loss.backward();
        let grad = host(x.grad(&grads).unwrap());
        assert_slopes(&what, &logits, grad, &|x| f(x, &weights), &[1.0], slack(&name));
        let (x, loss) = run(&[0.0; 5]);
        assert_eq!(host(loss.clone()), [0.0], "{what} of no row");
        assert!(host(x.grad(&loss.backward()).unwrap()).iter().all(|g| *g == 0.0));
    }
}

#[test]
fn dropout_keeps_the_mean_and_the_same_mask_in_its_gradient() {
    for (name, device) in devices() {
        let device = device.autodiff();
        let rate = 0.1;
        let x = Tensor::<2>::ones([100, 100], &device).require_grad();
        let y = dropout(x.clone(), Some(Dropout { rate, key: 7 }));
        let values = host(y.clone());
        let kept = values.iter().filter(|v| **v != 0.0).count();
        assert!(
            values.iter().all(|v| *v == 0.0 || (*v - 1.0 / 0.9).abs() < 1e-6),
            "{name}"
        );
        // Five standard deviations of a binomial count.
        assert!((kept as f64 - 9000.0).abs() < 5.0 * 30.0, "{name}: {kept} kept");
        let grad = host(x.grad(&y.sum().backward()).unwrap());
        assert_eq!(grad, values, "{name}");
        let none = dropout(x.clone(), None);
        assert_eq!(host(none), host(x), "{name}");
    }
}

#[test]
fn adamw_follows_its_definition() {
    for (name, device) in devices() {
        let mut parameter = noise(10, 1);
        let (mut first, mut second) = (vec![0.0; 10], vec![0.0; 10]);
        let mut tensors = (
            tensor(&parameter, [2, 5], &device),
            [
                Tensor::<2>::zeros([2, 5], &device),
                Tensor::<2>::zeros([2, 5], &device),
            ],
        );
        for time in 1..=5u32 {
            let gradient = noise(10, 10 + time as usize);
            let step = AdamWStep {
                rate: 0.01,
                beta1: 0.9,
                beta2: 0.999,
                epsilon: 1e-8,
                decay: 0.1,
                time,
            };
            tensors = adamw(tensors.0, tensor(&gradient, [2, 5], &device), tensors.1, step);
            for i in 0..10 {
                first[i] = 0.9 * first[i] + 0.1 * gradient[i];
                second[i] = 0.999 * second[i] + 0.001 * gradient[i] * gradient[i];
                let m = first[i] / (1.0 - 0.9f64.powi(time as i32));
                let v = second[i] / (1.0 - 0.999f64.powi(time as i32));
                parameter[i] -= 0.01 * 0.1 * parameter[i];
                parameter[i] -= 0.01 * m / (v.sqrt() + 1e-8);
            }
            let what = format!("{name} adamw step {time}");
            assert_near(&what, &host(tensors.0.clone()), &parameter, 1e-6 * slack(&name));
            assert_near(&what, &host(tensors.1[0].clone()), &first, 1e-6 * slack(&name));
            assert_near(&what, &host(tensors.1[1].clone()), &second, 1e-6 * slack(&name));
        }
    }
}

#[test]
fn squares_and_scale_of_a_gradient() {
    for (name, device) in devices() {
        // Above the size of a piece.
        let values = noise(20_000, 1);
        let x = tensor(&values, [100, 200], &device);
        let expected: f64 = values.iter().map(|x| x * x).sum();
        assert_near(&name, &host(sum_of_squares(x.clone())), &[expected], 1e-5);
        for factor in [1.0, 0.25] {
            let scaled: Vec<f64> = values.iter().map(|x| factor * x).collect();
            let found = host(scale(x.clone(), tensor(&[factor], [1], &device)));
            assert_near(&name, &found, &scaled, 1e-6);
        }
        assert_near(&name, &host(x), &values, 1e-6);
    }
}

#[test]
fn narrower_vectors_pass_the_same_tests() {
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
