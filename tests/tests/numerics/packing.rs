//! Each sequence of a packed batch has the same result as alone, on every backend.

use bert_core::ops::{
    AttentionMask, AttentionOptions, Capabilities, Dropout, EmbeddingsOptions, EmbeddingsWeights,
    NormOptions, SequenceOffsets, attention, cls_attention, cls_tokens, embeddings, unpack_sequences,
};
use bert_core::{BertConfig, Encoder, EncoderInput, Mode, layer_norm};
use bert_tests::{assert_near, devices, host, noise, tensor};
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Int, Tensor, TensorData};

const LENGTHS: [usize; 5] = [7, 0, 1, 33, 3];

/// The rows of one sequence in a packed tensor with `width` columns.
fn part(values: &[f64], offsets: &SequenceOffsets, sequence: usize, width: usize) -> Vec<f64> {
    let range = offsets.range(sequence);
    values[range.start * width..range.end * width].to_vec()
}

#[test]
fn attention_stays_in_its_sequence() {
    for (name, device) in devices() {
        let device = device.autodiff();
        let (heads, width) = (2, 12);
        let offsets = SequenceOffsets::new(LENGTHS);
        let tokens = offsets.tokens();
        let all = [1, 2, 3].map(|seed| noise(tokens * width, seed));
        let weights = noise(tokens * width, 4);
        // The output and the gradients of queries, keys and values.
        let run = |all: [&[f64]; 3], offsets: Option<SequenceOffsets>, weights: &[f64]| {
            let tokens = weights.len() / width;
            let [q, k, v] = all.map(|x| tensor(x, [1, tokens, width], &device).require_grad());
            let mask = match offsets {
                Some(offsets) => AttentionMask::Packed(offsets),
                None => AttentionMask::padding(tensor(&vec![0.0; tokens], [1, 1, 1, tokens], &device)),
            };
            let options = AttentionOptions {
                heads,
                dropout: None,
                causal: false,
            };
            let y = attention([q.clone(), k.clone(), v.clone()], mask, options);
            let grads = (y.clone() * tensor(weights, [1, tokens, width], &device))
                .sum()
                .backward();
            [
                host(y),
                host(q.grad(&grads).unwrap()),
                host(k.grad(&grads).unwrap()),
                host(v.grad(&grads).unwrap()),
            ]
        };
        let found = run(all.each_ref().map(|x| &x[..]), Some(offsets.clone()), &weights);
        for sequence in (0..offsets.count()).filter(|&sequence| !offsets.range(sequence).is_empty()) {
            let own = |x: &Vec<f64>| part(x, &offsets, sequence, width);
            let [q, k, v] = all.each_ref().map(own);
            let expected = run([&q, &k, &v], None, &own(&weights));
            for (what, (found, expected)) in found.iter().zip(&expected).enumerate() {
                assert_near(
                    &format!("{name} sequence {sequence}, number {what}"),
                    &own(found),
                    expected,
                    1e-5,
                );
            }
        }
    }
}

/// Finite differences show whether the backward pass uses the mask of the forward pass.
#[test]
fn packed_attention_reuses_its_dropout_mask_backward() {
    let device = bert_core::parse_device("flex").unwrap().autodiff();
    let (heads, width) = (2, 4);
    let offsets = SequenceOffsets::new([3, 5, 2]);
    let shape = [1, offsets.tokens(), width];
    let count = offsets.tokens() * width;
    let [q, k, v] = [1, 2, 3].map(|seed| noise(count, seed));
    let weights = tensor(&noise(count, 4), shape, &device);
    let dropped = Some(Dropout { rate: 0.4, key: 3 });
    let run = |[q, k, v]: [&[f64]; 3]| {
        let [q, k, v] = [q, k, v].map(|x| tensor(x, shape, &device).require_grad());
        let options = AttentionOptions {
            heads,
            dropout: dropped,
            causal: false,
        };
        let mask = AttentionMask::Packed(offsets.clone());
        let y = attention([q.clone(), k.clone(), v.clone()], mask, options);
        ([q, k, v], (y * weights.clone()).sum())
    };
    let (inputs, sum) = run([&q, &k, &v]);
    let grads = sum.backward();
    let all = [q, k, v];
    for (which, input) in inputs.iter().enumerate() {
        let gradients = host(input.grad(&grads).unwrap());
        for (place, gradient) in gradients.iter().enumerate() {
            let beside = |step: f64| {
                let mut moved = all.clone();
                moved[which][place] += step;
                host(run(moved.each_ref().map(|x| &x[..])).1)[0]
            };
            let difference = (beside(0.02) - beside(-0.02)) / 0.04;
            assert!(
                (difference - gradient).abs() < 2e-3,
                "input {which}, place {place}: {gradient} for {difference}"
            );
        }
    }
}

