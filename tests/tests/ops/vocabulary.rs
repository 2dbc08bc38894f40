//! The scores of a vocabulary, and their cross-entropy.

use bert_core::Init;
use bert_core::ops::{GemmOptions, VocabularyWeights, vocabulary_cross_entropy, vocabulary_logits};
use bert_tests::{assert_near, devices, host, noise, tensor};
use burn::module::Param;
use burn::nn::Embedding;
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::{assert_gradient, slack};

/// The scores of each row by their definition.
fn scores(x: &[f64], table: &[f64], bias: &[f64], width: usize) -> Vec<f64> {
    let words = table.chunks(width).zip(bias);
    x.chunks(width)
        .flat_map(|row| {
            words
                .clone()
                .map(move |(word, bias)| bias + row.iter().zip(word).map(|(a, b)| a * b).sum::<f64>())
        })
        .collect()
}

/// The weighted loss by its definition, and the gradients of the scores.
fn loss(scores: &[f64], targets: &[i32], row_weights: &[f64]) -> (f64, Vec<f64>) {
    let words = scores.len() / targets.len().max(1);
    let (mut total, mut gradients) = (0.0, vec![]);
    for ((row, &target), share) in scores.chunks(words.max(1)).zip(targets).zip(row_weights) {
        let high = row.iter().copied().fold(f64::MIN, f64::max);
        let sum: f64 = row.iter().map(|x| (x - high).exp()).sum();
        total += share * (high + sum.ln() - row[target as usize]);
        let p = row.iter().map(|x| share * (x - high).exp() / sum);
        let at = gradients.len() + target as usize;
        gradients.extend(p);
        gradients[at] -= share;
    }
    (total, gradients)
}

struct Layer {
    table: Embedding,
    bias: Param<Tensor<1>>,
}

impl Layer {
    fn new(table: &[f64], bias: &[f64], width: usize, device: &Device) -> Self {
        let words = bias.len();
        let mut layer = Init::new(1, 0.02).embedding(words, width, device);
        layer.weight = Param::from_tensor(tensor(table, [words, width], device));
        Self {
            table: layer,
            bias: Param::from_tensor(tensor(bias, [words], device)),
        }
    }

    fn weights(&self) -> VocabularyWeights {
        VocabularyWeights::new(&self.table, &self.bias)
    }
}

#[test]
fn cross_entropy_over_a_vocabulary_and_its_gradients() {
    for (name, device) in devices() {
        let device = device.autodiff();
        let (rows, width, words) = (5, 3, 7);
        let (x, table, bias) = (noise(rows * width, 1), noise(words * width, 2), noise(words, 3));
        let x: Vec<f64> = x.iter().map(|x| 3.0 * x).collect();
        let targets = [6, 0, 2, 2, 5];
        let row_weights = [0.5, 0.25, 0.0, 1.5, 1.0];
        let f = |x: &[f64], table: &[f64], bias: &[f64]| {
            vec![3.0 * loss(&scores(x, table, bias, width), &targets, &row_weights).0]
        };
        let layer = Layer::new(&table, &bias, width, &device);
        let input = tensor(&x, [rows, width], &device).require_grad();
        let ids = Tensor::<1, Int>::from_data(TensorData::new(targets.to_vec(), [rows]), &device);
        let gemm = GemmOptions::default();
        let found = vocabulary_cross_entropy(
            input.clone(),
            layer.weights(),
            ids,
            tensor(&row_weights, [rows], &device),
            &gemm,
        );
        // A factor that the backward pass must see.
        let found = found * 3.0;
        let what = format!("{name} vocabulary");
        let tolerance = slack(&name);
        assert_near(
            &what,
            &host(found.clone()),
            &f(&x, &table, &bias),
            1e-5 * tolerance,
        );
        let grads = found.backward();
        let check = |part: &str, at: &[f64], grad: Vec<f64>, f: &dyn Fn(&[f64]) -> Vec<f64>| {
            assert_gradient(&format!("{what} {part}"), at, grad, f, &[1.0], tolerance);
        };
        check("x", &x, host(input.grad(&grads).unwrap()), &|x| {
            f(x, &table, &bias)
        });
        let of_table = host(layer.table.weight.val().grad(&grads).unwrap());
        check("table", &table, of_table, &|table| f(&x, table, &bias));
        let of_bias = host(layer.bias.val().grad(&grads).unwrap());
        check("bias", &bias, of_bias, &|bias| f(&x, &table, bias));
    }
}

