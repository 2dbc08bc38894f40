//! The two blocks of a layer, compared with a composition of simpler operations.

use bert_core::Activation;
use bert_core::ops::{
    AttentionMask, AttentionOptions, Dropout, FeedForwardOptions, FeedForwardWeights, GemmOptions,
    SelfAttentionOptions, SelfAttentionWeights, attention, feed_forward, linear, linear_activation,
    residual_norm, self_attention, sum_of_squares,
};
use bert_tests::{assert_near, devices, host, noise, tensor};
use burn::nn::{LayerNorm, Linear};
use burn::tensor::{Device, Tensor};

use super::{backward, dense, norm, norm_options, slack};

/// A dense layer with small random weights.
fn small(inputs: usize, outputs: usize, seed: usize, device: &Device) -> Linear {
    let weight: Vec<f64> = noise(inputs * outputs, seed).iter().map(|w| 0.2 * w).collect();
    dense(&weight, &noise(outputs, seed + 100), inputs, device)
}

fn no_padding([batch, length]: [usize; 2], device: &Device) -> AttentionMask {
    AttentionMask::padding(tensor(&vec![0.0; batch * length], [batch, 1, 1, length], device))
}

fn self_attention_options(heads: usize, dropouts: [Option<Dropout>; 2]) -> SelfAttentionOptions {
    SelfAttentionOptions {
        attention: AttentionOptions {
            heads,
            dropout: dropouts[0],
            causal: false,
        },
        output: norm_options(dropouts[1]),
        gemm: GemmOptions::default(),
    }
}

fn feed_forward_options(activation: Activation, dropout: Option<Dropout>) -> FeedForwardOptions {
    FeedForwardOptions {
        activation,
        output: norm_options(dropout),
        gemm: GemmOptions::default(),
    }
}

/// `y`, and the gradients of `sum(weights * y)` by `x` and by the parameters of the layers and the normalisation.
fn outputs_and_gradients(
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
fn self_attention_block_equals_its_composition() {
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
            let mask = no_padding([batch, length], &device);
            let dropouts = [3, 4].map(|key| (rate > 0.0).then_some(Dropout { rate, key }));
            let options = self_attention_options(heads, dropouts);
            let gemm = GemmOptions::default();
            let run = |fused: bool| {
                let x = tensor(&x, shape, &device).require_grad();
                let y = if fused {
                    let weights = SelfAttentionWeights::new(layers.each_ref(), &norm);
                    self_attention(x.clone(), weights, mask.clone(), options.clone())
                } else {
                    let [query, key, value, output] = &layers;
                    let inputs = [query, key, value].map(|layer| linear(x.clone(), layer, &gemm));
                    let context = attention(inputs, mask.clone(), options.attention);
                    residual_norm(linear(context, output, &gemm), x.clone(), &norm, options.output)
                };
                outputs_and_gradients(&x, y, &weights, &layers, &norm)
            };
            assert_all_near(&what, &run(true), &run(false), slack(&name));
        }
    }
}

#[test]
fn feed_forward_block_equals_its_composition() {
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
                        let weights = FeedForwardWeights::new(&layers[0], &layers[1], &norm);
                        feed_forward(x.clone(), weights, feed_forward_options(activation, dropped))
                    } else {
                        let gemm = GemmOptions::default();
                        let wide = linear_activation(x.clone(), &layers[0], activation, &gemm);
                        let narrow = linear(wide, &layers[1], &gemm);
                        residual_norm(narrow, x.clone(), &norm, norm_options(dropped))
                    };
                    outputs_and_gradients(&x, y, &weights, &layers, &norm)
                };
                assert_all_near(&what, &run(true), &run(false), slack(&name));
            }
        }
    }
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
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
            let mask = no_padding([batch, length], &device);
            let weights = SelfAttentionWeights::new(layers.each_ref(), &norm);
            let options = self_attention_options(2, [dropped(1), dropped(2)]);
            let y = self_attention(x.clone(), weights, mask, options);
            let weights = FeedForwardWeights::new(&layers[0], &layers[1], &norm);
            let y = feed_forward(y, weights, feed_forward_options(Activation::Gelu, dropped(3)));
            let mut all = outputs_and_gradients(&x, y, &noise(count, 9), &layers[..3], &norm);
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
fn a_sequence_does_not_depend_on_the_rest_of_its_batch() {
    for (name, device) in devices() {
        let [length, width] = [19, 64];
        let one = noise(length * width, 1);
        let many: Vec<f64> = [noise(4 * length * width, 2), one.clone()].concat();
        let layers = [5, 6, 7, 8].map(|seed| small(width, width, seed, &device));
        let norm = norm(&noise(width, 3), &noise(width, 4), &device);
        let run = |x: &[f64]| {
            let batch = x.len() / (length * width);
            let mask = no_padding([batch, length], &device);
            let x = tensor(x, [batch, length, width], &device);
            let weights = SelfAttentionWeights::new(layers.each_ref(), &norm);
            let y = self_attention(x, weights, mask, self_attention_options(2, [None; 2]));
            let weights = FeedForwardWeights::new(&layers[0], &layers[1], &norm);
            host(feed_forward(
                y,
                weights,
                feed_forward_options(Activation::Gelu, None),
            ))
        };
        let all = run(&many);
        assert_near(&name, &all[4 * length * width..], &run(&one), 1e-5);
    }
}