#[test]
fn positions_start_again_in_each_sequence() {
    for (name, device) in devices() {
        let (width, words, places) = (6, 9, 40);
        let offsets = SequenceOffsets::new(LENGTHS);
        let tables = [(words, 1), (places, 2), (2, 3)]
            .map(|(rows, seed)| tensor(&noise(rows * width, seed), [rows, width], &device));
        let norm = layer_norm(width, 1e-12, &device);
        let run = |ids: Vec<i32>, offsets: Option<SequenceOffsets>| {
            let shape = [1, ids.len()];
            let types = Tensor::<2, Int>::zeros(shape, &device);
            let ids = Tensor::<2, Int>::from_data(TensorData::new(ids, shape), &device);
            let weights = EmbeddingsWeights::new(tables.clone(), &norm);
            // As in RoBERTa, from the third row on.
            let options = EmbeddingsOptions {
                first_position: 2,
                output: NormOptions {
                    epsilon: 1e-12,
                    dropout: None,
                },
            };
            host(embeddings(ids, types, offsets, weights, options))
        };
        let ids: Vec<i32> = (0..offsets.tokens()).map(|i| (i * 5 % words) as i32).collect();
        let found = run(ids.clone(), Some(offsets.clone()));
        for (sequence, range) in offsets
            .ranges()
            .enumerate()
            .filter(|(_, range)| !range.is_empty())
        {
            let expected = run(ids[range].to_vec(), None);
            assert_near(&name, &part(&found, &offsets, sequence, width), &expected, 1e-5);
        }
    }
}

#[test]
fn unpacked_sequences_and_their_gradient() {
    for (name, device) in devices() {
        let device = device.autodiff();
        let (width, length) = (3, 35);
        let offsets = SequenceOffsets::new(LENGTHS);
        let values = noise(offsets.tokens() * width, 1);
        let weights = noise(offsets.count() * length * width, 2);
        let hidden = tensor(&values, [1, offsets.tokens(), width], &device).require_grad();
        let y = unpack_sequences(hidden.clone(), &offsets, length);
        let (mut rows, mut gradients) = (vec![], vec![]);
        for (sequence, range) in offsets.ranges().enumerate() {
            rows.extend(part(&values, &offsets, sequence, width));
            rows.resize((sequence + 1) * length * width, 0.0);
            gradients.extend(&weights[sequence * length * width..][..range.len() * width]);
        }
        assert_near(&name, &host(y.clone()), &rows, 1e-6);
        let grads = (y * tensor(&weights, [offsets.count(), length, width], &device))
            .sum()
            .backward();
        assert_near(&name, &host(hidden.grad(&grads).unwrap()), &gradients, 1e-6);
    }
}

fn all_gradients(model: &Encoder, grads: &Gradients) -> Vec<f64> {
    struct All<'a>(Vec<f64>, &'a Gradients);
    impl ModuleVisitor for All<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.extend(host(param.val().grad(self.1).unwrap()));
        }
    }
    let mut all = All(vec![], grads);
    model.visit(&mut all);
    all.0
}

/// Three sequences in rows of twelve; the mask may have holes.
fn batch(holes: bool, device: &Device) -> (EncoderInput, Vec<f64>) {
    let mut mask: Vec<i32> = [5, 12, 3]
        .into_iter()
        .flat_map(|length| (0..12).map(move |place| i32::from(place < length)))
        .collect();
    if holes {
        mask[2] = 0;
    }
    let ids = (0..36).map(|i| 1 + i * 7 % 19).collect();
    let types = (0..36).map(|i| i / 4 % 2).collect();
    let real = mask.iter().map(|&real| f64::from(real)).collect();
    (EncoderInput::new(ids, types, &mask, 3, device), real)
}

#[test]
fn a_model_gives_the_same_packed_and_padded() {
    for (name, device) in devices() {
        let device = device.autodiff();
        let model = Encoder::new(&BertConfig::compact(20, 32, 2, 4), 3, &device);
        for holes in [false, true] {
            let (input, real) = batch(holes, &device);
            let packed = input.tokens().mask.offsets().is_some();
            assert_eq!(
                packed,
                !holes && Capabilities::of(&device).packed_sequences,
                "{name}"
            );
            let run = |input: &EncoderInput| {
                let (output, states) = model.forward_with_hidden_states(input, Mode::Inference);
                // Only real tokens count.
                let real = tensor(&real, [3, 12, 1], &device);
                let weights = tensor(&noise(36 * 32, 5), [3, 12, 32], &device);
                let sum = (output.last_hidden * weights * real.clone()).sum() + output.pooled.unwrap().sum();
                let states: Vec<_> = states
                    .into_iter()
                    .map(|state| host(state * real.clone()))
                    .collect();
                (states, all_gradients(&model, &sum.backward()))
            };
            let (states, gradients) = run(&input);
            let (padded_states, padded_gradients) = run(&input.clone().with_padding());
            for (found, expected) in states.iter().zip(&padded_states) {
                assert_near(&name, found, expected, 1e-5);
            }
            assert_near(&name, &gradients, &padded_gradients, 1e-4);
        }
    }
}