#[test]
fn a_vocabulary_is_scored_in_parts() {
    for (name, device) in devices() {
        // More scores than are held at once: a part of five rows, and one of four.
        let (rows, width, words) = (9, 3, 1_000_003);
        let (x, bias) = (noise(rows * width, 1), noise(words, 3));
        let table = noise(words * width, 2);
        let targets: Vec<i32> = (0..rows as i32).map(|row| row * 100_001).collect();
        let row_weights = noise(rows, 4);
        let expected = scores(&x, &table, &bias, width);
        let layer = Layer::new(&table, &bias, width, &device);
        let gemm = GemmOptions::default();
        let found = vocabulary_logits(tensor(&x, [rows, width], &device), layer.weights(), &gemm);
        assert_near(
            &format!("{name} scores"),
            &host(found),
            &expected,
            1e-5 * slack(&name),
        );

        let ids = Tensor::<1, Int>::from_data(TensorData::new(targets.clone(), [rows]), &device);
        let (expected, of_scores) = loss(&expected, &targets, &row_weights);
        let run = |device: &Device, layer: &Layer, trained: bool| {
            let input = tensor(&x, [rows, width], device).set_require_grad(trained);
            let row_weights = tensor(&row_weights, [rows], device);
            let loss =
                vocabulary_cross_entropy(input.clone(), layer.weights(), ids.clone(), row_weights, &gemm);
            (input, loss)
        };
        let (_, inference) = run(&device, &layer, false);
        assert_near(
            &format!("{name} loss"),
            &host(inference),
            &[expected],
            1e-5 * slack(&name),
        );
        let device = device.clone().autodiff();
        let layer = Layer::new(&table, &bias, width, &device);
        let (input, found) = run(&device, &layer, true);
        assert_near(
            &format!("{name} loss"),
            &host(found.clone()),
            &[expected],
            1e-5 * slack(&name),
        );
        let grads = found.backward();
        let tolerance = 1e-4 * slack(&name);
        let mut of_x = vec![0.0; rows * width];
        for (of_row, of_scores) in of_x.chunks_mut(width).zip(of_scores.chunks(words)) {
            for (word, gradient) in table.chunks(width).zip(of_scores) {
                of_row
                    .iter_mut()
                    .zip(word)
                    .for_each(|(to, x)| *to += gradient * x);
            }
        }
        assert_near(
            &format!("{name} x"),
            &host(input.grad(&grads).unwrap()),
            &of_x,
            tolerance,
        );
        let mut of_table = vec![0.0; words * width];
        let mut of_bias = vec![0.0; words];
        for (row, of_scores) in x.chunks(width).zip(of_scores.chunks(words)) {
            for (word, gradient) in of_scores.iter().enumerate() {
                of_bias[word] += gradient;
                let to = &mut of_table[word * width..][..width];
                to.iter_mut().zip(row).for_each(|(to, x)| *to += gradient * x);
            }
        }
        let found = host(layer.table.weight.val().grad(&grads).unwrap());
        assert_near(&format!("{name} table"), &found, &of_table, tolerance);
        let found = host(layer.bias.val().grad(&grads).unwrap());
        assert_near(&format!("{name} bias"), &found, &of_bias, tolerance);
    }
}

#[test]
fn no_row_has_no_loss() {
    for (_, device) in devices() {
        let layer = Layer::new(&noise(12, 1), &noise(4, 2), 3, &device);
        let x = Tensor::<2>::zeros([0, 3], &device);
        let logits = vocabulary_logits(x.clone(), layer.weights(), &GemmOptions::default());
        assert_eq!(logits.dims(), [0, 4]);
        let ids = Tensor::<1, Int>::from_data(TensorData::new(Vec::<i32>::new(), [0]), &device);
        let row_weights = Tensor::<1>::zeros([0], &device);
        let loss = vocabulary_cross_entropy(x, layer.weights(), ids, row_weights, &GemmOptions::default());
        assert_eq!(host(loss), [0.0]);
    }
}

/// Only what is trained has a gradient, and it is the same.
#[test]
fn frozen_parts_of_a_vocabulary_have_no_gradient() {
    for (name, device) in devices() {
        let device = device.autodiff();
        let (x, table, bias) = (noise(6, 1), noise(12, 2), noise(4, 3));
        let gradients = |trained: [bool; 3]| {
            let mut layer = Layer::new(&table, &bias, 3, &device);
            layer.table.weight = layer.table.weight.set_require_grad(trained[1]);
            layer.bias = layer.bias.set_require_grad(trained[2]);
            let input = tensor(&x, [2, 3], &device).set_require_grad(trained[0]);
            let ids = Tensor::<1, Int>::from_data([1, 3], &device);
            let row_weights = tensor(&[0.5, 0.5], [2], &device);
            let loss = vocabulary_cross_entropy(
                input.clone(),
                layer.weights(),
                ids,
                row_weights,
                &GemmOptions::default(),
            );
            let grads = loss.backward();
            [
                input.grad(&grads).map(host),
                layer.table.weight.val().grad(&grads).map(host),
                layer.bias.val().grad(&grads).map(host),
            ]
        };
        let all = gradients([true; 3]);
        for which in 0..3 {
            let mut trained = [false; 3];
            trained[which] = true;
            let some = gradients(trained);
            for (i, found) in some.into_iter().enumerate() {
                let expected = all[i].clone().filter(|_| i == which);
                assert_eq!(found.is_some(), expected.is_some(), "{name} {i} of {which}");
                if let (Some(found), Some(expected)) = (found, expected) {
                    assert_near(&format!("{name} {i}"), &found, &expected, 1e-6 * slack(&name));
                }
            }
        }
    }
}
