//! Attention, compared with its definition.

use bert_core::ops::{AttentionMask, AttentionOptions, Dropout, attention, dropout};
use bert_tests::{assert_near, devices, host, noise, tensor};
use burn::tensor::Tensor;

use super::{assert_gradient, backward, slack};

/// Attention by its definition. `mask` has one entry per key, 0 for padding.
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
fn attention_with_odd_shapes_and_masks() {
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
            let padding = AttentionMask::padding(tensor(&bias, [batch, 1, 1, length], &device));
            let options = AttentionOptions {
                heads,
                dropout: None,
                causal: false,
            };
            let y = attention(inputs.clone(), padding, options);
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
                assert_gradient(
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
fn attended_and_gradients(
    [query, key, value]: [&[f64]; 3],
    bias: &[f64],
    factors: &[f64],
    [batch, length, width]: [usize; 3],
    (heads, causal): (usize, bool),
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
                .map(|j| match causal && j > i {
                    true => f64::NEG_INFINITY,
                    false => dot(query, i, key, j) * scale + bias[text * length + j],
                })
                .collect();
            let high = scores.iter().copied().fold(f64::MIN, f64::max);
            let sum: f64 = scores.iter().map(|s| (s - high).exp()).sum();
            let p: Vec<f64> = scores.iter().map(|s| (s - high).exp() / sum).collect();
            let kept = &factors[((text * heads + head) * length + i) * length..][..length];
            let gradients: Vec<f64> = (0..length).map(|j| kept[j] * dot(weights, i, value, j)).collect();
            let along: f64 = p.iter().zip(&gradients).map(|(p, s)| p * s).sum();
            for j in 0..length {
                let gradient = p[j] * (gradients[j] - along) * scale;
                for k in 0..size {
                    all[0][at(i) + k] += p[j] * kept[j] * value[at(j) + k];
                    all[1][at(i) + k] += gradient * key[at(j) + k];
                    all[2][at(j) + k] += gradient * query[at(i) + k];
                    all[3][at(j) + k] += p[j] * kept[j] * weights[at(i) + k];
                }
            }
        }
    }
    all
}

#[test]
fn attention_on_long_texts_with_dropout_and_padding() {
    for (name, device) in devices() {
        let device = device.autodiff();
        for ([batch, length, width], heads, rate, causal) in [
            ([1, 1, 32], 1, 0.1, false),
            ([2, 7, 40], 2, 0.1, false),
            ([2, 33, 64], 2, 0.5, false),
            ([1, 130, 96], 3, 0.1, false),
            ([1, 512, 64], 1, 0.0, false),
            ([1, 512, 32], 1, 0.1, false),
            ([1, 1, 32], 1, 0.1, true),
            ([2, 7, 40], 2, 0.1, true),
            ([1, 130, 96], 3, 0.1, true),
            ([1, 512, 32], 1, 0.1, true),
        ] {
            let kind = if causal { "causal attention" } else { "attention" };
            let what = format!("{name} {kind} {batch}x{length}x{width} of {heads} heads, dropout {rate}");
            let shape = [batch, length, width];
            let count = batch * length * width;
            let [q, k, v] = [1, 2, 3].map(|seed| noise(count, seed));
            let weights = noise(count, 4);
            // The last text is all padding, so its mask must have no effect.
            let mut bias = vec![0.0; batch * length];
            bias[(batch - 1) * length..].fill(f64::from(f32::MIN));
            if length > 1 {
                bias[length / 2 + 1] = f64::from(f32::MIN);
            }
            let dropped = (rate > 0.0).then_some(Dropout { rate, key: 11 });
            let ones = Tensor::<4>::ones([batch, heads, length, length], &device);
            let factors = host(dropout(ones, dropped));
            let inputs = [&q, &k, &v].map(|x| tensor(x, shape, &device).require_grad());
            let padding = AttentionMask::padding(tensor(&bias, [batch, 1, 1, length], &device));
            let options = AttentionOptions {
                heads,
                dropout: dropped,
                causal,
            };
            let y = attention(inputs.clone(), padding, options);
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
            let expected = attended_and_gradients(qkv, &exact, &factors, shape, (heads, causal), &weights);
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

#[test]
fn causal_attention_does_not_read_the_future() {
    for (name, device) in devices() {
        let shape = [2, 9, 8];
        let count: usize = shape.iter().product();
        let [q, k, v] = [1, 2, 3].map(|seed| noise(count, seed));
        let run = |[q, k, v]: [&[f64]; 3], mask: AttentionMask| {
            let options = AttentionOptions {
                heads: 2,
                dropout: None,
                causal: true,
            };
            host(attention(
                [q, k, v].map(|x| tensor(x, shape, &device)),
                mask,
                options,
            ))
        };
        let padding = || AttentionMask::padding(Tensor::zeros([2, 1, 1, 9], &device));
        let before = run([&q, &k, &v], padding());
        // The last token of each text.
        let changed = |x: &[f64]| {
            let mut x = x.to_vec();
            for text in [0, 1] {
                x[(text * 9 + 8) * 8..][..8].fill(0.5);
            }
            x
        };
        let after = run([&q, &changed(&k), &changed(&v)], padding());
        for text in [0, 1] {
            let range = text * 72..text * 72 + 64;
            assert_near(&name, &after[range.clone()], &before[range], 1e-6 * slack(&name));
            let last = text * 72 + 64..text * 72 + 72;
            assert!(after[last.clone()] != before[last], "{name}");
        }
    }
}