#[test]
fn cls_attention_equals_attention_at_the_first_token() {
    for (name, device) in devices() {
        let device = device.autodiff();
        let (heads, width) = (3, 12);
        let packed = SequenceOffsets::new([7, 1, 33, 3]);
        for (batch, offsets) in [(1, Some(packed.clone())), (4, None)] {
            let tokens = packed.tokens();
            let (count, length) = (4, tokens / batch);
            let [q, k, v] = [1, 2, 3].map(|seed| noise(tokens * width, seed));
            let weights = tensor(&noise(count * width, 4), [count, 1, width], &device);
            let run = |alone: bool| {
                let [q, k, v] =
                    [&q, &k, &v].map(|x| tensor(x, [batch, length, width], &device).require_grad());
                let mut bias = vec![0.0; tokens];
                if offsets.is_none() {
                    bias[length - 1] = f64::from(f32::MIN);
                }
                let mask = match &offsets {
                    Some(offsets) => AttentionMask::Packed(offsets.clone()),
                    None => AttentionMask::padding(tensor(&bias, [batch, 1, 1, length], &device)),
                };
                let options = AttentionOptions {
                    heads,
                    dropout: None,
                    causal: false,
                };
                let cls = |x: Tensor<3>| cls_tokens(x, offsets.as_ref());
                let y = if alone {
                    cls_attention([cls(q.clone()), k.clone(), v.clone()], mask, options)
                } else {
                    cls(attention([q.clone(), k.clone(), v.clone()], mask, options))
                };
                let grads = (y.clone() * weights.clone()).sum().backward();
                let gradients = [q, k, v].map(|x| host(x.grad(&grads).unwrap()));
                [&[host(y)][..], &gradients].concat()
            };
            for (number, (found, expected)) in run(true).iter().zip(run(false)).enumerate() {
                assert_near(
                    &format!("{name}, batch {batch}, number {number}"),
                    found,
                    &expected,
                    1e-5,
                );
            }
        }
    }
}

#[test]
fn cls_attention_reuses_its_dropout_mask_backward() {
    let device = bert_core::parse_device("flex").unwrap().autodiff();
    let (heads, width) = (2, 4);
    let offsets = SequenceOffsets::new([3, 5]);
    let all = [noise(2 * width, 1), noise(8 * width, 2), noise(8 * width, 3)];
    let weights = tensor(&noise(2 * width, 4), [2, 1, width], &device);
    let run = |all: &[Vec<f64>; 3]| {
        let q = tensor(&all[0], [2, 1, width], &device).require_grad();
        let [k, v] = [1, 2].map(|i| tensor(&all[i], [1, 8, width], &device).require_grad());
        let options = AttentionOptions {
            heads,
            dropout: Some(Dropout { rate: 0.4, key: 3 }),
            causal: false,
        };
        let mask = AttentionMask::Packed(offsets.clone());
        let y = cls_attention([q.clone(), k.clone(), v.clone()], mask, options);
        ([q, k, v], (y * weights.clone()).sum())
    };
    let (inputs, sum) = run(&all);
    let grads = sum.backward();
    for (which, input) in inputs.iter().enumerate() {
        for (place, gradient) in host(input.grad(&grads).unwrap()).iter().enumerate() {
            let beside = |step: f64| {
                let mut moved = all.clone();
                moved[which][place] += step;
                host(run(&moved).1)[0]
            };
            let difference = (beside(0.02) - beside(-0.02)) / 0.04;
            assert!(
                (difference - gradient).abs() < 2e-3,
                "input {which}, place {place}: {gradient} for {difference}"
            );
        }
    }
}

#[test]
fn the_cls_pass_equals_the_full_pass() {
    for (name, device) in devices() {
        let device = device.autodiff();
        let model = Encoder::new(&BertConfig::compact(20, 32, 2, 4), 3, &device);
        for holes in [false, true] {
            let (input, _) = batch(holes, &device);
            let run = |alone: bool| {
                let pooled = if alone {
                    model.pooled(&input, Mode::Inference).unwrap()
                } else {
                    model.forward(&input, Mode::Inference).pooled.unwrap()
                };
                let weights = tensor(&noise(3 * 32, 5), [3, 32], &device);
                let sum = (pooled.clone() * weights).sum();
                (host(pooled), all_gradients(&model, &sum.backward()))
            };
            let ((found, gradients), (expected, expected_gradients)) = (run(true), run(false));
            assert_near(&name, &found, &expected, 1e-5);
            assert_near(&name, &gradients, &expected_gradients, 1e-4);
        }
    }
}
